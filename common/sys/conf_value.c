/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a document, its typed values, and complaints about them. */
#include "common/sys/conf.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/conf_node.h"

#define SHOWN_BYTES 80    /* of a foreign text in a message */
#define MASKED_BYTES 4096 /* of it that are masked first: more than any key at its start */

/* A key may stand in the wrong place of a configuration: no message repeats it. */
int conf_error(const struct conf_node *node, struct err *err, const char *fmt, ...)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(8 * ERR_TEXT_BYTES);
	char text[2 * ERR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (secret_add_masked_text(&masked, view_of(text), VIEW_NONE))
		return err_nomem(err);
	return err_set(err, ERR_CONFIG, 0, "%s:%u:%u: %s", node->file, node->line, node->column,
		       masked.ptr ? masked.ptr : "");
}

bool conf_is_scalar(const struct conf_node *node)
{
	return node->type == CONF_SCALAR;
}

bool conf_is_list(const struct conf_node *node)
{
	return node->type == CONF_LIST;
}

bool conf_is_mapping(const struct conf_node *node)
{
	return node->type == CONF_MAPPING;
}

bool conf_is_null(const struct conf_node *node)
{
	struct view v = conf_text(node);

	return node->type == CONF_SCALAR && !node->is_quoted &&
	       (v.len == 0 || text_eq(v, VIEW("~")) || text_eq(v, VIEW("null")));
}

const struct conf_node *conf_get(const struct conf_node *node, const char *key)
{
	for (size_t i = 0; node->type == CONF_MAPPING && i < node->count; i++)
		if (text_eq(conf_text(node->keys[i]), view_of(key)))
			return node->values[i];
	return NULL;
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
	return node->type == CONF_SCALAR ? view_from(node->text, node->text_len) : VIEW_NONE;
}

unsigned conf_line(const struct conf_node *node)
{
	return node->line;
}

unsigned conf_column(const struct conf_node *node)
{
	return node->column;
}

/* Appends the scalar's text as a message may show it. It is masked before it is cut: the rest of a cut key could be
 * too short to be taken for one. */
static int add_shown(struct buf *buf, const struct conf_node *node)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(4 * MASKED_BYTES);

	if (secret_add_masked_text(&masked, view_sub(conf_text(node), 0, MASKED_BYTES), VIEW_NONE))
		return -1;
	if (text_add_clean(buf, view_sub(buf_view(&masked), 0, SHOWN_BYTES)))
		return -1;
	return masked.len > SHOWN_BYTES ? buf_add_text(buf, "...") : 0;
}

static int add_names(struct buf *buf, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (buf_addf(buf, "%s%s", i ? ", " : "", names[i]))
			return -1;
	return 0;
}

static bool is_among(struct view text, const char *const *names, size_t count, unsigned *ret)
{
	for (size_t i = 0; i < count; i++)
		if (text_eq(text, view_of(names[i]))) {
			*ret = (unsigned)i;
			return true;
		}
	return false;
}

static int unknown_key(const struct conf_node *key, const char *const *known, size_t count, struct err *err)
{
	const char *nearest = text_nearest(conf_text(key), known, count);
	DEFER(buf_done) struct buf shown = BUF_INIT(8 * SHOWN_BYTES), all = BUF_INIT(8 * ERR_TEXT_BYTES);

	if (add_shown(&shown, key) || add_names(&all, known, count))
		return err_nomem(err);
	if (nearest)
		return conf_error(key, err, "unknown key '%s'; did you mean '%s'?", shown.ptr, nearest);
	return conf_error(key, err, "unknown key '%s'; known here: %s", shown.ptr, count ? all.ptr : "none");
}

int conf_keys(const struct conf_node *node, const char *const *known, size_t count, struct err *err)
{
	unsigned which;

	if (node->type != CONF_MAPPING)
		return conf_error(node, err, "a mapping (key: value) was expected");
	for (size_t i = 0; i < node->count; i++)
		if (!is_among(conf_text(node->keys[i]), known, count, &which))
			return unknown_key(node->keys[i], known, count, err);
	return 0;
}

