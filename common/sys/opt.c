/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/opt.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/opt_table.h"

#define TAKERS_SHOWN 16 /* commands that a message names */

/* Cuts a command line into options and plain words: where a word is an option's value does not depend on the command,
 * which may follow later. */
struct reader {
	const struct opt_program *program;
	size_t command; /* whose meaning options have; SIZE_MAX while it is not known */
	char **argv;
	size_t count, next;
	const char *bundle; /* letters behind one dash that are still to be read, or NULL */
	bool ended;         /* a -- was seen */
	char letter[3];     /* the short option last read, as it is shown */
};

enum token_kind { TOKEN_WORD, TOKEN_OPTION, TOKEN_UNKNOWN, TOKEN_LACKS_VALUE, TOKEN_UNWANTED_VALUE };

struct token {
	enum token_kind kind;
	const struct opt *option; /* NULL when unknown */
	struct view spelled;      /* the option as it was given, without its value */
	char *word;               /* of a TOKEN_WORD */
	const char *value;
};

/* What the option is to the command; to other commands, when it is nothing to that one. */
static const struct opt *find_option(const struct reader *r, struct view name, char letter)
{
	const struct opt *found = NULL;

	for (size_t i = 0; i < opt_table_count(r->program); i++) {
		const struct opt *option = opt_table_at(r->program, i);

		if (letter ? option->letter != letter : !text_eq(name, view_of(option->name)))
			continue;
		if (r->command != SIZE_MAX && opt_takes(option, r->command))
			return option;
		if (!found)
			found = option;
	}
	return found;
}

/* The next word is the option's value, whatever it looks like: `--label -x` labels with "-x". */
static void take_next_word(struct reader *r, struct token *t)
{
	if (r->next < r->count)
		t->value = r->argv[r->next++];
	else
		t->kind = TOKEN_LACKS_VALUE;
}

static void read_long(struct reader *r, struct token *t, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	t->spelled = view_from(word, len);
	t->option = find_option(r, view_sub(t->spelled, 2, len), 0);
	if (!t->option)
		t->kind = TOKEN_UNKNOWN;
	else if (equals && !t->option->value)
		t->kind = TOKEN_UNWANTED_VALUE;
	else if (equals)
		t->value = equals + 1;
	else if (opt_needs_value(t->option))
		take_next_word(r, t);
}

static void read_letter(struct reader *r, struct token *t)
{
	char letter = *r->bundle++;

	r->letter[0] = '-';
	r->letter[1] = letter;
	t->spelled = view_from(r->letter, 2);
	t->option = find_option(r, VIEW_NONE, letter);
	if (!t->option) {
		t->kind = TOKEN_UNKNOWN;
	} else if (opt_needs_value(t->option)) {
		if (*r->bundle)
			t->value = r->bundle;
		else
			take_next_word(r, t);
		r->bundle = NULL;
	}
	if (r->bundle && !*r->bundle)
		r->bundle = NULL;
}

static bool next_token(struct reader *r, struct token *t)
{
	char *word;

	*t = (struct token){ .kind = TOKEN_OPTION };
	if (r->bundle) {
		read_letter(r, t);
		return true;
	}
	if (r->next < r->count && !r->ended && strcmp(r->argv[r->next], "--") == 0) {
		r->ended = true;
		r->next++;
	}
	if (r->next >= r->count)
		return false;
	word = r->argv[r->next++];
	if (r->ended || word[0] != '-' || word[1] == '\0') {
		t->kind = TOKEN_WORD;
		t->word = word;
	} else if (word[1] == '-') {
		read_long(r, t, word);
	} else {
		r->bundle = word + 1;
		read_letter(r, t);
	}
	return true;
}

/* What a person typed, fit for a message: a key pasted by mistake is masked. */
static const char *shown(struct buf *scratch, struct view typed)
{
	if (!typed.len)
		return "";
	if (secret_add_masked_text(scratch, typed, VIEW_NONE) < 0)
		return "...";
	return buf_view(scratch).ptr;
}

/* Words to choose the nearest from; all owned. */
struct words {
	char **items;
	size_t count;
};

static void words_done(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(TAKE(words->items));
}

/* The first words of all commands, or the second ones of a group that is not empty. */
static int words_fill(struct words *words, const struct opt_program *program, struct view group)
{
	words->items = calloc(program->command_count + 1, sizeof(*words->items));
	if (!words->items)
		return -1;
	for (size_t i = 0; i < program->command_count; i++) {
		const struct opt_command *command = &program->commands[i];
		struct view first = opt_first_word(command);
		char *word;

		if (group.len && !opt_in_group(command, group))
			continue;
		word = group.len ? strdup(opt_second_word(command)) : strndup(first.ptr, first.len);
		if (!word)
			return -1;
		words->items[words->count++] = word;
	}
	return 0;
}

