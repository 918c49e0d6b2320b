# SPDX-License-Identifier: Apache-2.0
# Turns `PROGRAM --dump-options` (program=PROGRAM) into what a shell completes (form=bash, zsh, fish), so that it offers
# what the program takes, at each command what that command takes, and nothing else. A command is one word, or two. An
# option that is something else to other commands comes once for each of its meanings.
BEGIN { FS = "\t" }

function plain(text) { gsub(/\\n/, " ", text); return text }
function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }

$1 == "command" {
	name[++commands] = $2; args[commands] = $3; summary[commands] = plain($4)
	n = split($2, word, " ")
	if (!(word[1] in seen)) { first[++firsts] = word[1]; about[firsts] = n > 1 ? "" : summary[commands]; seen[word[1]] }
	if (n > 1) verbs[word[1]] = verbs[word[1]] (verbs[word[1]] == "" ? "" : " ") word[2]
	taken[$2] = arguments_of(commands)
}
$1 == "option" {
	long[++options] = $2; letter[options] = $3; value[options] = $4; choices[options] = $5
	text[options] = plain($7); takers[options] = "," $8 ","
	# [N]: without a value more often than with one
	has_value[options] = $4 != "" && $4 !~ /^\[/
	kind[options] = !has_value[options] ? "" : $4 == "FMT" ? "format" : $5 == "@file" ? $4 == "DIR" ? "folder" : "file" : \
		$5 != "" ? $7 ~ /commas/ ? "list" : "word" : program == "skant" && $4 == "ID" ? "rule" : "none"
	is_first[options] = !($2 in meanings)
	meanings[$2] = meanings[$2] " " options
	# A user who names it twice means both.
	repeats[options] = $7 ~ /repeated|FMT=FILE/
}

# What stands behind a command: words (list | show ID: list and show), files, folders, a rule, or nothing.
function arguments_of(i,  n, part, w, k, all) {
	if (args[i] ~ / \| /) {
		n = split(args[i], part, / \| /)
		for (k = 1; k <= n; k++) { split(part[k], w, " "); all = all (k > 1 ? " " : "") w[1] }
		return "words:" all (args[i] ~ /FILE/ ? "" : ":only")
	}
	if (args[i] ~ /RULE/) return "rule"
	if (args[i] ~ /REPO$|REPO\]/) return "folder"
	return args[i] ~ /PATH|FILE|REPORT/ ? "file" : "none"
}

function takes(i, command) { return index(takers[i], "," command ",") > 0 }
function names_of(i) { return "--" long[i] (letter[i] != "" ? " -" letter[i] : "") }
function nouns(  i, all) { for (i = 1; i <= firsts; i++) all = all (i > 1 ? " " : "") first[i]; return all }
function pattern_of(i) { return "--" long[i] (letter[i] != "" ? " | -" letter[i] : "") }

# All options with a value, as a pattern.
function valued(  i, all) {
	for (i = 1; i <= options; i++)
		if (has_value[i] && is_first[i]) all = all (all == "" ? "" : " | ") pattern_of(i)
	return all
}

function bash_answer(what, words) {
	if (what == "file") return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
	if (what == "folder") return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")"
	if (what == "rule") {
		words = "$(" program " rules list -q 2>/dev/null | cut -d ' ' -f 1)"
		return "mapfile -t COMPREPLY < <(compgen -W \"" words "\" -- \"$cur\")"
	}
	if (what == "list") return "list='" words "'"
	return what == "none" ? ":" : "mapfile -t COMPREPLY < <(compgen -W '" words "' -- \"$cur\")"
}

function word_kind(i) { return kind[i] == "format" ? "word" : kind[i] }

# What stands behind an option, by the command where that decides.
function bash_value(i,  n, part, k, j, all) {
	n = split(meanings[long[i]], part, " ")
	if (n == 1) { printf "\t\t%s\n", bash_answer(word_kind(i), choices[i]); return }
	print "\t\tcase $command in"
	for (k = 1; k <= n; k++) {
		all = ""
		for (j = 1; j <= commands; j++)
			if (takes(part[k], name[j])) all = all (all == "" ? "" : " | ") quoted(name[j])
		printf "\t\t%s) %s ;;\n", k < n ? all : "*", bash_answer(word_kind(part[k]), choices[part[k]])
	}
	print "\t\tesac"
}

