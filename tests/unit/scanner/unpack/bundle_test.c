/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/bundle.h"

#include "tests/support/bundle.h"
#include "tests/support/place.h"

#define HEAD "# v2 git bundle\n0123456789012345678901234567890123456789 refs/heads/main\n\n"
#define CHAIN 100000

static const struct unpack_request usual = { .ratio = 100, .bytes = ARCHIVE_BYTES, .entries = ARCHIVE_ENTRIES };

struct tried {
	struct made_pack m;
	struct buf bundle;
	struct bundle_taken t;
	int status;
};

static void tried_init(struct tried *x)
{
	*x = (struct tried){ .status = 1 };
	pack_begin(&x->m);
	bundle_taken_init(&x->t);
}

static void tried_done(struct tried *x)
{
	pack_done(&x->m);
	buf_done(&x->bundle);
	bundle_taken_done(&x->t);
}

static void run(struct tried *x, const struct unpack_request *limits)
{
	if (!x->bundle.len)
		x->bundle = bundle_of(&x->m, VIEW(HEAD));
	x->status = bundle_run(&x->t, buf_view(&x->bundle), limits);
}

/* The hexadecimal digits of a blob's id; good until the next call. */
static const char *name_of(const char *type, struct view content)
{
	static char hex[OID_HEX_BYTES];
	struct oid id = bundle_id(OID_SHA1_BYTES, type, content);

	oid_hex(&id, OID_SHA1_BYTES, hex);
	return hex;
}

static void has_come(const struct tried *x, const char *type, struct view content)
{
	const struct bundled *o = bundle_find(&x->t, name_of(type, content));

	assert_non_null(o);
	assert_true(o->was_given);
	assert_int_equal(o->content.len, content.len);
	if (content.len)
		assert_memory_equal(o->content.ptr, content.ptr, content.len);
}

static const struct bundled *was_said(const struct tried *x, const char *name, enum unpack_trouble trouble,
				      const char *text)
{
	const struct bundled *o = bundle_find(&x->t, name);

	assert_non_null(o);
	assert_int_equal(o->trouble, trouble);
	if (!strstr(o->text, text))
		fail_msg("'%s' is not in '%s'", text, o->text);
	return o;
}

static uint64_t add(struct tried *x, const char *type, struct view content)
{
	static const char *const names[] = { "", "commit", "tree", "blob", "tag" };
	unsigned number = 1;

	while (strcmp(names[number], type) != 0)
		number++;
	return pack_add(&x->m, bundle_id(x->m.hash_len, type, content), number, content);
}

/* A delta by offset that appends text to a base of base_len bytes. */
static uint64_t append(struct tried *x, uint64_t base, size_t base_len, struct view text)
{
	return add_ofs(&x->m, 0, base, base_len, text);
}

static void append_to_id(struct tried *x, struct oid base, size_t base_len, struct view text)
{
	struct buf d = appending(base_len, text);

	(void)pack_add_ref(&x->m, pack_id(0), base, buf_view(&d));
	buf_done(&d);
}

static void blobs_commits_and_tags_come_by_their_ids(void **)
{
	struct tried x;

	tried_init(&x);
	(void)add(&x, "blob", VIEW("some text\n"));
	(void)add(&x, "commit", VIEW("tree 0\n\na message\n"));
	(void)add(&x, "tree", VIEW("100644 name"));
	(void)add(&x, "tag", VIEW("object 0\n"));
	(void)add(&x, "blob", VIEW(""));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	has_come(&x, "blob", VIEW("some text\n"));
	has_come(&x, "commit", VIEW("tree 0\n\na message\n"));
	has_come(&x, "tag", VIEW("object 0\n"));
	has_come(&x, "blob", VIEW(""));
	assert_null(bundle_find(&x.t, name_of("tree", VIEW("100644 name"))));
	assert_int_equal(x.t.count, 5); /* and the head */
	tried_done(&x);
}

static void the_head_comes_as_a_member(void **)
{
	struct tried x;
	const struct bundled *o;

	tried_init(&x);
	(void)add(&x, "blob", VIEW("text"));
	run(&x, &usual);
	o = bundle_find(&x.t, BUNDLE_HEADER);
	assert_non_null(o);
	assert_view(buf_view(&o->content), HEAD);
	tried_done(&x);
}

