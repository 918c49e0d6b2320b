/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/conf_node.h"
#include "common/sys/file.h"

struct conf {
	char *name;
	struct conf_node *root;
	struct conf_node *nodes;
	unsigned node_count; /* an alias counts as all that it stands for */
};

struct anchor {
	char *name;
	struct conf_node *node; /* NULL until it is read to its end */
};

/* The reading of one document. */
struct reading {
	struct conf *conf;
	yaml_parser_t parser;
	struct view text;
	unsigned depth;
	struct anchor anchors[CONF_ANCHORS];
	size_t anchor_count;
};

void conf_free(struct conf *conf)
{
	struct conf_node *next;

	if (!conf)
		return;
	for (struct conf_node *n = conf->nodes; n; n = next) {
		next = n->next;
		free(n->values);
		free(n->keys);
		free(n->text);
		free(n);
	}
	free(conf->name);
	free(conf);
}

void conf_freep(struct conf **conf)
{
	conf_free(*conf);
	*conf = NULL;
}

const struct conf_node *conf_nodes(const struct conf *conf)
{
	return conf->nodes;
}

const struct conf_node *conf_root(const struct conf *conf)
{
	return conf->root;
}

PRINTF_LIKE(4, 5)
static int error_at(const struct reading *r, yaml_mark_t mark, struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return err_set(err, ERR_CONFIG, 0, "%s:%zu:%zu: %s", r->conf->name, mark.line + 1, mark.column + 1, text);
}

