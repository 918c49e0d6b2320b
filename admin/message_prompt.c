/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_prompt.h"

#include <stdio.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define TOKENS_MAX 10'000'000
#define SHOWN_BYTES 64 /* of a name that is not known */

enum member { ID, PROMPT, MESSAGES, MODEL, SYSTEM, MAX_TOKENS, TEAM, FEATURE, METADATA, MEMBERS };

static const char *const names[MEMBERS] = { "id",         "prompt", "messages", "model",   "system",
					    "max_tokens", "team",   "feature",  "metadata" };

static int wrong(struct err *err, enum member member, const char *expected)
{
	return err_set(err, ERR_FORMAT, 0, "\"%s\": %s was expected", names[member], expected);
}

static int unknown(struct err *err, struct view key)
{
	DEFER(buf_done) struct buf name = BUF_INIT(QUEUE_LINE_BYTES), shown = BUF_INIT(8 * SHOWN_BYTES);
	const char *nearest;

	if (json_add_string(&name, key))
		return err_nomem(err);
	nearest = text_nearest(view_sub(buf_view(&name), 0, SHOWN_BYTES), names, MEMBERS);
	if (text_add_clean(&shown, view_sub(buf_view(&name), 0, SHOWN_BYTES)))
		return err_nomem(err);
	return err_set(err, ERR_FORMAT, 0,
		       "\"%s\" is not known%s%s%s: id, prompt, messages, model, system, max_tokens, team, feature or "
		       "metadata was expected",
		       shown.ptr ? shown.ptr : "", nearest ? " (did you mean \"" : "", nearest ? nearest : "",
		       nearest ? "\"?)" : "");
}

static int take_text(enum member member, struct view value, struct prompt *p, struct view *ret, struct err *err)
{
	if (json_type_of(value) != JSON_STRING)
		return wrong(err, member, "a string");
	if (json_text(value, &p->store, ret))
		return err_nomem(err);
	return ret->len ? 0 : wrong(err, member, "a string that is not empty");
}

static int take_messages(struct view value, struct prompt *p, struct err *err)
{
	struct view cursor = value, one;
	size_t count = 0;

	if (json_type_of(value) != JSON_ARRAY)
		return wrong(err, MESSAGES, "an array of objects");
	for (; json_each(&cursor, &one); count++)
		if (json_type_of(one) != JSON_OBJECT)
			return wrong(err, MESSAGES, "an array of objects");
	if (count == 0)
		return wrong(err, MESSAGES, "at least one message");
	p->messages = value;
	return 0;
}

static int take(enum member member, struct view value, struct prompt *p, struct err *err)
{
	switch (member) {
	case ID:
		if (take_text(member, value, p, &p->id, err))
			return -1;
		return p->id.len <= QUEUE_ID_BYTES ? 0 : wrong(err, member, "a string of at most 256 bytes");
	case PROMPT:
		return take_text(member, value, p, &p->prompt, err);
	case MESSAGES:
		return take_messages(value, p, err);
	case MODEL:
		return take_text(member, value, p, &p->model, err);
	case SYSTEM:
		return take_text(member, value, p, &p->system, err);
	case MAX_TOKENS:
		if (json_type_of(value) != JSON_NUMBER || text_u64(value, TOKENS_MAX, &p->max_tokens) ||
		    p->max_tokens == 0)
			return wrong(err, member, "a whole number from 1 to 10000000");
		return 0;
	case TEAM:
		return take_text(member, value, p, &p->team, err);
	case FEATURE:
		return take_text(member, value, p, &p->feature, err);
	case METADATA:
		p->metadata = value;
		return 0;
	case MEMBERS:
		break;
	}
	return err_set(err, ERR_INTERNAL, 0, "a member that is none");
}

static enum member member_of(struct view key)
{
	for (unsigned m = 0; m < MEMBERS; m++)
		if (json_string_is(key, view_of(names[m])))
			return (enum member)m;
	return MEMBERS;
}

