/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/opt_table.h"

#include <string.h>

#include "common/base/text.h"

#define HELP_INDENT 2
#define HELP_GAP 2
#define HELP_LEFT_MAX 30  /* longer left sides stand on a line of their own */
#define HELP_WIDTH_MIN 50 /* narrower, and the right side would be single words */
#define HELP_ENTRY_BYTES 4096

const struct opt opt_builtins[OPT_BUILTINS] = {
	[OPT_BUILTIN_HELP] = { .name = "help", .letter = 'h', .help = "show this help", .commands = UINT64_MAX },
	[OPT_BUILTIN_VERSION] = { .name = "version", .help = "show the version", .commands = UINT64_MAX },
	[OPT_BUILTIN_DUMP] = { .name = "dump-options",
			       .help = "print this table",
			       .commands = UINT64_MAX,
			       .hidden = true },
};

size_t opt_table_count(const struct opt_program *program)
{
	return OPT_BUILTINS + program->option_count;
}

const struct opt *opt_table_at(const struct opt_program *program, size_t index)
{
	return index < OPT_BUILTINS ? &opt_builtins[index] : &program->options[index - OPT_BUILTINS];
}

struct view opt_first_word(const struct opt_command *command)
{
	struct view name = view_of(command->name);
	size_t space = text_find_byte(name, ' ');

	return view_sub(name, 0, space == SIZE_MAX ? name.len : space);
}

const char *opt_second_word(const struct opt_command *command)
{
	const char *space = strchr(command->name, ' ');

	return space ? space + 1 : "";
}

bool opt_in_group(const struct opt_command *command, struct view group)
{
	return *opt_second_word(command) && text_eq(opt_first_word(command), group);
}

bool opt_takes(const struct opt *option, size_t command)
{
	return option->commands >> command & 1;
}

bool opt_needs_value(const struct opt *option)
{
	return option->value && option->value[0] != '[';
}

int opt_add_takers(const struct opt_program *program, uint64_t commands, const char *separator, struct buf *buf)
{
	const char *before = "";

	for (size_t i = 0; i < program->command_count; i++) {
		if (!(commands >> i & 1))
			continue;
		if (buf_addf(buf, "%s%s", before, program->commands[i].name) < 0)
			return -1;
		before = separator;
	}
	return 0;
}

static int add_spaces(struct buf *buf, size_t count)
{
	while (count--)
		if (buf_add_byte(buf, ' ') < 0)
			return -1;
	return 0;
}

/* Appends one paragraph, broken at spaces before width. The first line starts at column indent already, the others are
 * indented to it. */
static int add_wrapped(struct buf *buf, struct view text, size_t indent, size_t width)
{
	size_t column = indent;

	while (text.len) {
		size_t gap = 0;
		size_t len;

		while (gap < text.len && text.ptr[gap] == ' ')
			gap++;
		for (len = gap; len < text.len && text.ptr[len] != ' ';)
			len++;
		if (column > indent && column + len > width) {
			if (buf_add_byte(buf, '\n') < 0 || add_spaces(buf, indent) < 0)
				return -1;
			column = indent;
			text = view_sub(text, gap, text.len);
			len -= gap;
		}
		if (buf_add(buf, view_sub(text, 0, len)) < 0)
			return -1;
		column += len;
		text = view_sub(text, len, text.len);
	}
	return buf_add_byte(buf, '\n');
}

/* Where the lines that a broken line goes on with begin: below its first word; of a row of a table, which has a gap
 * after its first column, below the second one. */
static size_t hanging(struct view line)
{
	size_t indent = 0;
	size_t at;

	while (indent < line.len && line.ptr[indent] == ' ')
		indent++;
	for (at = indent; at < line.len && line.ptr[at] != ' ';)
		at++;
	if (!indent || at + 1 >= line.len || line.ptr[at + 1] != ' ')
		return indent;
	while (at < line.len && line.ptr[at] == ' ')
		at++;
	return at;
}

/* Appends an empty line and text, each line of which is a paragraph that keeps its indentation when it is broken. */
static int add_paragraphs(struct buf *buf, const char *text, size_t width)
{
	struct view rest = view_of(text);
	struct view line;

	if (!rest.len)
		return 0;
	if (buf_add_byte(buf, '\n') < 0)
		return -1;
	while (text_next_line(&rest, &line)) {
		size_t indent = hanging(line);

		if (buf_add(buf, view_sub(line, 0, indent)) < 0 ||
		    add_wrapped(buf, view_sub(line, indent, line.len), indent, width) < 0)
			return -1;
	}
	return 0;
}

static int add_command_left(struct buf *buf, const struct opt_command *command)
{
	return command->args ? buf_addf(buf, "%s %s", command->name, command->args) : buf_add_text(buf, command->name);
}

