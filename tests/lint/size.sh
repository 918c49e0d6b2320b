#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing is too long to be read: functions, their branches, files, lines. Tests may be longer files and may branch.
. "$(dirname "$0")/lib.sh"

max_line=120
max_function=80
max_complexity=15
max_file=500
max_p90=45
max_median=15

needs_program pmccabe
mapfile -d '' product < <(list_product)
mapfile -d '' tests < <(list_tests)
((${#product[@]})) || cannot "no sources"

# Prints `complexity lines first-line file name` of each function. pmccabe does not know C23's digit separators, nor
# attributes: both are taken out of copies, which moves no line.
functions() {
	local copies

	copies=$(mktemp -d)
	cp --parents -- "$@" "$copies"
	(
		cd "$copies"
		sed -i -E "s/([0-9])'([0-9])/\1\2/g; s/\[\[[^]]*\]\]//g" -- "$@"
		pmccabe -- "$@" 2>.said || true
		sed 's/\t/ /g' .said
	) | awk -F'\t' '
		NF < 6 { print "-", 0, 0, $0; next }
		{ file = name = $NF; sub(/\([0-9]+\): .*/, "", file); sub(/^[^:]*: */, "", name); print $1, $5, $4, file, name }'
	rm -rf "$copies"
}

# A tab goes to the next multiple of 8, as editors show it.
offence_lines < <(awk -v max="$max_line" '
	{
		width = 0
		n = split($0, parts, "\t")
		for (i = 1; i < n; i++)
			width = int((width + chars(parts[i])) / 8 + 1) * 8
		width += chars(parts[n])
		if (width > max)
			print FILENAME ":" FNR ": " width " columns, at most " max
	}
	function chars(text) { # of UTF-8
		gsub(/[\200-\277]/, "", text)
		return length(text)
	}' "${product[@]}" "${tests[@]}" /dev/null)

for file in "${product[@]}"; do
	lines=$(wc -l <"$file")
	((lines <= max_file)) || offence "$file: $lines lines, at most $max_file"
done

of_product=$(functions "${product[@]}") # each takes a process: once
offence_lines < <(awk -v lines="$max_function" -v branches="$max_complexity" '
	$1 == "-" { print "pmccabe: " substr($0, index($0, $4)); next }
	$2 > lines { print $4 ":" $3 ": " $5 " has " $2 " lines, at most " lines }
	$1 > branches { print $4 ":" $3 ": " $5 " has a McCabe complexity of " $1 ", at most " branches }' <<<"$of_product")
offence_lines < <(functions "${tests[@]}" | awk -v lines="$max_function" '
	$1 == "-" { print "pmccabe: " substr($0, index($0, $4)); next }
	$2 > lines { print $4 ":" $3 ": " $5 " has " $2 " lines, at most " lines }')

read -r count median p90 longest < <(sort -k2,2n <<<"$of_product" | awk '
	$1 != "-" { lines[++n] = $2 }
	END { print n + 0, lines[int((n + 1) / 2)] + 0, lines[int((9 * n + 9) / 10)] + 0, lines[n] + 0 }')
((median <= max_median)) || offence "the median function has $median lines, at most $max_median"
((p90 <= max_p90)) || offence "one function in ten is longer than $p90 lines, at most $max_p90"

verdict "$count functions, median $median lines, p90 $p90, longest $longest"
