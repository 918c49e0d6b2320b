/* SPDX-License-Identifier: Apache-2.0 */
/* A limiter in a file: by one process on a clock of its own, and by real processes, some of which are killed. */
#include "common/api/ratefile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/support/simclock.h"
#include "tests/support/unit.h"

#define MINUTE_NS (60 * SIM_S)
#define SPEED 300 /* of the clock that processes share: a minute is 0.2 s */
#define EVENTS_MAX 100000

static const struct ratelimit_until forever = { .deadline_ns = UINT64_MAX };

struct place {
	char folder[64], path[128];
	struct sim sim;
};

static void place_init(struct place *p)
{
	(void)snprintf(p->folder, sizeof(p->folder), "/tmp/skant-ratefile-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	(void)snprintf(p->path, sizeof(p->path), "%s/limit", p->folder);
	sim_init(&p->sim, 1);
}

static void place_done(struct place *p)
{
	(void)unlink(p->path);
	assert_int_equal(rmdir(p->folder), 0);
}

static struct ratelimit *open_limit(struct place *p, uint64_t requests, uint64_t day)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = requests, [RATELIMIT_DAY] = day } };
	struct ratelimit_clock clock = sim_clock(&p->sim);
	struct err err = ERR_INIT;
	struct ratelimit *r = ratelimit_open(p->path, &limits, &clock, &err);

	if (!r)
		fail_msg("%s", err.text);
	return r;
}

/* Seconds that a call of so many tokens waits; it is settled as estimated. */
static uint64_t take(struct place *p, struct ratelimit *r, uint64_t tokens)
{
	struct ratelimit_use use = { tokens, 0 };
	uint64_t start_ns = sim_now_ns(&p->sim);
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;

	if (ratelimit_take(r, &use, &forever, &ticket, &err) != RATELIMIT_TAKEN)
		fail_msg("%s", err.text);
	ratelimit_settle(r, &ticket, &use);
	return (sim_now_ns(&p->sim) - start_ns) / SIM_S;
}

/* Seconds until a call of so many tokens could be made, at the earliest. It is not waited for. */
static uint64_t wait_of(struct place *p, struct ratelimit *r, uint64_t tokens)
{
	static const char before[] = "the next in ";
	struct ratelimit_until soon = { .deadline_ns = sim_now_ns(&p->sim) + 1 };
	struct ratelimit_use use = { tokens, 0 };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;
	uint64_t seconds = 0;
	const char *at;

	assert_int_equal(ratelimit_take(r, &use, &soon, &ticket, &err), RATELIMIT_LATE);
	at = strstr(err.text, before);
	assert_non_null(at);
	at += sizeof(before) - 1;
	assert_int_equal(text_u64(view_from(at, strspn(at, "0123456789")), UINT64_MAX, &seconds), 0);
	return seconds;
}

static void write_at(struct place *p, off_t at, const void *bytes, size_t len)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), len);
	assert_int_equal(close(fd), 0);
}

static off_t size_of(const struct place *p)
{
	struct stat st;

	assert_int_equal(stat(p->path, &st), 0);
	return st.st_size;
}

static void what_one_takes_the_other_cannot(void **state)
{
	struct place p;
	struct ratelimit *a, *b;
	struct stat st;

	(void)state;
	place_init(&p);
	a = open_limit(&p, 3, 0);
	b = open_limit(&p, 3, 0);
	assert_int_equal(take(&p, a, 0), 0);
	assert_int_equal(take(&p, b, 0), 0);
	assert_int_equal(take(&p, a, 0), 0);
	assert_int_equal(take(&p, b, 0), 60);
	ratelimit_free(a);
	ratelimit_free(b);
	a = open_limit(&p, 3, 0);
	assert_int_equal(take(&p, a, 0), 0);
	assert_int_equal(take(&p, a, 0), 0);
	assert_int_equal(take(&p, a, 0), 60); /* the file remembers */
	ratelimit_free(a);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	place_done(&p);
}