/* libyaml tells only the byte of what it cannot read as characters, and of a broken character any of its bytes. */
static yaml_mark_t mark_of_byte(struct view text, size_t offset)
{
	yaml_mark_t mark = { .index = 0 };

	for (size_t i = 0, len; i < offset && i < text.len; i += len) {
		bool is_crlf = text_starts(view_sub(text, i, 2), VIEW("\r\n"));

		len = text_utf8_len(view_sub(text, i, text.len));
		if (!len)
			break;
		mark.column++;
		if (text.ptr[i] == '\n' || (text.ptr[i] == '\r' && !is_crlf)) {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* mark.index counts characters. */
static bool is_tab_at(struct view text, yaml_mark_t mark)
{
	for (size_t n = 0, len; n < mark.index && text.len; n++) {
		len = text_utf8_len(text);
		text = view_sub(text, len ? len : 1, text.len);
	}
	return text.len && text.ptr[0] == '\t';
}

static int syntax_error(const struct reading *r, struct err *err)
{
	const yaml_parser_t *p = &r->parser;
	const char *context = p->context ? p->context : "while reading YAML";
	yaml_mark_t at = p->problem_mark, from = p->context_mark;

	if (is_tab_at(r->text, at))
		return error_at(r, at, err, "a tab; spaces were expected, YAML does not indent with tabs");
	if (p->context && from.line != at.line)
		return error_at(r, at, err, "not valid YAML: %s that starts on line %zu, %s", context, from.line + 1,
				p->problem);
	return error_at(r, at, err, "not valid YAML: %s, %s", context, p->problem);
}

static int parser_error(const struct reading *r, struct err *err)
{
	const yaml_parser_t *p = &r->parser;

	switch (p->error) {
	case YAML_MEMORY_ERROR:
		return err_nomem(err);
	case YAML_READER_ERROR:
		return error_at(r, mark_of_byte(r->text, p->problem_offset), err,
				"%s; printable UTF-8 text was expected", p->problem);
	default:
		return syntax_error(r, err);
	}
}

static int next_event(struct reading *r, yaml_event_t *event, struct err *err)
{
	return yaml_parser_parse(&r->parser, event) ? 0 : parser_error(r, err);
}

static int count_nodes(struct reading *r, unsigned more, yaml_mark_t mark, struct err *err)
{
	if (more > CONF_NODES - r->conf->node_count)
		return error_at(r, mark, err, "too many entries; at most %d in a file were expected", CONF_NODES);
	r->conf->node_count += more;
	return 0;
}

static int check_depth(const struct reading *r, unsigned height, yaml_mark_t mark, struct err *err)
{
	if (r->depth + height > CONF_DEPTH)
		return error_at(r, mark, err, "nested too deeply; at most %d levels were expected", CONF_DEPTH);
	return 0;
}

static struct conf_node *node_new(struct reading *r, enum conf_type type, yaml_mark_t mark, struct err *err)
{
	struct conf_node *n;

	if (count_nodes(r, 1, mark, err))
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n) {
		(void)err_nomem(err);
		return NULL;
	}
	n->type = type;
	n->line = (unsigned)mark.line + 1;
	n->column = (unsigned)mark.column + 1;
	n->weight = 1;
	n->height = type == CONF_SCALAR ? 0 : 1;
	n->file = r->conf->name;
	n->next = r->conf->nodes;
	r->conf->nodes = n;
	return n;
}

static int make_room(struct conf_node *parent, struct err *err)
{
	size_t cap = parent->cap ? 2 * parent->cap : 8;
	struct conf_node **values = reallocarray(parent->values, cap, sizeof(*values)), **keys;

	if (!values)
		return err_nomem(err);
	parent->values = values;
	keys = reallocarray(parent->keys, cap, sizeof(*keys));
	if (!keys)
		return err_nomem(err);
	parent->keys = keys;
	parent->cap = cap;
	return 0;
}

static int put_child(struct conf_node *parent, struct conf_node *key, struct conf_node *value, struct err *err)
{
	if (parent->count == parent->cap && make_room(parent, err))
		return -1;
	parent->keys[parent->count] = key;
	parent->values[parent->count++] = value;
	parent->weight += value->weight + (key ? key->weight : 0);
	if (parent->height <= value->height)
		parent->height = value->height + 1;
	return 0;
}

static struct anchor *find_anchor(struct reading *r, const yaml_char_t *name)
{
	for (size_t i = 0; i < r->anchor_count; i++)
		if (strcmp(r->anchors[i].name, (const char *)name) == 0)
			return &r->anchors[i];
	return NULL;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

/* Notes the anchor of what event starts, when it has one. */
static int put_anchor(struct reading *r, const yaml_event_t *event, struct anchor **ret, struct err *err)
{
	const yaml_char_t *name = anchor_of(event);
	struct anchor *anchor;

	*ret = NULL;
	if (!name)
		return 0;
	if (find_anchor(r, name))
		return error_at(r, event->start_mark, err,
				"this anchor (&name) was given before; another name was expected");
	if (r->anchor_count == CONF_ANCHORS)
		return error_at(r, event->start_mark, err, "too many anchors; at most %d in a file were expected",
				CONF_ANCHORS);
	anchor = &r->anchors[r->anchor_count];
	anchor->name = strdup((const char *)name);
	if (!anchor->name)
		return err_nomem(err);
	r->anchor_count++;
	*ret = anchor;
	return 0;
}

static struct conf_node *read_alias(struct reading *r, const yaml_event_t *event, struct err *err)
{
	const struct anchor *anchor = find_anchor(r, event->data.alias.anchor);
	yaml_mark_t mark = event->start_mark;

	if (!anchor)
		(void)error_at(r, mark, err, "an alias (*name) of an anchor that was expected before it");
	else if (!anchor->node)
		(void)error_at(r, mark, err,
			       "an alias (*name) inside what it stands for; an earlier anchor was expected");
	else if (check_depth(r, anchor->node->height, mark, err) == 0 &&
		 count_nodes(r, anchor->node->weight, mark, err) == 0)
		return anchor->node;
	return NULL;
}

static struct conf_node *read_scalar(struct reading *r, const yaml_event_t *event, struct err *err)
{
	struct conf_node *n = node_new(r, CONF_SCALAR, event->start_mark, err);

	if (!n)
		return NULL;
	n->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text = malloc(event->data.scalar.length + 1);
	if (!n->text) {
		(void)err_nomem(err);
		return NULL;
	}
	n->text_len = event->data.scalar.length;
	memcpy(n->text, event->data.scalar.value, n->text_len);
	n->text[n->text_len] = '\0';
	return n;
}

static struct conf_node *read_node(struct reading *r, const yaml_event_t *event, struct err *err);

static int read_member(struct reading *r, struct conf_node *mapping, struct conf_node *key, struct err *err)
{
	struct conf_node *value;
	yaml_event_t event;

	if (key->type != CONF_SCALAR)
		return conf_error(key, err, "a key must be plain text, not a list or a mapping");
	if (next_event(r, &event, err))
		return -1;
	value = read_node(r, &event, err);
	yaml_event_delete(&event);
	return value ? put_child(mapping, key, value, err) : -1;
}

static int read_children(struct reading *r, struct conf_node *n, struct err *err)
{
	for (;;) {
		yaml_event_t event;
		struct conf_node *child;
		bool is_end;

		if (next_event(r, &event, err))
			return -1;
		is_end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
		child = is_end ? NULL : read_node(r, &event, err);
		yaml_event_delete(&event);
		if (is_end)
			return 0;
		if (!child)
			return -1;
		if (n->type == CONF_LIST ? put_child(n, NULL, child, err) : read_member(r, n, child, err))
			return -1;
	}
}

/* Equal keys next to each other, each group as the file has it. */
static int key_order(const void *a, const void *b)
{
	const struct conf_node *x = *(const struct conf_node *const *)a, *y = *(const struct conf_node *const *)b;
	int order = text_cmp(conf_text(x), conf_text(y));

	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	return order ? order : (x->column > y->column) - (x->column < y->column);
}

static bool is_before(const struct conf_node *a, const struct conf_node *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Sorted, so that a mapping of CONF_NODES keys takes no minute; the first repetition in the file is told. */
static int check_duplicates(const struct conf_node *mapping, struct err *err)
{
	DEFER(freep) const struct conf_node **keys = calloc(mapping->count + 1, sizeof(*keys));
	size_t again = 0;

	if (!keys)
		return err_nomem(err);
	for (size_t i = 0; i < mapping->count; i++)
		keys[i] = mapping->keys[i];
	qsort(keys, mapping->count, sizeof(*keys), key_order);
	for (size_t i = 1; i < mapping->count; i++)
		if (text_eq(conf_text(keys[i]), conf_text(keys[i - 1])) && (!again || is_before(keys[i], keys[again])))
			again = i;
	if (!again)
		return 0;
	return conf_error(keys[again], err, "the key '%s' was given on line %u already", keys[again]->text,
			  keys[again - 1]->line);
}

static struct conf_node *read_collection(struct reading *r, enum conf_type type, const yaml_event_t *event,
					 struct err *err)
{
	struct conf_node *n;

	if (check_depth(r, 1, event->start_mark, err))
		return NULL;
	n = node_new(r, type, event->start_mark, err);
	if (!n)
		return NULL;
	r->depth++;
	if (read_children(r, n, err) || (type == CONF_MAPPING && check_duplicates(n, err)))
		return NULL;
	r->depth--;
	return n;
}

static bool has_tag(const yaml_event_t *event)
{
	return (event->type == YAML_SCALAR_EVENT && event->data.scalar.tag) ||
	       (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.tag) ||
	       (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag);
}

static struct conf_node *read_node(struct reading *r, const yaml_event_t *event, struct err *err)
{
	struct conf_node *n = NULL;
	struct anchor *anchor;

	if (has_tag(event)) {
		(void)error_at(r, event->start_mark, err, "a tag (!name); a value without one was expected");
		return NULL;
	}
	if (put_anchor(r, event, &anchor, err))
		return NULL;
	if (event->type == YAML_SCALAR_EVENT)
		n = read_scalar(r, event, err);
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		n = read_collection(r, CONF_LIST, event, err);
	else if (event->type == YAML_MAPPING_START_EVENT)
		n = read_collection(r, CONF_MAPPING, event, err);
	else if (event->type == YAML_ALIAS_EVENT)
		n = read_alias(r, event, err);
	else
		(void)error_at(r, event->start_mark, err, "a value was expected");
	if (anchor)
		anchor->node = n;
	return n;
}

/* An event outside of any value. */
static int read_event(struct reading *r, const yaml_event_t *event, struct err *err)
{
	switch (event->type) {
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return 0;
	case YAML_DOCUMENT_START_EVENT:
		if (r->conf->root)
			return error_at(r, event->start_mark, err,
					"a second document; the end of the file was expected");
		return 0;
	default:
		r->conf->root = read_node(r, event, err);
		return r->conf->root ? 0 : -1;
	}
}

static int read_document(struct reading *r, struct err *err)
{
	struct conf_node *root;
	bool is_end = false;

	while (!is_end) {
		yaml_event_t event;
		int ret;

		if (next_event(r, &event, err))
			return -1;
		is_end = event.type == YAML_STREAM_END_EVENT;
		ret = read_event(r, &event, err);
		yaml_event_delete(&event);
		if (ret)
			return -1;
	}
	root = r->conf->root;
	if (!root) {
		r->conf->root = node_new(r, CONF_MAPPING, (yaml_mark_t){ 0 }, err);
		return r->conf->root ? 0 : -1;
	}
	if (conf_is_null(root) && root->text_len == 0)
		root->type = CONF_MAPPING; /* `---` and nothing else */
	return 0;
}

static int run_parser(struct reading *r, struct err *err)
{
	int ret;

	if (!yaml_parser_initialize(&r->parser))
		return err_nomem(err);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)(r->text.len ? r->text.ptr : ""), r->text.len);
	ret = read_document(r, err);
	yaml_parser_delete(&r->parser);
	for (size_t i = 0; i < r->anchor_count; i++)
		free(r->anchors[i].name);
	return ret;
}

struct conf *conf_parse(struct view text, const char *name, struct err *err)
{
	DEFER(freep) struct reading *r = calloc(1, sizeof(*r));
	DEFER(conf_freep) struct conf *conf = calloc(1, sizeof(*conf));

	if (!r || !conf || !(conf->name = strdup(name))) {
		(void)err_nomem(err);
		return NULL;
	}
	if (text_starts(text, VIEW("\xEF\xBB\xBF")))
		text = view_sub(text, 3, text.len); /* a byte order mark would shift the columns of line 1 */
	r->conf = conf;
	r->text = text;
	return run_parser(r, err) ? NULL : TAKE(conf);
}

struct conf *conf_read(const char *path, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(CONF_FILE_BYTES);

	if (file_read(path, &text, err)) {
		if (err && err->kind == ERR_LIMIT)
			err->kind = ERR_CONFIG;
		return NULL;
	}
	return conf_parse(buf_view(&text), path, err);
}
