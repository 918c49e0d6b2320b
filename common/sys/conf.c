/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/conf.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/file.h"

enum node_type { NODE_SCALAR, NODE_LIST, NODE_MAPPING };

struct conf_node {
	enum node_type type;
	bool is_quoted; /* a scalar in quotes, or a block: never null, never a boolean */
	unsigned line, column;
	const struct conf *conf;
	struct conf_node *next;    /* of all nodes, for freeing */
	struct conf_node **values; /* of a list or a mapping */
	struct conf_node **keys;   /* of a mapping, as many */
	size_t count, cap;
	char *text;
	size_t text_len;
};

struct conf {
	char *name;
	struct conf_node *root;
	struct conf_node *nodes;
	size_t node_count;
};

/* The reading of one document. */
struct reading {
	struct conf *conf;
	yaml_parser_t parser;
	unsigned depth;
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

const struct conf_node *conf_root(const struct conf *conf)
{
	return conf->root;
}

int conf_error(const struct conf_node *node, struct err *err, const char *fmt, ...)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4 * ERR_TEXT_BYTES);
	va_list args;
	int failed;

	va_start(args, fmt);
	failed = buf_addvf(&text, fmt, args);
	va_end(args);
	if (failed)
		return err_nomem(err);
	return err_set(err, ERR_CONFIG, 0, "%s:%u:%u: %s", node->conf->name, node->line, node->column, text.ptr);
}

static int error_at(const struct reading *r, yaml_mark_t mark, struct err *err, const char *what)
{
	return err_set(err, ERR_CONFIG, 0, "%s:%zu:%zu: %s", r->conf->name, mark.line + 1, mark.column + 1, what);
}

static int parser_error(const struct reading *r, struct err *err)
{
	const yaml_parser_t *p = &r->parser;

	switch (p->error) {
	case YAML_MEMORY_ERROR:
		return err_nomem(err);
	case YAML_READER_ERROR:
		return err_set(err, ERR_CONFIG, 0, "%s: byte %zu: %s; UTF-8 text was expected", r->conf->name,
			       p->problem_offset, p->problem);
	default:
		return error_at(r, p->problem_mark, err, p->problem ? p->problem : "this is not valid YAML");
	}
}

static struct conf_node *node_new(struct reading *r, enum node_type type, const yaml_event_t *event, struct err *err)
{
	struct conf_node *n;

	if (r->conf->node_count == CONF_NODES) {
		(void)error_at(r, event->start_mark, err, "too many entries in one file");
		return NULL;
	}
	n = calloc(1, sizeof(*n));
	if (!n) {
		(void)err_nomem(err);
		return NULL;
	}
	n->type = type;
	n->conf = r->conf;
	n->line = (unsigned)event->start_mark.line + 1;
	n->column = (unsigned)event->start_mark.column + 1;
	n->next = r->conf->nodes;
	r->conf->nodes = n;
	r->conf->node_count++;
	return n;
}

static int put_child(struct conf_node *parent, struct conf_node *key, struct conf_node *value, struct err *err)
{
	if (parent->count == parent->cap) {
		size_t cap = parent->cap ? 2 * parent->cap : 8;
		struct conf_node **values = reallocarray(parent->values, cap, sizeof(*values));
		struct conf_node **keys;

		if (!values)
			return err_nomem(err);
		parent->values = values;
		keys = reallocarray(parent->keys, cap, sizeof(struct conf_node *));
		if (!keys)
			return err_nomem(err);
		parent->keys = keys;
		parent->cap = cap;
	}
	parent->keys[parent->count] = key;
	parent->values[parent->count++] = value;
	return 0;
}

static int next_event(struct reading *r, yaml_event_t *event, struct err *err)
{
	return yaml_parser_parse(&r->parser, event) ? 0 : parser_error(r, err);
}

static struct conf_node *read_node(struct reading *r, yaml_event_t *event, struct err *err);

static struct conf_node *read_scalar(struct reading *r, const yaml_event_t *event, struct err *err)
{
	struct conf_node *n = node_new(r, NODE_SCALAR, event, err);

	if (!n)
		return NULL;
	n->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text_len = event->data.scalar.length;
	n->text = malloc(n->text_len + 1);
	if (!n->text) {
		(void)err_nomem(err);
		return NULL;
	}
	memcpy(n->text, event->data.scalar.value, n->text_len);
	n->text[n->text_len] = '\0';
	return n;
}

static struct conf_node *find_key(const struct conf_node *mapping, const struct conf_node *key)
{
	for (size_t i = 0; i < mapping->count; i++)
		if (text_eq(conf_text(mapping->keys[i]), conf_text(key)))
			return mapping->keys[i];
	return NULL;
}

