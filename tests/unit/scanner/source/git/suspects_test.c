/* SPDX-License-Identifier: Apache-2.0 */
/* The first look at an object store. */
#include "scanner/source/git/suspects.h"

#include "common/base/text.h"
#include "tests/support/place.h"

#define TEXT_BYTES 4096

/* What is told by the way. */
struct told {
	size_t unread, passed;
	enum unread reason;
	char name[OID_HEX_BYTES];
	bool stops;
};

static bool is_marked(void *, unsigned, struct view bytes)
{
	return text_find(bytes, VIEW("KEY")) != SIZE_MAX;
}

static bool suspects(void *, unsigned, const struct piece *piece)
{
	return text_find(piece->bytes, VIEW("KEY=")) != SIZE_MAX;
}

static void pass(void *context, unsigned, uint64_t)
{
	((struct told *)context)->passed++;
}

static void take_unread(void *context, unsigned, struct pool_task *, const struct item *item, enum unread reason, int)
{
	struct told *t = context;

	t->unread++;
	t->reason = reason;
	(void)snprintf(t->name, sizeof(t->name), "%.*s", (int)item->name.len, item->name.ptr);
}

static bool is_stopped(void *context)
{
	return ((struct told *)context)->stops;
}

/* The name of an object by its number, in hexadecimal. */
static const char *hex_of(unsigned n)
{
	static char hex[4][OID_HEX_BYTES];
	static unsigned next;
	struct oid id = pack_id(n);

	next = (next + 1) % 4;
	oid_hex(&id, OID_SHA1_BYTES, hex[next]);
	return hex[next];
}

static void put_object(const struct place *p, unsigned n, const char *type, struct view content)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);

	assert_int_equal(buf_addf(&text, "%s %zu", type, content.len) || buf_add_byte(&text, '\0') ||
				 buf_add(&text, content),
			 0);
	put_loose_text(p, n, buf_view(&text));
}

/* parent 0: none. */
static void put_commit(const struct place *p, unsigned n, unsigned tree, unsigned parent, const char *message)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);

	assert_int_equal(
		buf_addf(&text, "tree %s\n", hex_of(tree)) ||
			(parent && buf_addf(&text, "parent %s\n", hex_of(parent))) ||
			buf_addf(&text, "author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\n%s\n",
				 message),
		0);
	put_object(p, n, "commit", buf_view(&text));
}

/* A tree with one entry. */
static void put_tree(const struct place *p, unsigned n, const char *mode, unsigned entry)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	struct oid id = pack_id(entry);

	assert_int_equal(buf_addf(&text, "%s name", mode) || buf_add_byte(&text, '\0') ||
				 buf_add(&text, view_from((const char *)id.bytes, OID_SHA1_BYTES)),
			 0);
	put_object(p, n, "tree", buf_view(&text));
}

/* 0, or -1 with err. */
static int find_with(const struct place *p, struct suspects_options o, struct told *t, struct suspects *ret,
		     struct err *err)
{
	const struct item_sink sink = { .context = t,
					.is_marked = is_marked,
					.longest_mark = 3,
					.pass = pass,
					.suspects = suspects,
					.unread = take_unread,
					.stopped = is_stopped };
	const char *folders[] = { p->folder };
	struct pool_task slots[1] = { { .pool = NULL } };
	struct objects *objects = objects_open(folders, 1, OID_SHA1_BYTES, err);
	int status;

	assert_non_null(objects);
	o.objects = objects;
	o.hash_len = OID_SHA1_BYTES;
	o.jobs = 1;
	o.max_bytes = MEMORY;
	status = suspects_find(&o, &sink, slots, ret, err);
	objects_freep(&objects);
	return status;
}

static struct suspects find(const struct place *p, struct suspects_options o, struct told *t)
{
	struct err err = ERR_INIT;
	struct suspects ret;

	if (find_with(p, o, t, &ret, &err))
		fail_msg("%s", err.text);
	return ret;
}

static bool is_among(const struct oid *list, size_t count, unsigned n)
{
	struct oid id = pack_id(n);

	for (size_t i = 0; i < count; i++)
		if (oid_eq(&list[i], &id))
			return true;
	return false;
}