static void what_the_server_says_to_one_holds_for_all(void **state)
{
	struct ratelimit_word word = { 0 };
	struct place p;
	struct ratelimit *a, *b;

	(void)state;
	place_init(&p);
	a = open_limit(&p, 100, 0);
	b = open_limit(&p, 100, 0);
	ratelimit_header(&word, VIEW("retry-after"), VIEW("20"));
	ratelimit_observe(a, &word);
	assert_int_equal(take(&p, b, 0), 21);
	ratelimit_free(a);
	ratelimit_free(b);
	place_done(&p);
}

static void nearly_all_is_used_through_a_file(void **state)
{
	struct place p;
	struct ratelimit *a, *b;
	uint64_t end_ns;
	unsigned count = 0;

	(void)state;
	place_init(&p);
	a = open_limit(&p, 50, 0);
	b = open_limit(&p, 50, 0);
	end_ns = sim_now_ns(&p.sim) + 10 * MINUTE_NS;
	while (sim_now_ns(&p.sim) < end_ns) {
		(void)take(&p, count % 2 ? a : b, 0);
		count++;
		sim_sleep(&p.sim, SIM_S / 50);
	}
	assert_in_range(count, 490, 501);
	ratelimit_free(a);
	ratelimit_free(b);
	place_done(&p);
}

static void a_damaged_file_counts_as_used_up_and_says_so(void **state)
{
	static const char garbage[] = "this is no such file";
	struct place p;
	struct ratelimit *r;
	struct err note = ERR_INIT;

	(void)state;
	place_init(&p);
	write_at(&p, 0, garbage, sizeof(garbage));
	r = open_limit(&p, 100, 1000);
	assert_true(ratelimit_note(r, &note));
	assert_int_equal(note.kind, ERR_FORMAT);
	assert_non_null(strstr(note.text, "is damaged: what was used of the rate limit is not known, and counts as all "
					  "of a minute and of a day; remove the file to start with nothing used"));
	assert_null(strstr(note.text, "no such file"));
	assert_false(ratelimit_note(r, &note));
	assert_int_equal(take(&p, r, 0), 60); /* no tokens: the minute only */
	assert_in_range(wait_of(&p, r, 1), 86400 - 61, 86400 + 720);
	ratelimit_free(r);
	place_done(&p);
}

/* It is not in the counters that count as used up, so that nothing of it can go from there. */
static void a_call_from_before_the_damage_makes_no_room_behind_it(void **state)
{
	static const char garbage[] = "this is no such file";
	const struct ratelimit_use use = { 500, 0 };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;
	struct ratelimit *r;
	struct place p;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 0, 1000);
	assert_int_equal(ratelimit_take(r, &use, &forever, &ticket, &err), RATELIMIT_TAKEN);
	sim_sleep(&p.sim, SIM_S);
	write_at(&p, 0, garbage, sizeof(garbage));
	assert_int_equal(truncate(p.path, sizeof(garbage)), 0);
	ratelimit_return(r, &ticket);
	assert_true(ratelimit_note(r, &err));
	assert_in_range(wait_of(&p, r, 1), 86400 - 61, 86400 + 720);
	ratelimit_free(r);
	place_done(&p);
}

static void a_cut_file_counts_as_used_up(void **state)
{
	struct err note;
	struct place p;
	struct ratelimit *r;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 100, 0);
	for (unsigned i = 0; i < 5; i++)
		(void)take(&p, r, 0);
	for (off_t size = size_of(&p) - 4096; size > 0; size = size / 2) {
		assert_int_equal(truncate(p.path, size), 0);
		assert_int_equal(take(&p, r, 0), 60);
		assert_true(ratelimit_note(r, &note));
	}
	ratelimit_free(r);
	place_done(&p);
}

static void a_torn_record_leaves_the_one_before_it(void **state)
{
	static const char torn[100] = "torn";
	struct place p;
	struct ratelimit *r;
	struct err note;
	off_t half;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 4, 0);
	half = size_of(&p) / 4096 / 2 * 4096 + (size_of(&p) / 4096 % 2 ? 4096 : 0);
	assert_int_equal(take(&p, r, 0), 0);
	for (unsigned i = 0; i < 2; i++) { /* whichever is the newer one */
		write_at(&p, i ? half + 5000 : 5000, torn, sizeof(torn));
		assert_int_equal(take(&p, r, 0), 0);
		assert_false(ratelimit_note(r, &note));
	}
	assert_int_equal(take(&p, r, 0) + take(&p, r, 0), 60);
	ratelimit_free(r);
	place_done(&p);
}

