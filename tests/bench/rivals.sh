# shellcheck shell=bash disable=SC2016
# SPDX-License-Identifier: Apache-2.0
# Other scanners on the same planted histories, each with its rules for Claude keys only where it can choose, and with
# nothing asked over the network. tests/bench/git sources this.
: "${skant:?}" "${dir:?}" "${plant:?}" "${source=}"

# How each is called: REPO and REPORT are filled in.
declare -A history=(
	[skant]="$skant git -q -f json -r REPORT REPO"
	[gitleaks]='gitleaks git --no-banner -l error --enable-rule anthropic-api-key --enable-rule anthropic-admin-api-key -f json -r REPORT REPO'
	[betterleaks]='betterleaks git --no-banner -l error --enable-rule anthropic-api-key --enable-rule anthropic-admin-api-key -f json -r REPORT REPO'
	[kingfisher]='kingfisher scan -q --no-update-check --no-validate --rule betterleaks.anthropic-api-key --rule betterleaks.anthropic-admin-api-key -f jsonl -o REPORT REPO'
	[trufflehog]='trufflehog git --bare --no-update --no-verification --include-detectors=anthropic --json file://REPO'
)
declare -A staging=(
	[gitleaks]='gitleaks git --staged --no-banner -l error --enable-rule anthropic-api-key .'
	[betterleaks]='betterleaks git --staged --no-banner -l error --enable-rule anthropic-api-key .'
	[kingfisher]='kingfisher scan -q --staged --no-update-check --no-validate --rule betterleaks.anthropic-api-key .'
)
declare -A version=([gitleaks]=gitleaks_version [betterleaks]='betterleaks version' [kingfisher]='kingfisher --version'
	[trufflehog]='trufflehog --version')

# One that its language's package manager built does not know its own version.
gitleaks_version()
{
	gitleaks version | grep -v 'set by build' || go version -m "$(command -v gitleaks)" | awk '$1 == "mod" { print $3 }'
}

# distinct_keys FILE NAME: how many different keys a report tells, in whatever form; skant's by what stands for them, as it shows none.
distinct_keys()
{
	if [ "$2" = skant ]; then
		jq '[.findings[].secret_id] | unique | length' "$1"
	else
		grep -oE 'sk-ant-api03-[A-Za-z0-9_-]{93}AA' "$1" | sort -u | wc -l
	fi
}

# rival_row NAME REPO RUNS: median of a few runs of one scanner.
rival_row()
{
	local report=$dir/report.$1.json log=$dir/log.$1 command=${history[$1]}

	rm -f "$report"
	command=${command//REPORT/$report}
	command=${command//REPO/$2}
	[ "$1" != trufflehog ] || command="sh -c 'exec $command >$report'"
	hyperfine -N -i -r "$3" --export-json "$dir/hyperfine.json" "/usr/bin/time -f %M -o $log $command" >/dev/null 2>&1
	[ -s "$report" ] || { echo "| $1 | wrote no report | | | | |"; return 0; }
	base=${base:-$(jq '.results[0].median' "$dir/hyperfine.json")}
	jq -r --arg name "$1" --arg mib $(($(tail -n 1 "$log") / 1024)) --arg keys "$(distinct_keys "$report" "$1")" \
		--argjson base "$base" '.results[0] |
		def one: . * 10 | round / 10;
		"| \($name) | \(.median | one) s | \(.median / $base | one) | \($mib) MiB | \($keys) of 100 | \(.exit_codes[0]) |"' \
		"$dir/hyperfine.json"
}

# rival_table TITLE REPO RUNS
rival_table()
{
	local base='' tool

	echo
	echo "| $1 | wall | times skant | peak memory | planted keys found | exit status |"
	echo '| --- | --- | --- | --- | --- | --- |'
	for tool in skant "${tools[@]}"; do rival_row "$tool" "$2" "$3"; done
}

# planted_copy NAME GIT-OPTION...: a repository of its own with a part of the history, and keys.
planted_copy()
{
	local to=$dir/$1

	shift
	[ -d "$to" ] && return
	git clone -q --bare "$@" "$source" "$to.new"
	python3 "$plant" "$to.new"
	mv "$to.new" "$to"
}

rivals()
{
	local tools=() tool

	for tool in gitleaks betterleaks kingfisher trufflehog; do
		if command -v "$tool" >/dev/null; then
			tools+=("$tool")
			echo
			echo "$tool: $(${version[$tool]} 2>&1 | tail -n 1), \`${history[$tool]}\`${staging[$tool]+, \`${staging[$tool]}\`}"
		else
			echo
			echo "$tool: not in PATH, not measured"
		fi
	done
	[ "${#tools[@]}" != 0 ] || return 0
	if [ -d "$dir/linux" ]; then
		cd "$dir/linux" || return
		table
		for tool in "${!staging[@]}"; do
			command -v "$tool" >/dev/null || continue
			ratio 5 '`staged`, 10 files changed in the Linux tree' "$skant staged -q" "${staging[$tool]}" "$tool" ''
		done
	fi
	# Without --shared, so that nobody reads what is not part of it.
	planted_copy first-years --no-local --no-tags --single-branch --branch v1.6.0
	rival_table "git's history up to v1.6.0 and 100 keys, $(git -C "$dir/first-years" rev-list --all --count) commits" "$dir/first-years" 3
	[ "${BENCH_RIVALS-}" != small ] || return 0
	# HEAD and the tags: `git log -p`, which most of them read, ends at the first object that a clone lacks.
	planted_copy line --shared --single-branch
	rival_table "git's history, HEAD and tags, and 100 keys, $(git -C "$dir/line" rev-list --all --count) commits" "$dir/line" 1
}
