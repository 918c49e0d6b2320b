/* SPDX-License-Identifier: Apache-2.0 */
/* A compliant name near to a bad one: its words are sorted into the parts of the format. */
#include "common/base/text.h"
#include "common/policy/keyname_shape.h"

#define WORDS_MAX 16
#define NEAR_MIN 3 /* shorter words are near to anything */

struct word {
	struct view text;
	bool is_used;
};

struct words {
	char bytes[2 * NAME_BYTES]; /* lower-case, one '-' between two words */
	size_t len;
	struct word list[WORDS_MAX];
	size_t count;
};

/* Words for environments that only suggestions understand. */
static const struct {
	const char *word, *means;
} synonyms[] = {
	{ "production", "prod" }, { "prd", "prod" },    { "live", "prod" },
	{ "stage", "staging" },   { "stg", "staging" }, { "stag", "staging" },
	{ "development", "dev" }, { "develop", "dev" }, { "devel", "dev" },
};

/* ---- words ---- */

static bool is_upper(char c)
{
	return c != text_lower(c);
}

/* Does a word start at name[i] although nothing separates it: prodKey, MLKey? */
static bool is_hump(struct view name, size_t i)
{
	if (i == 0 || !is_upper(name.ptr[i]) || !text_is_alnum(name.ptr[i - 1]))
		return false;
	return !is_upper(name.ptr[i - 1]) ||
	       (i + 1 < name.len && text_is_alpha(name.ptr[i + 1]) && !is_upper(name.ptr[i + 1]));
}

static bool is_separated(struct view name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x80 && !text_is_alnum(name.ptr[i]))
			return true;
	return false;
}

/* Letters of other alphabets stay as '?', so that no part is made of what is left of their word. */
static void read_words(struct words *w, struct view name)
{
	bool has_humps = !is_separated(name), is_gap = false;

	for (size_t i = 0; i < name.len; i++) {
		char c = (unsigned char)name.ptr[i] < 0x80 ? name.ptr[i] : '?';

		if (c != '?' && !text_is_alnum(c)) {
			is_gap = true;
			continue;
		}
		if ((is_gap || (has_humps && is_hump(name, i))) && w->len > 0)
			w->bytes[w->len++] = '-';
		is_gap = false;
		w->bytes[w->len++] = text_lower(c);
	}
}

static bool matches_value(struct view text, struct view value)
{
	if (text.len < value.len || (text.len > value.len && text.ptr[value.len] != '-'))
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (text.ptr[i] != value.ptr[i] && (text.ptr[i] != '-' || text_is_alnum(value.ptr[i])))
			return false;
	return true;
}

/* The longest value of any list that text starts with. */
static size_t listed_len(const struct keyname_shape *shape, struct view text)
{
	size_t best = 0;

	for (size_t p = 0; p < shape->count; p++) {
		const struct keyname_list *list = keyname_shape_list(shape, shape->parts[p]);

		for (size_t i = 0; i < list->count; i++) {
			struct view value = view_of(list->items[i]);

			if (value.len > best && matches_value(text, value))
				best = value.len;
		}
	}
	return best;
}

/* Cuts the text into words; a listed value is one word even when it holds hyphens. */
static void cut_words(const struct keyname_shape *shape, struct words *w)
{
	struct view rest = view_from(w->bytes, w->len);

	while (rest.len > 0 && w->count < WORDS_MAX) {
		size_t len = listed_len(shape, rest);
		struct view word = view_sub(rest, 0, len ? len : text_find_byte(rest, '-'));

		w->list[w->count++].text = word;
		rest = view_sub(rest, word.len + 1, rest.len);
	}
}

/* "key" and "api key" say nothing in the name of a key. */
static void drop_filler(struct words *w)
{
	static const char *const fillers[] = { "key", "keys", "apikey", "apikeys" };
	static const struct keyname_list list = { .items = fillers, .count = ARRAY_LEN(fillers) };

	for (size_t i = 0; i < w->count; i++) {
		if (w->list[i].is_used || !keyname_list_has(&list, w->list[i].text))
			continue;
		w->list[i].is_used = true;
		if (i > 0 && text_eq(w->list[i - 1].text, VIEW("api")))
			w->list[i - 1].is_used = true;
	}
}

/* ---- parts ---- */

