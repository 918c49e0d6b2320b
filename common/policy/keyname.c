/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/keyname.h"

#include "common/base/text.h"
#include "common/policy/keyname_shape.h"

#define LISTED_SHOWN 12 /* values of a list that a message names */

static const char *const standard_environments[] = { "prod", "staging", "dev" };

const struct keyname_policy keyname_standard = {
	.format = "{team}-{environment}-{purpose}",
	.environments = { .items = standard_environments, .count = ARRAY_LEN(standard_environments) },
	.max_length = 64,
};

const char *const keyname_codes[KEYNAME_VIOLATIONS] = {
	[KEYNAME_FORMAT] = "format",       [KEYNAME_CASE] = "case",
	[KEYNAME_CHARACTER] = "character", [KEYNAME_LENGTH] = "length",
	[KEYNAME_TEAM] = "team",           [KEYNAME_ENVIRONMENT] = "environment",
	[KEYNAME_PURPOSE] = "purpose",     [KEYNAME_EMPTY_PART] = "empty-part",
};

static bool is_usable(struct view value)
{
	if (value.len == 0 || !text_is_alnum(value.ptr[0]) || !text_is_alnum(value.ptr[value.len - 1]))
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] != text_lower(value.ptr[i]) ||
		    (!text_is_alnum(value.ptr[i]) && text_find_byte(VIEW("-_."), value.ptr[i]) == SIZE_MAX))
			return false;
	return true;
}

int keyname_policy_check(const struct keyname_policy *policy, struct err *err)
{
	struct keyname_shape shape;

	if (keyname_shape_read(&shape, policy, err))
		return -1;
	for (unsigned part = 0; part < PART_COUNT; part++) {
		const struct keyname_list *list = keyname_shape_list(&shape, part);

		for (size_t i = 0; i < list->count; i++)
			if (!is_usable(view_of(list->items[i])))
				return err_set(err, ERR_CONFIG, 0,
					       "%s %zu of its list cannot stand in a name: expected a-z and 0-9, with "
					       "'-', '_' or '.' only inside",
					       keyname_part_names[part], i + 1);
	}
	if (policy->max_length == 0 || policy->max_length > NAME_BYTES)
		return err_set(err, ERR_CONFIG, 0, "max_length is %u: expected 1 to %d", policy->max_length,
			       NAME_BYTES);
	return 0;
}

static bool has_upper(struct view name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] != text_lower(name.ptr[i]))
			return true;
	return false;
}

/* Position of the first character that may not stand in a name, or SIZE_MAX. */
static size_t find_bad(const struct keyname_shape *shape, struct view name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!keyname_shape_allows(shape, text_lower(name.ptr[i])))
			return i;
	return SIZE_MAX;
}

/* As people count them: a byte that is part of no character counts as one. */
static size_t count_characters(struct view name)
{
	size_t count = 0;

	while (name.len) {
		size_t len = text_utf8_len(name);

		name = view_sub(name, len ? len : 1, SIZE_MAX);
		count++;
	}
	return count;
}

uint32_t keyname_check(const struct keyname_policy *policy, struct view name)
{
	struct keyname_shape shape;
	struct keyname_repaired repaired;
	struct keyname_diagnosis diagnosis;
	uint32_t violations = count_characters(name) > policy->max_length ? 1u << KEYNAME_LENGTH : 0;

	if (name.len > NAME_BYTES) /* not too long only when several bytes make a character */
		return violations ? violations : 1u << KEYNAME_CHARACTER;
	if (keyname_shape_read(&shape, policy, NULL))
		return 1u << KEYNAME_FORMAT;
	if (keyname_shape_fits(&shape, name))
		return violations;
	if (has_upper(name))
		violations |= 1u << KEYNAME_CASE;
	if (find_bad(&shape, name) != SIZE_MAX)
		violations |= 1u << KEYNAME_CHARACTER;
	keyname_repair(&shape, name, &repaired);
	if (keyname_shape_fits(&shape, view_from(repaired.bytes, repaired.len)))
		return violations;
	keyname_diagnose(&shape, view_from(repaired.bytes, repaired.len), &diagnosis);
	return violations | diagnosis.violations;
}

bool keyname_parts(const struct keyname_policy *policy, struct view name, struct keyname_parts *ret)
{
	struct keyname_shape shape;
	struct view parts[PART_COUNT];

	*ret = (struct keyname_parts){ .team = VIEW_NONE };
	if (name.len > policy->max_length || keyname_shape_read(&shape, policy, NULL) ||
	    !keyname_shape_split(&shape, name, parts))
		return false;
	*ret = (struct keyname_parts){ .team = parts[PART_TEAM],
				       .environment = parts[PART_ENVIRONMENT],
				       .purpose = parts[PART_PURPOSE] };
	return true;
}

/* ---- texts ---- */

/* `: write ml-prod-inference`, when there is such a name. */
static int add_advice(const struct keyname_policy *policy, struct view name, struct buf *buf)
{
	size_t before = buf->len, start;

	if (buf_add_text(buf, ": write "))
		return -1;
	start = buf->len;
	if (keyname_add_suggestion(policy, name, buf))
		return -1;
	if (buf->len == start)
		buf_cut(buf, before);
	return 0;
}

static int add_list(const struct keyname_list *list, struct buf *buf)
{
	for (size_t i = 0; i < list->count && i < LISTED_SHOWN; i++)
		if ((i > 0 && buf_add_text(buf, ", ")) || buf_add_text(buf, list->items[i]))
			return -1;
	return list->count > LISTED_SHOWN ? buf_addf(buf, " and %zu more", list->count - LISTED_SHOWN) : 0;
}

