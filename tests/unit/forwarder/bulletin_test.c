/* SPDX-License-Identifier: Apache-2.0 */
/* What skantd says of itself, over a real spool. */
#include "forwarder/bulletin.h"

#include "tests/support/spool.h"

struct alerts {
	char text[512];
};

static void note_alert(void *context, const char *of, enum feed_alert alert, const char *text)
{
	struct alerts *a = context;
	size_t len = strlen(a->text);

	(void)snprintf(a->text + len, sizeof(a->text) - len, "%s %s %s: %s\n", bulletin_kind(alert), of,
		       feed_alert_names[alert], text);
}

static void assert_alerts(struct bulletin *b, const char *expected)
{
	struct alerts alerts = { .text = "" };

	bulletin_each(b, note_alert, &alerts);
	assert_string_equal(alerts.text, expected);
}

static struct bulletin *open_bulletin(struct spool *spool)
{
	struct err err = ERR_INIT;
	struct bulletin *b = bulletin_new(spool, &err);

	assert_non_null(b);
	return b;
}

/* Whether it was news. */
static bool alert(struct bulletin *b, const char *of, enum feed_alert which, bool is_on, const char *text)
{
	struct err err = ERR_INIT;
	bool is_new;

	assert_int_equal(bulletin_alert(b, of, which, is_on, text, &is_new, &err), 0);
	return is_new;
}

static void assert_last(struct spool *spool, const char *type, const char *words)
{
	struct err err = ERR_INIT;
	struct spool_batch *batch = spool_batch_new(spool, &err);
	struct event *events;

	assert_non_null(batch);
	assert_int_equal(spool_read(batch, spool_head(spool) - 1, 10, 1u << 20, &events, NULL, &err), 1);
	assert_true(text_eq(events[0].type, view_of(type)));
	assert_view(events[0].feed, BULLETIN_FEED);
	assert_true(text_find(events[0].body, view_of(words)) != SIZE_MAX);
	spool_batch_free(batch);
}

static void an_alert_is_told_once_until_it_is_over(void **state)
{
	struct spool *spool = open_spool();
	struct bulletin *b = open_bulletin(spool);

	(void)state;
	assert_true(alert(b, "audit", FEED_REFUSED, true, "the key is refused"));
	assert_last(spool, "skantd.alert",
		    "\"message\":\"feed 'audit': the key is refused\",\"alert\":\"refused\",\"state\":\"on\","
		    "\"feed\":\"audit\"");
	assert_false(alert(b, "audit", FEED_REFUSED, true, "the key is refused again"));
	assert_true(alert(b, "usage", FEED_REFUSED, true, "that one, too"));
	assert_true(alert(b, "audit", FEED_REFUSED, false, "the key is accepted"));
	assert_last(spool, "skantd.alert_over", "\"message\":\"feed 'audit': over: the key is accepted\"");
	assert_false(alert(b, "audit", FEED_REFUSED, false, "the key is accepted"));
	assert_int_equal(spool_head(spool), 3);
	assert_alerts(b, "feed usage refused: that one, too\n");
	bulletin_free(b);
	spool_free(spool);
}

static void an_alert_of_a_sink_says_so(void **state)
{
	struct spool *spool = open_spool();
	struct bulletin *b = open_bulletin(spool);

	(void)state;
	assert_true(alert(b, "siem", SINK_NEEDS_HELP, true, "the certificate has expired"));
	assert_last(
		spool, "skantd.alert",
		"\"message\":\"sink 'siem': the certificate has expired\",\"alert\":\"sink-broken\",\"state\":\"on\","
		"\"sink\":\"siem\"");
	assert_alerts(b, "sink siem sink-broken: the certificate has expired\n");
	bulletin_free(b);
	spool_free(spool);
}

static void an_alert_stays_on_over_a_restart(void **state)
{
	struct spool *spool = open_spool();
	struct bulletin *b = open_bulletin(spool);

	(void)state;
	assert_true(alert(b, "audit", FEED_QUIET, true, "no \"news\""));
	assert_true(alert(b, "siem", SINK_NEEDS_HELP, true, "no way"));
	bulletin_free(b);
	spool_free(spool);
	spool = open_spool();
	b = open_bulletin(spool);
	assert_alerts(b, "feed audit quiet: no \"news\"\nsink siem sink-broken: no way\n");
	assert_false(alert(b, "audit", FEED_QUIET, true, "still none"));
	bulletin_free(b);
	spool_free(spool);
}

static bool is_feed(void *context, const char *of, enum feed_alert alert)
{
	(void)context;
	return alert != SINK_NEEDS_HELP && strcmp(of, "kept") == 0;
}

static void what_is_not_configured_any_more_has_no_alert(void **state)
{
	struct spool *spool = open_spool();
	struct bulletin *b = open_bulletin(spool);
	struct err err = ERR_INIT;

	(void)state;
	assert_true(alert(b, "kept", FEED_STALE, true, "x"));
	assert_true(alert(b, "gone", FEED_STALE, true, "y"));
	assert_true(alert(b, "kept", SINK_NEEDS_HELP, true, "z"));
	assert_int_equal(bulletin_keep(b, is_feed, NULL, &err), 0);
	assert_int_equal(spool_head(spool), 5);
	assert_last(spool, "skantd.alert_over", "not configured any more");
	assert_alerts(b, "feed kept stale: x\n");
	assert_int_equal(bulletin_keep(b, is_feed, NULL, &err), 0);
	assert_int_equal(spool_head(spool), 5);
	bulletin_free(b);
	spool_free(spool);
}

static void a_full_spool_takes_it_all_the_same(void **state)
{
	struct spool *spool = open_with(&(struct spool_options){ .dir = dir, .max_bytes = 1 });
	struct bulletin *b = open_bulletin(spool);

	(void)state;
	assert_true(alert(b, "audit", FEED_FULL, true, "there is no room"));
	assert_last(spool, "skantd.alert", "there is no room");
	bulletin_free(b);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_alert_is_told_once_until_it_is_over), TEST(an_alert_of_a_sink_says_so),
		TEST(an_alert_stays_on_over_a_restart),       TEST(what_is_not_configured_any_more_has_no_alert),
		TEST(a_full_spool_takes_it_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