function bash(  i, j, all, w) {
	printf "# bash completion for %s; made from its option table\n_%s()\n{\n", program, program
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} command='' options='' list='' i"
	print "\tlocal -a words=()"
	print "\tCOMPREPLY=()"
	print "\t# --option=value and FMT=FILE come as three words."
	print "\tif [[ $cur == = ]]; then\n\t\tcur="
	print "\telif [[ $option == = ]]; then\n\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n\tfi"
	print "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tcase ${COMP_WORDS[i]} in"
	printf "\t\t= | %s) ((++i)) ;;\n\t\t-*) ;;\n\t\t*) words+=(\"${COMP_WORDS[i]}\") ;;\n\t\tesac\n\tdone\n", valued()
	print "\tcommand=${words[0]-}"
	for (i = 1; i <= firsts; i++) if (verbs[first[i]] != "") all = all (all == "" ? "" : " | ") first[i]
	if (all != "") printf "\tcase $command in\n\t%s) command+=\" ${words[1]-}\" ;;\n\tesac\n", all
	print "\tcase $option in"
	for (i = 1; i <= options; i++) {
		if (!has_value[i] || !is_first[i]) continue
		printf "\t%s)\n", pattern_of(i)
		bash_value(i)
		print kind[i] == "list" ? "\t\t;;" : "\t\treturn\n\t\t;;"
		if (kind[i] != "format") continue
		gsub(/ /, " | ", choices[i])
		printf "\t%s)\n\t\tif [[ ${COMP_WORDS[COMP_CWORD]} == = || ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then\n", choices[i]
		printf "\t\t\t%s\n\t\t\treturn\n\t\tfi\n\t\t;;\n", bash_answer("file")
		gsub(/ \| /, " ", choices[i])
	}
	print "\tesac"
	print "\tif [[ $list ]]; then"
	print "\t\t[[ $cur != *,* ]] || options=${cur%,*},"
	print "\t\tmapfile -t COMPREPLY < <(compgen -P \"$options\" -W \"$list\" -- \"${cur##*,}\")\n\t\treturn\n\tfi"
	print "\tcase $command in"
	printf "\t'') list='%s' options='--help --version' ;;\n", nouns()
	for (i = 1; i <= firsts; i++)
		if (verbs[first[i]] != "") printf "\t'%s ') list='%s' options='--help' ;;\n", first[i], verbs[first[i]]
	for (j = 1; j <= commands; j++) {
		all = ""
		for (i = 1; i <= options; i++) if (takes(i, name[j])) all = all (all == "" ? "" : " ") names_of(i)
		printf "\t'%s') options='%s' ;;\n", name[j], all
	}
	print "\tesac"
	print "\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")"
	print "\t\treturn\n\tfi"
	print "\tif [[ $list ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$cur\")\n\t\treturn\n\tfi"
	print "\tcase $command in"
	for (j = 1; j <= commands; j++) {
		if (taken[name[j]] == "none") continue
		printf "\t'%s')\n", name[j]
		if (taken[name[j]] ~ /^words:/) {
			split(taken[name[j]], w, ":")
			printf "\t\tif ((${#words[@]} == 1)); then\n\t\t\t%s\n", bash_answer("word", w[2])
			if (w[3] == "") {
				printf "\t\telif [[ ${words[1]} == show ]]; then\n\t\t\t%s\n", bash_answer("rule")
				printf "\t\telse\n\t\t\t%s\n", bash_answer("file")
			}
			print "\t\tfi"
		} else
			printf "\t\t%s\n", bash_answer(taken[name[j]])
		print "\t\t;;"
	}
	printf "\tesac\n}\ncomplete -F _%s %s\n", program, program
}

function zsh_action(i) {
	if (!has_value[i]) return ""
	if (kind[i] == "file") return ":" value[i] ":_files"
	if (kind[i] == "folder") return ":" value[i] ":_files -/"
	if (kind[i] == "rule") return ":" value[i] ":_" program "_rules"
	if (kind[i] == "format") return ":" value[i] ":{if compset -P \"*=\"; then _files; else compadd -- " choices[i] "; fi}"
	if (kind[i] == "list") return ":" value[i] ":_sequence compadd - " choices[i]
	return ":" value[i] ":" (kind[i] == "none" ? " " : "(" choices[i] ")")
}

function zsh_text(t) { gsub(/\\/, "\\\\", t); gsub(/[:\[\]]/, "\\\\&", t); return t }

