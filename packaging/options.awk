# SPDX-License-Identifier: Apache-2.0
# Turns `PROGRAM --dump-options` (program=PROGRAM) into the option part of the man page (form=scd, template=FILE) or into
# completions (form=bash, zsh, fish), so that none of them can say something else than the program does. A command is one
# word, or two: then the first is completed first.
BEGIN { FS = "\t" }

function plain(text) { gsub(/\\n/, " ", text); return text }
function scd(text) { text = plain(text); gsub(/[_*]/, "\\\\&", text); return text }
function listed(text, between) { gsub(between, ", ", text); return text }
function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }

$1 == "command" {
	name[++commands] = $2; args[commands] = $3; summary[commands] = $4; help[commands] = $5
	n = split($2, word, " ")
	if (!(word[1] in verbs)) { first[++firsts] = word[1]; about[firsts] = n > 1 ? "" : $4 }
	verbs[word[1]] = verbs[word[1]] (n > 1 ? " " word[2] : "")
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

function scd_options(  i) {
	for (i = 1; i <= options; i++) {
		if (letter[i] != "") printf "*-%s*, ", letter[i]
		printf "*--%s*", long[i]
		if (value[i] != "") printf " %s", scd(value[i])
		printf "\n\t%s.", scd(text[i])
		if (choices[i] != "" && choices[i] !~ /^@/) printf " One of %s.", scd(listed(choices[i], " "))
		if (standard[i] != "") printf " Default: %s.", scd(standard[i])
		if (takers[i] != "") printf " For: %s.", scd(listed(takers[i], ","))
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

function words(  i, all) {
	for (i = 1; i <= options; i++) {
		all = all " --" long[i]
		if (letter[i] != "") all = all " -" letter[i]
	}
	return substr(all, 2)
}

function names(  i, all) {
	for (i = 1; i <= firsts; i++) all = all " " first[i]
	return substr(all, 2)
}

function seconds(  i, any) {
	for (i = 1; i <= firsts; i++) any = any verbs[first[i]]
	return any != ""
}

function bash(  i) {
	printf "# bash completion for %s; made from its option table\n_%s()\n{\n", program, program
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}"
	print "\tcase $prev in"
	for (i = 1; i <= options; i++) {
		if (value[i] == "" || value[i] ~ /^\[/) continue
		printf "\t--%s%s)\n", long[i], letter[i] != "" ? " | -" letter[i] : ""
		if (choices[i] == "@file") print "\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
		else printf "\t\tmapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\")\n", choices[i]
		print "\t\treturn\n\t\t;;"
	}
	print "\tesac"
	printf "\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\")\n", words()
	printf "\telif ((COMP_CWORD == 1)); then\n\t\tmapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\")\n", names()
	if (seconds()) {
		print "\telif ((COMP_CWORD == 2)); then\n\t\tlocal verbs=\n\t\tcase $prev in"
		for (i = 1; i <= firsts; i++)
			if (verbs[first[i]] != "") printf "\t\t%s) verbs='%s' ;;\n", first[i], substr(verbs[first[i]], 2)
		print "\t\tesac\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$verbs\" -- \"$cur\")"
	}
	print "\telse\n\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\tfi\n}"
	printf "complete -F _%s %s\n", program, program
}

function zsh_action(i) {
	if (value[i] == "" || value[i] ~ /^\[/) return ""
	if (choices[i] == "@file") return ":" value[i] ":_files"
	return ":" value[i] ":(" choices[i] ")"
}

function zsh(  i, t) {
	printf "#compdef %s\n# made from %s's option table\n", program, program
	if (seconds()) {
		print "local -A verbs\nverbs=("
		for (i = 1; i <= firsts; i++)
			if (verbs[first[i]] != "") printf "  %s %s\n", first[i], quoted(substr(verbs[first[i]], 2))
		print ")"
	}
	print "_arguments \\"
	for (i = 1; i <= options; i++) {
		t = plain(text[i]); gsub(/:/, "\\\\:", t); gsub(/\[/, "\\\\[", t); gsub(/\]/, "\\\\]", t)
		printf "  %s \\\n", quoted("*--" long[i] "[" t "]" zsh_action(i))
		if (letter[i] != "") printf "  %s \\\n", quoted("*-" letter[i] "[" t "]" zsh_action(i))
	}
	printf "  %s \\\n", quoted("1:command:(" names() ")")
	if (seconds()) printf "  %s \\\n", quoted("2:verb:{compadd -- ${=verbs[$words[2]]}}")
	print "  '*:file:_files'"
}

function fish(  i) {
	printf "# made from %s's option table\n", program
	for (i = 1; i <= firsts; i++) {
		printf "complete -c %s -n __fish_use_subcommand -a %s", program, first[i]
		printf "%s\n", about[i] != "" ? " -d " quoted(plain(about[i])) : ""
	}
	for (i = 1; i <= commands; i++)
		if (split(name[i], word, " ") > 1) {
			printf "complete -c %s -n '__fish_seen_subcommand_from %s; and not __fish_seen_subcommand_from%s'", \
				program, word[1], verbs[word[1]]
			printf " -f -a %s -d %s\n", word[2], quoted(plain(summary[i]))
		}
	for (i = 1; i <= options; i++) {
		printf "complete -c %s -l %s", program, long[i]
		if (letter[i] != "") printf " -s %s", letter[i]
		if (value[i] != "" && value[i] !~ /^\[/) {
			if (choices[i] == "@file") printf " -r -F"
			else printf " -x -a %s", quoted(choices[i])
		}
		printf " -d %s\n", quoted(plain(text[i]))
	}
}

END {
	if (form == "scd") man()
	else if (form == "bash") bash()
	else if (form == "zsh") zsh()
	else if (form == "fish") fish()
	else { print "options.awk: form is scd, bash, zsh or fish" > "/dev/stderr"; exit 2 }
}
