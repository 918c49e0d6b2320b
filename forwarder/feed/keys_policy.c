/* SPDX-License-Identifier: Apache-2.0 */
/* What about a key breaks the policy: told when it is new, and when nothing is wrong any more. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/keys.h"

/* Those that time brings by itself. */
#define STALE (UINT32_C(1) << KEYAUDIT_AGE | UINT32_C(1) << KEYAUDIT_AGE_WARN | UINT32_C(1) << KEYAUDIT_UNUSED)
#define NAMES ((UINT32_C(1) << KEYNAME_VIOLATIONS) - 1)

int keys_add_codes(struct buf *buf, uint32_t codes)
{
	size_t start = buf->len;

	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++)
		if (codes & UINT32_C(1) << i &&
		    ((buf->len > start && buf_add_byte(buf, ',')) || buf_add_text(buf, keyaudit_code(i))))
			return -1;
	return 0;
}

static uint32_t code_of(struct view word)
{
	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++)
		if (text_eq(word, view_of(keyaudit_code(i))))
			return UINT32_C(1) << i;
	return 0;
}

uint32_t keys_codes_of(struct view text)
{
	uint32_t codes = 0;

	while (text.len) {
		size_t comma = text_find_byte(text, ',');

		codes |= code_of(view_sub(text, 0, comma));
		text = comma == SIZE_MAX ? VIEW_NONE : view_sub(text, comma + 1, SIZE_MAX);
	}
	return codes;
}

static void write_codes(struct jsonw *w, uint32_t codes)
{
	jsonw_key(w, "violations");
	jsonw_array(w);
	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++)
		if (codes & UINT32_C(1) << i)
			jsonw_string(w, view_of(keyaudit_code(i)));
	jsonw_end(w);
}

/* Each with its sentence, as `skantctl keys audit` has them. */
static int write_problems(struct keys_feed *f, struct jsonw *w, const struct keys_change *c, uint32_t codes)
{
	jsonw_key(w, "problems");
	jsonw_array(w);
	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(2 * EVENT_MESSAGE_BYTES);

		if (!(codes & UINT32_C(1) << i))
			continue;
		if (keyaudit_add_text(f->audit, c->key, i, &text))
			return -1;
		jsonw_object(w);
		jsonw_member_text(w, "code", keyaudit_code(i));
		jsonw_member(w, "message", buf_view(&text));
		jsonw_end(w);
	}
	jsonw_end(w);
	return 0;
}

static int write_suggestion(struct keys_feed *f, struct jsonw *w, const struct keys_change *c)
{
	DEFER(buf_done) struct buf text = BUF_INIT(EVENT_MESSAGE_BYTES);

	if (keyname_add_suggestion(&f->lists.policy->names, view_of(c->key->name), &text))
		return -1;
	batch_member(w, "suggestion", buf_view(&text));
	return 0;
}

static int add_message(struct keys_feed *f, const struct keys_change *c, uint32_t codes)
{
	struct buf *message = &f->lists.message;
	bool is_first = true;

	buf_clear(message);
	if (buf_addf(message, "API key '%s' (%s): ", c->key->name, c->key->id))
		return -1;
	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++) {
		if (!(codes & UINT32_C(1) << i))
			continue;
		if ((!is_first && buf_add_text(message, "; ")) || keyaudit_add_text(f->audit, c->key, i, message))
			return -1;
		is_first = false;
	}
	return 0;
}

static int tell(struct keys_feed *f, const char *type, const struct keys_change *c, uint32_t codes, struct err *err)
{
	struct jsonw *w;

	if (add_message(f, c, codes))
		return err_nomem(err);
	w = keys_begin(f, type, c);
	write_codes(w, codes);
	if (write_problems(f, w, c, codes) || (codes & NAMES && write_suggestion(f, w, c)))
		return err_nomem(err);
	return lists_end(&f->lists, c->id, c->revision, err);
}

static int tell_over(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	struct buf *message = &f->lists.message;

	buf_clear(message);
	if (buf_addf(message, "API key '%s' (%s) keeps the policy again", c->key->name, c->key->id))
		return err_nomem(err);
	(void)keys_begin(f, "key_compliant", c);
	return lists_end(&f->lists, c->id, c->revision, err);
}

int keys_tell_policy(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	uint32_t added = c->codes & ~c->codes_before;

	if (added & ~STALE && tell(f, "key_noncompliant", c, c->codes & ~STALE, err))
		return -1;
	if (added & STALE && tell(f, "key_stale", c, c->codes & STALE, err))
		return -1;
	/* One that was switched off is not judged, and no better for it. */
	if (c->codes_before && !c->codes && keyaudit_judges(c->key, f->lists.now_s))
		return tell_over(f, c, err);
	return 0;
}
