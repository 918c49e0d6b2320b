/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/export_line.h"

#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/event.h"

/* Where a format has what is looked for: a path of members each, inner ones behind a dot. */
struct places {
	const char *seq, *id, *type, *hash, *chain, *replay, *truncated, *upstream, *verbatim;
	bool needs_upstream; /* or says why they are not there */
};

static const struct places json_places[] = {
	{ "seq", "id", "type", "hash", "chain", "replay", "truncated", "upstream", "verbatim", true },
	{ "SKANT_SEQ", "ANTHROPIC_ACTIVITY_ID", "ANTHROPIC_ACTIVITY_TYPE", "SKANT_HASH", "SKANT_CHAIN", "SKANT_REPLAY",
	  "truncated", "ANTHROPIC_JSON", "verbatim", false },
	{ "skant.seq", "skant.id", "event.action", "skant.hash", "skant.chain", "skant.replay", "skant.truncated",
	  "skant.upstream", "skant.verbatim", true },
	{ "unmapped.skant.seq", "unmapped.skant.id", "activity_name", "unmapped.skant.hash", "unmapped.skant.chain",
	  "unmapped.skant.replay", "unmapped.skant.truncated", "unmapped.skant.upstream", "unmapped.skant.verbatim",
	  true },
};

/* The names in an RFC 5424 element. */
static const struct places element_places = { "skantSeq",   "activityId",  "activityType",   "skantHash",
					      "skantChain", "skantReplay", "skantTruncated", NULL,
					      NULL,         false };

/* The keys in CEF; the type is in its header. */
static const struct places cef_places = { "skantSeq",    "externalId",     NULL, "skantHash", "skantChain",
					  "skantReplay", "skantTruncated", NULL, NULL,        false };

#define PLACES_MAX 8 /* in a line: all but its type */
#define CEF_HEAD "CEF:0|skant|skantd|"

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

static bool has_twice(struct view object, const struct view *names, size_t count)
{
	bool is_there[PLACES_MAX] = { false };
	struct view key, value;

	while (json_each_member(&object, &key, &value))
		for (size_t i = 0; i < count; i++) {
			if (!json_string_is(key, names[i]))
				continue;
			if (is_there[i])
				return true;
			is_there[i] = true;
		}
	return false;
}

/* Of two members of one name some readers take the first and others the last: ours has each once, and the objects that
 * they are in as well. */
static bool is_ambiguous(struct view object, const struct places *at)
{
	const char *const paths[] = { at->seq,    at->id,        at->hash,     at->chain,
				      at->replay, at->truncated, at->upstream, at->verbatim };
	struct view names[PLACES_MAX], rest = view_of(at->seq);
	size_t dot;

	_Static_assert(ARRAY_LEN(paths) <= PLACES_MAX, "a name each");
	while ((dot = text_find_byte(rest, '.')) != SIZE_MAX) {
		DEFER(buf_done) struct buf name = BUF_INIT(64);

		names[0] = view_sub(rest, 0, dot);
		if (has_twice(object, names, 1) || buf_add(&name, names[0]))
			return true;
		object = json_member(object, name.ptr);
		rest = view_sub(rest, dot + 1, SIZE_MAX);
	}
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		names[i] = view_sub(view_of(paths[i]), strlen(at->seq) - rest.len, SIZE_MAX);
	return has_twice(object, names, ARRAY_LEN(paths));
}

