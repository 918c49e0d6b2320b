#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No full-shaped key stands literally in a file or anywhere in the history: tests make theirs when they run. A key that
# is found is shown as its place only.
. "$(dirname "$0")/lib.sh"

shape='sk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}'

mapfile -d '' files < <(list_files '*')
((${#files[@]})) || cannot "no files"
offence_lines < <(printf '%s\0' "${files[@]}" | xargs -0 grep -anoE "$shape" /dev/null |
	sed -E 's/^(.*:[0-9]+):.*/\1: a full-shaped key/' || true)

# Whether standard input holds one. It is read to its end: a writer that is cut off would count as a failure.
holds_key() {
	[[ $(grep -acE "$shape" || true) != 0 ]]
}

# The history object by object: commits and tags are text too. Only when some object holds a key is each one asked.
if [[ $(git rev-parse --show-toplevel 2>/dev/null) == "$(pwd -P)" ]] && git rev-parse -q --verify HEAD >/dev/null; then
	objects=$(git rev-list --objects --all HEAD | cut -d' ' -f1)
	if git cat-file --batch --buffer <<<"$objects" | holds_key; then
		while read -r id type; do
			[[ $type == tree ]] || ! git cat-file "$type" "$id" | holds_key ||
				offence "object $id ($type): a full-shaped key in the history"
		done < <(git cat-file --batch-check='%(objectname) %(objecttype)' <<<"$objects")
	fi
fi

verdict "${#files[@]} files and the history"
