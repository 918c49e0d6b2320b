/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is done to the stored events behind the spool's back is found; what the spool does itself is not. */
#include "forwarder/spool/chain.h"
#include "tests/support/spool.h"

static bool has_fault(const struct faults *f, uint64_t seq, enum spool_fault kind)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->seqs[i] == seq && f->kinds[i] == kind)
			return true;
	return false;
}

static void tampering_shows(void **state)
{
	struct spool *spool = open_spool();
	struct faults faults;

	(void)state;
	put_some(spool, "audit", 1, 9, NULL);
	execute("UPDATE bodies SET body = CAST('{}' AS BLOB) WHERE seq = 2");
	execute("DELETE FROM ledger WHERE seq = 4");
	execute("UPDATE ledger SET id = 'forged' WHERE seq = 7");
	execute("DELETE FROM ledger WHERE seq = 9");
	faults = audit_all(spool);
	assert_int_equal(faults.count, 4);
	assert_true(has_fault(&faults, 2, SPOOL_BODY_ALTERED));
	assert_true(has_fault(&faults, 4, SPOOL_MISSING));
	assert_true(has_fault(&faults, 7, SPOOL_CHAIN_BROKEN));
	assert_true(has_fault(&faults, 9, SPOOL_MISSING));
	spool_free(spool);
}

static void a_tail_that_was_cut_is_missed_and_its_numbers_are_not_given_again(void **state)
{
	struct spool *spool = open_spool();
	struct faults faults;

	(void)state;
	put_some(spool, "audit", 1, 9, NULL);
	spool_free(spool);
	execute("DELETE FROM ledger WHERE seq > 6; DELETE FROM bodies WHERE seq > 6");
	spool = open_spool();
	assert_int_equal(spool_head(spool), 9);
	assert_int_equal(put_some(spool, "audit", 100, 1, NULL).first_seq, 10);
	faults = audit_all(spool);
	assert_int_equal(faults.count, 3);
	for (uint64_t seq = 7; seq <= 9; seq++)
		assert_true(has_fault(&faults, seq, SPOOL_MISSING));
	spool_free(spool);
}

static void a_start_that_was_cut_is_missed(void **state)
{
	struct spool *spool = open_spool();
	struct faults faults;

	(void)state;
	put_some(spool, "audit", 1, 9, NULL);
	execute("DELETE FROM ledger WHERE seq <= 2");
	faults = audit_all(spool);
	assert_int_equal(faults.count, 2);
	assert_true(has_fault(&faults, 1, SPOOL_MISSING));
	assert_true(has_fault(&faults, 2, SPOOL_MISSING));
	spool_free(spool);
}

static void a_body_that_went_before_its_time_is_missed(void **state)
{
	struct spool *spool = open_spool();
	struct faults faults;

	(void)state;
	put_some(spool, "audit", 1, 9, NULL);
	execute("DELETE FROM bodies WHERE seq IN (1, 5)");
	faults = audit_all(spool);
	assert_int_equal(faults.count, 2);
	assert_true(has_fault(&faults, 1, SPOOL_BODY_MISSING));
	assert_true(has_fault(&faults, 5, SPOOL_BODY_MISSING));
	spool_free(spool);
}

static void a_body_that_was_emptied_is_altered(void **state)
{
	struct spool *spool = open_spool();
	struct faults faults;

	(void)state;
	put_some(spool, "audit", 1, 3, NULL);
	execute("UPDATE bodies SET body = zeroblob(0) WHERE seq = 2");
	faults = audit_all(spool);
	assert_int_equal(faults.count, 1);
	assert_true(has_fault(&faults, 2, SPOOL_BODY_ALTERED));
	spool_free(spool);
}

/* Who rewrites body, hash and chain of the last event together makes a chain that is right in itself. */
static void a_last_event_that_was_made_anew_is_found_by_the_head(void **state)
{
	unsigned char chain[DIGEST_SHA256_BYTES], hash[DIGEST_SHA256_BYTES];
	DEFER(buf_done) struct buf sql = BUF_INIT(4096);
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_head head;
	struct faults faults;

	(void)state;
	put_some(spool, "audit", 1, 1, NULL);
	assert_int_equal(spool_head_read(spool, &head, &err), 0);
	memcpy(chain, head.chain, sizeof(chain));
	put_some(spool, "audit", 2, 1, NULL);
	digest_sha256(VIEW("{}"), hash);
	chain_link(chain, VIEW("id2"), hash);
	assert_int_equal(buf_add_text(&sql, "UPDATE bodies SET body = CAST('{}' AS BLOB) WHERE seq = 2;"
					    "UPDATE ledger SET hash = x'"),
			 0);
	assert_int_equal(digest_add_hex(&sql, hash, sizeof(hash)), 0);
	assert_int_equal(buf_add_text(&sql, "', chain = x'"), 0);
	assert_int_equal(digest_add_hex(&sql, chain, sizeof(chain)), 0);
	assert_int_equal(buf_add_text(&sql, "' WHERE seq = 2"), 0);
	execute(sql.ptr);
	faults = audit_all(spool);
	assert_int_equal(faults.count, 1);
	assert_true(has_fault(&faults, 2, SPOOL_CHAIN_BROKEN));
	spool_free(spool);
}

