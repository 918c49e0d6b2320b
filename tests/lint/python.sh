#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every Python file compiles.
. "$(dirname "$0")/lib.sh"

needs_program python3
mapfile -d '' scripts < <(list_files '*.py')
((${#scripts[@]})) || cannot "no Python files"

cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
for file in "${scripts[@]}"; do
	answer=$(PYTHONPYCACHEPREFIX=$cache python3 -m py_compile "$file" 2>&1) || offence "$file: ${answer//$'\n'/ }"
done

verdict "${#scripts[@]} files"