static int read_json(struct view object, const struct places *at, struct export_line *ret)
{
	struct view upstream = member_at(object, at->upstream);
	bool is_changed = text_eq(member_at(object, at->verbatim), VIEW("false"));

	/* Room for all of it: views into the store have to stay. */
	if (buf_reserve(&ret->store, object.len))
		return -1;
	ret->id = plain(member_at(object, at->id), ret);
	if (event_is_probe(plain(member_at(object, at->type), ret), ret->id))
		return 0;
	ret->is_truncated = is_yes(plain(member_at(object, at->truncated), ret));
	/* Line ends between the tokens went: the same JSON, but not the bytes of the hash. */
	if (is_changed)
		upstream = VIEW_NONE;
	if (upstream.len && json_type_of(upstream) == JSON_OBJECT)
		ret->upstream = upstream;
	else if (upstream.len && json_type_of(upstream) == JSON_STRING)
		ret->upstream = plain(upstream, ret);
	else if (upstream.len && json_type_of(upstream) == JSON_ARRAY &&
		 bytes_of(upstream, &ret->store, &ret->upstream))
		return -1;
	ret->is_bare = at->needs_upstream && !ret->upstream.len && !ret->is_truncated && !is_changed;
	if (is_ambiguous(object, at))
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

/* Our element and what follows it. RFC 5424 has the text behind it; the local form, known by its tag, has it in front:
 * a text that looks like an element is none. */
static struct view find_element(struct view line)
{
	const struct view element = VIEW("[anthropic@");
	size_t at = text_find(line, element), tag = text_find(line, VIEW("skantd["));
	bool is_last = tag < at;

	if (at == SIZE_MAX)
		return line; /* a receiver that writes the parameters in its own way */
	for (size_t next = at; is_last && next != SIZE_MAX;) {
		line = view_sub(line, next, SIZE_MAX);
		next = text_find(view_sub(line, 1, SIZE_MAX), element);
		next += next != SIZE_MAX;
	}
	return is_last ? line : view_sub(line, at, SIZE_MAX);
}

static int read_element(struct view line, struct export_line *ret)
{
	const struct places *at = &element_places;
	struct view seq, hash, chain;

	line = find_element(line);
	if (buf_reserve(&ret->store, line.len))
		return -1;
	seq = parameter(line, at->seq, ret);
	if (!seq.ptr)
		return 0;
	ret->id = parameter(line, at->id, ret);
	if (event_is_probe(parameter(line, at->type, ret), ret->id))
		return 0;
	ret->is_truncated = is_yes(parameter(line, at->truncated, ret));
	hash = parameter(line, at->hash, ret);
	chain = parameter(line, at->chain, ret);
	return fill(ret, seq, hash, chain, parameter(line, at->replay, ret));
}

/* A value of CEF up to where it ends, its escapes resolved. ends: the pipe of the header, or the equals sign of the
 * next key, in front of whose name the value has ended. */
static struct view cef_value(struct view rest, char ends, struct export_line *ret)
{
	size_t start = ret->store.len, end = SIZE_MAX;

	for (size_t i = 0; i < rest.len && rest.ptr[i] != ends; i++) {
		char c = rest.ptr[i];

		if (c == '\\' && i + 1 < rest.len) {
			c = rest.ptr[++i];
			c = ends == '=' && c == 'n' ? '\n' : ends == '=' && c == 'r' ? '\r' : c;
		} else if (c == ' ' && ends == '=') {
			end = ret->store.len;
		}
		if (buf_add_byte(&ret->store, c))
			return VIEW_NONE;
		if (i + 1 == rest.len)
			end = SIZE_MAX; /* no key follows: the space was one of its own */
	}
	if (end != SIZE_MAX)
		buf_cut(&ret->store, end);
	return view_sub(buf_view(&ret->store), start, SIZE_MAX);
}

/* The value of this key; no ptr: it is not there. An equals sign in a value is escaped, so that none looks like it. */
static struct view cef_member(struct view extension, const char *key, struct export_line *ret)
{
	DEFER(buf_done) struct buf opening = BUF_INIT(64);
	size_t at;

	if (buf_addf(&opening, " %s=", key))
		return VIEW_NONE;
	if (text_starts(extension, view_sub(buf_view(&opening), 1, SIZE_MAX)))
		return cef_value(view_sub(extension, opening.len - 1, SIZE_MAX), '=', ret);
	at = text_find(extension, buf_view(&opening));
	return at == SIZE_MAX ? VIEW_NONE : cef_value(view_sub(extension, at + opening.len, SIZE_MAX), '=', ret);
}

/* Goes behind the next pipe that is none of a value. */
static void pass_pipe(struct view *rest)
{
	size_t i = 0;

	while (i < rest->len && rest->ptr[i] != '|')
		i += rest->ptr[i] == '\\' ? 2 : 1;
	*rest = view_sub(*rest, i < rest->len ? i + 1 : rest->len, SIZE_MAX);
}

/* From "CEF:0|vendor|product|" on: version, class, name, severity, and then the members. */
static int read_cef(struct view rest, struct export_line *ret)
{
	const struct places *at = &cef_places;
	struct view type, seq, hash, chain;

	if (buf_reserve(&ret->store, rest.len))
		return -1;
	pass_pipe(&rest);
	type = cef_value(rest, '|', ret);
	for (unsigned i = 0; i < 3; i++)
		pass_pipe(&rest);
	seq = cef_member(rest, at->seq, ret);
	ret->id = cef_member(rest, at->id, ret);
	if (event_is_probe(type, ret->id))
		return 0;
	ret->is_truncated = is_yes(cef_member(rest, at->truncated, ret));
	hash = cef_member(rest, at->hash, ret);
	chain = cef_member(rest, at->chain, ret);
	return fill(ret, seq, hash, chain, cef_member(rest, at->replay, ret));
}

/* Where what stands behind our head of CEF begins; SIZE_MAX: it is none. The text of another format could say the same,
 * but has the element in front of it, or at the end of the line. */
static size_t find_cef(struct view line)
{
	size_t at = text_find(line, VIEW(CEF_HEAD));
	struct view tail = text_trim(line);

	if (at == SIZE_MAX || text_find(view_sub(line, 0, at), VIEW("[anthropic@")) != SIZE_MAX ||
	    text_eq(view_sub(tail, tail.len < 2 ? 0 : tail.len - 2, SIZE_MAX), VIEW("\"]")))
		return SIZE_MAX;
	return at + strlen(CEF_HEAD);
}

int export_line_read(struct view line, struct export_line *ret)
{
	struct view object;
	size_t brace, cef;
	bool is_json;

	ret->upstream = ret->id = VIEW_NONE;
	ret->seq = 0;
	ret->is_replay = ret->is_truncated = ret->is_bare = false;
	buf_clear(&ret->store);
	brace = text_find_byte(line, '{');
	is_json = brace != SIZE_MAX && json_whole(view_sub(line, brace, SIZE_MAX), &object, NULL) == 0;
	for (size_t i = 0; is_json && i < ARRAY_LEN(json_places); i++)
		if (member_at(object, json_places[i].seq).len && member_at(object, json_places[i].hash).len)
			return read_json(object, &json_places[i], ret);
	/* In a string of JSON it has escapes of other kinds. */
	cef = is_json ? SIZE_MAX : find_cef(line);
	return cef != SIZE_MAX ? read_cef(view_sub(line, cef, SIZE_MAX), ret) : read_element(line, ret);
}