/* Among the options shown for the command (all when command is SIZE_MAX). */
static const char *nearest_option(const struct opt_program *program, size_t command, struct view name)
{
	DEFER(freep) const char **names = calloc(opt_table_count(program), sizeof(*names));
	size_t count = 0;

	if (!names)
		return NULL;
	for (size_t i = 0; i < opt_table_count(program); i++) {
		const struct opt *option = opt_table_at(program, i);

		if (!option->hidden && (command == SIZE_MAX || opt_takes(option, command)))
			names[count++] = option->name;
	}
	return text_nearest(name, names, count);
}

static int unknown_command(const struct opt_program *program, struct view group, const char *word, struct err *err)
{
	DEFER(buf_wipe) struct buf scratch = BUF_INIT(ERR_TEXT_BYTES);
	DEFER(words_done) struct words words = { .items = NULL };
	const char *typed = shown(&scratch, view_of(word));
	const char *nearest;
	const char *gap = group.len ? " " : "";

	if (words_fill(&words, program, group) < 0)
		return err_nomem(err);
	nearest = text_nearest(view_of(word), (const char *const *)words.items, words.count);
	if (nearest)
		return err_set(err, ERR_USAGE, 0, "unknown command '%.*s%s%s'; did you mean '%.*s%s%s'?",
			       (int)group.len, group.ptr, gap, typed, (int)group.len, group.ptr, gap, nearest);
	return err_set(err, ERR_USAGE, 0, "unknown command '%.*s%s%s'; '%s%s%.*s --help' lists the commands",
		       (int)group.len, group.ptr, gap, typed, program->name, gap, (int)group.len, group.ptr);
}

/* A group was named and nothing of it. */
static int lacks_command(const struct opt_program *program, struct view group, struct err *err)
{
	DEFER(buf_done) struct buf list = BUF_INIT(ERR_TEXT_BYTES);
	DEFER(words_done) struct words words = { .items = NULL };

	if (words_fill(&words, program, group) < 0)
		return err_nomem(err);
	for (size_t i = 0; i < words.count; i++)
		if (buf_addf(&list, "%s%s", i ? ", " : "", words.items[i]) < 0)
			return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "'%s %.*s' needs one of: %s", program->name, (int)group.len, group.ptr,
		       list.ptr);
}

static int unknown_option(const struct opt_program *program, const struct opt_result *ret, struct view spelled,
			  struct err *err)
{
	DEFER(buf_wipe) struct buf scratch = BUF_INIT(ERR_TEXT_BYTES);
	const char *option = shown(&scratch, spelled);
	const char *nearest = NULL;

	if (text_starts(spelled, VIEW("--"))) {
		nearest = nearest_option(program, ret->has_command ? ret->command : SIZE_MAX,
					 view_sub(spelled, 2, spelled.len));
		if (!nearest)
			nearest = nearest_option(program, SIZE_MAX, view_sub(spelled, 2, spelled.len));
	}
	if (nearest)
		return err_set(err, ERR_USAGE, 0, "unknown option '%s'; did you mean '--%s'?", option, nearest);
	if (ret->has_command)
		return err_set(err, ERR_USAGE, 0, "unknown option '%s'; '%s %s --help' lists the options", option,
			       program->name, program->commands[ret->command].name);
	return err_set(err, ERR_USAGE, 0, "unknown option '%s'; '%s COMMAND --help' lists the options", option,
		       program->name);
}

/* The commands that the option is something to. */
static uint64_t takers_of(const struct opt_program *program, const struct opt *option)
{
	uint64_t takers = 0;

	for (size_t i = 0; i < opt_table_count(program); i++)
		if (strcmp(opt_table_at(program, i)->name, option->name) == 0)
			takers |= opt_table_at(program, i)->commands;
	return takers;
}

static int misplaced_option(const struct opt_program *program, const struct opt_result *ret, const struct token *t,
			    struct err *err)
{
	DEFER(buf_done) struct buf takers = BUF_INIT(ERR_TEXT_BYTES);
	const char *command = program->commands[ret->command].name;
	uint64_t commands = takers_of(program, t->option);