/* The value of the list that the word stands for, at one of three distances: itself, a synonym, nearly. NULL: none. */
static const char *value_for(const struct keyname_list *list, struct view word, unsigned distance)
{
	const char *name = NULL;

	if (distance == 2)
		return word.len < NEAR_MIN ? NULL : text_nearest(word, list->items, list->count);
	for (size_t i = 0; i < ARRAY_LEN(synonyms) && distance == 1; i++)
		if (text_eq(word, view_of(synonyms[i].word)))
			name = synonyms[i].means;
	for (size_t i = 0; i < list->count; i++) {
		struct view value = view_of(list->items[i]);

		if (distance == 0 ? word.len == value.len && matches_value(word, value)
				  : name && text_eq(value, view_of(name)))
			return list->items[i];
	}
	return NULL;
}

static struct view take_listed(const struct keyname_list *list, struct words *w)
{
	for (unsigned distance = 0; distance < 3; distance++)
		for (size_t i = 0; i < w->count; i++) {
			const char *value = w->list[i].is_used ? NULL : value_for(list, w->list[i].text, distance);

			if (!value)
				continue;
			w->list[i].is_used = true;
			return view_of(value);
		}
	return VIEW_NONE;
}

static size_t unused(const struct words *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++)
		n += !w->list[i].is_used;
	return n;
}

/* The next word that nobody took, when the part may have it; skipped, when it may not. */
static struct view take_next(const struct keyname_shape *shape, enum keyname_part part, struct words *w)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->list[i].is_used)
			continue;
		w->list[i].is_used = true;
		return keyname_part_fits(shape, part, w->list[i].text) ? w->list[i].text : VIEW_NONE;
	}
	return VIEW_NONE;
}

struct choice {
	struct view values[PART_COUNT]; /* in the format's order; empty = not known */
	size_t known;
	bool is_sure; /* a listed value was recognised, or each word had its place */
};

static void choose(const struct keyname_shape *shape, struct words *w, struct choice *c)
{
	size_t open = 0, missing = 0, left;

	for (size_t p = 0; p < shape->count; p++) {
		const struct keyname_list *list = keyname_shape_list(shape, shape->parts[p]);

		if (list->count)
			c->values[p] = take_listed(list, w);
		open += list->count == 0;
		missing += list->count && c->values[p].len == 0;
		c->is_sure = c->is_sure || c->values[p].len > 0;
	}
	drop_filler(w);
	left = unused(w);
	c->is_sure = c->is_sure || left == open + missing;
	for (size_t p = 0; p < shape->count; p++) {
		bool is_listed = keyname_shape_list(shape, shape->parts[p])->count > 0;

		if (!is_listed && open == 1 && left > 1 + missing)
			break; /* several words for the last part: nobody knows which is meant */
		if (!is_listed)
			c->values[p] = take_next(shape, shape->parts[p], w);
		else if (c->values[p].len == 0 && left == open + missing)
			(void)take_next(shape, shape->parts[p], w);
		left = unused(w);
		open -= !is_listed;
		missing -= is_listed && c->values[p].len == 0;
	}
	for (size_t p = 0; p < shape->count; p++)
		c->known += c->values[p].len > 0;
}

static int add_choice(const struct keyname_shape *shape, const struct choice *c, struct buf *buf)
{
	for (size_t p = 0; p < shape->count; p++)
		if (buf_add(buf, shape->literals[p]) ||
		    (c->values[p].len ? buf_add(buf, c->values[p]) : buf_add_text(buf, "\u2026")))
			return -1;
	return buf_add(buf, shape->literals[shape->count]);
}

int keyname_add_suggestion(const struct keyname_policy *policy, struct view name, struct buf *buf)
{
	struct keyname_shape shape;
	struct words words = { 0 };
	struct choice choice = { 0 };
	size_t start = buf->len;

	if (name.len > NAME_BYTES || keyname_shape_read(&shape, policy, NULL))
		return 0;
	read_words(&words, name);
	cut_words(&shape, &words);
	choose(&shape, &words, &choice);
	if (!choice.is_sure || choice.known == 0 || choice.known + 1 < shape.count)
		return 0;
	if (add_choice(&shape, &choice, buf)) {
		buf_cut(buf, start);
		return -1;
	}
	if (buf->len - start > policy->max_length)
		buf_cut(buf, start);
	return 0;
}
