/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/hook_agent.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"

/* Only exit status 2 blocks: a skant that is not found (127) or that a signal ended must not let the event pass. */
#define COMMAND "skant agent || exit 2"
#define HOOKS "\"hooks\": [{ \"type\": \"command\", \"command\": \"" COMMAND "\" }]"

static const struct agent_hook {
	const char *name;
	const char *entry;
} events[HOOK_AGENT_EVENTS] = {
	{ "UserPromptSubmit", "{ " HOOKS " }" },
	{ "PreToolUse", "{ \"matcher\": \"*\", " HOOKS " }" },
	{ "PostToolUse", "{ \"matcher\": \"*\", " HOOKS " }" },
};

/* A child of an object or array: a member with its name, or an element. */
struct child {
	struct view container;
	struct view whole; /* from the name's first byte to the value's last */
	struct view value;
	const char *before, *after; /* where the one before ends and the next one starts; NULL = there is none */
};

static const char *end_of(struct view v)
{
	return v.ptr + v.len;
}

/* Whether hook is an object whose command runs `skant agent`, wherever skant is. */
static bool is_ours(struct view hook)
{
	DEFER(buf_done) struct buf command = BUF_INIT(HOOK_SETTINGS_BYTES);
	struct view value, word, rest;

	if (json_type_of(hook) != JSON_OBJECT)
		return false;
	value = json_member(hook, "command");
	if (!value.len || json_type_of(value) != JSON_STRING || json_add_string(&command, value))
		return false;
	rest = text_trim(buf_view(&command));
	word = view_sub(rest, 0, text_find_byte(rest, ' '));
	rest = text_trim(view_sub(rest, word.len, rest.len));
	if (!text_eq(word, VIEW("skant")) && !text_ends(word, VIEW("/skant")))
		return false;
	return text_eq(view_sub(rest, 0, text_find_byte(rest, ' ')), VIEW("agent"));
}

/* The array of hooks in an entry of an event's list, or VIEW_NONE. */
static struct view hooks_of(struct view entry)
{
	struct view hooks = json_type_of(entry) == JSON_OBJECT ? json_member(entry, "hooks") : VIEW_NONE;

	return hooks.len && json_type_of(hooks) == JSON_ARRAY ? hooks : VIEW_NONE;
}

/* How many hooks of an entry there are, and how many of them are ours. */
static size_t count_ours(struct view entry, size_t *ret_all)
{
	struct view cursor = hooks_of(entry), hook;
	size_t ours = 0;

	*ret_all = 0;
	while (cursor.len && json_each(&cursor, &hook)) {
		ours += is_ours(hook);
		++*ret_all;
	}
	return ours;
}

static bool list_has_ours(struct view list)
{
	struct view entry;
	size_t all;

	while (list.len && json_each(&list, &entry))
		if (count_ours(entry, &all))
			return true;
	return false;
}

static int root_of(const struct buf *text, struct view *ret, struct err *err)
{
	if (json_whole(buf_view(text), ret, err))
		return -1;
	return json_type_of(*ret) == JSON_OBJECT ? 0 : err_set(err, ERR_FORMAT, 0, "it is no JSON object");
}

/* The member of that name, VIEW_NONE when there is none; something of another type is an error. */
static int member_of(struct view object, const char *name, enum json_type type, struct view *ret, struct err *err)
{
	*ret = json_member(object, name);
	if (!ret->len || json_type_of(*ret) == type)
		return 0;
	return err_set(err, ERR_FORMAT, 0, "\"%s\" is no %s", name, type == JSON_OBJECT ? "object" : "array");
}

static int find_list(const struct buf *text, const char *event, struct view *ret_hooks, struct view *ret_list,
		     struct err *err)
{
	struct view root;

	*ret_list = VIEW_NONE;
	if (root_of(text, &root, err) || member_of(root, "hooks", JSON_OBJECT, ret_hooks, err))
		return -1;
	return ret_hooks->len ? member_of(*ret_hooks, event, JSON_ARRAY, ret_list, err) : 0;
}

