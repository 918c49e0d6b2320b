/* SPDX-License-Identifier: Apache-2.0 */
/* For tests and fuzzers: bundles put together by hand round a hand-made pack (pack.h), whose ids are right, and a taker
 * that keeps what comes of one. */
#ifndef TESTS_SUPPORT_BUNDLE_H
#define TESTS_SUPPORT_BUNDLE_H

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "scanner/unpack/bundle.h"
#include "tests/support/pack.h"

/* The name that git gives to an object. */
static inline struct oid bundle_id(size_t hash_len, const char *type, struct view content)
{
	struct buf all = BUF_INIT(PACK_BYTES);
	struct oid id = { .bytes = { 0 } };

	pack_need(buf_addf(&all, "%s %zu", type, content.len) == 0 && buf_add_byte(&all, '\0') == 0 &&
		  buf_add(&all, content) == 0);
	if (hash_len == OID_SHA1_BYTES)
		digest_sha1(buf_view(&all), id.bytes);
	else
		digest_sha256(buf_view(&all), id.bytes);
	buf_done(&all);
	return id;
}

/* Ends the pack with its number of objects and its digest, and puts head before it. */
static inline struct buf bundle_of(struct made_pack *m, struct view head)
{
	struct buf out = BUF_INIT(PACK_BYTES);
	unsigned char digest[OID_MAX_BYTES];
	uint32_t count = htobe32(m->count);

	memcpy(m->pack.ptr + 8, &count, sizeof(count));
	if (m->hash_len == OID_SHA1_BYTES)
		digest_sha1(buf_view(&m->pack), digest);
	else
		digest_sha256(buf_view(&m->pack), digest);
	pack_need(buf_add(&out, head) == 0 && buf_add(&out, buf_view(&m->pack)) == 0 &&
		  buf_add(&out, view_from(digest, m->hash_len)) == 0);
	pack_done(m);
	return out;
}

struct bundled { /* what came of an object */
	char name[80];
	struct buf content;
	bool was_given;
	enum unpack_trouble trouble; /* UNPACK_TROUBLES: none was told */
	char text[200];
};

struct bundle_taken {
	struct bundled *objects;
	size_t count, cap;
	uint64_t bytes;
	bool counts_only;            /* keeps nothing: there may be many */
	size_t given;                /* objects that came */
	enum unpack_trouble trouble; /* what was told last */
	struct unpack_run run;
};

static inline void bundle_taken_init(struct bundle_taken *t)
{
	*t = (struct bundle_taken){ .count = 0 };
}

static inline void bundle_taken_done(struct bundle_taken *t)
{
	for (size_t i = 0; i < t->count; i++)
		buf_done(&t->objects[i].content);
	free(t->objects);
	*t = (struct bundle_taken){ .count = 0 };
}

static inline struct bundled *bundle_find(const struct bundle_taken *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->objects[i].name, name) == 0)
			return &t->objects[i];
	return NULL;
}

static inline struct bundled *bundle_called(struct bundle_taken *t, struct view name)
{
	char text[sizeof(t->objects->name)];
	struct bundled *found;

	pack_need(name.len < sizeof(text));
	memset(text, 0, sizeof(text));
	if (name.len)
		memcpy(text, name.ptr, name.len);
	found = bundle_find(t, text);
	if (found)
		return found;
	if (t->count == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 16;
		t->objects = realloc(t->objects, t->cap * sizeof(*t->objects));
		pack_need(t->objects != NULL);
	}
	t->objects[t->count] = (struct bundled){ .content = BUF_INIT(PACK_BYTES), .trouble = UNPACK_TROUBLES };
	memcpy(t->objects[t->count].name, text, sizeof(text));
	return &t->objects[t->count++];
}

static inline void bundle_take_object(void *context, struct view name, struct bundle_walk *walk)
{
	struct bundle_taken *t = context;
	struct bundled *o = t->counts_only ? NULL : bundle_called(t, name);
	struct view bytes;

	t->given++;
	pack_need(!o || !o->was_given);
	while (bundle_read(walk, &bytes)) {
		t->bytes += bytes.len;
		if (o)
			pack_need(buf_add(&o->content, bytes) == 0);
	}
	if (o)
		o->was_given = true;
}

static inline void bundle_take_unread(void *context, struct view name, enum unpack_trouble trouble, struct view text)
{
	struct bundle_taken *t = context;
	struct bundled *o;

	t->trouble = trouble;
	if (t->counts_only)
		return;
	o = bundle_called(t, name);
	pack_need(o->trouble == UNPACK_TROUBLES && text.len < sizeof(o->text)); /* once */
	o->trouble = trouble;
	if (text.len)
		memcpy(o->text, text.ptr, text.len);
}

static inline int bundle_run(struct bundle_taken *t, struct view bundle, const struct unpack_request *limits)
{
	const struct bundle_ops ops = { .object = bundle_take_object, .unread = bundle_take_unread, .context = t };
	const struct unpack_input in = { .size = bundle.len };

	int status;

	t->run = (struct unpack_run){ .in = &in, .limits = limits };
	status = bundle_scan(bundle, &t->run, &ops);
	t->run.in = NULL;
	return status;
}

/* Whether all that is in it was read, but bases that are elsewhere. */
static inline bool bundle_is_read(const struct bundle_taken *t)
{
	const struct bundled *all = bundle_find(t, "");

	return !t->run.over && (t->counts_only ? t->trouble == 0 : !all || all->trouble == UNPACK_TROUBLES);
}

#endif
