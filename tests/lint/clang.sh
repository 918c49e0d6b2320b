#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang parses the tests' sources with the warnings of the house, which gcc builds first: what only clang warns of would
# otherwise stop no build before that of a sanitizer. (The programs' own sources are clang-tidy's.)
. "$(dirname "$0")/lib.sh"

needs_program clang
mapfile -d '' sources < <(list_files 'tests/*.c')
((${#sources[@]})) || verdict 'no sources'
for package in libcurl libsystemd p11-kit-1 cmocka libmicrohttpd; do
	read -ra more < <(pkg-config --cflags "$package" 2>/dev/null || true) || true
	flags+=("${more[@]}")
done
offence_lines < <(printf '%s\0' "${sources[@]}" | xargs -0 -P2 -n16 clang -Werror -fsyntax-only "${flags[@]}" 2>&1 |
	grep -E ': (fatal )?error: ' | sort -u || true)

verdict "${#sources[@]} sources of tests"