function zsh_option(i,  t, other) {
	t = "[" zsh_text(text[i]) "]" zsh_action(i)
	other = long[i] == "quiet" ? " -v --verbose" : long[i] == "verbose" ? " -q --quiet" : ""
	if (long[i] == "help" || long[i] == "version") other = "- *"
	else other = repeats[i] ? "" : names_of(i) other
	if (letter[i] != "")
		printf " \\\n      %s", quoted((repeats[i] ? "*" : "(" other ")") "-" letter[i] (has_value[i] ? "+" : "") t)
	printf " \\\n      %s", quoted((repeats[i] ? "*" : "(" other ")") "--" long[i] (has_value[i] ? "=" : "") t)
}

function zsh_command(j,  i, w) {
	printf "    (%s)\n    _arguments -S", quoted(name[j])
	for (i = 1; i <= options; i++) if (takes(i, name[j])) zsh_option(i)
	if (taken[name[j]] ~ /^words:/) {
		split(taken[name[j]], w, ":")
		printf " \\\n      %s", quoted("1:word:(" w[2] ")")
		if (w[3] == "")
			printf " \\\n      %s", quoted("*:argument:{if [[ $line[1] == show ]]; then _" program "_rules; else _files; fi}")
	} else if (taken[name[j]] != "none")
		printf " \\\n      %s", quoted("*:argument:" (taken[name[j]] == "rule" ? "_" program "_rules" : \
			taken[name[j]] == "folder" ? "_files -/" : "_files"))
	printf "\n    ;;\n"
}

function zsh(  i, j, w, any) {
	printf "#compdef %s\n# made from %s's option table\n\n", program, program
	printf "_%s_rules() {\n  compadd -- ${(f)\"$(%s rules list -q 2>/dev/null | cut -d ' ' -f 1)\"}\n}\n\n", \
		program, program
	printf "_%s() {\n  local curcontext=$curcontext state line command\n  local -A opt_args\n  local -a found\n", program
	printf "  _arguments -C -S -A '-*' '(- *)'{-h,--help}'[show this help]' '(- *)--version[show the version]'"
	# Options of commands may stand before them: known there, and not offered.
	for (i = 1; i <= options; i++) if (is_first[i] && long[i] !~ /^(help|version)$/) {
		printf " \\\n    %s", quoted("!*--" long[i] (has_value[i] ? "=:" value[i] ": " : ""))
		if (letter[i] != "") printf " %s", quoted("!*-" letter[i] (has_value[i] ? "+:" value[i] ": " : ""))
	}
	print " \\"
	print "    '1:command:->first' '*::argument:->rest' && return"
	print "  case $state in\n  (first)\n    found=("
	for (i = 1; i <= firsts; i++)
		printf "      %s\n", quoted(first[i] ":" zsh_text(about[i] != "" ? about[i] : verbs[first[i]]))
	print "    )\n    _describe command found\n    return\n    ;;\n  esac"
	print "  command=$words[1]\n  case $command in"
	for (i = 1; i <= firsts; i++) {
		if (verbs[first[i]] == "") continue
		any = 1
		printf "  (%s)\n    _arguments -C -S '(- *)'{-h,--help}'[show this help]' ", first[i]
		print "'1:verb:->verb' '*::argument:->rest' && return"
		print "    if [[ $state == verb ]]; then\n      found=("
		for (j = 1; j <= commands; j++)
			if (split(name[j], w, " ") > 1 && w[1] == first[i]) printf "        %s\n", quoted(w[2] ":" zsh_text(summary[j]))
		print "      )\n      _describe verb found\n      return\n    fi\n    command+=\" $words[1]\"\n    ;;"
	}
	print "  esac\n  case $command in"
	for (j = 1; j <= commands; j++) zsh_command(j)
	printf "  esac\n}\n\n_%s \"$@\"\n", program
}

function fish_takers(i,  n, part, k, all) {
	n = split(substr(takers[i], 2, length(takers[i]) - 2), part, ",")
	for (k = 1; k <= n; k++) all = all " \"" part[k] "\""
	return all
}

