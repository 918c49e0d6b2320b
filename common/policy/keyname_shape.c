/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/keyname_shape.h"

#include <string.h>

#include "common/base/text.h"

const char *const keyname_part_names[PART_COUNT] = { "team", "environment", "purpose" };

static bool is_part_char(char c)
{
	return (c >= 'a' && c <= 'z') || text_is_digit(c);
}

const struct keyname_list *keyname_shape_list(const struct keyname_shape *shape, enum keyname_part part)
{
	const struct keyname_list *const lists[PART_COUNT] = {
		[PART_TEAM] = &shape->policy->teams,
		[PART_ENVIRONMENT] = &shape->policy->environments,
		[PART_PURPOSE] = &shape->policy->purposes,
	};

	return lists[part];
}

bool keyname_list_has(const struct keyname_list *list, struct view text)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_eq(view_of(list->items[i]), text))
			return true;
	return false;
}

/* ---- the format ---- */

/* Takes the placeholder that rest starts with. */
static int take_placeholder(struct keyname_shape *shape, struct view *rest, struct err *err)
{
	size_t end = text_find_byte(*rest, '}');
	struct view name = view_sub(*rest, 1, end == SIZE_MAX ? 0 : end - 1);

	for (unsigned part = 0; part < PART_COUNT && end != SIZE_MAX; part++) {
		if (!text_eq(name, view_of(keyname_part_names[part])))
			continue;
		for (size_t i = 0; i < shape->count; i++)
			if (shape->parts[i] == part)
				return err_set(err, ERR_CONFIG, 0, "the placeholder {%s} stands twice in the format",
					       keyname_part_names[part]);
		shape->parts[shape->count++] = part;
		*rest = view_sub(*rest, end + 1, rest->len);
		return 0;
	}
	return err_set(err, ERR_CONFIG, 0,
		       "unknown placeholder in the format: expected {team}, {environment} or {purpose}");
}

static int check_literal(const struct keyname_shape *shape, struct view literal, bool is_last, struct err *err)
{
	for (size_t i = 0; i < literal.len; i++)
		if (literal.ptr[i] <= ' ' || literal.ptr[i] > '~' || literal.ptr[i] == '}' ||
		    (text_is_alpha(literal.ptr[i]) && !is_part_char(literal.ptr[i])))
			return err_set(err, ERR_CONFIG, 0,
				       "text between placeholders is printable ASCII without spaces, braces and "
				       "upper-case letters");
	if (shape->count == 0 || (is_last && literal.len == 0))
		return 0;
	if (literal.len == 0)
		return err_set(err, ERR_CONFIG, 0,
			       "two placeholders follow each other: expected text such as '-' between them");
	if (is_part_char(literal.ptr[0]))
		return err_set(err, ERR_CONFIG, 0,
			       "text behind a placeholder must not start with a letter or digit: nobody could tell "
			       "where the part ends");
	return 0;
}

int keyname_shape_read(struct keyname_shape *shape, const struct keyname_policy *policy, struct err *err)
{
	struct view rest = view_of(policy->format);

	*shape = (struct keyname_shape){ .policy = policy, .separator = '-' };
	for (;;) {
		size_t len = text_find_byte(rest, '{');
		struct view literal = view_sub(rest, 0, len);
		bool is_last = len == SIZE_MAX;

		if (check_literal(shape, literal, is_last, err))
			return -1;
		shape->literals[shape->count] = literal;
		rest = view_sub(rest, literal.len, rest.len);
		if (is_last)
			break;
		if (take_placeholder(shape, &rest, err))
			return -1;
	}
	if (shape->count == 0)
		return err_set(err, ERR_CONFIG, 0,
			       "the format has no placeholder: expected {team}, {environment} or {purpose}");
	if (shape->count > 1 && shape->literals[1].len == 1)
		shape->separator = shape->literals[1].ptr[0];
	return 0;
}

/* ---- compliant or not ---- */

static bool is_foreign(char c)
{
	return (unsigned char)c >= 0x80;
}

/* Length of the [a-z][a-z0-9]* that text starts with. */
static size_t word_len(const struct keyname_shape *shape, struct view text)
{
	size_t len = 0;

	if (text.len == 0 || text_is_digit(text.ptr[0]))
		return 0;
	while (len < text.len && (is_part_char(text.ptr[len]) || (shape->takes_foreign && is_foreign(text.ptr[len]))))
		len++;
	return len;
}

bool keyname_part_fits(const struct keyname_shape *shape, enum keyname_part part, struct view text)
{
	const struct keyname_list *list = keyname_shape_list(shape, part);

	if (list->count)
		return keyname_list_has(list, text);
	return text.len > 0 && word_len(shape, text) == text.len;
}