int conf_choice(const struct conf_node *node, const char *const *names, size_t count, unsigned *ret, struct err *err)
{
	const char *nearest = text_nearest(conf_text(node), names, count);
	DEFER(buf_done) struct buf shown = BUF_INIT(8 * SHOWN_BYTES), all = BUF_INIT(8 * ERR_TEXT_BYTES);

	if (node->type == CONF_SCALAR && is_among(conf_text(node), names, count, ret))
		return 0;
	if (add_shown(&shown, node) || add_names(&all, names, count))
		return err_nomem(err);
	if (nearest)
		return conf_error(node, err, "'%s' is not one of %s; did you mean '%s'?", shown.ptr, all.ptr, nearest);
	return conf_error(node, err, "one of %s was expected", all.ptr);
}

const struct conf_node *conf_find_string(const struct conf *conf, const char *text)
{
	const struct conf_node *n = conf_nodes(conf);

	while (n && (n->type != CONF_SCALAR || n->text != text))
		n = n->next;
	return n;
}

int conf_string(const struct conf_node *node, const char **ret, struct err *err)
{
	if (node->type != CONF_SCALAR || conf_is_null(node))
		return conf_error(node, err, "text was expected");
	if (memchr(node->text, '\0', node->text_len))
		return conf_error(node, err, "this text holds a NUL byte; text without one was expected");
	*ret = node->text;
	return 0;
}

int conf_bool(const struct conf_node *node, bool *ret, struct err *err)
{
	bool is_true = text_eq(conf_text(node), VIEW("true"));

	if (node->is_quoted || (!is_true && !text_eq(conf_text(node), VIEW("false"))))
		return conf_error(node, err, "true or false was expected, without quotes");
	*ret = is_true;
	return 0;
}

/* Decimal digits. YAML 1.1 reads 010 as eight: such a number is refused, not guessed. */
static int whole_number(struct view v, uint64_t max, uint64_t *ret)
{
	return v.len > 1 && v.ptr[0] == '0' ? -1 : text_u64(v, max, ret);
}

int conf_u64(const struct conf_node *node, uint64_t min, uint64_t max, uint64_t *ret, struct err *err)
{
	uint64_t n;

	if (node->is_quoted || whole_number(conf_text(node), max, &n) || n < min)
		return min == max ? conf_error(node, err, "the number %llu was expected", (unsigned long long)min)
				  : conf_error(node, err, "a whole number from %llu to %llu was expected",
					       (unsigned long long)min, (unsigned long long)max);
	*ret = n;
	return 0;
}

int conf_size(const struct conf_node *node, uint64_t max, uint64_t *ret, struct err *err)
{
	if (text_size(conf_text(node), max, ret))
		return conf_error(node, err, "a size such as 64MiB was expected, at most %llu bytes",
				  (unsigned long long)max);
	return 0;
}

int conf_duration(const struct conf_node *node, uint64_t min_ms, uint64_t max_ms, uint64_t *ret_ms, struct err *err)
{
	DEFER(buf_done) struct buf least = BUF_INIT(SHOWN_BYTES), most = BUF_INIT(SHOWN_BYTES);
	uint64_t ms;

	if (text_duration(conf_text(node), max_ms, &ms) == 0 && ms >= min_ms) {
		*ret_ms = ms;
		return 0;
	}
	if (text_add_duration(&least, min_ms) || text_add_duration(&most, max_ms))
		return err_nomem(err);
	return conf_error(node, err, "a duration from %s to %s was expected, such as 30s, 5m, 1h, 7d or 6y", least.ptr,
			  most.ptr);
}

int conf_date(const struct conf_node *node, int64_t *ret_days, struct err *err)
{
	if (clock_parse_date(conf_text(node), ret_days))
		return conf_error(node, err, "a date such as 2027-01-31 was expected");
	return 0;
}

int conf_centi(const struct conf_node *node, unsigned max, unsigned *ret, struct err *err)
{
	struct view v = conf_text(node);
	size_t point = text_find_byte(v, '.');
	uint64_t whole = 0, hundredths = 0;
	bool is_right = !node->is_quoted && whole_number(view_sub(v, 0, point), max, &whole) == 0;

	if (is_right && point != SIZE_MAX) {
		struct view digits = view_sub(v, point + 1, v.len);

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
