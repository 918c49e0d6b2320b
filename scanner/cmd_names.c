/* SPDX-License-Identifier: Apache-2.0 */
/* skant names: checks key names given as arguments, or one a line. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/setup.h"
#include "scanner/source/target.h"

#define INPUT_BYTES (256u << 20)
#define OUTPUT_BYTES (1u << 30)

struct names {
	const struct keyname_policy *policy;
	struct buf out;
	bool is_json, is_lines; /* json, jsonl */
	size_t checked, bad;
};

static int add_safe(struct buf *out, struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(8 * JSON_RECORD_BYTES);

	return secret_add_masked_text(&masked, text, VIEW_NONE) || text_add_clean(out, buf_view(&masked)) ? -1 : 0;
}

static int add_text(struct names *n, struct view name, uint32_t violations, struct view suggestion)
{
	struct buf *out = &n->out;

	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(violations >> v & 1))
			continue;
		if (add_safe(out, name) || buf_addf(out, ": %s: ", keyname_codes[v]) ||
		    keyname_add_text(n->policy, name, (enum keyname_violation)v, out) || buf_add_byte(out, '\n'))
			return -1;
	}
	if (!violations || !suggestion.len)
		return 0;
	return add_safe(out, name) || buf_add_text(out, ": rename it to: ") || buf_add(out, suggestion) ||
	       buf_add_byte(out, '\n');
}

static int add_json(struct names *n, struct view name, uint32_t violations, struct view suggestion)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(8 * JSON_RECORD_BYTES), text = BUF_INIT(LOG_LINE_BYTES);
	struct jsonw w;

	if (secret_add_masked_text(&masked, name, VIEW_NONE) ||
	    (n->is_json && buf_add_text(&n->out, n->checked ? ",\n" : "\n")))
		return -1;
	jsonw_init(&w, &n->out, 0);
	jsonw_object(&w);
	jsonw_member(&w, "name", buf_view(&masked));
	jsonw_key(&w, "violations");
	jsonw_array(&w);
	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(violations >> v & 1))
			continue;
		buf_clear(&text);
		if (keyname_add_text(n->policy, name, (enum keyname_violation)v, &text))
			return -1;
		jsonw_object(&w);
		jsonw_member_text(&w, "code", keyname_codes[v]);
		jsonw_member(&w, "message", buf_view(&text));
		jsonw_end(&w);
	}
	jsonw_end(&w);
	if (violations && suggestion.len)
		jsonw_member(&w, "suggestion", suggestion);
	jsonw_end(&w);
	return !jsonw_ok(&w) || (n->is_lines && buf_add_byte(&n->out, '\n')) ? -1 : 0;
}

static int check_name(struct names *n, struct view name)
{
	DEFER(buf_done) struct buf suggestion = BUF_INIT(8 * NAME_BYTES), masked = BUF_INIT(8 * JSON_RECORD_BYTES);
	uint32_t violations = keyname_check(n->policy, name);
	int ret;

	if (secret_add_masked_text(&masked, name, VIEW_NONE))
		return -1;
	if (!text_eq(buf_view(&masked), name))
		name = buf_view(&masked); /* a key in place of its name: no advice that repeats it */
	else if (violations && keyname_add_suggestion(n->policy, name, &suggestion))
		return -1;
	if (n->is_json || n->is_lines)
		ret = add_json(n, name, violations, buf_view(&suggestion));
	else
		ret = add_text(n, name, violations, buf_view(&suggestion));
	n->checked++;
	n->bad += violations != 0;
	return ret;
}

/* A line is a name, or a JSON object that has one. */
static int check_line(struct names *n, struct view line, size_t number, struct err *err)
{
	DEFER(buf_done) struct buf name = BUF_INIT(JSON_RECORD_BYTES);
	struct err why = ERR_INIT;
	struct view record, value;

	line = text_trim(line);
	if (line.len == 0)
		return 0;
	if (line.ptr[0] != '{')
		return check_name(n, line) ? err_nomem(err) : 0;
	if (json_whole(line, &record, &why))
		return err_set(err, ERR_USAGE, 0, "standard input, line %zu: %s", number, why.text);
	value = json_member(record, "name");
	if (!value.len || json_type_of(value) != JSON_STRING)
		return err_set(err, ERR_USAGE, 0,
			       "standard input, line %zu: an object with a text \"name\" was expected", number);
	return json_add_string(&name, value) || check_name(n, buf_view(&name)) ? err_nomem(err) : 0;
}