/* Reads a key's value, and checks the key. */
static int read_member(struct reading *r, struct conf_node *mapping, struct conf_node *key, struct err *err)
{
	const struct conf_node *same;
	struct conf_node *value;
	yaml_event_t event;

	if (key->type != NODE_SCALAR)
		return conf_error(key, err, "a key must be plain text, not a list or a mapping");
	same = find_key(mapping, key);
	if (same)
		return conf_error(key, err, "the key '%s' was given on line %u already", key->text, same->line);
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
		if (n->type == NODE_LIST ? put_child(n, NULL, child, err) : read_member(r, n, child, err))
			return -1;
	}
}

static struct conf_node *read_collection(struct reading *r, enum node_type type, const yaml_event_t *event,
					 struct err *err)
{
	struct conf_node *n = node_new(r, type, event, err);

	if (!n)
		return NULL;
	if (r->depth == CONF_DEPTH) {
		(void)conf_error(n, err, "nested too deeply: at most %d levels are read", CONF_DEPTH);
		return NULL;
	}
	r->depth++;
	if (read_children(r, n, err))
		return NULL;
	r->depth--;
	return n;
}

static struct conf_node *read_node(struct reading *r, yaml_event_t *event, struct err *err)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event, err);
	case YAML_SEQUENCE_START_EVENT:
		return read_collection(r, NODE_LIST, event, err);
	case YAML_MAPPING_START_EVENT:
		return read_collection(r, NODE_MAPPING, event, err);
	case YAML_ALIAS_EVENT:
		(void)error_at(r, event->start_mark, err, "an alias (*name) is not understood here; repeat the value");
		return NULL;
	default:
		(void)error_at(r, event->start_mark, err, "a value was expected");
		return NULL;
	}
}

/* The document's root; an empty file is an empty mapping. */
static int read_document(struct reading *r, struct err *err)
{
	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;
		int failed = 0;

		if (next_event(r, &event, err))
			return -1;
		type = event.type;
		if (type == YAML_DOCUMENT_START_EVENT && r->conf->root) {
			failed = error_at(r, event.start_mark, err, "a second document; one a file was expected");
		} else if (type == YAML_STREAM_END_EVENT && !r->conf->root) {
			r->conf->root = node_new(r, NODE_MAPPING, &event, err);
			failed = !r->conf->root;
		} else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
			   type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
			r->conf->root = read_node(r, &event, err);
			failed = !r->conf->root;
		}
		yaml_event_delete(&event);
		if (failed)
			return -1;
		if (type == YAML_STREAM_END_EVENT)
			return 0;
	}
}

struct conf *conf_parse(struct view text, const char *name, struct err *err)
{
	struct reading r = { .conf = calloc(1, sizeof(struct conf)) };
	int failed;

	if (!r.conf || !(r.conf->name = strdup(name)) || !yaml_parser_initialize(&r.parser)) {
		(void)err_nomem(err);
		conf_free(r.conf);
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.len ? text.ptr : ""), text.len);
	failed = read_document(&r, err);
	yaml_parser_delete(&r.parser);
	if (failed) {
		conf_free(r.conf);
		return NULL;
	}
	if (conf_is_null(r.conf->root))
		r.conf->root->type = NODE_MAPPING; /* only comments, or `---` */
	return r.conf;
}

struct conf *conf_read(const char *path, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(CONF_FILE_BYTES);

	if (file_read(path, &text, err)) {
		if (err->kind == ERR_LIMIT)
			err->kind = ERR_CONFIG;
		return NULL;
	}
	return conf_parse(buf_view(&text), path, err);
}

bool conf_is_scalar(const struct conf_node *node)
{
	return node->type == NODE_SCALAR;
}

bool conf_is_list(const struct conf_node *node)
{
	return node->type == NODE_LIST;
}

bool conf_is_mapping(const struct conf_node *node)
{
	return node->type == NODE_MAPPING;
}

bool conf_is_null(const struct conf_node *node)
{
	struct view v = conf_text(node);

	return node->type == NODE_SCALAR && !node->is_quoted &&
	       (v.len == 0 || text_eq(v, VIEW("~")) || text_eq(v, VIEW("null")));
}

const struct conf_node *conf_get(const struct conf_node *node, const char *key)
{
	for (size_t i = 0; node->type == NODE_MAPPING && i < node->count; i++)
		if (text_eq(conf_text(node->keys[i]), view_of(key)))
			return node->values[i];
	return NULL;
}

static int unknown_key(const struct conf_node *key, const char *const *known, size_t count, struct err *err)
{
	const char *nearest = text_nearest(conf_text(key), known, count);
	DEFER(buf_done) struct buf all = BUF_INIT(ERR_TEXT_BYTES);

	if (nearest)
		return conf_error(key, err, "unknown key '%s'; did you mean '%s'?", key->text, nearest);
	for (size_t i = 0; i < count; i++)
		if (buf_addf(&all, "%s%s", i ? ", " : "", known[i]))
			break;
	return conf_error(key, err, "unknown key '%s'; known here: %s", key->text, all.ptr ? all.ptr : "none");
}

