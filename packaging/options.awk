# SPDX-License-Identifier: Apache-2.0
# Puts what `PROGRAM --dump-options` tells into a manual (template=FILE), so that it cannot say something else than the
# program does.
BEGIN { FS = "\t" }

function plain(text) { gsub(/\\n/, " ", text); return text }
function scd(text) { text = plain(text); gsub(/[_*]/, "\\\\&", text); return text }
function listed(text, between) { gsub(between, ", ", text); return text }

$1 == "command" {
	name[++commands] = $2; args[commands] = $3; summary[commands] = $4; help[commands] = $5
}
$1 == "option" {
	long[++options] = $2; letter[options] = $3; value[options] = $4; choices[options] = $5
	standard[options] = $6; text[options] = $7; takers[options] = $8
}

function scd_commands(  i) {
	for (i = 1; i <= commands; i++) {
		printf "*%s* %s\n\t%s.", name[i], scd(args[i]), scd(summary[i])
		if (help[i] != "") printf " %s", scd(help[i])
		print "\n"
	}
}

# For which commands an option is: nothing when for all, those that are left out when these are few.
function taken_by(list,  i, n, part, takes, others, left) {
	n = split(list, part, ",")
	for (i = 1; i <= n; i++) takes[part[i]]
	for (i = 1; i <= commands; i++) if (!(name[i] in takes)) { others = others ", " name[i]; left++ }
	if (!left) return ""
	return 2 * n > commands ? " For all but: " substr(others, 3) "." : " For: " listed(list, ",") "."
}

function scd_options(  i) {
	for (i = 1; i <= options; i++) {
		if (letter[i] != "") printf "*-%s*, ", letter[i]
		printf "*--%s*", long[i]
		if (value[i] != "") printf " %s", scd(value[i])
		printf "\n\t%s.", scd(text[i])
		if (choices[i] != "" && choices[i] !~ /^@/) printf " One of %s.", scd(listed(choices[i], " "))
		if (standard[i] != "") printf " Default: %s.", scd(standard[i])
		if (takers[i] != "") printf "%s", scd(taken_by(takers[i]))
		print "\n"
	}
}

function man(  line) {
	while ((getline line < template) > 0) {
		if (line == "@COMMANDS@") scd_commands()
		else if (line == "@OPTIONS@") scd_options()
		else print line
	}
}

END { man() }