/* The listed value that text starts with: the longest one shorter than below. 0 when there is none. */
static size_t listed_len(const struct keyname_list *list, struct view text, size_t below)
{
	size_t best = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct view value = view_of(list->items[i]);

		if (value.len > best && value.len < below && text_starts(text, value))
			best = value.len;
	}
	return best;
}

/* Does rest, behind the literal before part i, hold part i and all that follows it? Then parts has where they stand. */
static bool fits_from(const struct keyname_shape *shape, size_t i, struct view rest, struct view *parts)
{
	const struct keyname_list *list = keyname_shape_list(shape, shape->parts[i]);
	struct view literal = shape->literals[i + 1];
	size_t len = list->count ? listed_len(list, rest, SIZE_MAX) : word_len(shape, rest);

	for (; len > 0; len = list->count ? listed_len(list, rest, len) : 0) {
		struct view behind = view_sub(rest, len, rest.len);

		if (!text_starts(behind, literal))
			continue;
		behind = view_sub(behind, literal.len, behind.len);
		parts[shape->parts[i]] = view_sub(rest, 0, len);
		if (i + 1 == shape->count ? behind.len == 0 : fits_from(shape, i + 1, behind, parts))
			return true;
	}
	return false;
}

bool keyname_shape_split(const struct keyname_shape *shape, struct view name, struct view *parts)
{
	struct view prefix = shape->literals[0];

	for (size_t i = 0; i < PART_COUNT; i++)
		parts[i] = VIEW_NONE;
	return text_starts(name, prefix) && fits_from(shape, 0, view_sub(name, prefix.len, name.len), parts);
}

bool keyname_shape_fits(const struct keyname_shape *shape, struct view name)
{
	struct view parts[PART_COUNT];

	return keyname_shape_split(shape, name, parts);
}

/* ---- repair ---- */

static bool list_uses(const struct keyname_list *list, char byte)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_find_byte(view_of(list->items[i]), byte) != SIZE_MAX)
			return true;
	return false;
}

bool keyname_shape_allows(const struct keyname_shape *shape, char byte)
{
	const struct keyname_policy *policy = shape->policy;

	if (is_part_char(byte))
		return true;
	for (size_t i = 0; i <= shape->count; i++)
		if (text_find_byte(shape->literals[i], byte) != SIZE_MAX)
			return true;
	return list_uses(&policy->teams, byte) || list_uses(&policy->environments, byte) ||
	       list_uses(&policy->purposes, byte);
}

/* Characters that people put between words. */
static bool parts_words(char byte)
{
	return text_is_space(byte) || text_find_byte(VIEW("-_./\\:,;|+&"), byte) != SIZE_MAX;
}

void keyname_repair(struct keyname_shape *shape, struct view name, struct keyname_repaired *ret)
{
	size_t gap = 0;      /* separators read and not yet written */
	bool is_bad = false; /* something else stood among them: they are one gap */

	ret->len = 0;
	shape->takes_foreign = true;
	name = view_sub(name, 0, sizeof(ret->bytes));
	for (size_t i = 0; i < name.len; i++) {
		char c = text_lower(name.ptr[i]);

		if (c == shape->separator) {
			gap++;
		} else if (!is_foreign(c) && !keyname_shape_allows(shape, c)) {
			is_bad = is_bad || parts_words(c);
		} else {
			if (is_bad)
				gap = ret->len > 0;
			for (; gap > 0; gap--)
				ret->bytes[ret->len++] = shape->separator;
			is_bad = false;
			ret->bytes[ret->len++] = c;
		}
	}
	for (; gap > 0 && !is_bad; gap--)
		ret->bytes[ret->len++] = shape->separator;
}

/* ---- diagnosis ---- */

static uint32_t part_bit(enum keyname_part part)
{
	static const enum keyname_violation violations[PART_COUNT] = {
		[PART_TEAM] = KEYNAME_TEAM,
		[PART_ENVIRONMENT] = KEYNAME_ENVIRONMENT,
		[PART_PURPOSE] = KEYNAME_PURPOSE,
	};

	return 1u << violations[part];
}

/* Cuts part i off rest: a listed value that ends where a part may end, else all up to the next literal. */
static struct view cut_part(const struct keyname_shape *shape, size_t i, struct view *rest, bool *ret_goes_on)
{
	const struct keyname_list *list = keyname_shape_list(shape, shape->parts[i]);
	struct view literal = i + 1 < shape->count ? shape->literals[i + 1] : VIEW_NONE;
	size_t len = listed_len(list, *rest, SIZE_MAX);
	struct view part;

