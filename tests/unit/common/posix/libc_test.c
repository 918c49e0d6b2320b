/* SPDX-License-Identifier: Apache-2.0 */
#include "common/posix/libc.h"

#include <errno.h>
#include <stdbool.h>

#include "tests/support/unit.h"

#define ITEMS_MAX 300

/* By the value, greatest first where the context says so. */
static int compare(const void *a, const void *b, void *context)
{
	const bool *falls = context;
	int x = *(const int *)a, y = *(const int *)b;

	return *falls ? (x < y) - (x > y) : (x > y) - (x < y);
}

static void items_are_sorted_whatever_their_number(void **)
{
	uint64_t state = 1;

	for (size_t count = 0; count < ITEMS_MAX; count++)
		for (int range = 1; range <= 1000; range *= 10) {
			int items[ITEMS_MAX] = { 0 };
			bool falls = count % 2;
			long sum = 0;

			for (size_t i = 0; i < count; i++) {
				state = state * 6364136223846793005u + 1442695040888963407u;
				items[i] = (int)(state >> 33) % range;
				sum += items[i];
			}
			qsort_r(items, count, sizeof(*items), compare, &falls);
			for (size_t i = 0; i < count; i++) {
				assert_true(i == 0 || compare(&items[i - 1], &items[i], &falls) <= 0);
				sum -= items[i];
			}
			assert_int_equal(sum, 0);
		}
}

static void items_of_any_size_stay_whole(void **)
{
	struct item {
		int key;
		char text[7];
	} items[] = { { 3, "three" }, { 1, "one" }, { 2, "two" } };
	bool falls = false;

	qsort_r(items, 3, sizeof(*items), compare, &falls);
	assert_string_equal(items[0].text, "one");
	assert_string_equal(items[1].text, "two");
	assert_string_equal(items[2].text, "three");
}

static void memory_that_no_size_can_say_is_refused(void **)
{
	volatile size_t most = SIZE_MAX;
	int *p = reallocarray(NULL, 2, sizeof(*p));

	assert_non_null(p);
	p[1] = 7;
	p = reallocarray(p, 100, sizeof(*p));
	assert_int_equal(p[1], 7);
	assert_null(reallocarray(p, most / 2, 3));
	assert_int_equal(errno, ENOMEM);
	free(p);
}

static void bytes_are_searched_from_their_end(void **)
{
	static const char text[] = "a.b.c\0.\xFF";

	assert_ptr_equal(memrchr(text, '.', 5), text + 3);
	assert_ptr_equal(memrchr(text, '.', 3), text + 1);
	assert_ptr_equal(memrchr(text, 0xFF, 8), text + 7);
	assert_ptr_equal(memrchr(text, '.', 8), text + 6);
	assert_null(memrchr(text, 'x', 8));
	assert_null(memrchr(text, 'a', 0));
}

static void the_end_is_found_where_the_character_is_not(void **)
{
	static const char text[] = "a=b=";

	assert_ptr_equal(strchrnul(text, '='), text + 1);
	assert_ptr_equal(strchrnul(text, 'x'), text + 4);
	assert_ptr_equal(strchrnul(text, '\0'), text + 4);
}

static void text_of_any_length_is_printed(void **)
{
	char *text;

	assert_int_equal(asprintf(&text, "%s-%d-%0500d", "a", 7, 0), 504);
	assert_int_equal(strlen(text), 504);
	assert_memory_equal(text, "a-7-000", 7);
	free(text);
}

static void errors_have_their_words(void **)
{
	assert_string_equal(strerrordesc_np(ENOENT), "No such file or directory");
	assert_string_equal(strerrordesc_np(EACCES), "Permission denied");
}

static void bytes_are_gone_after_they_were_wiped(void **)
{
	char text[] = "secret";

	explicit_bzero(text, 6);
	assert_memory_equal(text, "\0\0\0\0\0\0", 7);
}

static void a_pipe_is_closed_in_children_and_waits_for_nobody(void **)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fcntl(ends[i], F_GETFD), FD_CLOEXEC);
		assert_true(fcntl(ends[i], F_GETFL) & O_NONBLOCK);
	}
	assert_int_equal(close(ends[0]) | close(ends[1]), 0);
	assert_int_equal(pipe2(ends, 0), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fcntl(ends[i], F_GETFD), 0);
		assert_false(fcntl(ends[i], F_GETFL) & O_NONBLOCK);
	}
	assert_int_equal(close(ends[0]) | close(ends[1]), 0);
}

static void sockets_are_as_their_type_says(void **)
{
	int ends[2], fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), type = 0;
	socklen_t len = sizeof(type);

	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	assert_int_equal(type, SOCK_STREAM);
	(void)close(fd);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fcntl(ends[i], F_GETFD), FD_CLOEXEC);
		assert_false(fcntl(ends[i], F_GETFL) & O_NONBLOCK);
		(void)close(ends[i]);
	}
	assert_int_equal(socket(-1, SOCK_STREAM, 0), -1);
}

static void a_wait_ends_when_its_time_has_come(void **)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	struct timespec before, until, now;

	assert_int_equal(pthread_mutex_lock(&mutex), 0);
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &before), 0);
	until = before;
	until.tv_sec -= 100;
	assert_int_equal(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &until), ETIMEDOUT);
	until = before;
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	assert_int_equal(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &until), ETIMEDOUT);
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	assert_true(now.tv_sec > before.tv_sec || now.tv_nsec - before.tv_nsec >= 19000000);
	assert_int_equal(pthread_mutex_unlock(&mutex), 0);
}

static void only_a_signal_that_is_there_is_taken(void **)
{
	static const struct timespec at_once;
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	assert_int_equal(sigtimedwait(&set, NULL, &at_once), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(sigtimedwait(&set, NULL, &at_once), SIGUSR1);
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGUSR1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_sorted_whatever_their_number),
		cmocka_unit_test(items_of_any_size_stay_whole),
		cmocka_unit_test(memory_that_no_size_can_say_is_refused),
		cmocka_unit_test(bytes_are_searched_from_their_end),
		cmocka_unit_test(the_end_is_found_where_the_character_is_not),
		cmocka_unit_test(text_of_any_length_is_printed),
		cmocka_unit_test(errors_have_their_words),
		cmocka_unit_test(bytes_are_gone_after_they_were_wiped),
		cmocka_unit_test(a_pipe_is_closed_in_children_and_waits_for_nobody),
		cmocka_unit_test(sockets_are_as_their_type_says),
		cmocka_unit_test(a_wait_ends_when_its_time_has_come),
		cmocka_unit_test(only_a_signal_that_is_there_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