	if ((size_t)__builtin_popcountll(commands) > TAKERS_SHOWN)
		return err_set(err, ERR_USAGE, 0, "'%s %s' does not take '--%s'; '%s %s --help' lists what it takes",
			       program->name, command, t->option->name, program->name, command);
	if (opt_add_takers(program, commands, ", ", &takers) < 0)
		return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "'%s %s' does not take '--%s'; the commands that do: %s", program->name,
		       command, t->option->name, buf_view(&takers).len ? buf_view(&takers).ptr : "none");
}

static int check_option(const struct opt_program *program, const struct opt_result *ret, const struct token *t,
			struct err *err)
{
	switch (t->kind) {
	case TOKEN_UNKNOWN:
		return unknown_option(program, ret, t->spelled, err);
	case TOKEN_LACKS_VALUE:
		return err_set(err, ERR_USAGE, 0, "option '--%s' needs a value: %s", t->option->name, t->option->value);
	case TOKEN_UNWANTED_VALUE:
		return err_set(err, ERR_USAGE, 0, "option '--%s' takes no value", t->option->name);
	case TOKEN_WORD:
	case TOKEN_OPTION:
		break;
	}
	if (ret->has_command && !opt_takes(t->option, ret->command))
		return misplaced_option(program, ret, t, err);
	return 0;
}

/* Looks the next word of a command's name up. false when a further word may belong to it. */
static bool take_command_word(const struct opt_program *program, const char *word, struct opt_result *ret)
{
	for (size_t i = 0; i < program->command_count; i++) {
		const struct opt_command *command = &program->commands[i];

		if (ret->group.len ? !opt_in_group(command, ret->group) || strcmp(opt_second_word(command), word) != 0
				   : strcmp(command->name, word) != 0)
			continue;
		ret->has_command = true;
		ret->command = i;
		ret->group = VIEW_NONE;
		return true;
	}
	if (ret->group.len)
		return true;
	for (size_t i = 0; i < program->command_count && !ret->group.len; i++)
		if (opt_in_group(&program->commands[i], view_of(word)))
			ret->group = view_of(word);
	return ret->group.len == 0;
}

/* Finds the command and the built-in options. Mistakes are left to take_all, which says the first one. */
static void look_ahead(struct reader r, struct opt_result *ret)
{
	bool is_named = false;
	struct token t;

	while (next_token(&r, &t)) {
		if (t.kind == TOKEN_OPTION) {
			ret->wants_help |= t.option == &opt_builtins[OPT_BUILTIN_HELP];
			ret->wants_version |= t.option == &opt_builtins[OPT_BUILTIN_VERSION];
			ret->wants_dump |= t.option == &opt_builtins[OPT_BUILTIN_DUMP];
		} else if (t.kind == TOKEN_WORD && !is_named) {
			is_named = take_command_word(r.program, t.word, ret);
		}
	}
}

static int take_all(struct reader r, opt_handler *handler, void *context, struct opt_result *ret, struct err *err)
{
	/* Words that the command's name has taken or, without a command, that may stand before the unknown one. */
	size_t naming = ret->has_command ? 1 + (*opt_second_word(&r.program->commands[ret->command]) != '\0')
					 : ret->group.len != 0;
	struct token t;

	while (next_token(&r, &t)) {
		if (t.kind != TOKEN_WORD) {
			if (check_option(r.program, ret, &t, err) < 0 ||
			    handler(context, t.option->id, t.value, err) < 0)
				return -1;
		} else if (naming) {
			naming--;
		} else if (!ret->has_command) {
			return unknown_command(r.program, ret->group, t.word, err);
		} else {
			ret->args[ret->arg_count++] = t.word;
		}
	}
	return ret->group.len ? lacks_command(r.program, ret->group, err) : 0;
}

int opt_parse(const struct opt_program *program, int argc, char **argv, opt_handler *handler, void *context,
	      struct opt_result *ret, struct err *err)
{
	struct reader r = {
		.program = program, .argv = argv, .command = SIZE_MAX, .count = argc > 0 ? (size_t)argc : 0, .next = 1
	};

	*ret = (struct opt_result){ .args = calloc(r.count + 1, sizeof(*ret->args)) };
	if (!ret->args)
		return err_nomem(err);
	look_ahead(r, ret);
	if (ret->wants_help || ret->wants_version || ret->wants_dump)
		return 0;
	if (ret->has_command)
		r.command = ret->command;
	if (take_all(r, handler, context, ret, err) < 0) {
		free(TAKE(ret->args));
		ret->arg_count = 0;
		return -1;
	}
	return 0;
}
