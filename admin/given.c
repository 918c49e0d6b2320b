/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/given.h"

#include "common/base/bounds.h"
#include "common/base/text.h"

static struct view without_prefix(const struct given *given, struct view word)
{
	struct view prefix = view_of(given->prefix);

	return prefix.len && text_starts(word, prefix) ? view_sub(word, prefix.len, word.len) : word;
}

/* Either name of a word may be given, ours and the dialect's. */
static bool is_known(const struct given *given, const struct api_parameter *parameter, struct view value)
{
	struct view rest = view_of(parameter->values), ours, wire;

	while (api_next_value(&rest, &ours, &wire))
		if (text_eq(value, without_prefix(given, ours)) || text_eq(value, wire))
			return true;
	return false;
}

static int refuse_word(const struct session *s, const struct given *given, const struct api_parameter *parameter,
		       const char *value, struct err *err)
{
	DEFER(buf_done) struct buf known = BUF_INIT(ERR_TEXT_BYTES);
	struct view rest = view_of(parameter->values), ours, wire;

	while (api_next_value(&rest, &ours, &wire))
		if (buf_add_text(&known, known.len ? ", " : "") || buf_add(&known, without_prefix(given, ours)))
			return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "--%s takes one of %s in the dialect %s, not '%s'", given->option, known.ptr,
		       api_dialect_names[s->profile.dialect], value);
}

int given_check(const struct session *s, const struct given *given, const char *value, struct err *err)
{
	const struct api_route *route = session_route(s, given->operation, err);
	const struct api_parameter *parameter;

	if (!route)
		return -1;
	if (!value)
		return 0;
	parameter = api_parameter_of(route, given->parameter);
	if (!parameter)
		return err_set(err, ERR_USAGE, 0, "--%s is not taken in the dialect %s", given->option,
			       api_dialect_names[s->profile.dialect]);
	if (parameter->is_closed && !is_known(given, parameter, without_prefix(given, view_of(value))))
		return refuse_word(s, given, parameter, value, err);
	return 0;
}

int given_check_all(const struct session *s, const struct given *given, const struct texts *values, struct err *err)
{
	for (size_t i = 0; i < values->count; i++)
		if (given_check(s, given, values->items[i], err))
			return -1;
	return 0;
}
