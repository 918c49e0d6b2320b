/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/agent_event.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define WHERE_BYTES (2 * AGENT_EVENT_BYTES)

/* Tools that name a file, and the member that does. */
static const struct file_tool {
	const char *name, *member;
	enum agent_access access;
} file_tools[] = {
	{ "Read", "file_path", AGENT_READS },   { "NotebookRead", "notebook_path", AGENT_READS },
	{ "Edit", "file_path", AGENT_EDITS },   { "MultiEdit", "file_path", AGENT_EDITS },
	{ "Write", "file_path", AGENT_WRITES }, { "NotebookEdit", "notebook_path", AGENT_WRITES },
};

struct walk {
	const struct agent_event *event;
	agent_text_fn *take;
	void *context;
	struct buf where, text;
};

/* Appends the text of a member that is a string. 0 (also when there is none), or -1 when it is something else or memory
 * ran out. */
static int take_text(struct view object, const char *member, struct buf *ret, struct err *err)
{
	struct view value = json_member(object, member);

	if (!value.len)
		return 0;
	if (json_type_of(value) != JSON_STRING)
		return err_set(err, ERR_FORMAT, 0, "\"%s\" is no string", member);
	if (json_add_string(ret, value) || buf_reserve(ret, 0))
		return err_nomem(err);
	return 0;
}

/* A path or a name that ends early would be another one for us than for the agent. */
static int take_name(struct view object, const char *member, struct buf *ret, struct err *err)
{
	if (take_text(object, member, ret, err))
		return -1;
	if (text_find_byte(buf_view(ret), '\0') != SIZE_MAX)
		return err_set(err, ERR_FORMAT, 0, "\"%s\" holds a NUL byte", member);
	return 0;
}

static int take_content(struct view object, const char *member, struct agent_event *ret, struct err *err)
{
	ret->part = member;
	ret->content = json_member(object, member);
	if (ret->content.len || ret->kind == AGENT_AFTER_TOOL)
		return 0;
	return err_set(err, ERR_FORMAT, 0, "it has no \"%s\", which a %s event has", member, ret->name.ptr);
}

static int take_file(struct agent_event *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(file_tools); i++) {
		const struct file_tool *tool = &file_tools[i];

		if (!text_eq(buf_view(&ret->tool), view_of(tool->name)))
			continue;
		if (take_name(ret->content, tool->member, &ret->file, err))
			return -1;
		ret->access = ret->file.len ? tool->access : AGENT_NO_FILE;
	}
	return 0;
}

static int take_tool(struct view object, struct agent_event *ret, struct err *err)
{
	if (take_name(object, "tool_name", &ret->tool, err))
		return -1;
	if (ret->kind == AGENT_AFTER_TOOL)
		return take_content(object, "tool_response", ret, err);
	if (!ret->tool.len)
		return err_set(err, ERR_FORMAT, 0, "it has no \"tool_name\", which a %s event has", ret->name.ptr);
	if (take_content(object, "tool_input", ret, err))
		return -1;
	if (json_type_of(ret->content) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "\"tool_input\" is no object");
	return take_file(ret, err);
}

static enum agent_kind kind_of(struct view name)
{
	static const char *const names[] = { [AGENT_PROMPT] = "UserPromptSubmit",
					     [AGENT_BEFORE_TOOL] = "PreToolUse",
					     [AGENT_AFTER_TOOL] = "PostToolUse" };

	for (size_t i = AGENT_PROMPT; i < ARRAY_LEN(names); i++)
		if (text_eq(name, view_of(names[i])))
			return (enum agent_kind)i;
	return AGENT_OTHER;
}

int agent_event_parse(struct view text, struct agent_event *ret, struct err *err)
{
	struct view object;

	*ret = (struct agent_event){ .name = BUF_INIT(AGENT_EVENT_BYTES),
				     .tool = BUF_INIT(AGENT_EVENT_BYTES),
				     .cwd = BUF_INIT(AGENT_EVENT_BYTES),
				     .file = BUF_INIT(AGENT_EVENT_BYTES) };
	if (json_whole(text, &object, err))
		return -1;
	if (json_type_of(object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "it is no JSON object");
	if (take_name(object, "hook_event_name", &ret->name, err))
		return -1;
	if (!ret->name.len)
		return err_set(err, ERR_FORMAT, 0, "it has no \"hook_event_name\"");
	ret->kind = kind_of(buf_view(&ret->name));
	if (ret->kind == AGENT_OTHER)
		return 0;
	if (take_name(object, "cwd", &ret->cwd, err))
		return -1;
	return ret->kind == AGENT_PROMPT ? take_content(object, "prompt", ret, err) : take_tool(object, ret, err);
}

void agent_event_done(struct agent_event *event)
{
	buf_wipe(&event->name);
	buf_wipe(&event->tool);
	buf_wipe(&event->cwd);
	buf_wipe(&event->file);
}

/* Hands over one string, a value or a member's name. */
static int hand_over(struct walk *w, struct view string, bool is_old, struct err *err)
{
	struct agent_text text = { .where = buf_view(&w->where), .is_old = is_old };

	buf_clear(&w->text);
	if (json_add_string(&w->text, string))
		return err_nomem(err);
	text.text = buf_view(&w->text);
	return w->take(w->context, &text, err);
}

static bool is_old_text(const struct walk *w, struct view name)
{
	return w->event->access == AGENT_EDITS && text_eq(name, VIEW("\"old_string\""));
}

static int walk_value(struct walk *w, struct view value, bool is_old, struct err *err);

static int walk_members(struct walk *w, struct view object, struct err *err)
{
	size_t start = w->where.len;
	struct view name, value;

	while (json_each_member(&object, &name, &value)) {
		if (buf_add_byte(&w->where, '.') || json_add_string(&w->where, name))
			return err_nomem(err);
		if (hand_over(w, name, false, err) || walk_value(w, value, is_old_text(w, name), err))
			return -1;
		buf_cut(&w->where, start);
	}
	return 0;
}

static int walk_elements(struct walk *w, struct view array, struct err *err)
{
	size_t start = w->where.len, index = 0;
	struct view value;

	while (json_each(&array, &value)) {
		if (buf_addf(&w->where, "[%zu]", index++))
			return err_nomem(err);
		if (walk_value(w, value, false, err))
			return -1;
		buf_cut(&w->where, start);
	}
	return 0;
}

/* Goes as deep as the JSON reader does: JSON_DEPTH. */
static int walk_value(struct walk *w, struct view value, bool is_old, struct err *err)
{
	switch (json_type_of(value)) {
	case JSON_STRING:
		return hand_over(w, value, is_old, err);
	case JSON_OBJECT:
		return walk_members(w, value, err);
	case JSON_ARRAY:
		return walk_elements(w, value, err);
	default:
		return 0;
	}
}

int agent_event_walk(const struct agent_event *event, agent_text_fn *take, void *context, struct err *err)
{
	struct walk w = { .event = event,
			  .take = take,
			  .context = context,
			  .where = BUF_INIT(WHERE_BYTES),
			  .text = BUF_INIT(AGENT_EVENT_BYTES) };
	int ret = 0;

	if (!event->content.len)
		return 0;
	ret = buf_add_text(&w.where, event->part) ? err_nomem(err) : walk_value(&w, event->content, false, err);
	buf_wipe(&w.where);
	buf_wipe(&w.text);
	return ret;
}
