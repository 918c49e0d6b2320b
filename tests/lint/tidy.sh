#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy, by .clang-tidy, over the programs' sources; two at a time. Its static analyzer follows calls only when
# LINT_DEEP=1: that takes 20 times as long as everything else together. Otherwise it looks at each function by itself.
. "$(dirname "$0")/lib.sh"

tidy=clang-tidy-14
command -v "$tidy" >/dev/null || tidy=clang-tidy
needs_program "$tidy"
[[ $("$tidy" --version) == *' version 14.'* ]] || cannot "$tidy is not version 14, and each version has its own checks"

# The checkers that .clang-tidy switches off.
mapfile -t analyzer_off < <(sed -n 's/^  -clang-analyzer-\(.*\),$/\1/p' .clang-tidy | sed 's/\.\*$//')

# What the analyzer says of a file's functions, one by one.
analyze()
{
	local checker options=(--analyze --analyzer-output text -Xclang -analyzer-config -Xclang mode=shallow)

	for checker in "${analyzer_off[@]}"; do options+=(-Xclang -analyzer-disable-checker -Xclang "$checker"); done
	"${tidy/clang-tidy/clang}" "${options[@]}" -o /dev/null "${flags[@]}" "$1" 2>&1
}

if (($# == 1)); then
	checks=()
	if [[ -z ${LINT_DEEP-} ]]; then
		checks=(--checks=-clang-analyzer-*)
		analyze "$1" || true
	fi
	answer=$("$tidy" --quiet "${checks[@]}" "$1" -- "${flags[@]}" 2>/dev/null) ||
		printf '%s\n' "${answer:-$1:1: error: $tidy failed, and does not say why}"
	exit 0
fi

mapfile -d '' sources < <(list_units)
((${#sources[@]})) || cannot "no sources"

# With a file as its argument this is one worker: it prints a file's whole answer at once, so that two never mix.
offence_lines < <(printf '%s\0' "${sources[@]}" | xargs -0 -P2 -n1 "$LINT_DIR/tidy.sh" |
	grep -E ': (error|warning): ' | sed "s|^$PWD/||; s|,-warnings-as-errors||" | sort -u || true)

verdict "${#sources[@]} files"
