#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cppcheck over the programs' sources.
. "$(dirname "$0")/lib.sh"

needs_program cppcheck
mapfile -d '' sources < <(list_units)
((${#sources[@]})) || cannot "no sources"

answer=$(cppcheck -j2 --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	--template='{file}:{line}: {severity}: {message} [{id}]' --template-location='' -D_GNU_SOURCE -I. \
	"${sources[@]}" 2>&1) || offence_lines <<<"$answer"

verdict "${#sources[@]} files"
