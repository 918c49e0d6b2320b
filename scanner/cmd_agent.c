/* SPDX-License-Identifier: Apache-2.0 */
/* skant agent: the hook of a coding agent. One event on standard input; exit status 2 with the reason on standard error
 * blocks it, and so does everything that keeps us from looking. */
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"
#include "scanner/agent_edit.h"
#include "scanner/agent_event.h"
#include "scanner/agent_scan.h"
#include "scanner/cmd.h"

#define EXIT_BLOCK 2
#define WARNING_BYTES (64u << 10)
#define SHOWN_BYTES 200 /* of a place's name */

struct inquiry {
	const struct agent_event *event;
	struct agent_scan scan;
	struct buf path; /* of the file that the event names, from the root */
	struct buf file; /* the same for people: "the file 'src/a.py'" */
	bool wants_old;  /* this walk takes the old texts, the other one the new */
};

static int read_event(struct buf *ret, struct err *err)
{
	if (file_read_rest(STDIN_FILENO, "standard input", ret, err))
		return -1;
	return ret->len ? 0 : err_set(err, ERR_FORMAT, 0, "standard input is empty; one JSON object was expected");
}

static int take_text(void *context, const struct agent_text *text, struct err *err)
{
	struct inquiry *c = context;
	struct agent_place place = { .where = text->where, .path = buf_view(&c->path) };

	if (text->is_old != c->wants_old)
		return 0;
	return agent_scan_text(&c->scan, &place, text->text, text->is_old ? AGENT_KNOWN : AGENT_NEW, err);
}

static int walk(struct inquiry *c, bool wants_old, struct err *err)
{
	c->wants_old = wants_old;
	return agent_event_walk(c->event, take_text, c, err);
}

static int scan_file(struct inquiry *c, enum agent_use use, struct err *err)
{
	struct agent_place place = { .where = buf_view(&c->file), .path = buf_view(&c->path) };
	DEFER(freep) char *path = agent_scan_path(&c->scan, c->event->file.ptr);

	return path ? agent_scan_file(&c->scan, &place, path, use, err) : err_nomem(err);
}

/* A key that stands in no text of the edit may still come together in the file. */
static int try_edit(struct inquiry *c, struct err *err)
{
	struct agent_place place = { .where = buf_view(&c->file), .path = buf_view(&c->path) };
	DEFER(freep) char *path = agent_scan_path(&c->scan, c->event->file.ptr);
	DEFER(buf_wipe) struct buf text = BUF_INIT(AGENT_EDIT_BYTES);
	struct err ignored = ERR_INIT;

	if (!path)
		return err_nomem(err);
	if (!file_is_regular(path, NULL) || file_read(path, &text, &ignored))
		return 0; /* there is nothing to edit, or it is no text that an agent edits */
	if (agent_scan_text(&c->scan, &place, buf_view(&text), AGENT_KNOWN, err))
		return -1;
	if (agent_edit_apply(c->event->content, &text))
		return err_set(err, ERR_LIMIT, 0, "the edited file would be larger than %u bytes", AGENT_EDIT_BYTES);
	return agent_scan_text(&c->scan, &place, buf_view(&text), AGENT_NEW, err);
}

static int check_event(struct inquiry *c, struct err *err)
{
	enum agent_access access = c->event->access;

	if (access != AGENT_NO_FILE && (agent_scan_below(&c->scan, c->event->file.ptr, &c->path) ||
					buf_addf(&c->file, "the file '%s'", c->event->file.ptr)))
		return err_nomem(err);
	if (access == AGENT_WRITES && scan_file(c, AGENT_KNOWN, err))
		return -1;
	if (access == AGENT_EDITS && walk(c, true, err))
		return -1;
	if (walk(c, false, err))
		return -1;
	if (access == AGENT_READS && scan_file(c, AGENT_NEW, err))
		return -1;
	return access == AGENT_EDITS && !c->scan.rule ? try_edit(c, err) : 0;
}

/* What to do instead, by what the event was going to do. */
static const char *advice_for(const struct agent_event *e)
{
	if (e->kind == AGENT_PROMPT)
		return "take it out of the prompt; name the variable or the file that holds it instead";
	if (e->kind == AGENT_AFTER_TOOL)
		return "do not repeat it, do not write it anywhere; tell the person what printed it";
	if (e->access == AGENT_READS)
		return "do not read this file as it is; have a person move the key into the environment first";
	return "let the program read it from the environment or a secret manager; never write the key itself";
}

static int add_place(const struct agent_scan *s, struct buf *out)
{
	struct view where = buf_view(&s->where);

	return text_add_clean(out, view_sub(where, 0, SHOWN_BYTES)) ||
	       (where.len > SHOWN_BYTES && buf_add_text(out, "...")) ||
	       buf_addf(out, ", line %llu", (unsigned long long)s->line);
}

