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
		find . -name .git -prune -o -path ./build -prune -o -type f -printf '%P\0' | sort -z
	fi
}

# Fills the array called $1 with the files whose path matches one of the patterns $2...; `*` matches '/' too.
list_files() {
	local -n list_files_ret=$1
	local file pattern

	shift
	list_files_ret=()
	while IFS= read -r -d '' file; do
		[[ -f $file ]] || continue
		for pattern; do
			# shellcheck disable=SC2053
			if [[ $file == $pattern ]]; then
				list_files_ret+=("$file")
				break
			fi
		done
	done < <(all_files)
}

# The programs' own sources (*.inc: bodies that several .c share), those of the tests, and the programs' headers.
list_product() {
	list_files "$1" 'common/*.[ch]' 'scanner/*.[ch]' 'forwarder/*.[ch]' 'admin/*.[ch]' \
		'common/*.inc' 'scanner/*.inc' 'forwarder/*.inc' 'admin/*.inc'
}

list_tests() {
	list_files "$1" 'tests/*.[ch]' 'tests/*.inc'
}

list_headers() {
	list_files "$1" 'common/*.h' 'scanner/*.h' 'forwarder/*.h' 'admin/*.h'
}

# Fills the array called $1 with the shell scripts: by their suffix, or by their first line.
list_shell() {
	local -n list_shell_ret=$1
	local candidates file first

	list_files candidates '*'
	list_shell_ret=()
	for file in "${candidates[@]}"; do
		case ${file##*/} in
		*.sh | *.bash)
			list_shell_ret+=("$file")
			;;
		*.*) ;;
		*)
			first=
			IFS= read -r first <"$file" 2>/dev/null || true
			[[ $first =~ ^'#!'.*[/\ ](ba|da)?sh([[:space:]]|$) ]] && list_shell_ret+=("$file")
			;;
		esac
	done
	return 0
}

# Compiler flags of the house, for gates that compile or parse. The foreign libraries' folders are added where known.
# shellcheck disable=SC2034
WARNINGS=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla
	-Wwrite-strings -Wcast-qual -Wundef -Wpointer-arith)
compile_flags() {
	local -n compile_flags_ret=$1
	local package

	compile_flags_ret=(-std=gnu2x -D_GNU_SOURCE -I.)
	for package in libpcre2-8 yaml-0.1 libcjson; do
		# shellcheck disable=SC2207
		compile_flags_ret+=($(pkg-config --cflags "$package" 2>/dev/null || true))
	done
}
