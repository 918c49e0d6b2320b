#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# certs.sh DIR: makes a CA and what a TLS client has to tell apart. ca.pem; server.pem and .key for localhost and
# 127.0.0.1; wrong-host and expired by the same CA; untrusted, which signed itself. What is there already stays.
set -eu

if [ $# -ne 1 ]; then
	echo "usage: $0 DIR" >&2
	exit 2
fi
mkdir -p "$1"
cd "$1"
[ ! -f complete ] || exit 0

local_names='subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'

new_key()
{
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
}

# signed NAME SUBJECT_ALT_NAME DAY_FROM DAY_TO
signed()
{
	new_key "$1"
	printf '%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' "$2" >"$1.ext"
	openssl req -new -key "$1.key" -subj "/CN=skant test $1" -out "$1.csr"
	openssl ca -batch -config ca.cnf -notext -in "$1.csr" -out "$1.pem" -extfile "$1.ext" -startdate "$3" \
		-enddate "$4" 2>/dev/null
	rm "$1.csr" "$1.ext"
}

cat >ca.cnf <<'END'
[ca]
default_ca = this
[this]
database = ca.index
rand_serial = yes
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
END
: >ca.index

umask 077
new_key ca
openssl req -x509 -new -key ca.key -subj '/CN=skant test CA' -days 3650 -out ca.pem
signed server "$local_names" 20200101000000Z 20450101000000Z
signed wrong-host 'subjectAltName=DNS:elsewhere.test' 20200101000000Z 20450101000000Z
signed expired "$local_names" 20200101000000Z 20210101000000Z
new_key untrusted
openssl req -x509 -new -key untrusted.key -subj '/CN=skant test untrusted' -days 3650 -addext "$local_names" \
	-out untrusted.pem
rm -f ca.index* ca.cnf [0-9A-F]*.pem
chmod 644 ./*.pem
: >complete