static void a_file_whose_first_process_died_while_it_made_it_is_new(void **state)
{
	struct place p, other;
	struct ratelimit *r;
	struct err note;
	char bytes[4096];
	int fd;

	(void)state;
	place_init(&p);
	place_init(&other);
	r = open_limit(&other, 1, 0);
	ratelimit_free(r);
	fd = open(other.path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(close(fd), 0);
	write_at(&p, 0, bytes, sizeof(bytes));
	r = open_limit(&p, 1, 1000);
	assert_false(ratelimit_note(r, &note));
	assert_int_equal(take(&p, r, 1000), 0);
	ratelimit_free(r);
	place_done(&p);
	place_done(&other);
}

static void a_removed_file_starts_with_nothing_used(void **state)
{
	struct place p;
	struct ratelimit *a, *b;
	struct err note;

	(void)state;
	place_init(&p);
	a = open_limit(&p, 1, 0);
	assert_int_equal(take(&p, a, 0), 0);
	assert_int_equal(unlink(p.path), 0);
	b = open_limit(&p, 1, 0);
	assert_int_equal(take(&p, a, 0), 0);
	assert_int_equal(take(&p, b, 0), 60); /* both use the new one */
	assert_false(ratelimit_note(a, &note));
	ratelimit_free(a);
	ratelimit_free(b);
	place_done(&p);
}

static void a_restart_keeps_the_day_and_holds_for_the_first_minute(void **state)
{
	struct place p;
	struct ratelimit *r;
	struct err note;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 100, 1000);
	assert_int_equal(take(&p, r, 900), 0);
	ratelimit_free(r);
	p.sim.run++;
	p.sim.now_ns = 20 * SIM_S; /* it was 1000 */
	p.sim.unix_s += 980 + 3600;
	r = open_limit(&p, 100, 1000);
	assert_false(ratelimit_note(r, &note));
	assert_int_equal(take(&p, r, 100), 40);
	assert_in_range(wait_of(&p, r, 1), 86400 - 3660, 86400 - 3600 + 900);
	ratelimit_free(r);
	p.sim.run++;
	p.sim.unix_s += (int64_t)(p.sim.now_ns / SIM_S) + 3 * 86400;
	p.sim.now_ns = 100 * SIM_S;
	r = open_limit(&p, 100, 1000);
	assert_int_equal(take(&p, r, 1000), 0);
	ratelimit_free(r);
	place_done(&p);
}

static void the_wall_clock_matters_only_over_a_restart(void **state)
{
	struct place p;
	struct ratelimit *r;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 1, 1000);
	assert_int_equal(take(&p, r, 500), 0);
	p.sim.unix_s += 10 * 86400;
	assert_int_equal(take(&p, r, 500), 60);
	p.sim.unix_s -= 1000 * 86400;
	assert_in_range(wait_of(&p, r, 1), 86400 - 62, 86400 + 360);
	ratelimit_free(r);
	place_done(&p);
}

static void a_wall_clock_that_went_back_over_a_restart_forgets_nothing(void **state)
{
	struct place p;
	struct ratelimit *r;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 1, 1000);
	assert_int_equal(take(&p, r, 1000), 0);
	ratelimit_free(r);
	p.sim.run++;
	p.sim.now_ns = 100 * SIM_S;
	p.sim.unix_s = 0;
	r = open_limit(&p, 1, 1000);
	assert_in_range(wait_of(&p, r, 1), 86400 - 100, 86400 + 720);
	ratelimit_free(r);
	place_done(&p);
}

static void a_clock_that_goes_back_holds_a_minute(void **state)
{
	struct place p;
	struct ratelimit *r;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 100, 0);
	assert_int_equal(take(&p, r, 0), 0);
	p.sim.now_ns -= 500 * SIM_S;
	assert_int_equal(take(&p, r, 0), 60);
	assert_int_equal(take(&p, r, 0), 0);
	ratelimit_free(r);
	place_done(&p);
}