/* At most five lines: what, where, what to do, and how a person allows it. */
static void explain(const struct inquiry *c, bool is_past)
{
	DEFER(buf_done) struct buf where = BUF_INIT(WARNING_BYTES);
	const struct agent_scan *s = &c->scan;
	const char *id = s->rule->id;

	if (add_place(s, &where) || (s->count > 1 && buf_addf(&where, " (and %zu more)", s->count - 1)))
		return;
	if (is_past)
		log_warn("%s %s [%s] in %s", s->rule->title, s->masked.ptr, id, where.ptr);
	else
		log_error("blocked: %s %s [%s] in %s", s->rule->title, s->masked.ptr, id, where.ptr);
	log_info("do: %s", advice_for(c->event));
	log_info("a real key that was shown to others is burnt: revoke it first, see `skant explain %s`", id);
	log_info("no real key: a person allows it by path in .skant.yaml (allow:, with a reason), or lists %s in "
		 ".skantignore; a marker in the text does not count",
		 s->secret_id);
}

static int block(const char *what, const struct err *err)
{
	log_error("%s: %s", what, err->text);
	return EXIT_BLOCK;
}

/* The tool has run: exit status 2 would undo nothing, and what is on standard error is shown to nobody when it is 0.
 * So the agent and its user are told as its hooks' protocol has it, on standard output. */
static int warn(const struct inquiry *c)
{
	DEFER(buf_done)
	struct buf out = BUF_INIT(WARNING_BYTES), text = BUF_INIT(WARNING_BYTES), where = BUF_INIT(WARNING_BYTES);
	const struct agent_scan *s = &c->scan;
	struct jsonw w;

	explain(c, true);
	if (add_place(s, &where) || buf_addf(&text, "skant: a tool printed a %s %s [%s] in %s: %s", s->rule->title,
					     s->masked.ptr, s->rule->id, where.ptr, advice_for(c->event)))
		return EXIT_CLEAN;
	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_member(&w, "systemMessage", buf_view(&text));
	jsonw_key(&w, "hookSpecificOutput");
	jsonw_object(&w);
	jsonw_member_text(&w, "hookEventName", "PostToolUse");
	jsonw_member(&w, "additionalContext", buf_view(&text));
	jsonw_end(&w);
	jsonw_end(&w);
	if (jsonw_ok(&w) && buf_add_byte(&out, '\n') == 0)
		(void)file_write_full(STDOUT_FILENO, buf_view(&out));
	return EXIT_CLEAN;
}

static int conclude(struct inquiry *c, const struct err *failure)
{
	bool is_past = c->event->kind == AGENT_AFTER_TOOL;

	if (c->scan.rule && is_past)
		return warn(c);
	if (c->scan.rule) {
		explain(c, false);
		return EXIT_BLOCK;
	}
	if (failure->kind == ERR_NONE)
		failure = &c->scan.trouble;
	if (failure->kind == ERR_NONE)
		return EXIT_CLEAN;
	if (!is_past)
		return block("blocked, because it could not be checked", failure);
	log_warn("not checked: %s", failure->text);
	return EXIT_CLEAN;
}

static int judge(const struct options *o, const struct agent_event *event)
{
	struct inquiry c = { .event = event, .path = BUF_INIT(AGENT_EVENT_BYTES), .file = BUF_INIT(AGENT_EVENT_BYTES) };
	struct err err = ERR_INIT;
	struct summary summary;
	int ret;

	if (agent_scan_open(&c.scan, o, event->cwd.len ? event->cwd.ptr : "", &err) == 0 &&
	    check_event(&c, &err) == 0) {
		pipeline_summary(c.scan.pipeline, &summary);
		if (summary.failed)
			(void)err_nomem(&err);
	}
	ret = conclude(&c, &err);
	agent_scan_done(&c.scan);
	buf_done(&c.path);
	buf_done(&c.file);
	return ret;
}

int cmd_agent(const struct options *o, char **args, size_t count)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(AGENT_EVENT_BYTES);
	struct agent_event event = { .kind = AGENT_OTHER };
	struct err err = ERR_INIT;
	int ret = EXIT_CLEAN;

	if (count) {
		log_error("skant agent reads one event on standard input; it takes no '%s'", args[0]);
		return EXIT_BLOCK;
	}
	if (read_event(&text, &err) || agent_event_parse(buf_view(&text), &event, &err))
		ret = block("blocked: this is no event of a coding agent's hook", &err);
	else if (event.kind != AGENT_OTHER)
		ret = judge(o, &event);
	agent_event_done(&event);
	return ret;
}