static int add_part_text(const struct keyname_shape *shape, const struct keyname_diagnosis *d, enum keyname_part part,
			 struct buf *buf)
{
	const struct keyname_list *list = keyname_shape_list(shape, part);
	struct view text = VIEW_NONE;

	for (size_t i = 0; i < shape->count; i++)
		if (shape->parts[i] == part)
			text = d->parts[i];
	if (buf_add_byte(buf, '\'') || text_add_clean(buf, text))
		return -1;
	if (list->count == 0)
		return buf_addf(buf, "' is no %s (a letter a-z, then letters and digits)", keyname_part_names[part]);
	return buf_addf(buf, "' is no listed %s (", keyname_part_names[part]) || add_list(list, buf) ||
			       buf_add_byte(buf, ')')
		       ? -1
		       : 0;
}

static int add_form_text(const struct keyname_policy *policy, enum keyname_form form, struct buf *buf)
{
	static const char *const texts[] = {
		[FORM_RIGHT] = "the parts are not those of",        [FORM_LITERAL] = "the literal text is not that of",
		[FORM_FEW] = "there are fewer parts than in",       [FORM_MANY] = "there are more parts than in",
		[FORM_ORDER] = "the parts are not in the order of",
	};

	return buf_addf(buf, "%s %s", texts[form], policy->format);
}

static int add_lower(struct view name, struct buf *buf)
{
	size_t start = buf->len;

	if (text_add_clean(buf, view_sub(name, 0, NAME_BYTES)))
		return -1;
	for (size_t i = start; i < buf->len; i++)
		buf->ptr[i] = text_lower(buf->ptr[i]);
	return 0;
}

/* is_odd: there are characters as well that may not stand in a name in lower case either. */
static int add_case_text(const struct keyname_policy *policy, struct view name, bool is_odd, struct buf *buf)
{
	size_t start;

	if (buf_add_text(buf, "upper-case letters"))
		return -1;
	start = buf->len;
	if (add_advice(policy, name, buf))
		return -1;
	if (buf->len > start)
		return 0;
	if (is_odd) /* what is said of that has to come first */
		return buf_add_text(buf, ": write lower-case ones");
	return buf_add_text(buf, ": write ") || add_lower(name, buf) ? -1 : 0;
}

static int add_character_text(const struct keyname_shape *shape, struct view name, struct buf *buf)
{
	size_t at = find_bad(shape, name);
	struct view rest = view_sub(name, at, name.len);
	size_t len = text_utf8_len(rest);

	if (buf_add_byte(buf, '\'') || text_add_clean(buf, view_sub(rest, 0, len ? len : 1)) ||
	    buf_add_text(buf, "' may not stand in a name: only a-z, 0-9"))
		return -1;
	for (int code = '!'; code < '~'; code++) {
		char c = (char)code;

		if (!text_is_alnum(c) && keyname_shape_allows(shape, c) && buf_addf(buf, " and '%c'", c))
			return -1;
	}
	return 0;
}

static int add_length_text(const struct keyname_policy *policy, struct view name, struct buf *buf)
{
	return buf_addf(buf, "%zu characters: at most %u are allowed", count_characters(name), policy->max_length);
}

static int add_text(const struct keyname_shape *shape, const struct keyname_diagnosis *d, struct view name,
		    enum keyname_violation v, struct buf *buf)
{
	switch (v) {
	case KEYNAME_FORMAT:
		return add_form_text(shape->policy, d->form, buf) || add_advice(shape->policy, name, buf) ? -1 : 0;
	case KEYNAME_CASE:
		return add_case_text(shape->policy, name, find_bad(shape, name) != SIZE_MAX, buf);
	case KEYNAME_CHARACTER:
		return add_character_text(shape, name, buf);
	case KEYNAME_LENGTH:
		return add_length_text(shape->policy, name, buf);
	case KEYNAME_TEAM:
		return add_part_text(shape, d, PART_TEAM, buf) || add_advice(shape->policy, name, buf) ? -1 : 0;
	case KEYNAME_ENVIRONMENT:
		return add_part_text(shape, d, PART_ENVIRONMENT, buf) || add_advice(shape->policy, name, buf) ? -1 : 0;
	case KEYNAME_PURPOSE:
		return add_part_text(shape, d, PART_PURPOSE, buf) || add_advice(shape->policy, name, buf) ? -1 : 0;
	case KEYNAME_EMPTY_PART:
		return buf_add_text(buf, "a part is empty") || add_advice(shape->policy, name, buf) ? -1 : 0;
	case KEYNAME_VIOLATIONS:
		break;
	}
	return 0;
}

int keyname_add_text(const struct keyname_policy *policy, struct view name, enum keyname_violation v, struct buf *buf)
{
	struct keyname_shape shape;
	struct keyname_repaired repaired;
	struct keyname_diagnosis diagnosis;
	size_t start = buf->len;

	if (keyname_shape_read(&shape, policy, NULL))
		return 0;
	keyname_repair(&shape, name, &repaired);
	keyname_diagnose(&shape, view_from(repaired.bytes, repaired.len), &diagnosis);
	if (add_text(&shape, &diagnosis, name, v, buf)) {
		buf_cut(buf, start);
		return -1;
	}
	return 0;
}
