#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The gates themselves: each has to accept a small tree without offence, and to refuse it with one.
. "$(dirname "$0")/lib.sh"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
root=$LINT_ROOT
spdx='/* SPDX-License-Identifier: Apache-2.0 */'
checks=0

# A tree without offence.
fresh() {
	find "$tree" -mindepth 1 -delete
	mkdir -p "$tree"/{common/base,common/sys,scanner/match,scanner/source,tests/support}
	cp "$root/.clang-format" "$root/.clang-tidy" "$tree"
	printf '%s\n#ifndef A_H\n#define A_H\n\nint a_make(void);\n\n#endif\n' "$spdx" >"$tree/common/base/a.h"
	printf '%s\n#include "common/base/a.h"\n\nint a_make(void)\n{\n\treturn 1;\n}\n' "$spdx" >"$tree/common/base/a.c"
	printf '%s\n#include "common/base/a.h"\n' "$spdx" >"$tree/scanner/match/m.h"
	printf '%s\n#include "common/base/a.h"\n' "$spdx" >"$tree/scanner/source/s.h"
	printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho fine\n' >"$tree/tests/support/do"
	printf '# SPDX-License-Identifier: Apache-2.0\nprint("done")\n' >"$tree/tests/support/do.py"
}

# Compiles the tree's one source to where its objects are looked for.
compile() {
	mkdir -p "$tree/build/self/common/base"
	(cd "$tree" && gcc -O2 -w -I. -D_FORTIFY_SOURCE=2 -c -o build/self/common/base/a.o common/base/a.c)
}

# Prints the exit status of the gate $1 on the tree.
gate() {
	local status=0

	LINT_ROOT=$tree B=build/self bash "$LINT_DIR/$1.sh" >/dev/null 2>&1 || status=$?
	echo "$status"
}

accepts() {
	checks=$((checks + 1))
	case $(gate "$1") in
	0 | 77) ;; # a gate whose program is missing says so when its own turn comes
	*) offence "$1 refuses a tree without offence" ;;
	esac
}

# $2: what is wrong with the tree.
refuses() {
	checks=$((checks + 1))
	case $(gate "$1") in
	1 | 77) ;;
	*) offence "$1 accepts $2" ;;
	esac
}

# A fresh tree, and $2 (escapes as in printf) at the end of its file $1.
with() {
	fresh
	printf '%b' "$2" >>"$tree/$1"
}

fresh
compile
for name in marks spdx hosts keys layers foreign banned size python shell cppcheck headers clang format tidy; do
	accepts "$name"
done

with common/base/a.c '#include "scanner/match/m.h"\n'
refuses layers 'an include that points up'
with common/base/a.c '#include "common/sys/b.h"\n'
refuses layers 'an include of a higher layer'
with scanner/source/s.h '#include "scanner/match/m.h"\n'
refuses layers 'a stage that includes another'
with scanner/source/s.h '#include "scanner/pipeline.h"\n'
refuses layers 'a stage that includes the pipeline'
with scanner/match/m.h '#include "forwarder/event.h"\n'
refuses layers 'a program that includes another'
with common/base/a.c '#include "a.h"\n'
refuses layers 'an include that is not from the root'

with common/base/a.c '#include <yaml.h>\n'
refuses foreign 'libyaml outside its file'

with tests/support/do '<<''<<<<< ours\n:\n'
refuses marks 'a mark of a merge'
fresh
ln -s /dev/null "$tree/tests/support/link"
refuses marks 'a link'

fresh
sed -i 1d "$tree/common/base/a.h"
refuses spdx 'a source without its licence line'
fresh
sed -i 2d "$tree/tests/support/do"
refuses spdx 'a script without its licence line'

with common/base/a.c '#include <string.h>\nvoid b(char *to, const char *from);\nvoid b(char *to, const char *from)\n{\n\tstrcpy(to, from);\n}\n'
compile
refuses banned 'a call in an object'
with common/base/a.c 'void b(void);\nvoid b(void)\n{\n\tchar *p = __builtin_alloca(8);\n\t*p = 0;\n}\n'
compile
refuses banned 'a call that the compiler replaced'

# Links the tree's skant with the libraries $1...
link_skant() {
	mkdir -p "$tree/build/self"
	echo 'int main(void) { return 0; }' | gcc -Wl,--no-as-needed -o "$tree/build/self/skant" -x c - "$@"
}
link_skant -lz
accepts links
link_skant -lcurl
refuses links 'a skant that could talk'

with common/base/a.c "int b(int n)\n{\n$(printf '\\tn += 1;\\n%.0s' {1..90})\treturn n;\n}\n"
refuses size 'a function of 94 lines'
with tests/support/t.c "int b(int n)\n{\n$(printf '\\tn += 1;\\n%.0s' {1..90})\treturn n;\n}\n"
refuses size 'a test of 94 lines'
with common/base/a.c "int b(int n)\n{\n$(printf '\\tif (n > %d)\\n\\t\\tn++;\\n' {1..15})\treturn n;\n}\n"
refuses size 'a function of 16 branches'
with common/base/a.c "int b; /* $(printf 'x%.0s' {1..120}) */\n"
refuses size 'a long line'
with common/base/a.c "$(printf '\\n%.0s' {1..500})"
refuses size 'a file of more than 500 lines'

with common/base/a.h 'size_t a_size(void);\n'
refuses headers 'a header that lacks an include'
with tests/support/a.c '/* SPDX-License-Identifier: Apache-2.0 */\nshort a_short(long n);\nshort a_short(long n)\n{\n\treturn n;\n}\n'
refuses clang 'a conversion that loses digits'
with common/base/a.c 'int b( void );\n'
refuses format 'a space too many'
with common/base/a.c 'int b(int n)\n{\n\tint unused = 100 / (n - n);\n\n\treturn n ? 1 : 1;\n}\n'
refuses tidy 'both branches alike'
with common/base/a.c 'int b(void)\n{\n\tint list[2] = { 0, 1 };\n\n\treturn list[2];\n}\n'
refuses cppcheck 'a read behind an array'
# shellcheck disable=SC2016
with tests/support/do 'rm -r $1\n'
refuses shell 'a variable without quotes'
with tests/support/do.py 'print(\n'
refuses python 'an open bracket'

with common/base/a.c "/* /bui""lds/tree */\n"
refuses hosts 'a path of one machine'
with common/base/a.c "/* http://mirror.in""ternal/ */\n"
refuses hosts 'a private host'

key=sk-ant-''api03-$(printf 'Ab1%.0s' {1..31})AA
with common/base/a.c "/* $key */\n"
refuses keys 'a full-shaped key'
# In the history alone, in front of so much that its reader could stop before its writer.
fresh
as_nobody=(-c user.name=nobody -c user.email=nobody@example.com -c commit.gpgsign=false -c core.hooksPath=/dev/null)
git -C "$tree" init -q --template=
git -C "$tree" add .
git -C "$tree" "${as_nobody[@]}" commit -q -m begin
accepts keys
printf '%s\n' "$key" >"$tree/old"
head -c 1000000 /dev/urandom >"$tree/z"
git -C "$tree" add .
git -C "$tree" "${as_nobody[@]}" commit -q -m add
rm "$tree/old" "$tree/z"
git -C "$tree" "${as_nobody[@]}" commit -q -a -m remove
refuses keys 'a key in the history'

verdict "$checks trials of 15 gates"
