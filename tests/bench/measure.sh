# shellcheck shell=bash disable=SC2016
# SPDX-License-Identifier: Apache-2.0
# What the benchmarks share; the one that sources it sets $dir, where the files of a measurement go.
: "${dir:?}"

# Given to hyperfine as they are.
hyperfine_options=()
# Names of the rows that could not be measured.
missed=()

# turns ROUNDS COMMAND...: times of commands that take turns in one run of hyperfine. Writes wall times to $dir/times.json
# and processor times to $dir/cpu.json, in seconds, a row for each round; one round more is run first and left out, as it
# warms the cache. An exit status over 1 is a failure and returns 1: what did not do its work is not fast.
turns()
{
	local rounds=$1 commands=() _

	shift
	for _ in $(seq 0 "$rounds"); do commands+=("$@"); done
	hyperfine -N -i -r 1 "${hyperfine_options[@]}" --export-json "$dir/hyperfine.json" "${commands[@]}" \
		>"$dir/hyperfine.log" 2>&1 || return
	jq --argjson n $# '[.results[].mean] | [range($n; length; $n) as $i | .[$i:$i + $n]]' "$dir/hyperfine.json" \
		>"$dir/times.json"
	jq --argjson n $# '[.results[] | .user + .system] | [range($n; length; $n) as $i | .[$i:$i + $n]]' \
		"$dir/hyperfine.json" >"$dir/cpu.json"
	jq -e '[.results[].exit_codes[]] | all(. <= 1)' "$dir/hyperfine.json" >/dev/null
}

# row NAME LABEL BAR FILTER: a line of the table; the filter makes the list of its texts out of $dir/times.json: what skant
# took, what the other took, how that compares, how it does in one round, and how processor times ($cpu) do.
row()
{
	jq -r --slurpfile cpu_file "$dir/cpu.json" --arg name "$1" --arg other "$2" --arg bar "$3" '
		$cpu_file[0] as $cpu |
		def mean: add / length;
		def mean(f): map(f) | mean;
		def places(n): pow(10; n) as $p | . * $p | round / $p | tostring;
		def ms: . * 1000 | if fabs < 20 then places(2) else places(0) end | . + " ms";
		def difference: if . < 0 then "" else "+" end + ms;
		def span(f): map(f) | "\(min | places(3)) to \(max | places(3))";
		def median(f): map(f) | sort | .[length / 2 | floor];
		'"$4"' | "| \($name) | \(.[0]) | \($other) \(.[1]) | \(.[2]) | \(.[3]) | \(.[4]) | \($bar) |"' "$dir/times.json"
}

# missed NAME: says what the commands answered that could not be measured.
missed()
{
	local codes

	missed+=("$1")
	codes=$(jq -c '[.results[].exit_codes[]] | unique' "$dir/hyperfine.json" 2>/dev/null || tail -n 1 "$dir/hyperfine.log")
	echo "| $1 | not measured: exit statuses $codes | | | | | |"
}

# pair NAME LABEL BAR A B: a row about commands A and B of those that took turns: mean wall times, their ratio, the least
# and greatest ratio of one round, and the ratio of processor times, which a busy machine changes less.
pair()
{
	row "$1" "$2" "$3" "[(mean(.[$4]) | ms), (mean(.[$5]) | ms), (mean(.[$4]) / mean(.[$5]) | places(3)), span(.[$4] / .[$5]),
		(\$cpu | mean(.[$4]) / mean(.[$5]) | places(3))]"
}

# longer NAME LABEL BAR A B: the same, for how much longer A takes than B.
longer()
{
	row "$1" "$2" "$3" "[(mean(.[$4]) | ms), (mean(.[$5]) | ms), (mean(.[$4] - .[$5]) | difference),
		\"median \" + (median(.[$4] - .[$5]) | difference), (\$cpu | mean(.[$4] - .[$5]) | difference)]"
}

# ratio ROUNDS NAME COMMAND OTHER LABEL BAR: measures two commands, and writes their row.
ratio()
{
	turns "$1" "$3" "$4" || { missed "$2"; return 0; }
	pair "$2" "$5" "$6" 0 1
}

# more ROUNDS NAME COMMAND OTHER LABEL BAR: the same, with the difference.
more()
{
	turns "$1" "$3" "$4" || { missed "$2"; return 0; }
	longer "$2" "$5" "$6" 0 1
}

table()
{
	echo
	echo '| what | skant | against | ratio or difference | of one round | of processor time | bar |'
	echo '| --- | --- | --- | --- | --- | --- | --- |'
}