static void an_object_that_is_there_twice_comes_once(void **)
{
	struct tried x;

	tried_init(&x);
	(void)add(&x, "blob", VIEW("text"));
	(void)append(&x, add(&x, "blob", VIEW("te")), 2, VIEW("xt"));
	(void)add(&x, "blob", VIEW("text"));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	has_come(&x, "blob", VIEW("text"));
	has_come(&x, "blob", VIEW("te"));
	assert_int_equal(x.t.count, 3);
	tried_done(&x);
}

static void a_sha256_repository_has_longer_ids(void **)
{
	struct tried x;
	struct oid id = bundle_id(OID_SHA256_BYTES, "blob", VIEW("base"));
	char hex[OID_HEX_BYTES];

	tried_init(&x);
	x.m.hash_len = OID_SHA256_BYTES;
	(void)add(&x, "blob", VIEW("base"));
	append_to_id(&x, id, 4, VIEW(" more"));
	x.bundle =
		bundle_of(&x.m, VIEW("# v3 git bundle\n@object-format=sha256\n@filter=blob:none\n"
				     "-0123456789012345678901234567890123456789012345678901234567890123 needed\n\n"));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	oid_hex(&id, OID_SHA256_BYTES, hex);
	assert_non_null(bundle_find(&x.t, hex));
	id = bundle_id(OID_SHA256_BYTES, "blob", VIEW("base more"));
	oid_hex(&id, OID_SHA256_BYTES, hex);
	assert_non_null(bundle_find(&x.t, hex));
	tried_done(&x);
}

static void a_head_is_told_what_is_wrong_with_it(void **)
{
	static const struct {
		const char *head, *text;
		enum err_kind kind;
	} cases[] = {
		{ "# v4 git bundle\n\n", "does not begin with", ERR_FORMAT },
		{ "# v2 git bundle\n", "cut within its head", ERR_FORMAT },
		{ "# v2 git bundle\n0123", "cut within its head", ERR_FORMAT },
		{ "# v2 git bundle\nwords\n\n", "line 2 of its head", ERR_FORMAT },
		{ "# v2 git bundle\n@object-format=sha1\n\n", "line 2 of its head", ERR_FORMAT },
		{ "# v2 git bundle\n0123456789012345678901234567890123456789\n\n", "line 2", ERR_FORMAT },
		{ "# v2 git bundle\n-0123456789012345678901234567890123456789x\n\n", "line 2", ERR_FORMAT },
		{ "# v3 git bundle\n@object-format=md5\n\n", "neither sha1 nor sha256", ERR_LIMIT },
		{ "# v3 git bundle\n@new\n\n", "capability that is not known", ERR_LIMIT },
		{ "# v3 git bundle\n-0123456789012345678901234567890123456789 x\n@filter=x\n\n", "line 3", ERR_FORMAT },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bundle_head head;
		struct err err = ERR_INIT;

		assert_int_equal(bundle_read_head(view_of(cases[i].head), &head, &err), -1);
		assert_int_equal(err.kind, cases[i].kind);
		if (!strstr(err.text, cases[i].text))
			fail_msg("'%s' is not in '%s'", cases[i].text, err.text);
	}
}

static void a_capability_that_is_not_known_is_no_damage(void **)
{
	struct tried x;

	tried_init(&x);
	(void)add(&x, "blob", VIEW("text"));
	x.bundle = bundle_of(&x.m, VIEW("# v3 git bundle\n@new=1\n\n"));
	run(&x, &usual);
	assert_false(bundle_is_read(&x.t));
	(void)was_said(&x, "", UNPACK_UNSUPPORTED, "capability");
	tried_done(&x);
}

static void what_follows_a_head_and_is_no_pack_is_told(void **)
{
	static const struct view cases[] = { { HEAD, sizeof(HEAD) - 1 },
					     { HEAD "JUNK\0\0\0\2\0\0\0\0", sizeof(HEAD) + 11 },
					     { HEAD "PACK\0\0\0\7\0\0\0\0", sizeof(HEAD) + 11 } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bundle_taken t;

		bundle_taken_init(&t);
		assert_int_equal(bundle_run(&t, cases[i], &usual), -1);
		assert_int_equal(t.objects[0].trouble, UNPACK_CORRUPT);
		bundle_taken_done(&t);
	}
}