static int check_stdin(struct names *n, struct err *err)
{
	DEFER(buf_wipe) struct buf input = BUF_INIT(INPUT_BYTES);
	struct view rest, line;
	ssize_t got;
	size_t number = 0;

	do {
		if (buf_reserve(&input, 64u << 10))
			return err_set(err, ERR_LIMIT, 0, "standard input is larger than %u bytes", INPUT_BYTES);
		got = file_read_full(STDIN_FILENO, input.ptr + input.len, 64u << 10);
		if (got < 0)
			return err_set(err, ERR_IO, errno, "cannot read standard input");
		input.len += (size_t)got;
		input.ptr[input.len] = '\0';
	} while (got > 0);
	rest = buf_view(&input);
	while (text_next_line(&rest, &line))
		if (check_line(n, line, ++number, err))
			return -1;
	return 0;
}

static int write_report(const struct options *o, const struct names *n, struct err *err)
{
	struct file_replace file;

	if (!o->report_path)
		return file_write_full(STDOUT_FILENO, buf_view(&n->out))
			       ? err_set(err, ERR_IO, errno, "cannot write the report to standard output")
			       : 0;
	if (file_replace_open(&file, o->report_path, 0644, err))
		return -1;
	if (file_write_full(file.fd, buf_view(&n->out))) {
		(void)err_set(err, ERR_IO, errno, "cannot write the report to '%s'", o->report_path);
		file_replace_abort(&file);
		return -1;
	}
	return file_replace_commit(&file, err);
}

/* Most formats are about places in files; names have none. */
static int choose_format(struct names *n, const char *format, struct err *err)
{
	n->is_json = text_eq(view_of(format), VIEW("json"));
	n->is_lines = text_eq(view_of(format), VIEW("jsonl"));
	if (n->is_json || n->is_lines || text_eq(view_of(format), VIEW("text")))
		return 0;
	return err_set(err, ERR_USAGE, 0, "skant names writes text, json or jsonl, not %s", format);
}

static int check_all(const struct options *o, struct names *n, char **args, size_t count, struct err *err)
{
	if (o->report_count > 1 || (o->report_count && o->reports[0].path))
		return err_set(err, ERR_USAGE, 0, "skant names writes one report; use -f FMT and -r FILE");
	if (choose_format(n, o->report_count ? o->reports[0].format : "text", err))
		return -1;
	if (n->is_json && buf_add_text(&n->out, "["))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (check_name(n, view_of(args[i])))
			return err_nomem(err);
	if (count == 0 && check_stdin(n, err))
		return -1;
	return n->is_json && buf_add_text(&n->out, n->checked ? "\n]\n" : "]\n") ? err_nomem(err) : 0;
}

int cmd_names(const struct options *o, char **args, size_t count)
{
	struct names n = { .out = BUF_INIT(OUTPUT_BYTES) };
	struct setup setup = { .rules = NULL };
	struct err err = ERR_INIT;
	DEFER(freep) char *root = NULL;
	int ret = EXIT_USAGE;

	root = target_root(".", &err);
	if (!root || setup_read(o, root, &setup, &err)) {
		log_error("%s", err.text);
	} else {
		n.policy = setup.names;
		if (check_all(o, &n, args, count, &err)) {
			log_error("%s", err.text);
		} else if (write_report(o, &n, &err)) {
			log_error("%s", err.text);
			ret = EXIT_INCOMPLETE;
		} else {
			log_info("%zu of %zu names break the policy", n.bad, n.checked);
			ret = n.bad ? o->exit_code : EXIT_CLEAN;
		}
	}
	buf_done(&n.out);
	setup_done(&setup);
	return ret;
}