int conf_keys(const struct conf_node *node, const char *const *known, size_t count, struct err *err)
{
	if (node->type != NODE_MAPPING)
		return conf_error(node, err, "a mapping (key: value) was expected");
	for (size_t i = 0; i < node->count; i++) {
		bool is_known = false;

		for (size_t k = 0; k < count && !is_known; k++)
			is_known = text_eq(conf_text(node->keys[i]), view_of(known[k]));
		if (!is_known)
			return unknown_key(node->keys[i], known, count, err);
	}
	return 0;
}

size_t conf_count(const struct conf_node *node)
{
	return node->count;
}

const struct conf_node *conf_at(const struct conf_node *node, size_t index)
{
	return node->values[index];
}

const struct conf_node *conf_key_at(const struct conf_node *node, size_t index)
{
	return node->keys[index];
}

struct view conf_text(const struct conf_node *node)
{
	return node->type == NODE_SCALAR ? view_from(node->text, node->text_len) : VIEW_NONE;
}

unsigned conf_line(const struct conf_node *node)
{
	return node->line;
}

unsigned conf_column(const struct conf_node *node)
{
	return node->column;
}

int conf_string(const struct conf_node *node, const char **ret, struct err *err)
{
	if (node->type != NODE_SCALAR || conf_is_null(node))
		return conf_error(node, err, "text was expected");
	if (memchr(node->text, '\0', node->text_len))
		return conf_error(node, err, "this text holds a NUL byte");
	*ret = node->text;
	return 0;
}

int conf_bool(const struct conf_node *node, bool *ret, struct err *err)
{
	bool is_true = text_eq(conf_text(node), VIEW("true"));

	if (node->type != NODE_SCALAR || node->is_quoted || (!is_true && !text_eq(conf_text(node), VIEW("false"))))
		return conf_error(node, err, "true or false was expected");
	*ret = is_true;
	return 0;
}

int conf_u64(const struct conf_node *node, uint64_t min, uint64_t max, uint64_t *ret, struct err *err)
{
	uint64_t n;

	if (node->type != NODE_SCALAR || text_u64(conf_text(node), max, &n) || n < min)
		return conf_error(node, err, "a whole number from %llu to %llu was expected", (unsigned long long)min,
				  (unsigned long long)max);
	*ret = n;
	return 0;
}

int conf_size(const struct conf_node *node, uint64_t max, uint64_t *ret, struct err *err)
{
	if (node->type != NODE_SCALAR || text_size(conf_text(node), max, ret))
		return conf_error(node, err, "a size such as 64MiB was expected, at most %llu bytes",
				  (unsigned long long)max);
	return 0;
}

int conf_date(const struct conf_node *node, int64_t *ret_days, struct err *err)
{
	if (node->type != NODE_SCALAR || clock_parse_date(conf_text(node), ret_days))
		return conf_error(node, err, "a date such as 2027-01-31 was expected");
	return 0;
}

int conf_centi(const struct conf_node *node, unsigned max, unsigned *ret, struct err *err)
{
	struct view v = conf_text(node), digits;
	size_t point = text_find_byte(v, '.');
	uint64_t whole = 0, hundredths = 0;
	bool is_right = node->type == NODE_SCALAR && text_u64(view_sub(v, 0, point), max, &whole) == 0;

	if (is_right && point != SIZE_MAX) {
		digits = view_sub(v, point + 1, v.len);
		is_right = digits.len <= 2 && text_u64(digits, 99, &hundredths) == 0;
		if (digits.len == 1)
			hundredths *= 10;
	}
	if (!is_right || whole * 100 + hundredths > max)
		return conf_error(node, err, "a number from 0 to %u.%02u with at most two decimals was expected",
				  max / 100, max % 100);
	*ret = (unsigned)(whole * 100 + hundredths);
	return 0;
}

int conf_choice(const struct conf_node *node, const char *const *names, size_t count, unsigned *ret, struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(ERR_TEXT_BYTES);
	const char *nearest;

	for (size_t i = 0; i < count; i++) {
		if (node->type == NODE_SCALAR && text_eq(conf_text(node), view_of(names[i]))) {
			*ret = (unsigned)i;
			return 0;
		}
		if (buf_addf(&all, "%s%s", i ? ", " : "", names[i]))
			return err_nomem(err);
	}
	nearest = text_nearest(conf_text(node), names, count);
	if (nearest)
		return conf_error(node, err, "'%s' is not one of %s; did you mean '%s'?", node->text, all.ptr, nearest);
	return conf_error(node, err, "one of %s was expected", all.ptr);
}