static void deltas_are_undone_whatever_their_order(void **)
{
	struct tried x;
	uint64_t at;

	tried_init(&x);
	append_to_id(&x, bundle_id(OID_SHA1_BYTES, "blob", VIEW("base of it all")), 14, VIEW(", and more"));
	at = add(&x, "blob", VIEW("base of it"));
	(void)append(&x, at, 10, VIEW(" all"));
	(void)append(&x, append(&x, at, 10, VIEW(" 1")), 12, VIEW(" 2"));
	append_to_id(&x, bundle_id(OID_SHA1_BYTES, "blob", VIEW("base of it")), 10, VIEW(" by id"));
	append_to_id(&x, bundle_id(OID_SHA1_BYTES, "blob", VIEW("base of it all")), 14, VIEW(" again"));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	has_come(&x, "blob", VIEW("base of it"));
	has_come(&x, "blob", VIEW("base of it all"));
	has_come(&x, "blob", VIEW("base of it all, and more"));
	has_come(&x, "blob", VIEW("base of it 1"));
	has_come(&x, "blob", VIEW("base of it 1 2"));
	has_come(&x, "blob", VIEW("base of it by id"));
	has_come(&x, "blob", VIEW("base of it all again"));
	assert_int_equal(x.t.count, 8);
	tried_done(&x);
}

static void deltas_of_commits_and_trees_are_of_their_type(void **)
{
	struct tried x;

	tried_init(&x);
	(void)append(&x, add(&x, "commit", VIEW("tree 1\n")), 7, VIEW("\nmessage"));
	(void)append(&x, add(&x, "tree", VIEW("tree")), 4, VIEW("more"));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	has_come(&x, "commit", VIEW("tree 1\n\nmessage"));
	assert_int_equal(x.t.count, 3);
	tried_done(&x);
}

static void a_base_that_is_elsewhere_is_told_and_what_is_new_is_read(void **)
{
	struct tried x;
	struct oid far = pack_id(7);
	char hex[OID_HEX_BYTES], name[40];
	const struct bundled *o;
	uint64_t at;
	struct buf d;

	tried_init(&x);
	(void)add(&x, "blob", VIEW("here"));
	delta_begin(&d, 100, 57);
	delta_add_insert(&d, VIEW("first "));
	delta_add_insert(&d, VIEW("words"));
	delta_add_copy(&d, 10, 40);
	delta_add_insert(&d, VIEW("second"));
	at = pack_add_ref(&x.m, pack_id(0), far, buf_view(&d));
	buf_done(&d);
	append_to_id(&x, far, 100, VIEW("third"));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	oid_hex(&far, OID_SHA1_BYTES, hex);
	(void)was_said(&x, hex, UNPACK_MISSING, "");
	(void)snprintf(name, sizeof(name), "offset-%zu", sizeof(HEAD) - 1 + (size_t)at);
	o = bundle_find(&x.t, name);
	assert_non_null(o);
	assert_view(buf_view(&o->content), "first words\nsecond");
	assert_int_equal(x.t.count, 5);
	tried_done(&x);
}

static void deltas_by_id_that_go_in_a_circle_are_missing_their_base(void **)
{
	struct tried x;

	tried_init(&x);
	for (unsigned i = 0; i < 3; i++)
		append_to_id(&x, pack_id(i), 4, VIEW("text"));
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	for (unsigned i = 0; i < 3; i++) {
		char hex[OID_HEX_BYTES];
		struct oid id = pack_id(i);

		oid_hex(&id, OID_SHA1_BYTES, hex);
		(void)was_said(&x, hex, UNPACK_MISSING, "");
	}
	tried_done(&x);
}

static void a_chain_of_100000_deltas_is_walked(void **)
{
	struct tried x;
	uint64_t at;

	tried_init(&x);
	at = add(&x, "blob", VIEW("x"));
	for (size_t i = 1; i <= CHAIN; i++) {
		struct buf d;

		delta_begin(&d, i < 99 ? i : 100 - (i == 99), i < 99 ? i + 1 : 100);
		delta_add_copy(&d, i < 100 ? 0 : 8, (uint32_t)(i < 99 ? i : 92));
		if (i < 99)
			delta_add_insert(&d, VIEW("y"));
		else
			delta_add_insert(&d, view_from(&i, sizeof(i)));
		at = pack_add_ofs(&x.m, pack_id(0), at, buf_view(&d));
		buf_done(&d);
	}
	x.t.counts_only = true;
	run(&x, &usual);
	assert_true(bundle_is_read(&x.t));
	assert_int_equal(x.t.given, CHAIN + 2);
	tried_done(&x);
}

