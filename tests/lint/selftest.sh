#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The gates themselves: each has to refuse a small tree with one offence in it, and to accept the same tree without.
. "$(dirname "$0")/lib.sh"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
spdx='/* SPDX-License-Identifier: Apache-2.0 */'

# fresh: a tree without offence.
fresh() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/{common/base,common/sys,scanner/match,scanner/source}
	printf '%s\n#ifndef A_H\n#define A_H\nint a_make(void);\n#endif\n' "$spdx" >"$tree/common/base/a.h"
	printf '%s\n#include "common/base/a.h"\n\nint a_make(void)\n{\n\treturn 1;\n}\n' "$spdx" >"$tree/common/base/a.c"
	printf '%s\n#include "common/base/a.h"\n' "$spdx" >"$tree/scanner/match/m.h"
	printf '%s\n#include "common/base/a.h"\n' "$spdx" >"$tree/scanner/source/s.h"
}

# gate NAME: its exit status on the tree.
gate() {
	LINT_ROOT=$tree bash "$LINT_DIR/$1.sh" >"$tree.log" 2>&1 && echo 0 || echo $?
	rm -f "$tree.log"
}

# refuses NAME WHAT: the gate has to say no to the tree as it is now.
refuses() {
	[[ $(gate "$1") == 1 ]] || offence "$1 accepts $2"
}

accepts() {
	[[ $(gate "$1") == 0 ]] || offence "$1 refuses a tree without offence"
}

for name in layers foreign spdx; do
	fresh
	accepts "$name"
done

fresh
printf '#include "scanner/match/m.h"\n' >>"$tree/common/base/a.c"
refuses layers 'an include that points up'
fresh
printf '#include "scanner/match/m.h"\n' >>"$tree/scanner/source/s.h"
refuses layers 'a stage that includes another'
fresh
printf '#include <yaml.h>\n' >>"$tree/common/base/a.c"
refuses foreign 'libyaml outside its file'
fresh
sed -i 1d "$tree/common/base/a.h"
refuses spdx 'a source without its licence line'
fresh
{
	echo "$spdx"
	printf 'static int long_one(int n)\n{\n'
	for i in $(seq 90); do printf '\tn += %d;\n' "$i"; done
	printf '\treturn n;\n}\n'
} >"$tree/common/base/b.c"
refuses size 'a function of 94 lines'

verdict '5 gates'
