/* SPDX-License-Identifier: Apache-2.0 */
/* A list of three pages, with each allocation failing in turn: ours, and libcurl's, which come through us. The second
 * page comes only at a third try, after a refusal and half a page. */
#include <stdatomic.h>

#include "common/api/page.h"
#include "tests/support/client.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define ROWS 6

static struct client client;
static unsigned failures;  /* of the second page so far */
static atomic_uint stumps; /* requests without their query */

static void answer(void *context, unsigned n, const char *request, struct peer_reply *reply)
{
	static const char *const pages[] = {
		"{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"has_more\":true,\"first_id\":\"a\",\"last_id\":\"b\"}",
		"{\"data\":[{\"id\":\"c\"},{\"id\":\"d\"}],\"has_more\":true,\"first_id\":\"c\",\"last_id\":\"d\"}",
		"{\"data\":[{\"id\":\"e\"},{\"id\":\"f\"}],\"has_more\":false,\"first_id\":\"e\",\"last_id\":\"f\"}",
	};
	unsigned page = strstr(request, "after_id=b") ? 1 : strstr(request, "after_id=d") ? 2 : 0;

	(void)context;
	(void)n;
	atomic_fetch_add(&stumps, !strstr(request, "?limit=2") && !strstr(request, "&limit=2"));
	if (page == 1 && failures < 2) {
		peer_answer(reply, failures ? "200 OK" : "529 Overloaded", "request-id: req_02\r\nretry-after: 0\r\n",
			    failures ? "{\"data\":[{\"id\":\"c\"},{"
				     : "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}");
		failures++;
		return;
	}
	peer_answer(reply, "200 OK", "request-id: req_01\r\ncontent-type: application/json\r\n", pages[page]);
}

/* 0, or -1 with err: the whole of it, from the client's making on. */
static int list(unsigned *ret_rows, struct err *err)
{
	DEFER(api_freep) struct api *api = api_new(&client.options, err);
	struct page_walk walk;
	struct view row;
	int status;

	*ret_rows = 0;
	if (!api)
		return -1;
	page_start(&walk, api, API_USER_LIST, NULL, 0, 2);
	while ((status = page_row(&walk, &row, err)) == 1)
		++*ret_rows;
	page_done(&walk);
	return status;
}

static bool list_with_a_failure(void *context, long n)
{
	struct err err = ERR_INIT;
	unsigned rows;
	bool has_failed;
	int status;

	(void)context;
	failures = 0;
	nomem_start(n);
	status = list(&rows, &err);
	has_failed = nomem_stop();
	assert_true(has_failed || status == 0);
	assert_int_equal(atomic_load(&stumps), 0);
	if (status) {
		assert_true(err.kind != ERR_NONE && err.text[0]);
		assert_null(strstr(err.text, "sk-ant-admin01-"));
	} else {
		assert_int_equal(rows, ROWS); /* whatever failed did no harm: never a list with a hole */
	}
	return has_failed;
}

static void a_list_without_memory_is_an_error_and_never_a_shorter_list(void **state)
{
	(void)state;
	client_start(&client, answer, NULL);
	client_set_key(&client, CREDENTIAL_ADMIN, "sk-ant-admin01-");
	client.options.max_retries = 2;
	assert_true(nomem_each(list_with_a_failure, NULL) > 50);
	client_stop(&client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_without_memory_is_an_error_and_never_a_shorter_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