/* Each of a chain has a side that is walked when the chain has come to its end. Returns how many objects there are. */
static size_t make_comb(struct tried *x, size_t size, size_t links)
{
	struct buf base = noise(size);
	uint64_t at;

	tried_init(x);
	at = add(x, "blob", buf_view(&base));
	for (size_t i = 0; i < links; i++) {
		uint64_t from = at, side;

		at = append(x, from, size + i, VIEW("x"));
		(void)append(x, at, size + i + 1, VIEW("leaf"));
		side = append(x, from, size + i, VIEW("s"));
		(void)append(x, side, size + i + 1, VIEW("t"));
	}
	buf_done(&base);
	return 4 * links + 1;
}

static void more_than_can_be_held_is_built_again(void **)
{
	const struct unpack_request wide = { .ratio = 1000000, .bytes = ARCHIVE_BYTES, .entries = 1000 };
	struct tried x;
	size_t count = make_comb(&x, 1u << 20, BUNDLE_HELD_BYTES / (1u << 20) + 8);

	x.t.counts_only = true;
	run(&x, &wide);
	assert_true(bundle_is_read(&x.t));
	assert_int_equal(x.t.given, count + 1);
	tried_done(&x);
}

static void a_walk_that_would_build_again_without_end_is_given_up(void **)
{
	const struct unpack_request wide = { .ratio = 1000000, .bytes = (uint64_t)1 << 40, .entries = 1000 };
	struct tried x;

	(void)make_comb(&x, 1u << 20, 80);
	x.t.counts_only = true;
	run(&x, &wide);
	assert_false(bundle_is_read(&x.t));
	assert_int_equal(x.t.trouble, UNPACK_EFFORT);
	assert_in_range(x.t.bytes, 80u << 20, 300u << 20);
	tried_done(&x);
}

static void a_limit_that_is_passed_is_told(void **)
{
	static const struct {
		struct unpack_request limits;
		enum unpack_trouble over;
	} cases[] = { { { .ratio = 100, .bytes = 999, .entries = 100 }, UNPACK_BYTES },
		      { { .ratio = 100000, .bytes = 1u << 30, .entries = 4 }, UNPACK_ENTRIES },
		      { { .ratio = 2, .bytes = 1u << 30, .entries = 100 }, UNPACK_RATIO } };
	struct buf large = BUF_INIT(64u << 20);

	assert_int_equal(buf_reserve(&large, 20u << 20), 0);
	memset(large.ptr, 'a', 20u << 20);
	large.len = 20u << 20;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tried x;

		tried_init(&x);
		(void)add(&x, "blob", VIEW("first"));
		(void)add(&x, "blob", VIEW("second"));
		(void)add(&x, "blob", VIEW("third"));
		(void)add(&x, "blob", buf_view(&large));
		run(&x, &cases[i].limits);
		assert_false(bundle_is_read(&x.t));
		assert_int_equal(x.t.run.over, cases[i].over);
		has_come(&x, "blob", VIEW("third"));
		assert_int_equal(x.t.count, 4);
		tried_done(&x);
	}
	buf_done(&large);
}

static void a_large_object_comes_in_pieces_by_its_id(void **)
{
	struct tried x;
	struct buf large = noise(BUNDLE_OBJECT_BYTES + 12345);
	char name[40];
	uint64_t delta;

	tried_init(&x);
	delta = append(&x, add(&x, "blob", buf_view(&large)), large.len, VIEW("x"));
	(void)add(&x, "blob", VIEW("behind"));
	run(&x, &usual);
	has_come(&x, "blob", buf_view(&large));
	has_come(&x, "blob", VIEW("behind"));
	(void)snprintf(name, sizeof(name), "offset-%zu", sizeof(HEAD) - 1 + (size_t)delta);
	assert_view(buf_view(&was_said(&x, name, UNPACK_DELTA, "")->content), "x");
	buf_done(&large);
	tried_done(&x);
}

static void sizes_that_lie_are_damage(void **)
{
	static const uint64_t sizes[] = { 0, 3, 5, 4000, (uint64_t)4 << 30, UINT64_MAX >> 3 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct tried x;

		tried_init(&x);
		(void)add(&x, "blob", VIEW("before"));
		pack_note(&x.m, pack_id(0), pack_add_head(&x.m, OBJECT_BLOB, sizes[i]));
		pack_add_stream(&x.m.pack, VIEW("text"));
		(void)add(&x, "blob", VIEW("behind"));
		run(&x, &usual);
		assert_false(bundle_is_read(&x.t));
		(void)was_said(&x, "", UNPACK_CORRUPT, "2 of 3 objects could be read");
		has_come(&x, "blob", VIEW("before"));
		has_come(&x, "blob", VIEW("behind"));
		tried_done(&x);
	}
}

