/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/export_line.h"

#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/event.h"

/* Where a format has what is looked for: a path of members each, inner ones behind a dot. */
struct places {
	const char *seq, *id, *type, *hash, *chain, *replay, *upstream, *verbatim;
};

static const struct places json_places[] = {
	{ "seq", "id", "type", "hash", "chain", "replay", "upstream", "verbatim" },
	{ "SKANT_SEQ", "ANTHROPIC_ACTIVITY_ID", "ANTHROPIC_ACTIVITY_TYPE", "SKANT_HASH", "SKANT_CHAIN", "SKANT_REPLAY",
	  "ANTHROPIC_JSON", "verbatim" },
	{ "skant.seq", "skant.id", "event.action", "skant.hash", "skant.chain", "skant.replay", "skant.upstream",
	  "skant.verbatim" },
	{ "unmapped.skant.seq", "unmapped.skant.id", "activity_name", "unmapped.skant.hash", "unmapped.skant.chain",
	  "unmapped.skant.replay", "unmapped.skant.upstream", "unmapped.skant.verbatim" },
};

/* The names in an RFC 5424 element. */
static const struct places element_places = { "skantSeq",   "activityId",  "activityType", "skantHash",
					      "skantChain", "skantReplay", NULL,           NULL };

static struct view member_at(struct view object, const char *path)
{
	struct view rest = view_of(path);

	while (rest.len) {
		DEFER(buf_done) struct buf key = BUF_INIT(64);
		size_t dot = text_find_byte(rest, '.');

		if (json_type_of(object) != JSON_OBJECT || buf_add(&key, view_sub(rest, 0, dot)))
			return VIEW_NONE;
		object = json_member(object, key.ptr);
		if (!object.len)
			return VIEW_NONE;
		rest = dot == SIZE_MAX ? VIEW_NONE : view_sub(rest, dot + 1, SIZE_MAX);
	}
	return object;
}

/* A string's text or a number's digits. */
static struct view plain(struct view value, struct export_line *ret)
{
	struct view text;

	if (!value.len || json_type_of(value) != JSON_STRING)
		return value;
	return json_text(value, &ret->store, &text) ? VIEW_NONE : text;
}

static bool is_yes(struct view v)
{
	return text_eq(v, VIEW("true")) || text_eq(v, VIEW("1")) || text_eq(v, VIEW("yes"));
}

/* `journalctl -o json` writes values with bytes that are no text as arrays of numbers. */
static int bytes_of(struct view array, struct buf *store, struct view *ret)
{
	size_t start = store->len;
	struct view value;
	uint64_t byte;

	while (json_each(&array, &value))
		if (text_u64(value, UINT8_MAX, &byte) || buf_add_byte(store, (char)byte))
			return -1;
	*ret = view_sub(buf_view(store), start, SIZE_MAX);
	return 0;
}

static int fill(struct export_line *ret, struct view seq, struct view hash, struct view chain, struct view replay)
{
	if (text_u64(seq, INT64_MAX, &ret->seq) || !ret->seq || !ret->id.len ||
	    digest_read_hex(hash, ret->hash, DIGEST_SHA256_BYTES) ||
	    digest_read_hex(chain, ret->chain, DIGEST_SHA256_BYTES))
		return -1;
	ret->is_replay = is_yes(replay);
	return 1;
}

static int read_json(struct view object, const struct places *at, struct export_line *ret)
{
	struct view upstream = member_at(object, at->upstream);

	/* Room for all of it: views into the store have to stay. */
	if (buf_reserve(&ret->store, object.len))
		return -1;
	ret->id = plain(member_at(object, at->id), ret);
	if (event_is_probe(plain(member_at(object, at->type), ret), ret->id))
		return 0;
	/* Line ends between the tokens went: the same JSON, but not the bytes of the hash. */
	if (text_eq(member_at(object, at->verbatim), VIEW("false")))
		upstream = VIEW_NONE;
	if (upstream.len && json_type_of(upstream) == JSON_OBJECT)
		ret->upstream = upstream;
	else if (upstream.len && json_type_of(upstream) == JSON_STRING)
		ret->upstream = plain(upstream, ret);
	else if (upstream.len && json_type_of(upstream) == JSON_ARRAY &&
		 bytes_of(upstream, &ret->store, &ret->upstream))
		return -1;
	return fill(ret, plain(member_at(object, at->seq), ret), plain(member_at(object, at->hash), ret),
		    plain(member_at(object, at->chain), ret), plain(member_at(object, at->replay), ret));
}

/* The value of ` name="..."`, its escapes (RFC 5424, 6.3.3) resolved. */
static struct view parameter(struct view line, const char *name, struct export_line *ret)
{
	DEFER(buf_done) struct buf opening = BUF_INIT(64);
	size_t start = ret->store.len, at;

	if (buf_addf(&opening, " %s=\"", name))
		return VIEW_NONE;
	at = text_find(line, buf_view(&opening));
	if (at == SIZE_MAX)
		return VIEW_NONE;
	for (at += opening.len; at < line.len && line.ptr[at] != '"'; at++) {
		at += line.ptr[at] == '\\' && at + 1 < line.len;
		if (buf_add_byte(&ret->store, line.ptr[at]))
			return VIEW_NONE;
	}
	return view_sub(buf_view(&ret->store), start, SIZE_MAX);
}

static int read_element(struct view line, struct export_line *ret)
{
	const struct places *at = &element_places;
	struct view seq, hash, chain;

	if (buf_reserve(&ret->store, line.len))
		return -1;
	seq = parameter(line, at->seq, ret);
	if (!seq.ptr)
		return 0;
	ret->id = parameter(line, at->id, ret);
	if (event_is_probe(parameter(line, at->type, ret), ret->id))
		return 0;
	hash = parameter(line, at->hash, ret);
	chain = parameter(line, at->chain, ret);
	return fill(ret, seq, hash, chain, parameter(line, at->replay, ret));
}

int export_line_read(struct view line, struct export_line *ret)
{
	struct view object;
	size_t brace;

	ret->upstream = ret->id = VIEW_NONE;
	ret->seq = 0;
	ret->is_replay = false;
	buf_clear(&ret->store);
	brace = text_find_byte(line, '{');
	if (brace != SIZE_MAX && json_whole(view_sub(line, brace, SIZE_MAX), &object, NULL) == 0)
		for (size_t i = 0; i < ARRAY_LEN(json_places); i++)
			if (member_at(object, json_places[i].seq).len && member_at(object, json_places[i].hash).len)
				return read_json(object, &json_places[i], ret);
	return read_element(line, ret);
}