static int take_all(struct view object, struct prompt *p, struct err *err)
{
	struct view key, value;
	unsigned seen = 0;

	while (json_each_member(&object, &key, &value)) {
		enum member m = member_of(key);

		if (m == MEMBERS)
			return unknown(err, key);
		if (seen & 1u << m)
			return err_set(err, ERR_FORMAT, 0, "\"%s\" is there twice", names[m]);
		seen |= 1u << m;
		if (json_type_of(value) != JSON_NULL && take(m, value, p, err))
			return -1;
	}
	if (!p->prompt.ptr == !p->messages.ptr)
		return err_set(err, ERR_FORMAT, 0, "one of \"prompt\" and \"messages\" was expected");
	return 0;
}

static void add_part(struct digest_sha256 *d, struct view part)
{
	digest_sha256_add_u64(d, part.ptr ? part.len : UINT64_MAX);
	digest_sha256_add(d, part);
}

static void end_digest(struct digest_sha256 *d, unsigned char ret[static PROMPT_DIGEST_BYTES])
{
	unsigned char whole[DIGEST_SHA256_BYTES];

	digest_sha256_end(d, whole);
	memcpy(ret, whole, PROMPT_DIGEST_BYTES);
}

void prompt_id_digest(struct view id, unsigned char ret[static PROMPT_DIGEST_BYTES])
{
	struct digest_sha256 d;

	digest_sha256_init(&d);
	digest_sha256_add(&d, id);
	end_digest(&d, ret);
}

static void set_digests(struct prompt *p)
{
	struct digest_sha256 d;

	prompt_id_digest(p->id, p->id_digest);
	digest_sha256_init(&d);
	add_part(&d, p->model);
	add_part(&d, p->system);
	add_part(&d, p->prompt);
	add_part(&d, p->messages);
	digest_sha256_add_u64(&d, p->max_tokens);
	end_digest(&d, p->digest);
}

static void start(struct prompt *p, const struct prompt_defaults *defaults)
{
	struct buf store = p->store;

	buf_clear(&store);
	*p = (struct prompt){ .store = store,
			      .model = view_of(defaults->model),
			      .system = view_of(defaults->system),
			      .team = view_of(defaults->team),
			      .feature = view_of(defaults->feature),
			      .max_tokens = defaults->max_tokens };
}

int prompt_read(struct view line, uint64_t number, const struct prompt_defaults *defaults, struct prompt *ret,
		struct err *err)
{
	struct view whole;

	start(ret, defaults);
	ret->line = number;
	if (line.len > QUEUE_LINE_BYTES)
		return err_set(err, ERR_LIMIT, 0, "a prompt is longer than %u bytes", QUEUE_LINE_BYTES);
	if (json_whole(line, &whole, err))
		return -1;
	if (json_type_of(whole) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "a JSON object was expected");
	if (buf_reserve(&ret->store, line.len + 1)) /* texts stay where they are put */
		return err_nomem(err);
	if (take_all(whole, ret, err))
		return -1;
	if (!ret->model.ptr)
		return err_set(err, ERR_FORMAT, 0, "no \"model\" is there, and --model was not given");
	if (!ret->id.ptr) {
		(void)snprintf(ret->own_id, sizeof(ret->own_id), "line-%llu", (unsigned long long)number);
		ret->id = view_of(ret->own_id);
	}
	set_digests(ret);
	return 0;
}

int prompt_of(struct view text, const struct prompt_defaults *defaults, struct prompt *ret, struct err *err)
{
	start(ret, defaults);
	if (!ret->model.ptr)
		return err_set(err, ERR_USAGE, 0, "--model MODEL was expected; `skantctl models list` shows them");
	if (text.len == 0)
		return err_set(err, ERR_USAGE, 0, "the prompt is empty");
	ret->prompt = text;
	set_digests(ret);
	return 0;
}

void prompt_done(struct prompt *prompt)
{
	buf_wipe(&prompt->store);
}