int hook_agent_count(const struct buf *text, struct err *err)
{
	int count = 0;

	for (size_t i = 0; i < HOOK_AGENT_EVENTS; i++) {
		struct view hooks, list;

		if (find_list(text, events[i].name, &hooks, &list, err))
			return -1;
		count += list_has_ours(list);
	}
	return count;
}

/* Puts middle in place of [from, to), which point into text. */
static int splice(struct buf *text, const char *from, const char *to, struct view middle, struct err *err)
{
	struct buf out = BUF_INIT(text->max);
	size_t head = (size_t)(from - text->ptr), tail = (size_t)(to - text->ptr);

	if (buf_add(&out, view_sub(buf_view(text), 0, head)) || buf_add(&out, middle) ||
	    buf_add(&out, view_sub(buf_view(text), tail, text->len))) {
		buf_done(&out);
		return err_set(err, ERR_LIMIT, 0, "it would become larger than %u bytes", HOOK_SETTINGS_BYTES);
	}
	buf_done(text);
	*text = out;
	return 0;
}

/* Where a container's last child ends; NULL when it has none. */
static const char *last_end(struct view container)
{
	bool is_object = json_type_of(container) == JSON_OBJECT;
	const char *end = NULL;
	struct view name, value;

	while (is_object ? json_each_member(&container, &name, &value) : json_each(&container, &value))
		end = end_of(value);
	return end;
}

/* What the file indents a level with: what stands before its first member, else two blanks. */
static struct view unit_of(const struct buf *text)
{
	struct view rest = buf_view(text);
	size_t brace = text_find_byte(rest, '{'), len = 0;

	rest = view_sub(rest, brace == SIZE_MAX ? rest.len : brace + 1, rest.len);
	if (rest.len && rest.ptr[0] == '\r')
		rest = view_sub(rest, 1, rest.len);
	if (!rest.len || rest.ptr[0] != '\n')
		return VIEW("  ");
	rest = view_sub(rest, 1, rest.len);
	while (len < rest.len && (rest.ptr[len] == ' ' || rest.ptr[len] == '\t'))
		len++;
	return len && len < rest.len && rest.ptr[len] == '"' ? view_sub(rest, 0, len) : VIEW("  ");
}

static int add_indent(struct buf *out, struct view unit, unsigned depth)
{
	int failed = buf_add_byte(out, '\n');

	for (unsigned i = 0; i < depth && !failed; i++)
		failed = buf_add(out, unit);
	return failed;
}

/* Adds a child at the end of a container whose children stand depth levels deep. */
static int append(struct buf *text, struct view container, unsigned depth, struct view child, struct err *err)
{
	DEFER(buf_done) struct buf more = BUF_INIT(HOOK_SETTINGS_BYTES);
	struct view unit = unit_of(text);
	const char *at = last_end(container), *close = end_of(container) - 1;

	if ((at && buf_add_byte(&more, ',')) || add_indent(&more, unit, depth) || buf_add(&more, child) ||
	    (!at && add_indent(&more, unit, depth - 1)))
		return err_nomem(err);
	return at ? splice(text, at, at, buf_view(&more), err)
		  : splice(text, container.ptr + 1, close, buf_view(&more), err);
}

static int append_member(struct buf *text, struct view object, unsigned depth, const char *name, const char *value,
			 struct err *err)
{
	DEFER(buf_done) struct buf member = BUF_INIT(HOOK_SETTINGS_BYTES);

	if (buf_addf(&member, "\"%s\": %s", name, value))
		return err_nomem(err);
	return append(text, object, depth, buf_view(&member), err);
}

