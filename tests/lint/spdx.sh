#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every source file says its licence in one of its first three lines.
. "$(dirname "$0")/lib.sh"

mapfile -d '' sources < <(list_files '*.c' '*.h' '*.inc' '*.sh' '*.bash' '*.py' '*.scd' 'Makefile' '*.mk' 'rules/*.yaml')
mapfile -d '' scripts < <(list_shell)
for file in "${sources[@]}" "${scripts[@]}"; do
	case $file in
	*/corpus/* | */golden/*) continue ;; # data that a program reads in a test
	esac
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
		offence "$file:1: no line 'SPDX-License-Identifier: Apache-2.0'"
done

verdict "${#sources[@]} files"
