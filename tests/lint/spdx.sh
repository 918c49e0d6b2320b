#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every source file says its licence in one of its first three lines.
. "$(dirname "$0")/lib.sh"

mapfile -d '' sources < <(list_files '*.c' '*.h' '*.inc' '*.sh' '*.bash' '*.py' '*.scd' 'Makefile' '*.mk' 'rules/*.yaml')
mapfile -d '' scripts < <(list_shell)
files=()
for file in "${sources[@]}" "${scripts[@]}"; do
	case $file in
	*/corpus/* | */golden/*) ;; # data that a program reads in a test
	*) files+=("$file") ;;
	esac
done
# What of them has the line; an empty file has no first line to be seen by.
offence_lines < <(awk 'FNR <= 3 && /SPDX-License-Identifier: Apache-2\.0/ { print FILENAME } FNR > 3 { nextfile }' \
	"${files[@]}" /dev/null | sort -u | comm -13 - <(printf '%s\n' "${files[@]}" | sort -u) |
	sed "s/$/:1: no line 'SPDX-License-Identifier: Apache-2.0'/")

verdict "${#sources[@]} files"