static int add_event(struct buf *text, const struct agent_hook *event, struct err *err)
{
	struct view root, hooks, list;

	if (find_list(text, event->name, &hooks, &list, err) || root_of(text, &root, err))
		return -1;
	if (!hooks.len)
		return append_member(text, root, 1, "hooks", "{}", err) || add_event(text, event, err) ? -1 : 0;
	if (!list.len)
		return append_member(text, hooks, 2, event->name, "[]", err) || add_event(text, event, err) ? -1 : 0;
	return list_has_ours(list) ? 0 : append(text, list, 3, view_of(event->entry), err);
}

int hook_agent_add(struct buf *text, struct err *err)
{
	if (!text_trim(buf_view(text)).len) {
		buf_clear(text);
		if (buf_add_text(text, HOOK_AGENT_NOTHING))
			return err_nomem(err);
	}
	for (size_t i = 0; i < HOOK_AGENT_EVENTS; i++)
		if (add_event(text, &events[i], err))
			return -1;
	return 0;
}

/* Finds the child whose value starts at at. */
static struct child find_child(struct view container, const char *at)
{
	bool is_object = json_type_of(container) == JSON_OBJECT;
	struct child ret = { .container = container };
	struct view cursor = container, name, value;

	while (is_object ? json_each_member(&cursor, &name, &value) : json_each(&cursor, &value)) {
		const char *start = is_object ? name.ptr : value.ptr;

		if (ret.value.len) {
			ret.after = start;
			break;
		}
		if (value.ptr == at) {
			ret.value = value;
			ret.whole = view_from(start, (size_t)(end_of(value) - start));
		} else {
			ret.before = end_of(value);
		}
	}
	return ret;
}

/* Takes a child out, with the comma that it needed. */
static int take_out(struct buf *text, struct child c, struct err *err)
{
	if (c.after)
		return splice(text, c.whole.ptr, c.after, VIEW_NONE, err);
	if (c.before)
		return splice(text, c.before, end_of(c.whole), VIEW_NONE, err);
	return splice(text, c.container.ptr + 1, end_of(c.container) - 1, VIEW_NONE, err);
}

static bool is_alone(const struct child *c)
{
	return !c->before && !c->after;
}

/* What has to go so that our hook in entry goes: the hook, or what would be left empty without it. */
static struct child what_goes(struct view root, struct view hooks, struct view list, struct view entry)
{
	struct view cursor = hooks_of(entry), hook;
	struct child c;
	size_t all;

	if (count_ours(entry, &all) < all) {
		while (json_each(&cursor, &hook))
			if (is_ours(hook))
				break;
		return find_child(hooks_of(entry), hook.ptr);
	}
	c = find_child(list, entry.ptr);
	if (is_alone(&c))
		c = find_child(hooks, list.ptr);
	if (c.value.ptr == list.ptr && is_alone(&c))
		c = find_child(root, hooks.ptr);
	return c;
}

/* Removes one hook of ours, or one entry that holds nothing else, from an event. *ret_any: whether there was one. */
static int remove_one(struct buf *text, const char *event, bool *ret_any, struct err *err)
{
	struct view root, hooks, list, cursor, entry;
	size_t all;

	*ret_any = false;
	if (find_list(text, event, &hooks, &list, err) || root_of(text, &root, err))
		return -1;
	for (cursor = list; cursor.len && json_each(&cursor, &entry);) {
		if (!count_ours(entry, &all))
			continue;
		*ret_any = true;
		return take_out(text, what_goes(root, hooks, list, entry), err);
	}
	return 0;
}

int hook_agent_remove(struct buf *text, struct err *err)
{
	size_t clean = 0;

	if (!text_trim(buf_view(text)).len)
		return 0;
	/* what goes may uncover another member of the same name: once more through all events then */
	for (size_t i = 0; clean < HOOK_AGENT_EVENTS; i = (i + 1) % HOOK_AGENT_EVENTS) {
		bool any;

		if (remove_one(text, events[i].name, &any, err))
			return -1;
		clean = any ? 0 : clean + 1;
	}
	return 0;
}
