#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No product object calls a function that is banned: read from the objects, so that no macro hides a call, and from the
# sources, so that no call escapes which the compiler put code in the place of.
. "$(dirname "$0")/lib.sh"

banned='strcpy|strcat|sprintf|vsprintf|strncpy|strtok|gets|localtime|gmtime|atoi|atol|atoll|strtol|strtoul|strtoll'
banned+='|strtoull|mktemp|tmpnam|system|popen|alloca'

needs_program nm
objects=()
for folder in common scanner forwarder admin; do
	[[ -d $B/$folder ]] || continue
	while IFS= read -r -d '' object; do
		objects+=("$object")
	done < <(find "$B/$folder" -name '*.o' -print0 | sort -z)
done
((${#objects[@]})) || cannot "no objects below $B: build first"

# `nm -A -u` prints `object: U name@VERSION`; __NAME_chk is the fortified twin, __isoc23_NAME that of newer C libraries.
offence_lines < <(nm -A -u "${objects[@]}" | sed 's/@.*//' |
	awk -v names="^(__isoc23_|__isoc99_|__builtin_)?($banned)\$|^__($banned)_chk\$" '
	$NF ~ names { file = $1; sub(/:$/, "", file); print file ": calls " $NF }')

mapfile -d '' sources < <(list_product)
offence_lines < <(awk -v call="(^|[^A-Za-z0-9_])(__builtin_)?($banned)[ \t]*\\\\(" '
	/^[ \t]*(\/\*|\*|\/\/)/ { next }
	{
		code = $0
		gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
		sub(/\/\*.*/, "", code)
	}
	code ~ call { print FILENAME ":" FNR ": calls a banned function: " $0 }' "${sources[@]}" /dev/null)

verdict "${#objects[@]} objects"
