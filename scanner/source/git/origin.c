/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/origin.h"

#include "common/base/clock.h"
#include "scanner/source/git/commit.h"

#define TEXT_BYTES (1u << 20)
#define SHOWN_BYTES 1024 /* of a name, an address or a subject */
#define YEAR_9999_S 253402300799

static const char *const type_names[] = {
	[OBJECT_COMMIT] = "commit", [OBJECT_TREE] = "tree", [OBJECT_BLOB] = "blob", [OBJECT_TAG] = "tag"
};

void origin_texts_init(struct origin_texts *t)
{
	*t = (struct origin_texts){ .author = BUF_INIT(TEXT_BYTES),
				    .email = BUF_INIT(TEXT_BYTES),
				    .date = BUF_INIT(TEXT_BYTES),
				    .message = BUF_INIT(TEXT_BYTES) };
}

void origin_texts_done(struct origin_texts *t)
{
	buf_wipe(&t->author);
	buf_wipe(&t->email);
	buf_done(&t->date);
	buf_wipe(&t->message);
}

void origin_start(struct origin *o, struct origin_texts *t, const struct oid *object, enum object_type type,
		  size_t hash_len)
{
	oid_hex(object, hash_len, t->object);
	*o = (struct origin){ .is_known = true, .object = t->object, .object_type = type_names[type] };
}

/* Copies a text up to a NUL or the most that is shown; NULL when it is empty. */
static int copy(struct buf *to, struct view from, const char **ret)
{
	buf_clear(to);
	if (buf_add(to, view_sub(from, 0, SHOWN_BYTES)))
		return -1;
	*ret = to->len ? to->ptr : NULL;
	return 0;
}

static int add_person(struct origin *o, struct origin_texts *t, const struct person *p, struct view message)
{
	buf_clear(&t->date);
	if (copy(&t->author, p->name, &o->author) || copy(&t->email, p->email, &o->email) ||
	    copy(&t->message, commit_subject(message), &o->message))
		return -1;
	if (!p->has_time || p->time_s > YEAR_9999_S)
		return 0;
	if (clock_add_rfc3339_at(&t->date, p->time_s, p->offset_mins))
		return -1;
	o->date = t->date.ptr;
	return 0;
}

int origin_add_commit(struct origin *o, struct origin_texts *t, struct object_reader *r, const struct oid *id,
		      size_t hash_len)
{
	struct object object;
	struct commit commit;
	enum object_result status = object_read(r, id, &object, NULL);

	oid_hex(id, hash_len, t->commit);
	o->commit = t->commit;
	if (status == OBJECT_NOMEM)
		return -1;
	if (status != OBJECT_OK || object.type != OBJECT_COMMIT || commit_parse(object.content, hash_len, &commit))
		return 0;
	return add_person(o, t, &commit.author, commit.message);
}

int origin_add_tag(struct origin *o, struct origin_texts *t, struct object_reader *r, const struct oid *id,
		   size_t hash_len)
{
	struct object object;
	struct tag tag;
	enum object_result status = object_read(r, id, &object, NULL);

	if (status == OBJECT_NOMEM)
		return -1;
	if (status != OBJECT_OK || object.type != OBJECT_TAG || tag_parse(object.content, hash_len, &tag))
		return 0;
	return add_person(o, t, &tag.tagger, tag.message);
}