static void four_gibibytes_of_zeros_pass_the_limit(void **)
{
	struct tried x;
	struct buf zeros = BUF_INIT(16u << 20);

	assert_int_equal(buf_reserve(&zeros, 8u << 20), 0);
	memset(zeros.ptr, 0, 8u << 20);
	zeros.len = 8u << 20;
	tried_init(&x);
	(void)add(&x, "blob", VIEW("before"));
	pack_note(&x.m, pack_id(0), pack_add_head(&x.m, OBJECT_BLOB, (uint64_t)4 << 30));
	pack_need(buf_add(&x.m.pack, buf_view(&zeros)) == 0); /* so that it could be */
	run(&x, &usual);
	assert_false(bundle_is_read(&x.t));
	assert_int_equal(x.t.run.over, UNPACK_BYTES);
	has_come(&x, "blob", VIEW("before"));
	buf_done(&zeros);
	tried_done(&x);
}

static void counts_that_lie_are_damage(void **)
{
	static const uint32_t counts[] = { 0, 1, 3, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		struct tried x;

		tried_init(&x);
		(void)add(&x, "blob", VIEW("one"));
		(void)add(&x, "blob", VIEW("two"));
		x.m.count = counts[i]; /* it goes into the head, with a digest that is right */
		run(&x, &usual);
		assert_false(bundle_is_read(&x.t));
		(void)was_said(&x, "", UNPACK_CORRUPT, "objects could be read");
		if (counts[i])
			has_come(&x, "blob", VIEW("one"));
		tried_done(&x);
	}
}

static void deltas_that_do_not_fit_are_damage(void **)
{
	struct tried x;
	uint64_t at;
	struct buf d;

	tried_init(&x);
	at = add(&x, "blob", VIEW("base"));
	(void)append(&x, at, 3, VIEW("x"));
	(void)append(&x, at, 4, VIEW("fits"));
	(void)append(&x, at + 1, 4, VIEW("from no object"));
	delta_begin(&d, 4, (uint64_t)1 << 40);
	delta_add_copy(&d, 0, 4);
	(void)pack_add_ofs(&x.m, pack_id(0), at, buf_view(&d));
	buf_done(&d);
	(void)pack_add_ofs(&x.m, pack_id(0), at, VIEW("\4"));
	run(&x, &usual);
	assert_false(bundle_is_read(&x.t));
	has_come(&x, "blob", VIEW("base"));
	has_come(&x, "blob", VIEW("basefits"));
	(void)was_said(&x, "", UNPACK_CORRUPT, "2 of 6 objects could be read");
	tried_done(&x);
}

static void a_damaged_object_costs_itself_and_what_grows_from_it(void **)
{
	struct tried x;
	struct buf text = noise(5000);
	uint64_t at;
	size_t middle;

	tried_init(&x);
	(void)add(&x, "blob", VIEW("before"));
	at = add(&x, "blob", buf_view(&text));
	middle = (size_t)at + (x.m.pack.len - (size_t)at) / 2;
	(void)append(&x, at, 5000, VIEW("it grows"));
	(void)add(&x, "blob", VIEW("behind"));
	(void)append(&x, add(&x, "blob", VIEW("base")), 4, VIEW("grown"));
	x.bundle = bundle_of(&x.m, VIEW(HEAD));
	x.bundle.ptr[sizeof(HEAD) - 1 + middle] ^= 0x55;
	run(&x, &usual);
	assert_false(bundle_is_read(&x.t));
	has_come(&x, "blob", VIEW("before"));
	has_come(&x, "blob", VIEW("behind"));
	has_come(&x, "blob", VIEW("basegrown"));
	(void)was_said(&x, "", UNPACK_CORRUPT, "4 of 6 objects could be read");
	buf_done(&text);
	tried_done(&x);
}

/* A bundle with all there is in it. */
static void make_small(struct tried *x)
{
	uint64_t at;

	tried_init(x);
	at = add(x, "blob", VIEW("the first of them is whole"));
	(void)append(x, at, 26, VIEW(", and this one grows from it"));
	(void)add(x, "commit", VIEW("tree 0\n\na message of some length\n"));
	append_to_id(x, bundle_id(OID_SHA1_BYTES, "blob", VIEW("the first of them is whole")), 26, VIEW(" by id"));
	(void)add(x, "tag", VIEW("the last one"));
	x->bundle = bundle_of(&x->m, VIEW(HEAD));
}