static void what_retention_takes_away_is_no_fault(void **state)
{
	const struct spool_keep keep = { .bodies_ns = 0, .ledger_ns = 100 * (int64_t)SECOND };
	struct spool *spool = open_spool();
	struct faults faults = { .count = 0 };
	struct err err = ERR_INIT;
	struct spool_size size;
	uint64_t checked;
	bool more = true;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	now += 90 * (int64_t)SECOND;
	put_some(spool, "audit", 11, 10, NULL);
	now += 20 * (int64_t)SECOND;
	while (more)
		assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.oldest_seq, 11);
	assert_int_equal(size.bodies, 0);
	assert_int_equal(spool_audit(spool, 1, 20, note_fault, &faults, &checked, &err), 0);
	assert_int_equal(faults.count, 0);
	assert_int_equal(checked, 10);
	execute("UPDATE ledger SET id = 'forged' WHERE seq = 11"); /* the chain before it is known still */
	faults = audit_all(spool);
	assert_int_equal(faults.count, 1);
	assert_true(has_fault(&faults, 11, SPOOL_CHAIN_BROKEN));
	spool_free(spool);
}

static int trim_all(void *context, uint64_t seq, enum spool_fault fault, struct err *err)
{
	const struct spool_keep keep = { .bodies_ns = -1, .ledger_ns = -1 };
	struct spool *spool = context;
	bool more = true;

	assert_int_equal(seq, 1);
	assert_int_equal(fault, SPOOL_BODY_ALTERED);
	while (more)
		if (spool_trim(spool, &keep, &more, err))
			return -1;
	return 0;
}

