/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define NS_PER_US 1000

static char folder[] = "/tmp/notify-test-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int manager = -1;

static int set_up(void **state)
{
	(void)state;
	memcpy(strstr(folder, "test-") + 5, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)setenv("NOTIFY_SOCKET", address.sun_path, 1);
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return manager < 0 ? -1 : bind(manager, (const struct sockaddr *)&address, sizeof(address));
}

static int tear_down(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	closep(&manager);
	return unlink(address.sun_path) || rmdir(folder);
}

/* What the manager was told last; "" when it was told nothing. A datagram is there as soon as it is sent. */
static const char *told(void)
{
	static char text[4096];
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void readiness_and_the_end_are_told(void **state)
{
	(void)state;
	notify_ready();
	assert_string_equal(told(), "READY=1");
	notify_stopping();
	assert_string_equal(told(), "STOPPING=1");
}

/* sd_notify(3): Type=notify-reload takes only a time of its own that lies behind its request. */
static void a_reload_is_told_with_the_time_it_began(void **state)
{
	uint64_t before_us = clock_mono_ns() / NS_PER_US, after_us, us;
	struct view text;

	(void)state;
	notify_reloading();
	after_us = clock_mono_ns() / NS_PER_US;
	text = view_of(told());
	assert_true(text_starts(text, VIEW("RELOADING=1\nMONOTONIC_USEC=")));
	assert_int_equal(text_u64(view_sub(text, 27, text.len), UINT64_MAX, &us), 0);
	assert_true(us >= before_us && us <= after_us);
}

static void being_alive_is_told_with_how_it_stands(void **state)
{
	(void)state;
	notify_alive("2 feeds, 3 sinks");
	assert_string_equal(told(), "WATCHDOG=1\nSTATUS=2 feeds, 3 sinks");
	notify_alive(NULL);
	assert_string_equal(told(), "WATCHDOG=1");
}

static void the_watchdog_is_fed_twice_in_its_time(void **state)
{
	(void)state;
	assert_int_equal(notify_alive_ms(), 60000); /* there is none, and somebody who wants to know how we are */
	(void)setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_alive_ms(), 30000);
	(void)setenv("WATCHDOG_USEC", "x", 1);
	assert_int_equal(notify_alive_ms(), 60000);
}

/* A child of the service inherits the variables. */
static void the_watchdog_of_another_process_is_not_ours(void **state)
{
	char pid[32];

	(void)state;
	(void)setenv("WATCHDOG_USEC", "60000000", 1);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid() + 1);
	(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_alive_ms(), 60000);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_alive_ms(), 30000);
}

static void without_a_manager_nobody_is_told(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	notify_ready();
	notify_alive("x");
	assert_string_equal(told(), "");
}

static void a_manager_that_has_gone_harms_nobody(void **state)
{
	char gone[sizeof(address.sun_path) + 8];

	(void)state;
	(void)snprintf(gone, sizeof(gone), "%s.gone", address.sun_path);
	(void)setenv("NOTIFY_SOCKET", gone, 1);
	notify_ready();
	notify_reloading();
	notify_stopping();
	assert_string_equal(told(), "");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(readiness_and_the_end_are_told),
		TEST(a_reload_is_told_with_the_time_it_began),
		TEST(being_alive_is_told_with_how_it_stands),
		TEST(the_watchdog_is_fed_twice_in_its_time),
		TEST(the_watchdog_of_another_process_is_not_ours),
		TEST(without_a_manager_nobody_is_told),
		TEST(a_manager_that_has_gone_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
