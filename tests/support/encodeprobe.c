/* SPDX-License-Identifier: Apache-2.0 */
/* The formats with nothing around them, for end-to-end tests: an event a line on standard input,
 *
 *	{"body":"...","origin":"platform","format":"json", ...}
 *
 * and for each one a line on standard output: whether something was left out (0 or 1), its class, its severity, and
 * what the format made of it, with a space between them. Members, all but body optional: origin (platform, cca, ingest,
 * own), feed, id, type, time_ns, observed_ns, redacted, replay (0 or 1), format, message (a format), host, pen,
 * facility, max_message. Sequence numbers count from 1; hash and chain are those of the spool. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/encode/encode.h"
#include "forwarder/spool/chain.h"

#define TEXT_BYTES ((size_t)4 * JSON_RECORD_BYTES)

struct request {
	struct view line;
	struct buf store; /* large enough from the start: views into it stay */
};

[[gnu::noreturn]] static void fail(const char *why)
{
	(void)fprintf(stderr, "encodeprobe: %s\n", why);
	exit(2);
}

static struct view text_of(struct request *r, const char *key, struct view otherwise)
{
	struct view value = json_member(r->line, key), text;

	if (!value.len)
		return otherwise;
	if (json_type_of(value) != JSON_STRING || json_text(value, &r->store, &text))
		fail(key);
	return text;
}

static uint64_t number_of(const struct request *r, const char *key, uint64_t otherwise)
{
	struct view value = json_member(r->line, key);
	uint64_t n;

	if (!value.len)
		return otherwise;
	if (text_u64(value, INT64_MAX, &n))
		fail(key);
	return n;
}

static const struct encoder *encoder_of(struct request *r, const char *key, const char *otherwise)
{
	DEFER(buf_done) struct buf name = BUF_INIT(64);
	const struct encoder *encoder;

	if (buf_add(&name, text_of(r, key, view_of(otherwise))) || !name.ptr)
		fail(key);
	if (!name.len || strcmp(name.ptr, "text") == 0)
		return NULL;
	encoder = encode_find(name.ptr);
	if (!encoder)
		fail(key);
	return encoder;
}

static enum event_origin origin_of(struct view name)
{
	static const char *const names[] = { "platform", "cca", "ingest", "own" };

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq(name, view_of(names[i])))
			return (enum event_origin)(i + 1);
	fail("origin");
}

static void encode_one(struct request *r, struct event *e)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES), host = BUF_INIT(4096);
	const struct encoder *encoder = encoder_of(r, "format", "json");
	struct encoder_options options = { .pen = (uint32_t)number_of(r, "pen", 32473),
					   .facility = (unsigned)number_of(r, "facility", 13),
					   .pid = 4711,
					   .max_message = number_of(r, "max_message", 0),
					   .message = encoder_of(r, "message", "text") };
	struct err err = ERR_INIT;
	bool is_cut = false;

	e->feed = text_of(r, "feed", VIEW("audit"));
	e->id = text_of(r, "id", VIEW("activity_01"));
	e->type = text_of(r, "type", VIEW("platform_api_key_created"));
	e->origin = origin_of(text_of(r, "origin", VIEW("platform")));
	e->time_ns = (int64_t)number_of(r, "time_ns", 1775808550123456789);
	e->observed_ns = (int64_t)number_of(r, "observed_ns", 1775808580000000000);
	e->is_redacted = number_of(r, "redacted", 0);
	e->is_replay = number_of(r, "replay", 0);
	e->body = text_of(r, "body", VIEW("{}"));
	e->seq++;
	digest_sha256(e->body, e->hash);
	chain_link(e->chain, e->id, e->hash);
	if (buf_add(&host, text_of(r, "host", VIEW("host.example.com"))))
		fail("memory");
	options.host = host.ptr;
	if (!encoder || event_read(e, &err) || encoder->encode(e, &options, &out, &is_cut))
		fail("encoding");
	(void)printf("%d %s %s ", is_cut, event_classes[e->class].name, event_severity_names[e->severity]);
	(void)fwrite(out.ptr, 1, out.len, stdout);
	(void)putchar('\n');
}

int main(void)
{
	struct event event = { .seq = 0 };
	struct request r = { .store = BUF_INIT(TEXT_BYTES) };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		struct err err = ERR_INIT;

		if (json_whole(view_from(line, (size_t)len), &r.line, &err))
			fail(err.text);
		buf_clear(&r.store);
		if (buf_reserve(&r.store, (size_t)len))
			fail("memory");
		encode_one(&r, &event);
	}
	free(line);
	buf_done(&r.store);
	event_done(&event);
	return 0;
}
