#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh MOCK DIR: runs the mock with certificates and credentials in DIR, and says how to use it from another terminal.
set -eu

if [ $# -ne 2 ]; then
	echo "usage: $0 MOCK DIR" >&2
	exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
dir=$(cd "$2" && pwd)
"$here/certs.sh" "$dir/tls" 2>/dev/null
rm -f "$dir/port"
"$1" --tls "$dir/tls" --port-file "$dir/port" --credentials "$dir/credentials" --log "$dir/log.jsonl" --lenient &
mock=$!
trap 'kill "$mock" 2>/dev/null; wait "$mock"; exit 0' INT TERM
while [ ! -f "$dir/port" ]; do
	kill -0 "$mock" || exit 1
	sleep 0.1
done
cat <<END

The mock answers. In another terminal:

export SKANT_BASE_URL=https://localhost:$(cat "$dir/port")
export SKANT_CA_FILE=$dir/tls/ca.pem
export ANTHROPIC_API_KEY=\$(cat $dir/credentials/api)
export ANTHROPIC_ADMIN_KEY=\$(cat $dir/credentials/admin)
export ANTHROPIC_COMPLIANCE_API_KEY=\$(cat $dir/credentials/compliance)
export ANTHROPIC_AUTH_TOKEN=\$(cat $dir/credentials/oauth)

What is asked: tail -f $dir/log.jsonl
Ctrl-C ends it.
END
wait "$mock"
