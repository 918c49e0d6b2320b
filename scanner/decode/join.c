/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that stand in parts: string literals that a program puts together, arrays whose elements it joins, strings that
 * go on in the next line, lines that somebody wrapped. bridge.c knows what may stand between two parts; what comes out
 * has to look like a key. */
#include "common/base/secret.h"
#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define JOINED_MAX 400 /* bytes of a joined text */
#define GUESS_MAX 1024 /* bytes of the text behind the first guess */
#define CONTEXT_BYTES 24
#define BACK_BYTES 640 /* before a hit in the middle of a word, its start is looked for, ... */
#define BACK_TRIES 32  /* ... in so many places */

#define ROOT VIEW("sk-ant-")

/* A text that is put together: how far it has come, and how far it had before the first guess. */
struct joint {
	size_t at, parts;
	size_t sure_at, sure_parts, sure_len;
	bool is_guess;
};

static int add_run(struct view text, struct joint *j, struct decoded *ret)
{
	while (j->at < text.len && secret_is_key_char(text.ptr[j->at]) && ret->text.len < JOINED_MAX) {
		if (decoded_add(ret, text.ptr[j->at], j->at, j->at + 1))
			return -1;
		j->at++;
	}
	return 0;
}

/* Where the next part starts; SIZE_MAX: there is none. */
static size_t next_part(struct view text, struct joint *j, const struct decoded *d)
{
	size_t next = bridge_skip(text, j->at, secret_is_key_char);

	if (j->is_guess && j->at - j->sure_at > GUESS_MAX)
		return SIZE_MAX;
	if (next != SIZE_MAX)
		return next;
	next = bridge_guess(text, j->at, secret_is_key_char);
	if (next != SIZE_MAX && text_starts(view_sub(text, next, text.len), ROOT))
		return SIZE_MAX; /* another key starts there */
	if (next != SIZE_MAX && !j->is_guess) {
		j->is_guess = true;
		j->sure_at = j->at;
		j->sure_parts = j->parts;
		j->sure_len = d->text.len;
	}
	return next;
}

/* What was guessed has to make a whole key, or is given up again. */
static void settle(struct joint *j, struct decoded *d)
{
	size_t whole;

	if (!j->is_guess || (decode_is_whole(buf_view(&d->text), &whole) && whole == d->text.len))
		return;
	buf_cut(&d->text, j->sure_len);
	j->at = j->sure_at;
	j->parts = j->sure_parts;
}

/* Puts together what goes on from a place: whole parts, whatever their number, until it is a whole key. */
static enum decode_result join(struct view text, size_t at, bool with_dashes, struct decoded *ret)
{
	struct joint j = { .at = at, .parts = 1 };
	size_t whole;

	while (ret->text.len < JOINED_MAX) {
		size_t next;

		if (add_run(text, &j, ret))
			return DECODE_NO_MEMORY;
		if (decode_is_whole(buf_view(&ret->text), &whole))
			break;
		next = next_part(text, &j, ret);
		if (next == SIZE_MAX)
			break;
		if (with_dashes && decoded_add(ret, '-', j.at, next))
			return DECODE_NO_MEMORY;
		j.at = next;
		j.parts++;
	}
	settle(&j, ret);
	ret->covered = j.at;
	for (size_t end = j.at + CONTEXT_BYTES; j.at < text.len && j.at < end; j.at++)
		if (decoded_add(ret, text.ptr[j.at], j.at, j.at + 1))
			return DECODE_NO_MEMORY;
	return j.parts > 1 ? DECODE_DONE : DECODE_NOTHING;
}

/* Whether a word starts at a place, be it in parts; and it must not end before `within`. */
static bool starts_word(struct view text, size_t at, struct view word, size_t within)
{
	for (size_t i = 0; i < word.len; i++) {
		if (i && (at >= text.len || text.ptr[at] != word.ptr[i])) {
			size_t next = bridge_skip(text, at, secret_is_key_char);

			at = next != SIZE_MAX ? next : bridge_guess(text, at, secret_is_key_char);
		}
		if (at == SIZE_MAX || at >= text.len || text.ptr[at] != word.ptr[i])
			return false;
		at++;
	}
	return at > within;
}

/* A hit on a later part: its first one stands before it. */
static enum decode_result join_from_middle(struct view text, size_t at, struct decoded *ret)
{
	size_t least = at > BACK_BYTES ? at - BACK_BYTES : 0, tries = 0;

	for (size_t pos = at + 2 < text.len ? at + 2 : text.len; pos > least && tries < BACK_TRIES; pos--) {
		if (text.ptr[pos - 1] != 's')
			continue;
		if (starts_word(text, pos - 1, ROOT, at))
			return join(text, pos - 1, false, ret);
		tries++;
	}
	return DECODE_NOTHING;
}

enum decode_result decode_joined(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	if (phase == JOIN_FROM_MIDDLE)
		return join_from_middle(text, at, ret);
	return join(text, phase == JOIN_BY_DASHES ? at + 1 : at, phase == JOIN_BY_DASHES, ret);
}