static void a_bundle_that_is_cut_anywhere_is_told_and_gives_what_came_before(void **)
{
	struct tried x;
	size_t len, before = 0;

	make_small(&x);
	len = x.bundle.len;
	for (size_t cut = 0; cut < len; cut++) {
		struct bundle_taken t;
		char *exact = malloc(cut + 1); /* so that reading behind it is seen */

		assert_non_null(exact);
		memcpy(exact, x.bundle.ptr, cut);
		bundle_taken_init(&t);
		(void)bundle_run(&t, view_from(exact, cut), &usual);
		assert_non_null(bundle_find(&t, ""));
		assert_int_equal(bundle_find(&t, "")->trouble, UNPACK_CORRUPT);
		assert_true(t.given + 3 >= before); /* a part of one is one, and then may be none of a delta */
		before = t.given > before ? t.given : before;
		bundle_taken_done(&t);
		free(exact);
	}
	assert_int_equal(before, 6); /* all but the trailer is there */
	tried_done(&x);
}

static void any_bit_that_is_flipped_in_the_pack_is_noticed(void **)
{
	struct tried x;

	make_small(&x);
	for (size_t i = 8 * (sizeof(HEAD) - 1); i < 8 * x.bundle.len; i++) {
		struct bundle_taken t;

		bundle_taken_init(&t);
		x.bundle.ptr[i / 8] ^= (char)(1 << i % 8);
		(void)bundle_run(&t, buf_view(&x.bundle), &usual);
		assert_non_null(bundle_find(&t, ""));
		assert_int_equal(bundle_find(&t, "")->trouble, UNPACK_CORRUPT);
		x.bundle.ptr[i / 8] ^= (char)(1 << i % 8);
		bundle_taken_done(&t);
	}
	tried_done(&x);
}

static void a_run_that_is_over_ends_the_walk(void **)
{
	struct tried x;
	uint64_t entries = 0;

	make_small(&x);
	for (;; entries++) {
		const struct unpack_request limits = { .ratio = 100, .bytes = 1u << 20, .entries = entries };
		struct bundle_taken t;
		bool is_read;

		bundle_taken_init(&t);
		assert_int_equal(bundle_run(&t, buf_view(&x.bundle), &limits), 0);
		is_read = bundle_is_read(&t);
		assert_in_range(t.given, 0, entries);
		bundle_taken_done(&t);
		if (is_read)
			break;
		assert_in_range(entries, 0, 5);
	}
	assert_int_equal(entries, 6); /* objects and the head */
	tried_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blobs_commits_and_tags_come_by_their_ids),
		cmocka_unit_test(the_head_comes_as_a_member),
		cmocka_unit_test(an_object_that_is_there_twice_comes_once),
		cmocka_unit_test(a_sha256_repository_has_longer_ids),
		cmocka_unit_test(a_head_is_told_what_is_wrong_with_it),
		cmocka_unit_test(a_capability_that_is_not_known_is_no_damage),
		cmocka_unit_test(what_follows_a_head_and_is_no_pack_is_told),
		cmocka_unit_test(deltas_are_undone_whatever_their_order),
		cmocka_unit_test(deltas_of_commits_and_trees_are_of_their_type),
		cmocka_unit_test(a_base_that_is_elsewhere_is_told_and_what_is_new_is_read),
		cmocka_unit_test(deltas_by_id_that_go_in_a_circle_are_missing_their_base),
		cmocka_unit_test(a_chain_of_100000_deltas_is_walked),
		cmocka_unit_test(more_than_can_be_held_is_built_again),
		cmocka_unit_test(a_walk_that_would_build_again_without_end_is_given_up),
		cmocka_unit_test(a_limit_that_is_passed_is_told),
		cmocka_unit_test(a_large_object_comes_in_pieces_by_its_id),
		cmocka_unit_test(sizes_that_lie_are_damage),
		cmocka_unit_test(four_gibibytes_of_zeros_pass_the_limit),
		cmocka_unit_test(counts_that_lie_are_damage),
		cmocka_unit_test(deltas_that_do_not_fit_are_damage),
		cmocka_unit_test(a_damaged_object_costs_itself_and_what_grows_from_it),
		cmocka_unit_test(a_bundle_that_is_cut_anywhere_is_told_and_gives_what_came_before),
		cmocka_unit_test(any_bit_that_is_flipped_in_the_pack_is_noticed),
		cmocka_unit_test(a_run_that_is_over_ends_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
