/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/file_doubt.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/sink/logfile.h"

#define HEX_BYTES (2 * (size_t)DIGEST_SHA256_BYTES)
#define SLOTS 2048 /* a power of two, and twice as many as events */
_Static_assert(SLOTS >= 2 * SINK_BATCH_EVENTS, "a table of chains has room to spare");

struct search {
	const struct sink_batch *batch;
	bool *is_there;
	unsigned short slots[SLOTS]; /* index + 1 of an event, by its chain */
};

static size_t slot_of(const unsigned char *chain)
{
	size_t number;

	memcpy(&number, chain, sizeof(number));
	return number % SLOTS;
}

static void index_batch(struct search *s)
{
	for (size_t i = 0; i < s->batch->count; i++) {
		size_t slot = slot_of(s->batch->events[i].chain);

		while (s->slots[slot])
			slot = (slot + 1) % SLOTS;
		s->slots[slot] = (unsigned short)(i + 1);
	}
}

/* The digit's value, or -1; upper case is not ours. */
static int digit_of(char c)
{
	if (text_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void unhex(const char *text, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	for (size_t i = 0; i < DIGEST_SHA256_BYTES; i++)
		ret[i] = (unsigned char)(digit_of(text[2 * i]) * 16 + digit_of(text[2 * i + 1]));
}

/* The next run of exactly as many hex digits as a digest has, at or behind *at; it is moved behind it. NULL: none.
 * Every such run has a digit at one of the places that are looked at. */
static const char *next_digest(struct view line, size_t *at)
{
	while (line.len - *at >= HEX_BYTES) {
		size_t start = *at + HEX_BYTES - 1, end = start + 1;

		if (digit_of(line.ptr[start]) < 0) {
			*at = end;
			continue;
		}
		while (start > *at && digit_of(line.ptr[start - 1]) >= 0)
			start--;
		while (end < line.len && digit_of(line.ptr[end]) >= 0)
			end++;
		*at = end;
		if (end - start == HEX_BYTES)
			return line.ptr + start;
	}
	return NULL;
}

/* Whether the line has the digest of this event's body as well. */
static bool has_hash(struct view line, const struct event *event)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	const char *text;
	size_t at = 0;

	while ((text = next_digest(line, &at))) {
		unhex(text, digest);
		if (memcmp(digest, event->hash, sizeof(digest)) == 0)
			return true;
	}
	return false;
}

static int take_line(void *context, struct view line, struct err *)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	struct search *s = context;
	const char *text;
	size_t at = 0;

	while ((text = next_digest(line, &at))) {
		unhex(text, digest);
		for (size_t slot = slot_of(digest); s->slots[slot]; slot = (slot + 1) % SLOTS) {
			size_t i = s->slots[slot] - 1;
			const struct event *event = &s->batch->events[i];

			if (memcmp(event->chain, digest, sizeof(digest)) == 0 && has_hash(line, event))
				s->is_there[i] = true;
		}
	}
	return 0;
}

/* Bytes at the end that hold all of the batch, whatever the format, and whatever came behind it. */
static uint64_t reach(const struct sink_batch *batch)
{
	uint64_t bytes = LOGFILE_DOUBT_BYTES;

	for (size_t i = 0; i < batch->count; i++)
		bytes += LOGFILE_DOUBT_EVENT_BYTES + LOGFILE_DOUBT_FACTOR * (uint64_t)batch->events[i].body.len;
	return bytes;
}

int file_doubt(const struct settings_sink *settings, const struct sink_batch *batch, bool *ret_is_there,
	       struct err *err)
{
	DEFER(freep) struct search *s = calloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->batch = batch;
	s->is_there = ret_is_there;
	memset(ret_is_there, 0, batch->count * sizeof(*ret_is_there));
	index_batch(s);
	return logfile_each_line(settings->path, settings->rotate_keep, reach(batch), take_line, s, err);
}