static bool is_suspect(const struct suspects *s, unsigned n)
{
	struct oid id = pack_id(n);

	for (size_t i = 0; i < s->count; i++)
		if (oid_eq(&s->items[i].id, &id))
			return true;
	return false;
}

static void only_what_may_hold_something_is_a_suspect(void **)
{
	struct told t = { .unread = 0 };
	struct suspects s;
	struct place p;

	place_init(&p);
	put_object(&p, 1, "blob", VIEW("KEY=1"));
	put_object(&p, 2, "blob", VIEW("KEY alone"));
	put_object(&p, 3, "blob", VIEW("nothing"));
	put_commit(&p, 4, 5, 0, "has KEY=2");
	put_tree(&p, 5, "100644", 1);
	s = find(&p, (struct suspects_options){ .wants_commits = true, .checks = true }, &t);
	assert_int_equal(s.count, 2);
	assert_true(is_suspect(&s, 1));
	assert_true(is_suspect(&s, 4));
	assert_int_equal(s.commit_count, 1);
	assert_true(is_among(s.commits, s.commit_count, 4));
	assert_int_equal(s.missing_count, 0);
	assert_true(s.all_checked);
	assert_int_equal(t.unread, 0);
	assert_int_equal(t.passed, 1); /* what has no mark counts as read */
	suspects_done(&s);
	place_done(&p);
}

static void what_is_referred_to_and_not_there_is_missing(void **)
{
	struct oid cut = pack_id(1);
	struct told t = { .unread = 0 };
	struct suspects s;
	struct place p;

	place_init(&p);
	put_commit(&p, 1, 2, 3, "the parent is not there");
	put_tree(&p, 2, "100644", 4);
	put_tree(&p, 5, "40000", 6);
	put_tree(&p, 7, "160000", 8); /* another repository's commit need not be there */
	s = find(&p, (struct suspects_options){ .checks = true }, &t);
	assert_int_equal(s.missing_count, 3);
	assert_true(is_among(s.missing, 3, 3) && is_among(s.missing, 3, 4) && is_among(s.missing, 3, 6));
	suspects_done(&s);
	s = find(&p, (struct suspects_options){ .checks = true, .shallow = &cut, .shallow_count = 1 }, &t);
	assert_int_equal(s.missing_count, 2);
	assert_false(is_among(s.missing, 2, 3));
	suspects_done(&s);
	s = find(&p, (struct suspects_options){ .checks = false }, &t);
	assert_int_equal(s.missing_count, 0);
	suspects_done(&s);
	assert_int_equal(t.unread, 0);
	place_done(&p);
}

static void an_object_of_another_type_than_is_said_is_told(void **)
{
	struct told t = { .unread = 0 };
	struct suspects s;
	struct place p;

	place_init(&p);
	put_object(&p, 1, "blob", VIEW("text"));
	put_tree(&p, 2, "40000", 1); /* as a folder */
	s = find(&p, (struct suspects_options){ .checks = true }, &t);
	assert_int_equal(t.unread, 1);
	assert_int_equal(t.reason, UNREAD_CORRUPT);
	assert_string_equal(t.name, hex_of(1));
	assert_int_equal(s.unread, 1);
	suspects_done(&s);
	place_done(&p);
}

static void what_is_damaged_is_told_and_the_rest_is_looked_at(void **)
{
	struct told t = { .unread = 0 };
	struct suspects s;
	struct place p;

	place_init(&p);
	put_loose_text(&p, 1, VIEW("blob 9\0short"));
	put_object(&p, 2, "blob", VIEW("KEY=1"));
	put_object(&p, 3, "commit", VIEW("no commit"));
	s = find(&p, (struct suspects_options){ .checks = true }, &t);
	assert_int_equal(t.unread, 2);
	assert_int_equal(s.unread, 2);
	assert_int_equal(s.count, 1);
	assert_true(is_suspect(&s, 2));
	suspects_done(&s);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_may_hold_something_is_a_suspect),
		cmocka_unit_test(what_is_referred_to_and_not_there_is_missing),
		cmocka_unit_test(an_object_of_another_type_than_is_said_is_told),
		cmocka_unit_test(what_is_damaged_is_told_and_the_rest_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