static void expect_refusal(struct place *p, const char *text)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 1 } };
	struct ratelimit_clock clock = sim_clock(&p->sim);
	struct err err = ERR_INIT;

	assert_null(ratelimit_open(p->path, &limits, &clock, &err));
	if (!strstr(err.text, text))
		fail_msg("%s", err.text);
}

static void only_a_file_of_ones_own_is_taken(void **state)
{
	static const char expected[] = "expected a regular file of this user, with mode 0600 and one name";
	char target[160];
	struct place p;

	(void)state;
	place_init(&p);
	(void)snprintf(target, sizeof(target), "%s/target", p.folder);
	assert_int_equal(symlink(target, p.path), 0);
	expect_refusal(&p, expected);
	assert_int_equal(access(target, F_OK), -1); /* not made through the link */
	assert_int_equal(unlink(p.path), 0);
	assert_int_equal(mkfifo(p.path, 0600), 0);
	expect_refusal(&p, expected);
	assert_int_equal(unlink(p.path), 0);
	assert_int_equal(mkdir(p.path, 0700), 0);
	expect_refusal(&p, expected);
	assert_int_equal(rmdir(p.path), 0);
	write_at(&p, 0, "", 0);
	assert_int_equal(chmod(p.path, 0640), 0);
	expect_refusal(&p, expected);
	assert_int_equal(chmod(p.path, 0602), 0);
	expect_refusal(&p, expected);
	assert_int_equal(chmod(p.path, 0600), 0);
	assert_int_equal(link(p.path, target), 0);
	expect_refusal(&p, expected);
	assert_int_equal(unlink(target), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(p.path, 12345, 0), 0);
		expect_refusal(&p, expected);
	}
	place_done(&p);
	(void)snprintf(p.path, sizeof(p.path), "%s/none/limit", p.folder);
	expect_refusal(&p, "cannot open");
}

/* A file that cannot be used any more fails the call, and keeps the estimate of those that settle. */
static void a_file_that_goes_bad_fails_the_call(void **state)
{
	struct ratelimit_use use = { 1, 0 };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT, note = ERR_INIT;
	struct place p;
	struct ratelimit *r;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 10, 0);
	assert_int_equal(ratelimit_take(r, &use, &forever, &ticket, &err), RATELIMIT_TAKEN);
	assert_int_equal(unlink(p.path), 0);
	assert_int_equal(mkdir(p.path, 0700), 0);
	ratelimit_settle(r, &ticket, &use);
	assert_true(ratelimit_note(r, &note));
	assert_int_equal(note.kind, ERR_CONFIG);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(ratelimit_take(r, &use, &forever, &ticket, &err), RATELIMIT_FAILED);
	assert_int_equal(rmdir(p.path), 0);
	assert_int_equal(take(&p, r, 1), 0);
	ratelimit_free(r);
	place_done(&p);
}

/* The descriptor that this process has of the file. */
static int descriptor_of(const struct place *p)
{
	struct stat named, st;

	assert_int_equal(stat(p->path, &named), 0);
	for (int fd = 3; fd < 1024; fd++)
		if (fstat(fd, &st) == 0 && st.st_dev == named.st_dev && st.st_ino == named.st_ino)
			return fd;
	fail_msg("the file is not open");
	return -1;
}

/* Has fd be of the file, opened in another way. */
static void reopen(const struct place *p, int fd, int flags)
{
	int other = open(p->path, flags | O_CLOEXEC);

	assert_true(other >= 0);
	assert_int_equal(dup2(other, fd), fd);
	assert_int_equal(close(other), 0);
}

/* A disk that could not be read once says nothing of what is on it: what was used is not taken to be all. */
static void a_read_that_fails_fails_the_call_and_leaves_the_file(void **state)
{
	struct ratelimit_use use = { 1, 0 };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT, note;
	struct place p;
	struct ratelimit *r;
	int fd;

	(void)state;
	place_init(&p);
	r = open_limit(&p, 10, 1000);
	assert_int_equal(take(&p, r, 100), 0);
	fd = descriptor_of(&p);
	reopen(&p, fd, O_WRONLY);
	assert_int_equal(ratelimit_take(r, &use, &forever, &ticket, &err), RATELIMIT_FAILED);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "cannot read"));
	assert_non_null(strstr(err.text, p.path));
	assert_non_null(strstr(err.text, strerror(EBADF)));
	assert_false(ratelimit_note(r, &note));
	reopen(&p, fd, O_RDWR);
	assert_int_equal(take(&p, r, 900), 0);
	assert_true(wait_of(&p, r, 1) > 3600); /* the 100 from before count, and nothing else */
	ratelimit_free(r);
	place_done(&p);
}