static int add_option_left(struct buf *buf, const struct opt *option)
{
	if (option->letter ? buf_addf(buf, "-%c, --%s", option->letter, option->name) < 0
			   : buf_addf(buf, "    --%s", option->name) < 0)
		return -1;
	if (!option->value)
		return 0;
	if (opt_needs_value(option))
		return buf_addf(buf, " %s", option->value);
	return buf_addf(buf, "[=%s", option->value + 1);
}

/* "(one of a, b; default: a)", as far as it is known. */
static int add_option_right(struct buf *buf, const struct opt *option)
{
	bool lists = option->choices && option->choices[0] != '@';

	if (buf_add_text(buf, option->help) < 0)
		return -1;
	if (!lists && !option->standard)
		return 0;
	if (buf_add_text(buf, lists ? " (one of " : " (") < 0)
		return -1;
	for (const char *c = lists ? option->choices : ""; *c; c++)
		if (*c == ' ' ? buf_add_text(buf, ", ") < 0 : buf_add_byte(buf, *c) < 0)
			return -1;
	if (option->standard && buf_addf(buf, "%sdefault: %s", lists ? "; " : "", option->standard) < 0)
		return -1;
	return buf_add_byte(buf, ')');
}

/* One section of the help: commands, or the options that `wanted` takes. With buf NULL only *left_width is found. */
struct section {
	struct buf *buf;
	size_t width;
	size_t left_width;
};

static int add_entry(struct section *s, struct view left, struct view right)
{
	size_t column = HELP_INDENT + s->left_width + HELP_GAP;

	if (!s->buf) {
		if (left.len > s->left_width && left.len <= HELP_LEFT_MAX)
			s->left_width = left.len;
		return 0;
	}
	if (add_spaces(s->buf, HELP_INDENT) < 0 || buf_add(s->buf, left) < 0)
		return -1;
	if (left.len > s->left_width) {
		if (buf_add_byte(s->buf, '\n') < 0 || add_spaces(s->buf, column) < 0)
			return -1;
	} else if (add_spaces(s->buf, s->left_width - left.len + HELP_GAP) < 0) {
		return -1;
	}
	return add_wrapped(s->buf, right, column, s->width);
}

/* The commands in the bit set. */
static int add_commands(struct section *s, const struct opt_program *program, uint64_t commands)
{
	DEFER(buf_done) struct buf left = BUF_INIT(HELP_ENTRY_BYTES);

	for (size_t i = 0; i < program->command_count; i++) {
		if (!(commands >> i & 1))
			continue;
		buf_clear(&left);
		if (add_command_left(&left, &program->commands[i]) < 0 ||
		    add_entry(s, buf_view(&left), view_of(program->commands[i].summary)) < 0)
			return -1;
	}
	return 0;
}

/* What the option at index is to the commands in the bit set, as far as it is the same to all of them. false: it is
 * nothing to some of them, or an entry before this one tells. */
static bool join_meanings(const struct opt_program *program, size_t index, uint64_t commands, struct opt *ret)
{
	uint64_t takers = 0;

	*ret = *opt_table_at(program, index);
	if (!(ret->commands & commands))
		return false;
	for (size_t i = 0; i < opt_table_count(program); i++) {
		const struct opt *other = opt_table_at(program, i);

		if (strcmp(other->name, ret->name) != 0 || !(other->commands & commands))
			continue;
		if (i < index)
			return false;
		takers |= other->commands;
		if (strcmp(other->help, ret->help) != 0)
			ret->help = "means another thing to each command: see its help";
		if (!text_eq(view_of(other->choices), view_of(ret->choices)))
			ret->choices = NULL;
		if (!text_eq(view_of(other->standard), view_of(ret->standard)))
			ret->standard = NULL;
	}
	return (takers & commands) == commands;
}

/* Options that take all of the commands in the bit set. */
static int add_options(struct section *s, const struct opt_program *program, uint64_t commands)
{
	DEFER(buf_done) struct buf left = BUF_INIT(HELP_ENTRY_BYTES);
	DEFER(buf_done) struct buf right = BUF_INIT(HELP_ENTRY_BYTES);

	/* The built-in ones come first in the table and last in the help. */
	for (size_t i = 0; i < opt_table_count(program); i++) {
		size_t index = (i + OPT_BUILTINS) % opt_table_count(program);
		struct opt option;

		if (!join_meanings(program, index, commands, &option) || option.hidden)
			continue;
		buf_clear(&left);
		buf_clear(&right);
		if (add_option_left(&left, &option) < 0 || add_option_right(&right, &option) < 0 ||
		    add_entry(s, buf_view(&left), buf_view(&right)) < 0)
			return -1;
	}
	return 0;
}

static int add_command_section(const struct opt_program *program, uint64_t commands, size_t width, struct buf *buf)
{
	struct section s = { .width = width };

	if (add_commands(&s, program, commands) < 0 || buf_add_text(buf, "\nCommands:\n") < 0)
		return -1;
	s.buf = buf;
	return add_commands(&s, program, commands);
}

