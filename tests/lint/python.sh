#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every Python file compiles.
. "$(dirname "$0")/lib.sh"

needs_program python3
mapfile -d '' scripts < <(list_files '*.py')
((${#scripts[@]})) || cannot "no Python files"

# One process reads them all: to start it for each file takes ten times as long.
offence_lines < <(python3 -c '
import ast, sys
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            ast.parse(file.read(), path)
    except SyntaxError as error:
        print(f"{path}:{error.lineno}: {error.msg}")
    except ValueError as error:
        print(f"{path}:1: {error}")' "${scripts[@]}" 2>&1)

verdict "${#scripts[@]} files"
