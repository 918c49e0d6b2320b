/* SPDX-License-Identifier: Apache-2.0 */
/* The ingest feed with each allocation failing in turn: a record is stored and acknowledged, or it is neither. */
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/feedout.h"
#include "tests/support/nomem.h"

#define EVENT "{\"event\":\"api_call\",\"idempotency_key\":\"\\u006b\",\"note\":\"sk-ant-abcdefgh12345\"}\n"

struct place {
	char dir[64], socket[128];
	struct settings_feed settings;
	struct settings all;
};

static int set_up(void **state)
{
	const char *folder = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof(*p));

	(void)snprintf(p->dir, sizeof(p->dir), "%s/skant-nm-XXXXXX", folder && strlen(folder) < 40 ? folder : "/tmp");
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->socket, sizeof(p->socket), "%s/s", p->dir);
	p->settings = (struct settings_feed){ .name = p->dir,
					      .type = SETTINGS_INGEST,
					      .filter = { .severity = EVENT_INFO },
					      .socket = p->socket,
					      .max_record = 4096 };
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	int status = rmdir(p->dir);

	free(p);
	return status;
}

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memccpy(address.sun_path, path, '\0', sizeof(address.sun_path) - 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, EVENT, sizeof(EVENT) - 1, MSG_NOSIGNAL), sizeof(EVENT) - 1);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	return fd;
}

/* Whether the sender was told that its record is stored. */
static bool is_acknowledged(int fd)
{
	char answer[4096] = { 0 };

	return recv(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT) > 0 && strstr(answer, "\"stored\":1,");
}

static bool take_with_a_failure(void *context, long n)
{
	struct place *p = context;
	struct feedout *spool = feedout_new();
	atomic_bool stop = false;
	struct feed_env env = { .settings = &p->settings,
				.all = &p->all,
				.out = &spool->out,
				.stop = &stop,
				.wake_fd = eventfd(0, EFD_CLOEXEC),
				.is_once = true };
	struct err err = ERR_INIT;
	bool has_failed;
	uint64_t wait_ms;
	void *feed;

	nomem_start(n);
	feed = feed_ingest.open(&env, &err);
	if (feed) {
		int fd = dial(p->socket);

		if (feed_ingest.poll(feed, &wait_ms, &err))
			assert_int_equal(err.kind, ERR_NOMEM);
		has_failed = nomem_stop();
		if (is_acknowledged(fd))
			assert_int_equal(spool->count, 1);
		else
			assert_true(has_failed);
		feed_ingest.close(feed);
		(void)close(fd);
	} else {
		has_failed = nomem_stop();
		assert_int_equal(err.kind, ERR_NOMEM);
	}
	(void)close(env.wake_fd);
	feedout_free(spool);
	return has_failed;
}

static void what_is_acknowledged_is_stored(void **state)
{
	assert_true(nomem_each(take_with_a_failure, *state) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_acknowledged_is_stored, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
