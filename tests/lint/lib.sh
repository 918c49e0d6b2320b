# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What every gate of tests/lint starts with. A gate runs in the root of the tree it judges, says each offence on a line
# of its own (`file:line: what`) and ends with 0 = fine, 1 = offences, 77 = could not look (the last line says why).
# LINT_ROOT: the tree to judge, this one unless the gates' own test says otherwise. B: build folder below it.

set -euo pipefail
LC_ALL=C
export LC_ALL

LINT_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LINT_ROOT=${LINT_ROOT:-$(cd "$LINT_DIR/../.." && pwd)}
B=${B:-build/release}
cd "$LINT_ROOT"

offences=0

# Says one offence.
offence() {
	printf '%s\n' "$*"
	offences=$((offences + 1))
}

# Takes offences from standard input, one a line.
offence_lines() {
	local line

	while IFS= read -r line; do
		offence "$line"
	done
}

# Ends the gate. $*: what a gate without offences has to tell (may be empty).
verdict() {
	((offences == 0)) || exit 1
	printf '%s\n' "$*"
	exit 0
}

# Ends the gate without a verdict. $*: why.
cannot() {
	printf '%s\n' "$*"
	exit 77
}

needs_program() {
	command -v "$1" >/dev/null || cannot "$1 is not installed (tests/support/setup.sh test)"
}

# All files of the project, NUL-terminated: what git tracks or would track; without git, everything but build/.
all_files() {
	if [[ $(git rev-parse --show-toplevel 2>/dev/null) == "$(pwd -P)" ]]; then
		git ls-files -z -co --exclude-standard | sort -zu
	else
		find . -name .git -prune -o -path ./build -prune -o ! -type d -printf '%P\0' | sort -z
	fi
}

# The list_* functions print paths, each with a NUL behind it: `mapfile -d '' files < <(list_files '*.c')`.
# The files whose path matches one of the patterns; `*` matches '/' too.
list_files() {
	local file pattern

	while IFS= read -r -d '' file; do
		[[ -f $file ]] || continue
		for pattern; do
			# shellcheck disable=SC2053
			if [[ $file == $pattern ]]; then
				printf '%s\0' "$file"
				break
			fi
		done
	done < <(all_files)
}

# The programs' own sources (*.inc: bodies that several .c share), those of the tests, and the programs' headers.
list_product() {
	list_files 'common/*.[ch]' 'scanner/*.[ch]' 'forwarder/*.[ch]' 'admin/*.[ch]' \
		'common/*.inc' 'scanner/*.inc' 'forwarder/*.inc' 'admin/*.inc'
}

list_units() {
	list_files 'common/*.c' 'scanner/*.c' 'forwarder/*.c' 'admin/*.c'
}

list_headers() {
	list_files 'common/*.h' 'scanner/*.h' 'forwarder/*.h' 'admin/*.h'
}

list_tests() {
	list_files 'tests/*.[ch]' 'tests/*.inc'
}

# Shell scripts: by their suffix, or by their first line.
list_shell() {
	local file first

	while IFS= read -r -d '' file; do
		first=
		case ${file##*/} in
		*.sh | *.bash) first='#!/bin/sh' ;;
		*.*) ;;
		*) IFS= read -r first 2>/dev/null <"$file" || true ;;
		esac
		[[ ! $first =~ ^'#!'.*[/\ ](ba|da)?sh([[:space:]]|$) ]] || printf '%s\0' "$file"
	done < <(list_files '*')
}

# Compiler flags of the house, for gates that compile or parse. The foreign libraries' folders are added where known.
flags=(-std=gnu2x -D_GNU_SOURCE -I. -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes
	-Wmissing-prototypes -Wvla -Wwrite-strings -Wcast-qual -Wundef -Wpointer-arith)
for package in libpcre2-8 yaml-0.1 libcjson; do
	read -ra more < <(pkg-config --cflags "$package" 2>/dev/null || true) || true
	flags+=("${more[@]}")
done
