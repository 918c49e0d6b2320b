#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone, as the first and only thing a file includes, under gcc and clang.
. "$(dirname "$0")/lib.sh"

list_files headers {common,scanner,forwarder,admin}/*.h
((${#headers[@]})) || cannot "no headers"
compile_flags flags

# Reads `compiler header` pairs from its arguments; two of these run side by side.
compile_alone() {
	local compiler=$1 header

	shift
	for header; do
		printf '#include "%s"\n' "$header" |
			"$compiler" "${flags[@]}" "${WARNINGS[@]}" -Werror -fsyntax-only -x c - 2>&1 |
			sed "s|^|$compiler, $header alone: |"
	done
}

for compiler in gcc clang; do
	needs_program "$compiler"
done
offence_lines < <(
	compile_alone gcc "${headers[@]}" >"${TMPDIR:-/tmp}/lint-headers.$$" &
	compile_alone clang "${headers[@]}"
	wait
	cat "${TMPDIR:-/tmp}/lint-headers.$$"
	rm -f "${TMPDIR:-/tmp}/lint-headers.$$"
)

verdict "${#headers[@]} headers"