static void what_comes_to_its_end_during_an_audit_is_no_fault(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_size size;
	uint64_t checked;

	(void)state;
	put_some(spool, "audit", 1, 1500, NULL);
	put_some(spool, "audit", 1501, 1500, NULL);
	execute("UPDATE bodies SET body = CAST('{}' AS BLOB) WHERE seq = 1");
	assert_int_equal(spool_audit(spool, 1, 3000, trim_all, spool, &checked, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.oldest_seq, 3000);
	assert_true(checked < 3000);
	spool_free(spool);
}

struct trimming {
	struct spool *spool;
	struct faults faults;
};

static int note_and_trim(void *context, uint64_t seq, enum spool_fault fault, struct err *err)
{
	struct trimming *t = context;

	if (!t->faults.count && trim_all(t->spool, seq, fault, err))
		return -1;
	return note_fault(&t->faults, seq, fault, err);
}

static void what_stands_behind_what_came_to_its_end_is_checked_against_it(void **state)
{
	struct trimming t = { .spool = open_spool() };
	struct err err = ERR_INIT;
	uint64_t checked;

	(void)state;
	put_some(t.spool, "audit", 1, 1500, NULL);
	put_some(t.spool, "audit", 1501, 1500, NULL);
	/* The fourth is past its time when it is missed, as is the fifth, which was read before. */
	execute("UPDATE bodies SET body = CAST('{}' AS BLOB) WHERE seq = 1; DELETE FROM ledger WHERE seq = 4;"
		"UPDATE ledger SET id = 'forged' WHERE seq = 3000");
	assert_int_equal(spool_audit(t.spool, 1, 3000, note_and_trim, &t, &checked, &err), 0);
	assert_int_equal(t.faults.count, 2);
	assert_true(has_fault(&t.faults, 3000, SPOOL_CHAIN_BROKEN));
	spool_free(t.spool);
}

static int refuse(void *context, uint64_t, enum spool_fault, struct err *err)
{
	*(unsigned *)context += 1;
	return err_set(err, ERR_LIMIT, 0, "enough");
}

static void who_is_told_may_stop(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	unsigned told = 0;
	uint64_t checked;

	(void)state;
	put_some(spool, "audit", 1, 9, NULL);
	execute("DELETE FROM ledger WHERE seq IN (2, 4)");
	assert_int_equal(spool_audit(spool, 1, 9, refuse, &told, &checked, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(told, 1);
	execute("UPDATE ledger SET chain = randomblob(32) WHERE seq = 8");
	told = 0;
	assert_int_equal(spool_audit(spool, 6, 9, refuse, &told, &checked, &err), -1);
	assert_int_equal(told, 1);
	spool_free(spool);
}

/* --- any change at any place --- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* Changes to event # and what has to be told of it, and perhaps of another one, @. */
static const struct {
	const char *sql;
	enum spool_fault kind;
	bool is_other_told;
} changes[] = {
	{ "UPDATE bodies SET body = CAST(body || ' ' AS BLOB) WHERE seq = #", SPOOL_BODY_ALTERED, false },
	{ "UPDATE bodies SET body = (SELECT body FROM bodies WHERE seq = @) WHERE seq = #", SPOOL_BODY_ALTERED, false },
	{ "DELETE FROM bodies WHERE seq = #", SPOOL_BODY_MISSING, false },
	{ "DELETE FROM ledger WHERE seq = #", SPOOL_MISSING, false },
	{ "DELETE FROM ledger WHERE seq >= #", SPOOL_MISSING, false },
	{ "DELETE FROM ledger WHERE seq <= #", SPOOL_MISSING, false },
	{ "UPDATE ledger SET id = id || 'x' WHERE seq = #", SPOOL_CHAIN_BROKEN, false },
	{ "UPDATE ledger SET hash = randomblob(32) WHERE seq = #", SPOOL_CHAIN_BROKEN, false },
	{ "UPDATE ledger SET chain = randomblob(32) WHERE seq = #", SPOOL_CHAIN_BROKEN, false },
	{ "UPDATE ledger SET hash = zeroblob(4), chain = zeroblob(4) WHERE seq = #", SPOOL_CHAIN_BROKEN, false },
	{ "UPDATE ledger SET seq = -1 WHERE seq = #; UPDATE ledger SET seq = # WHERE seq = @;"
	  "UPDATE ledger SET seq = @ WHERE seq = -1",
	  SPOOL_CHAIN_BROKEN, true },
	{ "UPDATE bodies SET seq = -1 WHERE seq = #; UPDATE bodies SET seq = # WHERE seq = @;"
	  "UPDATE bodies SET seq = @ WHERE seq = -1",
	  SPOOL_BODY_ALTERED, true },
};

static void change(const char *sql, unsigned at, unsigned other)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1024);

	for (; *sql; sql++)
		if (*sql == '#' || *sql == '@')
			assert_int_equal(buf_addf(&text, "%u", *sql == '#' ? at : other), 0);
		else
			assert_int_equal(buf_add_byte(&text, *sql), 0);
	execute(text.ptr);
}

static void any_change_to_any_event_is_found_there(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (unsigned round = 0; round < 10 * ARRAY_LEN(changes); round++) {
		size_t kind = round % ARRAY_LEN(changes);
		unsigned at = 1 + next_random(&seed) % 30, other = 1 + (at + next_random(&seed) % 29) % 30;
		struct spool *spool = open_spool();
		struct faults faults;

		for (unsigned page = 0; page < 3; page++)
			put_some(spool, "audit", 1 + page * 10, 10, NULL);
		assert_whole(spool);
		change(changes[kind].sql, at, other);
		faults = audit_all(spool);
		if (!has_fault(&faults, at, changes[kind].kind) ||
		    (changes[kind].is_other_told && !has_fault(&faults, other, changes[kind].kind)))
			fail_msg("not found, of %u and %u: %s", at, other, changes[kind].sql);
		spool_free(spool);
		execute("DELETE FROM ledger; DELETE FROM bodies; DELETE FROM marks");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tampering_shows),
		TEST(a_tail_that_was_cut_is_missed_and_its_numbers_are_not_given_again),
		TEST(a_start_that_was_cut_is_missed),
		TEST(a_body_that_went_before_its_time_is_missed),
		TEST(a_body_that_was_emptied_is_altered),
		TEST(a_last_event_that_was_made_anew_is_found_by_the_head),
		TEST(what_retention_takes_away_is_no_fault),
		TEST(what_stands_behind_what_came_to_its_end_is_checked_against_it),
		TEST(what_comes_to_its_end_during_an_audit_is_no_fault),
		TEST(who_is_told_may_stop),
		TEST(any_change_to_any_event_is_found_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
