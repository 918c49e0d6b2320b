#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# skant never opens a socket: of the libraries that it is linked with none can.
. "$(dirname "$0")/lib.sh"

needs_program readelf
[[ -x $B/skant ]] || cannot "$B/skant is not built"

for library in $(readelf -d "$B/skant" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
	case $library in
	libpcre2-8.so.* | libyaml-0.so.* | libcjson.so.* | libdeflate.so.* | libz.so.* | libc.so.* | libm.so.* | ld-linux*) ;;
	libasan.so.* | libubsan.so.* | libtsan.so.* | libgcc_s.so.* | libgcov.so.* | libpthread.so.*) ;;
	*) offence "$B/skant is linked with $library" ;;
	esac
done

verdict "$B/skant"