function fish(  i, j, w, n, k, here) {
	here = "__fish_" program
	printf "# made from %s's option table\n\n", program
	print "# The words that are no options and no values of options, behind the program's name."
	printf "function %s_words\n\tset -l words (commandline -opc)\n\tset -e words[1]\n\twhile set -q words[1]\n", here
	printf "\t\tswitch $words[1]\n\t\t\tcase %s\n\t\t\t\tset -e words[1]\n", fish_valued()
	print "\t\t\tcase '-*'\n\t\t\tcase '*'\n\t\t\t\techo -- $words[1]\n\t\tend\n\t\tset -e words[1]\n\tend\nend\n"
	printf "# Whether the command is one of these.\nfunction %s_in\n\tset -l words (%s_words)\n", here, here
	print "\tset -q words[1]; or return 1\n\tcontains -- \"$words[1]\" $argv; or contains -- \"$words[1] $words[2]\" $argv"
	print "end\n"
	printf "# Whether so many words, and these first, stand there.\nfunction %s_at\n\tset -l words (%s_words)\n", \
		here, here
	print "\ttest (count $words) = $argv[1]; and test \"$words\" = \"$argv[2..]\"\nend\n"
	printf "function %s_rules\n\t%s rules list -q 2>/dev/null | string replace -r ' .*' ''\nend\n\n", here, program
	print "# A format, or a format with the file that it goes to."
	printf "function %s_format\n\tset -l token (commandline -ct | string replace -r '^-(f|-report-format=)' '')\n", here
	print "\tif string match -q -- '*=*' $token\n\t\tset -l format (string replace -r '=.*' '=' -- $token)"
	print "\t\tfor path in (__fish_complete_path (string replace -r '^[^=]*=' '' -- $token))"
	print "\t\t\techo -- $format$path\n\t\tend"
	print "\telse\n\t\tstring join \\n -- $argv\n\tend\nend\n"
	printf "complete -c %s -f\n", program
	for (i = 1; i <= firsts; i++)
		printf "complete -c %s -n '%s_at 0' -a %s -d %s\n", program, here, first[i], \
			quoted(about[i] != "" ? about[i] : verbs[first[i]])
	for (j = 1; j <= commands; j++) {
		if (split(name[j], w, " ") > 1)
			printf "complete -c %s -n '%s_at 1 %s' -a %s -d %s\n", program, here, w[1], w[2], quoted(summary[j])
		if (taken[name[j]] ~ /^words:/) {
			split(taken[name[j]], w, ":")
			printf "complete -c %s -n '%s_at 1 %s' -a %s\n", program, here, name[j], quoted(w[2])
			if (w[3] == "") {
				printf "complete -c %s -n '%s_at 2 %s show' -a '(%s_rules)'\n", program, here, name[j], here
				printf "complete -c %s -n '%s_in \"%s check\"' -F\n", program, here, name[j]
			}
		} else if (taken[name[j]] == "rule")
			printf "complete -c %s -n '%s_at 1 %s' -a '(%s_rules)'\n", program, here, name[j], here
		else if (taken[name[j]] == "folder")
			printf "complete -c %s -n '%s_in \"%s\"' -a '(__fish_complete_directories)'\n", program, here, name[j]
		else if (taken[name[j]] == "file")
			printf "complete -c %s -n '%s_in \"%s\"' -F\n", program, here, name[j]
	}
	for (i = 1; i <= options; i++) {
		printf "complete -c %s -n '%s_in%s%s' -l %s", program, here, fish_takers(i), \
			long[i] ~ /^(help|version)$/ ? "; or " here "_at 0" : "", long[i]
		if (letter[i] != "") printf " -s %s", letter[i]
		if (kind[i] == "file") printf " -r -F"
		else if (kind[i] == "folder") printf " -x -a '(__fish_complete_directories)'"
		else if (kind[i] == "rule") printf " -x -a '(%s_rules)'", here
		else if (kind[i] == "format") printf " -x -a '(%s_format %s)'", here, choices[i]
		else if (has_value[i]) printf " -x%s", choices[i] != "" ? " -a " quoted(choices[i]) : ""
		printf " -d %s\n", quoted(text[i])
	}
}

function fish_valued(  i, all) {
	for (i = 1; i <= options; i++) if (has_value[i] && is_first[i]) all = all " " names_of(i)
	return substr(all, 2)
}

END {
	if (form == "bash") bash()
	else if (form == "zsh") zsh()
	else if (form == "fish") fish()
	else { print "completions.awk: form is bash, zsh or fish" > "/dev/stderr"; exit 2 }
}
