#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone, as the first and only thing a file includes, under gcc and clang.
. "$(dirname "$0")/lib.sh"

mapfile -d '' headers < <(list_headers)
((${#headers[@]})) || cannot "no headers"

# Prints what the compiler $1 says about each of the headers $2...
compile_alone() {
	local compiler=$1 header

	shift
	for header; do
		printf '#include "%s"\nextern int alone;\n' "$header" |
			"$compiler" "${flags[@]}" -Werror -fsyntax-only -x c - 2>&1 |
			sed "s|^|$compiler, $header alone: |" || true
	done
}

needs_program gcc
needs_program clang
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile_alone gcc "${headers[@]}" >"$work/gcc" &
compile_alone clang "${headers[@]}" >"$work/clang"
wait $!
offence_lines < <(cat "$work/gcc" "$work/clang")

verdict "${#headers[@]} headers"
