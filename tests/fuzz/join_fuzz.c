/* SPDX-License-Identifier: Apache-2.0 */
/* A key that is put into parts as the input says is put together again, each byte where it stands; whatever stands
 * before and behind it. First byte: how many cuts; then two for each: how far from the last one, and what stands
 * between the parts. The rest is the text round them, half of it before and half behind. */
#include "scanner/decode/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define ROOT_LEN 7
#define BODY 93
#define KEY_BYTES (ROOT_LEN + 6 + BODY + 2)
#define CUTS_MAX 12
#define TEXT_BYTES 8192
#define PHASES 3
#define PLACES 16 /* of the key that are tried in each phase */
#define PLACE_STEP 7

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const char *const between[] = {
	"\" + \"", "\" +\n\t\"", "\"\n    \"", "' . '",    "\" \\\n  \"",   "\" /* a */ + \"", "'\"",  "${\"",
	"\\\n",    "<wbr>",      "\xC2\xAD",   "\" .. \"", "\\\" +\n \\\"", "\", \"",          "\n  ", "\r\n# ",
};
#define FIRST_UNSURE 13 /* from here on: what follows the key may make its last part the name of something */

static void make_key(char key[static KEY_BYTES])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	memcpy(key,
	       "sk-ant"
	       "-api03-",
	       ROOT_LEN + 6);
	for (size_t i = 0; i < BODY; i++)
		key[ROOT_LEN + 6 + i] = alphabet[(i * 37 + i * i * 11 + 5) % (sizeof(alphabet) - 1)];
	memcpy(key + KEY_BYTES - 2, "AA", 2);
}

struct joint {
	char text[TEXT_BYTES];
	size_t len, start;
	bool is_sure;
	size_t place[KEY_BYTES];
};

static void add(struct joint *j, const void *bytes, size_t len)
{
	len = len < sizeof(j->text) - j->len ? len : sizeof(j->text) - j->len;
	memcpy(j->text + j->len, bytes, len);
	j->len += len;
}

/* Takes the cuts from the input; returns how many bytes of it they were. */
static size_t add_key(struct joint *j, const uint8_t *data, size_t size)
{
	size_t cuts = size ? data[0] % CUTS_MAX : 0, used = size ? 1 : 0, next = ROOT_LEN;
	char key[KEY_BYTES];

	make_key(key);
	j->start = j->len;
	j->is_sure = true;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		if (cuts && used + 1 < size && i == next + data[used] % 32) {
			size_t kind = data[used + 1] % ARRAY_LEN(between);

			add(j, between[kind], strlen(between[kind]));
			j->is_sure = j->is_sure && kind < FIRST_UNSURE;
			next = i + 1;
			used += 2;
			cuts--;
		}
		j->place[i] = j->len;
		add(j, &key[i], 1);
	}
	return used;
}

static void check(const struct joint *j, struct decoded *d)
{
	struct view text = view_from(j->text, j->len);
	char key[KEY_BYTES];

	make_key(key);
	if (decode_look_closer(text, j->start) != DECODE_JOINED)
		return; /* it is whole, or goes on in another form */
	if (decode_at(DECODE_JOINED, DECODE_FROM_START, text, j->start, d) != DECODE_DONE ||
	    !text_starts(buf_view(&d->text), view_from(key, KEY_BYTES))) {
		must(!j->is_sure);
		return;
	}
	/* What is no part of the key after all may have its bytes, by chance. */
	for (size_t i = 0; i < KEY_BYTES; i++)
		must(!j->is_sure || (d->spans[i].from == j->place[i] && d->spans[i].to == j->place[i] + 1));
	must(d->covered <= j->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decoded decoded;
	static struct joint j;
	size_t room = TEXT_BYTES / 4, used, half;

	if (!decoded.text.max)
		decoded_init(&decoded);
	j.len = 0;
	half = size / 2 < room ? size / 2 : room;
	add(&j, data + size - half, half);
	used = add_key(&j, data, size);
	add(&j, data + used, size - used - half < room && used + half <= size ? size - used - half : 0);
	check(&j, &decoded);
	for (size_t at = j.start; at < j.len && at < j.start + PLACES * PLACE_STEP; at += PLACE_STEP)
		for (unsigned phase = 0; phase < PHASES; phase++) {
			(void)decode_at(DECODE_JOINED, phase, view_from(j.text, j.len), at, &decoded);
			must(decoded.covered > at);
			for (size_t i = 0; i < decoded.text.len; i++)
				must(decoded.spans[i].from < decoded.spans[i].to && decoded.spans[i].to <= j.len);
		}
	return 0;
}
