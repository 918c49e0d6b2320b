# SPDX-License-Identifier: Apache-2.0
# Turns a guide in Markdown into a manual for scdoc, so that both are one text:
# awk -v name=skant-events -v section=5 -v brief='what ...' -v see='skant(1) skantd(8)' -f manual.awk docs/events.md
# A table becomes a list: what stands in its first column is the term, the others are told below it, each with its head.
BEGIN {
	printf "%s(%s) \"skant\" \"%s\"\n\n# NAME\n\n%s - %s\n\n# DESCRIPTION\n\n", name, section,
		section == 5 ? "File Formats Manual" : "Miscellaneous Information Manual", name, brief
	manual["configuration.md"] = "skant.yaml(5)"; manual["policy.md"] = "skant-policy(5)"
	manual["reports.md"] = "skant-report(5)"; manual["events.md"] = "skant-events(5)"
	manual["skantctl.md"] = "skantctl(1)"; manual["skantd.md"] = "skantd(8)"
}

function escaped(text) { gsub(/[_*\\]/, "\\\\&", text); return text }

# [text](target): the text, and where it leads when that is not a page beside this one.
function unlinked(text,  m, shown, target) {
	while (match(text, /\[[^]]*\]\([^)]*\)/)) {
		m = substr(text, RSTART, RLENGTH)
		shown = m; sub(/^\[/, "", shown); sub(/\]\(.*$/, "", shown)
		target = m; sub(/^.*\]\(/, "", target); sub(/\)$/, "", target)
		if (shown in manual) shown = manual[shown]
		if (target ~ /^https?:/ && shown != target) shown = shown " (" target ")"
		text = substr(text, 1, RSTART - 1) shown substr(text, RSTART + RLENGTH)
	}
	return text
}

# Marks in a line: `code` and **strong** become bold. Code within strong text is strong already.
function marked(text,  i, c, out, strong, code) {
	text = unlinked(text); out = ""; strong = code = 0
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "`") {
			if (!strong) { code = !code; out = out "*" }
		} else if (!code && substr(text, i, 2) == "**") {
			strong = !strong; out = out "*"; i++
		} else if (!code && !strong && c == "*" && substr(text, i) ~ /^\*[A-Za-z][^*]*\*/) {
			match(substr(text, i), /^\*[^*]*\*/)
			out = out "_" escaped(substr(text, i + 1, RLENGTH - 2)) "_"
			i += RLENGTH - 1
		} else if (c == "\\" && !code && substr(text, i + 1, 1) ~ /[|*_]/) {
			i++; out = out escaped(substr(text, i, 1))
		} else
			out = out escaped(c)
	}
	return out
}

function guarded(text) { return text ~ /^[-.;|\[\]#+]/ ? "\\" text : text }

function flush() {
	if (paragraph == "") return
	if (kind == "item") print "- " marked(paragraph)
	else if (kind == "number") print ". " marked(paragraph)
	else { print guarded(marked(paragraph)); print "" }
	paragraph = ""
}

function ended(  was) { was = kind; flush(); if (was == "item" || was == "number") print ""; kind = "" }

# The cells of a row: | in code, or behind a backslash, is none of the borders.
function split_row(row, cell,  i, c, code, n) {
	n = 0; code = 0; cell[1] = ""
	sub(/^ *\|/, "", row); sub(/\| *$/, "", row); n = 1
	for (i = 1; i <= length(row); i++) {
		c = substr(row, i, 1)
		if (c == "`") code = !code
		if (c == "\\" && substr(row, i + 1, 1) == "|") { cell[n] = cell[n] "|"; i++ }
		else if (c == "|" && !code) cell[++n] = ""
		else cell[n] = cell[n] c
	}
	for (i = 1; i <= n; i++) { sub(/^ +/, "", cell[i]); sub(/ +$/, "", cell[i]) }
	return n
}

function table_row(  i, n, cell, text, line, usual) {
	n = split_row($0, cell)
	if (!heads) { heads = split_row($0, head); return }
	if ($0 ~ /^ *\|[ |:-]+\|$/) return
	print guarded(marked(cell[1] == "" ? "-" : cell[1]))
	line = usual = ""
	for (i = 2; i <= n; i++) {
		if (cell[i] == "") continue
		text = marked(cell[i])
		if (head[i] == "default") { usual = "Default: " text "."; continue }
		if (heads > 2 && head[i] != "" && head[i] != "meaning") text = marked(head[i]) ": " text
		if (line != "" && line !~ /[.:]$/) line = line ";"
		line = line (line == "" ? "" : " ") text
	}
	if (usual != "") line = line (line == "" ? "" : line ~ /\.$/ ? " " : ". ") usual
	print line == "" ? "" : "\t" guarded(line) "\n"
}

/^ *```/ { if (!literal) { ended(); print "```" } else print "```\n"; literal = !literal; next }
literal { print; next }
/^ *\|/ { if (!heads) ended(); table_row(); next }
{ heads = 0 }
/^!\[/ { next }
/^# / { next }
/^## / { ended(); sub(/^## /, ""); gsub(/`/, ""); print "# " toupper(unlinked($0)) "\n"; next }
/^### / { ended(); sub(/^### /, ""); gsub(/`/, ""); print "## " unlinked($0) "\n"; next }
/^ *$/ { if (kind == "item" || kind == "number") flush(); else ended(); next }
/^ *- / { flush(); if (kind != "item") ended(); kind = "item"; sub(/^ *- /, ""); paragraph = $0; next }
/^ *[0-9]+\. / {
	flush(); if (kind != "number") ended()
	kind = "number"; sub(/^ *[0-9]+\. /, ""); paragraph = $0
	next
}
{
	if ((kind == "item" || kind == "number") && paragraph == "" && $0 !~ /^ /) ended()
	if (kind == "") kind = "text"
	sub(/^ +/, "")
	paragraph = paragraph (paragraph == "" ? "" : " ") $0
}

END {
	ended()
	n = split(see, also, " ")
	printf "# SEE ALSO\n\n"
	for (i = 1; i <= n; i++) {
		sub(/\(/, "*(", also[i])
		printf "*%s%s", also[i], i < n ? ", " : "\n"
	}
}
