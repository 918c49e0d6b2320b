#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The project names no machine of its makers: no path of a workplace, no host that packages come from, no private name
# or address. (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, example.com and .test are for examples.)
. "$(dirname "$0")/lib.sh"

mapfile -d '' files < <(list_files '*')
((${#files[@]})) || cannot "no files"

# Prints the lines of the project's text files that match $1, each with the objection $2.
object_to() {
	printf '%s\0' "${files[@]}" | { xargs -0 grep -nIE "$1" /dev/null || true; } | cut -c-160 | sed "s|\$|  ($2)|"
}

before='(^|[^A-Za-z0-9_./~-])'
offence_lines < <(
	object_to "$before/(work|workspace|builds?|root)/[A-Za-z.]" "a path of one machine"
	object_to '[.][.]/(shared)(/|[^A-Za-z0-9_-]|$)' "a folder outside the project"
	object_to '(deb|security|snapshot|ftp)[.]debian[.]org|(files[.]pythonhosted|pypi)[.]org|(static[.])?crates[.]io' \
		"a package host"
	object_to '(registry[.]npmjs|registry[.]yarnpkg)[.](org|com)|(proxy|sum)[.]golang[.]org|repo1?[.]maven' \
		"a package host"
	object_to '://[A-Za-z0-9.-]+[.](internal|corp|lan|intranet)([:/]|[^A-Za-z0-9.-]|$)' "a private host"
	object_to '://(10|192[.]168|172[.](1[6-9]|2[0-9]|3[01]))([.][0-9]+){2,3}' "a private address"
)

verdict "${#files[@]} files"