	while (len > 0 && (literal.len ? !text_starts(view_sub(*rest, len, rest->len), literal) : len != rest->len))
		len = listed_len(list, *rest, len);
	if (len == 0 && literal.len)
		len = text_find(*rest, literal);
	else if (len == 0)
		len = rest->len;
	*ret_goes_on = literal.len > 0 && len != SIZE_MAX && len < rest->len;
	part = view_sub(*rest, 0, len);
	*rest = view_sub(*rest, part.len + (*ret_goes_on ? literal.len : 0), rest->len);
	return part;
}

static bool has_separator(const struct keyname_shape *shape, enum keyname_part part, struct view text)
{
	return !keyname_part_fits(shape, part, text) && text_find_byte(text, shape->separator) != SIZE_MAX;
}

static enum keyname_form cut(const struct keyname_shape *shape, struct view name, struct view parts[static PART_COUNT])
{
	struct view prefix = shape->literals[0], suffix = shape->literals[shape->count];
	bool goes_on = true;

	for (size_t i = 0; i < PART_COUNT; i++)
		parts[i] = VIEW_NONE;
	if (!text_starts(name, prefix) || !text_ends(name, suffix) || name.len < prefix.len + suffix.len)
		return FORM_LITERAL;
	name = view_sub(name, prefix.len, name.len - prefix.len - suffix.len);
	for (size_t i = 0; i < shape->count; i++) {
		if (!goes_on)
			return FORM_FEW;
		parts[i] = cut_part(shape, i, &name, &goes_on);
	}
	return has_separator(shape, shape->parts[shape->count - 1], parts[shape->count - 1]) ? FORM_MANY : FORM_RIGHT;
}

/* Would the parts be right at each other's places? */
static bool can_be_ordered(const struct keyname_shape *shape, const struct view parts[static PART_COUNT])
{
	static const unsigned char orders[][PART_COUNT] = {
		{ 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
	};

	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		size_t fitting = 0;

		for (size_t i = 0; i < shape->count && orders[o][i] < shape->count; i++)
			fitting += keyname_part_fits(shape, shape->parts[i], parts[orders[o][i]]);
		if (fitting == shape->count)
			return true;
	}
	return false;
}

static void judge_parts(const struct keyname_shape *shape, struct keyname_diagnosis *d)
{
	uint32_t wrong = 0;
	bool any_empty = false;

	for (size_t i = 0; i < shape->count; i++) {
		if (d->parts[i].len == 0)
			any_empty = true;
		else if (!keyname_part_fits(shape, shape->parts[i], d->parts[i]))
			wrong |= part_bit(shape->parts[i]);
	}
	if (wrong && !any_empty && can_be_ordered(shape, d->parts)) {
		wrong = 1u << KEYNAME_FORMAT;
		d->form = FORM_ORDER;
	}
	d->violations |= wrong | (any_empty ? 1u << KEYNAME_EMPTY_PART : 0);
}

/* Copies name without its empty parts; false when it has none. */
static bool drop_empty(const struct keyname_shape *shape, struct view name, struct keyname_repaired *ret)
{
	ret->len = 0;
	for (size_t i = 0; i < name.len && i < sizeof(ret->bytes); i++)
		if (name.ptr[i] != shape->separator || (ret->len > 0 && ret->bytes[ret->len - 1] != shape->separator))
			ret->bytes[ret->len++] = name.ptr[i];
	if (ret->len > 0 && ret->bytes[ret->len - 1] == shape->separator)
		ret->len--;
	return ret->len < name.len;
}

void keyname_diagnose(const struct keyname_shape *shape, struct view repaired, struct keyname_diagnosis *ret)
{
	struct keyname_repaired full;
	enum keyname_form form = cut(shape, repaired, ret->parts);

	ret->violations = 0;
	ret->form = form;
	if (form != FORM_RIGHT && drop_empty(shape, repaired, &full)) {
		struct view parts[PART_COUNT];

		ret->violations = 1u << KEYNAME_EMPTY_PART;
		ret->form = cut(shape, view_from(full.bytes, full.len), parts);
		for (size_t i = 0; i < PART_COUNT; i++) /* the caller's text outlives full's */
			ret->parts[i] = view_sub(repaired, text_find(repaired, parts[i]), parts[i].len);
	}
	if (ret->form == FORM_RIGHT)
		judge_parts(shape, ret);
	else
		ret->violations |= 1u << KEYNAME_FORMAT;
}
