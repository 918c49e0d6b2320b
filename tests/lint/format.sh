#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-format 14 has nothing to change. With --fix it changes it.
. "$(dirname "$0")/lib.sh"

formatter=clang-format-14
command -v "$formatter" >/dev/null || formatter=clang-format
needs_program "$formatter"
[[ $("$formatter" --version) == *' version 14.'* ]] ||
	cannot "$formatter is not version 14, and each version formats in its own way"

mapfile -d '' product < <(list_product)
mapfile -d '' tests < <(list_tests)
sources=("${product[@]}" "${tests[@]}")
((${#sources[@]})) || cannot "no sources"
[[ ${1:-} != --fix ]] || "$formatter" -i "${sources[@]}"

# One offence a file: its first.
offence_lines < <("$formatter" --dry-run -Werror "${sources[@]}" 2>&1 | awk -F: '
	/^[^ ]+:[0-9]+:[0-9]+: / && !seen[$1]++ { print $1 ":" $2 ": not formatted (tests/lint/format.sh --fix)" }')

verdict "${#sources[@]} files"
