/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/hook_script.h"

#include "common/base/text.h"

#define HEAD "#!/bin/sh\n# skant hook "
#define HOOK_VERSION "1"
#define TAIL "# end of skant hook\n"

const struct hook_type hook_types[] = {
	{ "pre-commit", "staged", false, false },
	{ "pre-merge-commit", "staged", false, false },
	{ "pre-push", "git --range - --trust change", true, false },
	{ "pre-receive", "receive", true, true },
};
const size_t hook_type_count = ARRAY_LEN(hook_types);

/* Filled in where they stand. */
#define NAME "\1"
#define COMMAND "\2"
#define SKANT "\3"

/* Standard input is read once and given to both hooks; the one before may leave it unread, which is no reason for a
 * message about a broken pipe. */
static const char opening[] = HEAD HOOK_VERSION
	": " NAME ". Written by `skant hook install`; `skant hook uninstall --type " NAME "` takes it away.\n"
	"# What was here before is in " NAME HOOK_BEFORE ": it runs first, and what it says counts.\n"
	"skant=" SKANT "\n"
	"case $0 in\n"
	"*/*) here=${0%/*} ;;\n"
	"*) here=. ;;\n"
	"esac\n"
	"before=$here/" NAME HOOK_BEFORE "\n";
static const char before[] = "if [ -f \"$before\" ] && [ -x \"$before\" ]; then\n"
			     "\t\"$before\" \"$@\" || exit\n"
			     "fi\n";
static const char before_with_input[] = "input=$(cat && echo .) || exit\n"
					"input=${input%.}\n"
					"if [ -f \"$before\" ] && [ -x \"$before\" ]; then\n"
					"\tprintf %s \"$input\" 2>/dev/null | \"$before\" \"$@\" || exit\n"
					"fi\n";
static const char search[] =
	"if ! [ -x \"$skant\" ] && ! skant=$(command -v skant); then\n"
	"\tif [ -e \"$before\" ] || [ -h \"$before\" ]; then\n"
	"\t\taway=\"mv '$before' '$0'\"\n"
	"\telse\n"
	"\t\taway=\"rm '$0'\"\n"
	"\tfi\n"
	"\tcat >&2 <<END\n"
	"skant: error: the " NAME " hook finds no skant, neither where it was installed from nor in PATH\n"
	"skant: nothing was checked, so this is refused. Install skant again, or take the hook away:\n"
	"    $away\n"
	"END\n"
	"\texit 1\n"
	"fi\n"
	"SKANT_HOOK=" NAME "\n"
	"export SKANT_HOOK\n";
static const char run[] = "exec \"$skant\" " COMMAND "\n" TAIL;
static const char run_with_input[] = "SKANT_REMOTE=${1-}\n"
				     "export SKANT_REMOTE\n"
				     "printf %s \"$input\" | \"$skant\" " COMMAND "\n" TAIL;

const struct hook_type *hook_type_find(struct view name)
{
	for (size_t i = 0; i < hook_type_count; i++)
		if (text_eq(name, view_of(hook_types[i].name)))
			return &hook_types[i];
	return NULL;
}

/* Appends text so that the shell takes it for one word, whatever is in it. */
static int add_quoted(struct buf *out, const char *text)
{
	if (buf_add_byte(out, '\''))
		return -1;
	for (; *text; text++)
		if (*text == '\'' ? buf_add_text(out, "'\\''") : buf_add_byte(out, *text))
			return -1;
	return buf_add_byte(out, '\'');
}

/* Appends a part of the script with its places filled in. */
static int add_part(struct buf *out, const char *part, const struct hook_type *type, const char *skant)
{
	for (; *part; part++) {
		int failed;

		if (*part == *NAME)
			failed = buf_add_text(out, type->name);
		else if (*part == *COMMAND)
			failed = buf_add_text(out, type->command);
		else if (*part == *SKANT)
			failed = add_quoted(out, skant);
		else
			failed = buf_add_byte(out, *part);
		if (failed)
			return -1;
	}
	return 0;
}

int hook_script_add(const struct hook_type *type, const char *skant, struct buf *out)
{
	const char *const parts[] = { opening, type->has_input ? before_with_input : before, search,
				      type->has_input ? run_with_input : run };
	size_t start = out->len;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (add_part(out, parts[i], type, skant)) {
			buf_cut(out, start);
			return -1;
		}
	return 0;
}

enum hook_author hook_script_author(struct view text)
{
	if (!text_starts(text, VIEW(HEAD)))
		return HOOK_FOREIGN;
	return text_ends(text, VIEW("\n" TAIL)) ? HOOK_OURS : HOOK_CHANGED;
}