struct told {
	struct place *p;
	unsigned count;
	uint64_t at_ns;
	struct err note;
};

static void note_told(void *context, const struct err *note)
{
	struct told *told = context;

	told->count++;
	told->at_ns = sim_now_ns(&told->p->sim);
	told->note = *note;
}

static void what_happened_to_the_file_is_told_before_anybody_waits_for_it(void **state)
{
	struct told told = { .count = 0 };
	uint64_t start_ns;
	struct err note;
	struct place p;
	struct ratelimit *r;

	(void)state;
	place_init(&p);
	told.p = &p;
	r = open_limit(&p, 10, 0);
	ratelimit_tell(r, note_told, &told);
	assert_int_equal(take(&p, r, 1), 0);
	assert_int_equal(told.count, 0);
	start_ns = sim_now_ns(&p.sim);
	assert_int_equal(truncate(p.path, 100), 0);
	assert_true(take(&p, r, 1) >= 60);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.at_ns, start_ns);
	assert_non_null(strstr(told.note.text, "is damaged"));
	assert_false(ratelimit_note(r, &note));
	ratelimit_free(r);
	/* What was met while it was opened is told as soon as somebody wants to know. */
	assert_int_equal(truncate(p.path, 100), 0);
	r = open_limit(&p, 10, 0);
	ratelimit_tell(r, note_told, &told);
	assert_int_equal(told.count, 2);
	ratelimit_free(r);
	place_done(&p);
}

static void any_damage_leaves_a_limiter_that_works(void **state)
{
	uint64_t seed = 88172645463325252u;
	struct place p;

	(void)state;
	place_init(&p);
	for (unsigned round = 0; round < SLOWED(60); round++) {
		struct ratelimit *r = open_limit(&p, 3, round % 2 ? 1000 : 0);
		struct err err;

		(void)take(&p, r, 1);
		ratelimit_free(r);
		for (unsigned i = 0; i < 4; i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			write_at(&p, (off_t)(seed % (uint64_t)size_of(&p)), &seed, 1 + seed % 8);
		}
		r = open_limit(&p, 3, 0);
		assert_true(take(&p, r, 0) + take(&p, r, 0) + take(&p, r, 0) + take(&p, r, 0) >= 60);
		(void)ratelimit_note(r, &err);
		ratelimit_free(r);
	}
	place_done(&p);
}

/* Processes: they share a clock that is faster than the machine's, and note what they took in memory that all see. */
struct shared {
	atomic_size_t count;
	atomic_uint failed;
	struct sim_taken taken[EVENTS_MAX];
	uint64_t start_ns;
};

static uint64_t fast_now_ns(void *self)
{
	return (clock_boot_ns() - ((struct shared *)self)->start_ns) * SPEED + 1000 * SIM_S;
}

static int64_t fast_unix_s(void *self)
{
	return 1795528149 + (int64_t)(fast_now_ns(self) / SIM_S);
}

static void fast_run(void *self, unsigned char ret[static 16])
{
	(void)self;
	memset(ret, 7, 16);
}

static void fast_wait(void *self, pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t until_ns)
{
	uint64_t now_ns = fast_now_ns(self), ns = until_ns > now_ns ? (until_ns - now_ns) / SPEED : 0;
	struct timespec pause = { .tv_nsec = (long)(ns < 2'000'000 ? ns : 2'000'000) };

	(void)cond;
	(void)pthread_mutex_unlock(mutex);
	(void)nanosleep(&pause, NULL);
	(void)pthread_mutex_lock(mutex);
}

