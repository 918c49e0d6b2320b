#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every include points downward:
#
#	common/posix < common/base < common/sys < common/policy, common/api, common/html < common/govern
#	       (those of one rank never each other)
#	common < scanner's records < scanner/STAGE/              (stages never each other, but readers of git's pack format)
#	       < what stands in scanner/ itself: the pipeline, the commands, main
#	forwarder/ the same way; admin/ over common
#
# common knows none of its users, the three programs do not know each other, and skant, which never opens a socket, does
# not see common/api nor common/govern.
. "$(dirname "$0")/lib.sh"

mapfile -d '' sources < <(list_product)
((${#sources[@]})) || cannot "no sources"

offence_lines < <(awk '
	BEGIN {
		split("scanner/item scanner/rule scanner/finding scanner/literal scanner/record scanner/summary scanner/textset " \
		      "scanner/container scanner/unpack_wire scanner/repolist scanner/shards " \
		      "scanner/source/git/be scanner/source/git/delta scanner/source/git/inflate scanner/source/git/oid " \
		      "scanner/source/git/oidmap scanner/source/git/packentry " \
		      "forwarder/event forwarder/page forwarder/encoder forwarder/settings forwarder/sink forwarder/feed " \
		      "forwarder/event_facts forwarder/event_kind forwarder/event_members forwarder/event_text " \
		      "forwarder/export_line forwarder/idset", names, " ")
		for (i in names)
			is_record[names[i]] = 1
		rank["common/posix"] = 0.5
		rank["common/base"] = 1
		rank["common/sys"] = 2
		rank["common/policy"] = rank["common/api"] = rank["common/html"] = 3
		rank["common/govern"] = 4
	}

	# The part of the tree a path belongs to: its program, its folder there ("" = none), whether it is a record.
	function place(path, ret,    parts, n) {
		n = split(path, parts, "/")
		ret["top"] = parts[1]
		ret["folder"] = n > 2 ? parts[1] "/" parts[2] : ""
		sub(/\.[a-z]+$/, "", path)
		ret["record"] = path in is_record
	}

	# Why from may not include to, or "".
	function objection(from, to) {
		place(from, f)
		place(to, t)
		if (t["top"] !~ /^(common|scanner|forwarder|admin)$/)
			return "project headers are named from the root: common/..., scanner/..., forwarder/..., admin/..."
		if (f["top"] == "common" && t["top"] != "common")
			return "common knows none of its users"
		if (f["top"] != t["top"] && t["top"] != "common")
			return f["top"] " and " t["top"] " do not know each other"
		if (f["top"] == "common" && rank[f["folder"]] == 0)
			return f["folder"] " is no layer of common"
		if (t["top"] == "common" && rank[t["folder"]] == 0)
			return t["folder"] " is no layer of common"
		if (f["top"] == "common" && f["folder"] != t["folder"] && rank[t["folder"]] >= rank[f["folder"]])
			return t["folder"] " is not below " f["folder"]
		if (f["top"] == "scanner" && (t["folder"] == "common/api" || t["folder"] == "common/govern"))
			return "skant never opens a socket: common/api and common/govern are not for the scanner"
		if (t["top"] == "common" || f["top"] == "admin")
			return ""
		if (f["record"] && !t["record"])
			return "a record includes records and common only"
		if (f["folder"] != "" && t["folder"] != "" && f["folder"] != t["folder"] && !t["record"])
			return "stages never include each other"
		if (f["folder"] != "" && t["folder"] == "" && !t["record"])
			return "a stage includes records and common only, and " t["top"] "/ itself stands above it"
		return ""
	}

	/^[ \t]*#[ \t]*include[ \t]*"/ || /^[ \t]*#[ \t]*include[ \t]*<(common|scanner|forwarder|admin|tests)\// {
		to = $0
		sub(/^[^"<]*["<]/, "", to)
		sub(/[">].*/, "", to)
		why = $0 ~ /</ ? "project headers stand in double quotes" : objection(FILENAME, to)
		if (why != "")
			print FILENAME ":" FNR ": " $0 "  (" why ")"
	}' "${sources[@]}")

verdict "${#sources[@]} files"
