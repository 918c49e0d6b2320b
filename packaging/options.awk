# SPDX-License-Identifier: Apache-2.0
# Turns `skant --dump-options` into the option part of the man page (form=scd, template=FILE) or into completions
# (form=bash, zsh, fish), so that none of them can say something else than the program does.
BEGIN { FS = "\t" }

function plain(text) { gsub(/\\n/, " ", text); return text }
function scd(text) { text = plain(text); gsub(/[_*]/, "\\\\&", text); return text }
function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }

$1 == "command" { name[++commands] = $2; args[commands] = $3; summary[commands] = $4; help[commands] = $5 }
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
		if (standard[i] != "") printf " Default: %s.", scd(standard[i])
		if (takers[i] != "") printf " For: %s.", scd(takers[i])
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
	for (i = 1; i <= commands; i++) all = all " " name[i]
	return substr(all, 2)
}

function bash(  i) {
	print "# bash completion for skant; made from its option table\n_skant()\n{"
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
	print "\telse\n\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\tfi\n}"
	print "complete -F _skant skant"
}

function zsh_action(i) {
	if (value[i] == "" || value[i] ~ /^\[/) return ""
	if (choices[i] == "@file") return ":" value[i] ":_files"
	return ":" value[i] ":(" choices[i] ")"
}

function zsh(  i, t) {
	print "#compdef skant\n# made from skant's option table\n_arguments \\"
	for (i = 1; i <= options; i++) {
		t = plain(text[i]); gsub(/:/, "\\\\:", t); gsub(/\[/, "\\\\[", t); gsub(/\]/, "\\\\]", t)
		printf "  %s \\\n", quoted("*--" long[i] "[" t "]" zsh_action(i))
		if (letter[i] != "") printf "  %s \\\n", quoted("*-" letter[i] "[" t "]" zsh_action(i))
	}
	printf "  %s \\\n  '*:file:_files'\n", quoted("1:command:(" names() ")")
}

function fish(  i) {
	print "# made from skant's option table"
	for (i = 1; i <= commands; i++)
		printf "complete -c skant -n __fish_use_subcommand -a %s -d %s\n", name[i], quoted(plain(summary[i]))
	for (i = 1; i <= options; i++) {
		printf "complete -c skant -l %s", long[i]
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