/* A process's life: calls until end_ns. What is taken is noted before anything else happens. */
static void live(struct shared *shared, const char *path, uint64_t end_ns)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 40, [RATELIMIT_INPUT] = 4000 } };
	struct ratelimit_clock clock = { fast_now_ns, fast_unix_s, fast_run, fast_wait, shared };
	struct ratelimit_until until = { .deadline_ns = end_ns };
	struct ratelimit_use use = { 50, 0 };
	struct err err = ERR_INIT;
	struct ratelimit *r = ratelimit_open(path, &limits, &clock, &err);

	for (;;) {
		struct ratelimit_ticket ticket;
		enum ratelimit_result result = r ? ratelimit_take(r, &use, &until, &ticket, &err) : RATELIMIT_FAILED;
		size_t n;

		if (result == RATELIMIT_LATE)
			break;
		if (result != RATELIMIT_TAKEN || ratelimit_note(r, &err)) {
			(void)fprintf(stderr, "%s\n", err.text);
			atomic_fetch_add(&shared->failed, 1);
			break;
		}
		n = atomic_fetch_add(&shared->count, 1);
		if (n < EVENTS_MAX)
			shared->taken[n] = (struct sim_taken){ ticket.taken_ns, 1 };
		ratelimit_settle(r, &ticket, &use);
	}
	ratelimit_free(r);
}

static pid_t start(struct shared *shared, const char *path, uint64_t end_ns)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		live(shared, path, end_ns);
		_exit(0);
	}
	return pid;
}

static struct shared *shared_new(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(s != MAP_FAILED);
	s->start_ns = clock_boot_ns();
	return s;
}

static void processes_share_a_limit(void **state)
{
	struct shared *shared = shared_new();
	uint64_t end_ns = fast_now_ns(shared) + 8 * MINUTE_NS;
	pid_t pids[4];
	struct place p;
	int status;

	(void)state;
	place_init(&p);
	for (unsigned i = 0; i < ARRAY_LEN(pids); i++)
		pids[i] = start(shared, p.path, end_ns);
	for (unsigned i = 0; i < ARRAY_LEN(pids); i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(shared->failed, 0);
#ifndef SKANT_WRITES_AT_EXIT             /* counting takes time */
	assert_true(shared->count > 40); /* more than the first minute's */
#endif
	assert_in_range(sim_most(shared->taken, shared->count, MINUTE_NS), 1, 40); /* on a slow machine fewer */
	place_done(&p);
	assert_int_equal(munmap(shared, sizeof(*shared)), 0);
}

/* Processes die all the time, wherever they are; others take their place. None finds the file damaged, and no window
 * holds more than the limit. */
static void processes_that_are_killed_leave_the_file_whole(void **state)
{
	struct shared *shared = shared_new();
	uint64_t end_ns = fast_now_ns(shared) + 60 * MINUTE_NS, seed = 88172645463325252u;
	pid_t pids[4] = { 0 };
	struct place p;
	int status;

	(void)state;
	place_init(&p);
	for (unsigned kills = 0; kills < 400; kills++) {
		pid_t *pid = &pids[kills % ARRAY_LEN(pids)];
		struct timespec pause;

		if (*pid) {
			assert_int_equal(kill(*pid, SIGKILL), 0);
			assert_int_equal(waitpid(*pid, &status, 0), *pid);
		}
		*pid = start(shared, p.path, end_ns);
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		pause = (struct timespec){ .tv_nsec = (long)(seed % 6'000'000) };
		(void)nanosleep(&pause, NULL);
	}
	for (unsigned i = 0; i < ARRAY_LEN(pids); i++) {
		assert_int_equal(kill(pids[i], SIGKILL), 0);
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
	}
	assert_int_equal(shared->failed, 0);
	assert_true(shared->count > 0 && shared->count < EVENTS_MAX);
	assert_true(sim_most(shared->taken, shared->count, MINUTE_NS) <= 40);
	place_done(&p);
	assert_int_equal(munmap(shared, sizeof(*shared)), 0);
}

/* Two that wait at the file: who came first is served first, though the other would fit at once. */
static void a_large_call_of_another_process_is_not_passed(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_INPUT] = 1000 } };
	struct ratelimit_use large = { 900, 0 }, small = { 50, 0 };
	struct ratelimit_ticket ticket;
	struct ratestate s;

	(void)state;
	ratestate_init(&s, 100 * SIM_S);
	ratestate_take(&s, &(struct ratelimit_use){ 500, 0 }, 100 * SIM_S, &ticket);
	ratestate_claim(&s, 1, &large, 100 * SIM_S);
	assert_true(ratestate_ready_ns(&s, &limits, &large, 100 * SIM_S, 1) >= 160 * SIM_S);
	assert_true(ratestate_ready_ns(&s, &limits, &small, 100 * SIM_S, 2) >= 160 * SIM_S);
	ratestate_claim(&s, 2, &small, 101 * SIM_S);
	assert_true(ratestate_ready_ns(&s, &limits, &small, 101 * SIM_S, 2) >= 160 * SIM_S);
	ratestate_claim(&s, 1, &large, 102 * SIM_S); /* keeps its place */
	assert_true(ratestate_ready_ns(&s, &limits, &small, 102 * SIM_S, 2) >= 160 * SIM_S);
	ratestate_advance(&s, 102 * SIM_S + RATESTATE_CLAIM_NS); /* the first has died */
	assert_true(ratestate_ready_ns(&s, &limits, &small, 106 * SIM_S, 2) <= 106 * SIM_S);
}

