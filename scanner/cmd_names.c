/* SPDX-License-Identifier: Apache-2.0 */
/* skant names: checks key names given as arguments, or in lists. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/elsewhere.h"
#include "scanner/names_list.h"
#include "scanner/report/cell.h"
#include "scanner/setup.h"
#include "scanner/source/target.h"

#define OUTPUT_BYTES (1u << 30)

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV, FORMATS };

static const char *const format_names[FORMATS] = { "text", "json", "jsonl", "csv" };

struct names {
	const struct keyname_policy *policy;
	struct buf out;
	enum format format;
	const char
		*source; /* list that the name at hand is from; NULL: an argument, or standard input without --from */
	size_t line;     /* in it */
	size_t checked, bad;
	struct file_replace file; /* of --report-path; else its fd is standard output */
};

struct checked { /* one name */
	struct view name, suggestion;
	uint32_t violations;
};

static int add_safe(struct buf *out, struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(8 * JSON_RECORD_BYTES);

	return secret_add_masked_text(&masked, text, VIEW_NONE) || text_add_clean(out, buf_view(&masked)) ? -1 : 0;
}

static int add_place(struct names *n)
{
	return n->source ? add_safe(&n->out, view_of(n->source)) || buf_addf(&n->out, ":%zu: ", n->line) : 0;
}

static int add_text(struct names *n, const struct checked *c)
{
	struct buf *out = &n->out;

	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(c->violations >> v & 1))
			continue;
		if (add_place(n) || add_safe(out, c->name) || buf_addf(out, ": %s: ", keyname_codes[v]) ||
		    keyname_add_text(n->policy, c->name, (enum keyname_violation)v, out) || buf_add_byte(out, '\n'))
			return -1;
	}
	if (!c->violations || !c->suggestion.len)
		return 0;
	return add_place(n) || add_safe(out, c->name) || buf_add_text(out, ": rename it to: ") ||
	       buf_add(out, c->suggestion) || buf_add_byte(out, '\n');
}

static int put_violations(struct names *n, struct jsonw *w, const struct checked *c)
{
	DEFER(buf_done) struct buf text = BUF_INIT(LOG_LINE_BYTES);

	jsonw_key(w, "violations");
	jsonw_array(w);
	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(c->violations >> v & 1))
			continue;
		buf_clear(&text);
		if (keyname_add_text(n->policy, c->name, (enum keyname_violation)v, &text))
			return -1;
		jsonw_object(w);
		jsonw_member_text(w, "code", keyname_codes[v]);
		jsonw_member(w, "message", buf_view(&text));
		jsonw_end(w);
	}
	jsonw_end(w);
	return 0;
}

static int add_json(struct names *n, const struct checked *c)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(8 * JSON_RECORD_BYTES), source = BUF_INIT(8 * JSON_RECORD_BYTES);
	bool is_lines = n->format == FORMAT_JSONL;
	struct jsonw w;

	if (secret_add_masked_text(&masked, c->name, VIEW_NONE) ||
	    (n->source && secret_add_masked_text(&source, view_of(n->source), VIEW_NONE)) ||
	    (!is_lines && buf_add_text(&n->out, n->checked ? ",\n" : "\n")))
		return -1;
	jsonw_init(&w, &n->out, 0);
	jsonw_object(&w);
	jsonw_member(&w, "name", buf_view(&masked));
	if (n->source) {
		jsonw_member(&w, "source", buf_view(&source));
		jsonw_member_u64(&w, "line", n->line);
	}
	if (put_violations(n, &w, c))
		return -1;
	if (c->violations && c->suggestion.len)
		jsonw_member(&w, "suggestion", c->suggestion);
	jsonw_end(&w);
	return !jsonw_ok(&w) || (is_lines && buf_add_byte(&n->out, '\n')) ? -1 : 0;
}

static int add_cell(struct names *n, struct view text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(8 * JSON_RECORD_BYTES);

	return add_safe(&clean, text) || cell_add(&n->out, buf_view(&clean)) ? -1 : 0;
}

/* Source and line are empty where there is none. */
static int add_csv(struct names *n, const struct checked *c)
{
	DEFER(buf_done) struct buf codes = BUF_INIT(LOG_LINE_BYTES);

	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++)
		if ((c->violations >> v & 1) && buf_addf(&codes, "%s%s", codes.len ? " " : "", keyname_codes[v]))
			return -1;
	if (add_cell(n, c->name) || buf_add_byte(&n->out, ',') || add_cell(n, buf_view(&codes)) ||
	    buf_add_byte(&n->out, ',') || add_cell(n, c->violations ? c->suggestion : VIEW_NONE) ||
	    buf_add_byte(&n->out, ',') || add_cell(n, view_of(n->source)))
		return -1;
	return n->source ? buf_addf(&n->out, ",%zu\r\n", n->line) : buf_add_text(&n->out, ",\r\n");
}

