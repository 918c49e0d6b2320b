#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every shell script is clean to shellcheck, those without a suffix too.
. "$(dirname "$0")/lib.sh"

needs_program shellcheck
mapfile -d '' scripts < <(list_shell)
((${#scripts[@]})) || cannot "no shell scripts"

offence_lines < <(shellcheck --external-sources --source-path=SCRIPTDIR --format=gcc "${scripts[@]}" 2>&1)

verdict "${#scripts[@]} scripts"