static void more_that_wait_than_have_a_place_come_last(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = RATELIMIT_CLAIMS } };
	struct ratelimit_use none = { 0, 0 };
	struct ratestate s;

	(void)state;
	ratestate_init(&s, 100 * SIM_S);
	for (uint64_t owner = 1; owner <= RATELIMIT_CLAIMS + 1; owner++)
		ratestate_claim(&s, owner, &none, 100 * SIM_S);
	ratestate_take(&s, &none, 100 * SIM_S, &(struct ratelimit_ticket){ 0 });
	assert_true(ratestate_ready_ns(&s, &limits, &none, 100 * SIM_S, 1) <= 100 * SIM_S);
	assert_true(ratestate_ready_ns(&s, &limits, &none, 100 * SIM_S, RATELIMIT_CLAIMS + 1) >= 160 * SIM_S);
	ratestate_unclaim(&s, 1);
	ratestate_unclaim(&s, 2);
	assert_true(ratestate_ready_ns(&s, &limits, &none, 100 * SIM_S, RATELIMIT_CLAIMS + 1) <= 100 * SIM_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_takes_the_other_cannot),
		cmocka_unit_test(what_the_server_says_to_one_holds_for_all),
		cmocka_unit_test(nearly_all_is_used_through_a_file),
		cmocka_unit_test(a_damaged_file_counts_as_used_up_and_says_so),
		cmocka_unit_test(a_call_from_before_the_damage_makes_no_room_behind_it),
		cmocka_unit_test(a_cut_file_counts_as_used_up),
		cmocka_unit_test(a_torn_record_leaves_the_one_before_it),
		cmocka_unit_test(a_file_whose_first_process_died_while_it_made_it_is_new),
		cmocka_unit_test(a_removed_file_starts_with_nothing_used),
		cmocka_unit_test(a_restart_keeps_the_day_and_holds_for_the_first_minute),
		cmocka_unit_test(the_wall_clock_matters_only_over_a_restart),
		cmocka_unit_test(a_wall_clock_that_went_back_over_a_restart_forgets_nothing),
		cmocka_unit_test(a_clock_that_goes_back_holds_a_minute),
		cmocka_unit_test(only_a_file_of_ones_own_is_taken),
		cmocka_unit_test(a_file_that_goes_bad_fails_the_call),
		cmocka_unit_test(a_read_that_fails_fails_the_call_and_leaves_the_file),
		cmocka_unit_test(what_happened_to_the_file_is_told_before_anybody_waits_for_it),
		cmocka_unit_test(any_damage_leaves_a_limiter_that_works),
		cmocka_unit_test(processes_share_a_limit),
		cmocka_unit_test(processes_that_are_killed_leave_the_file_whole),
		cmocka_unit_test(a_large_call_of_another_process_is_not_passed),
		cmocka_unit_test(more_that_wait_than_have_a_place_come_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