static int add_option_section(const struct opt_program *program, const char *title, uint64_t commands, size_t width,
			      struct buf *buf)
{
	struct section s = { .width = width };

	if (add_options(&s, program, commands) < 0 || buf_addf(buf, "\n%s:\n", title) < 0)
		return -1;
	s.buf = buf;
	return add_options(&s, program, commands);
}

static uint64_t all_commands(const struct opt_program *program)
{
	uint64_t all = 0;

	for (size_t i = 0; i < program->command_count; i++)
		all |= UINT64_C(1) << i;
	return all;
}

static const char *footer_of(const struct opt_program *program, size_t command)
{
	const char *own = program->footers ? program->footers[command] : NULL;

	return own ? own : program->footer;
}

int opt_add_group_help(const struct opt_program *program, struct view group, unsigned width, struct buf *buf)
{
	size_t columns = width > HELP_WIDTH_MIN ? width : HELP_WIDTH_MIN;
	uint64_t commands = 0;

	for (size_t i = 0; i < program->command_count; i++)
		if (opt_in_group(&program->commands[i], group))
			commands |= UINT64_C(1) << i;
	if (buf_addf(buf, "usage: %s %.*s COMMAND [OPTION ...] [ARGUMENT ...]\n", program->name, (int)group.len,
		     group.ptr) < 0 ||
	    add_command_section(program, commands, columns, buf) < 0 ||
	    add_option_section(program, "Options of all of these", commands, columns, buf) < 0)
		return -1;
	return buf_addf(buf, "\n'%s %.*s COMMAND --help' shows the options of a command.\n", program->name,
			(int)group.len, group.ptr);
}

int opt_add_help(const struct opt_program *program, size_t command, unsigned width, struct buf *buf)
{
	size_t columns = width > HELP_WIDTH_MIN ? width : HELP_WIDTH_MIN;
	const struct opt_command *one;

	if (command == SIZE_MAX) {
		if (buf_addf(buf, "usage: %s COMMAND [OPTION ...] [ARGUMENT ...]\n", program->name) < 0 ||
		    add_paragraphs(buf, program->summary, columns) < 0 ||
		    add_command_section(program, all_commands(program), columns, buf) < 0 ||
		    add_option_section(program, "Options of every command", all_commands(program), columns, buf) < 0 ||
		    buf_addf(buf, "\n'%s COMMAND --help' shows the options of a command.\n", program->name) < 0)
			return -1;
		return add_paragraphs(buf, program->footer, columns);
	}
	one = &program->commands[command];
	if (buf_addf(buf, "usage: %s %s [OPTION ...]%s%s\n", program->name, one->name, one->args ? " " : "",
		     one->args ? one->args : "") < 0 ||
	    add_paragraphs(buf, one->summary, columns) < 0 || add_paragraphs(buf, one->help, columns) < 0 ||
	    add_option_section(program, "Options", UINT64_C(1) << command, columns, buf) < 0)
		return -1;
	return add_paragraphs(buf, footer_of(program, command), columns);
}

/* Appends a tab and the field; a line break in it becomes the two characters \n. */
static int add_field(struct buf *buf, const char *text)
{
	struct view rest = view_of(text);
	size_t at;

	if (buf_add_byte(buf, '\t') < 0)
		return -1;
	while ((at = text_find_byte(rest, '\n')) != SIZE_MAX) {
		if (buf_add(buf, view_sub(rest, 0, at)) < 0 || buf_add_text(buf, "\\n") < 0)
			return -1;
		rest = view_sub(rest, at + 1, rest.len);
	}
	return buf_add(buf, rest);
}

static int add_option_line(const struct opt_program *program, const struct opt *option, struct buf *buf)
{
	const char letter[2] = { option->letter, '\0' };

	if (buf_add_text(buf, "option") < 0 || add_field(buf, option->name) < 0 || add_field(buf, letter) < 0 ||
	    add_field(buf, option->value) < 0 || add_field(buf, option->choices) < 0 ||
	    add_field(buf, option->standard) < 0 || add_field(buf, option->help) < 0 || buf_add_byte(buf, '\t') < 0 ||
	    opt_add_takers(program, option->commands, ",", buf) < 0)
		return -1;
	return buf_add_byte(buf, '\n');
}

int opt_add_dump(const struct opt_program *program, struct buf *buf)
{
	for (size_t i = 0; i < program->command_count; i++) {
		const struct opt_command *command = &program->commands[i];

		if (buf_add_text(buf, "command") < 0 || add_field(buf, command->name) < 0 ||
		    add_field(buf, command->args) < 0 || add_field(buf, command->summary) < 0 ||
		    add_field(buf, command->help) < 0 || buf_add_byte(buf, '\n') < 0)
			return -1;
	}
	for (size_t i = 0; i < opt_table_count(program); i++)
		if (!opt_table_at(program, i)->hidden && add_option_line(program, opt_table_at(program, i), buf) < 0)
			return -1;
	return 0;
}