static int check_name(struct names *n, struct view name)
{
	DEFER(buf_done) struct buf suggestion = BUF_INIT(8 * NAME_BYTES), masked = BUF_INIT(8 * JSON_RECORD_BYTES);
	uint32_t violations = keyname_check(n->policy, name);
	struct checked c;
	int ret;

	if (secret_add_masked_text(&masked, name, VIEW_NONE))
		return -1;
	if (!text_eq(buf_view(&masked), name)) {
		name = buf_view(&masked); /* a key in place of its name: no advice that repeats it */
		violations = keyname_check(n->policy, name);
	} else if (violations && keyname_add_suggestion(n->policy, name, &suggestion)) {
		return -1;
	}
	c = (struct checked){ .name = name, .suggestion = buf_view(&suggestion), .violations = violations };
	if (n->format == FORMAT_TEXT)
		ret = add_text(n, &c);
	else
		ret = n->format == FORMAT_CSV ? add_csv(n, &c) : add_json(n, &c);
	n->checked++;
	n->bad += violations != 0;
	return ret;
}

static int take(void *context, struct view name, size_t line)
{
	struct names *n = context;

	n->line = line;
	return check_name(n, name);
}

static int check_lists(const struct options *o, struct names *n, bool has_args, struct err *err)
{
	for (size_t i = 0; i < o->from_count; i++) {
		n->source = text_eq(view_of(o->from[i]), VIEW("-")) ? "standard input" : o->from[i];
		if (names_list_read(o->from[i], take, n, err))
			return -1;
	}
	n->source = NULL;
	return o->from_count || has_args ? 0 : names_list_read("-", take, n, err);
}

/* Before anything is checked, as the commands that scan do. */
static int open_report(const struct options *o, struct names *n, struct err *err)
{
	(void)signal(SIGPIPE, SIG_IGN);
	n->file.fd = STDOUT_FILENO;
	if (!o->report_path)
		return 0;
	return elsewhere_refuse(o->report_path, err) || file_replace_open(&n->file, o->report_path, 0644, err) ? -1 : 0;
}

static int write_report(const struct options *o, struct names *n, struct err *err)
{
	if (file_write_full(n->file.fd, buf_view(&n->out)))
		return o->report_path ? err_set(err, ERR_IO, errno, "cannot write the report to '%s'", o->report_path)
				      : err_set(err, ERR_IO, errno, "cannot write the report to standard output");
	return o->report_path ? file_replace_commit(&n->file, err) : 0;
}

/* Most formats are about places in files; names have none. */
static int choose_format(struct names *n, const char *format, struct err *err)
{
	for (unsigned i = 0; i < FORMATS; i++)
		if (text_eq(view_of(format), view_of(format_names[i]))) {
			n->format = (enum format)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, 0, "skant names writes text, json, jsonl or csv, not %s", format);
}

static int add_head(struct names *n)
{
	if (n->format == FORMAT_JSON)
		return buf_add_text(&n->out, "[");
	return n->format == FORMAT_CSV ? buf_add_text(&n->out, "name,violations,suggestion,source,line\r\n") : 0;
}

static int check_all(const struct options *o, struct names *n, char **args, size_t count, struct err *err)
{
	if (o->report_count > 1 || (o->report_count && o->reports[0].path))
		return err_set(err, ERR_USAGE, 0, "skant names writes one report; use -f FMT and -r FILE");
	if (choose_format(n, o->report_count ? o->reports[0].format : "text", err))
		return -1;
	if (add_head(n))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (check_name(n, view_of(args[i])))
			return err_nomem(err);
	if (check_lists(o, n, count > 0, err))
		return -1;
	if (n->format != FORMAT_JSON)
		return 0;
	return buf_add_text(&n->out, n->checked ? "\n]\n" : "]\n") ? err_nomem(err) : 0;
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
		if (open_report(o, &n, &err) || check_all(o, &n, args, count, &err)) {
			log_error("%s", err.text);
		} else if (write_report(o, &n, &err)) {
			log_error("%s", err.text);
			ret = EXIT_INCOMPLETE;
		} else {
			log_info("%zu of %zu name%s break%s the policy", n.bad, n.checked, text_plural(n.checked),
				 n.bad == 1 ? "s" : "");
			ret = n.bad ? o->exit_code : EXIT_CLEAN;
		}
	}
	file_replace_abort(&n.file);
	buf_done(&n.out);
	setup_done(&setup);
	return ret;
}
