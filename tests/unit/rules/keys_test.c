/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in key rules, pattern by pattern: what they find, and where it ends. */
#include "scanner/match/ruleset.h"

#include <string.h>

#include "common/base/text.h"
#include "scanner/match/engine.h"
#include "scanner/match/examples.h"
#include "tests/support/unit.h"

#define TEXT_BYTES 8192
#define LONGEST_BODY 260

static const char *const prefixes[] = {
	"sk-ant-api03-", "sk-ant-api01-", "sk-ant-admin01-", "sk-ant-oat01-", "sk-ant-ort01-",
	"sk-ant-sid01-", "sk-ant-sid02-", "sk-ant-api04-",   "sk-ant-svc01-", "sk-ant-zz9999-",
};

struct found {
	const char *id;
	size_t from, to;
	size_t rules; /* that match */
};

/* What the key rules find in text where `sk-ant-` first stands. */
static struct found find(struct view text)
{
	struct engine_worker *worker = engine_worker_new();
	struct found ret = { .id = "" };
	size_t at = text_find(text, VIEW("sk-ant-"));

	for (size_t i = 0; i < rules_builtin_count; i++) {
		const struct rule *rule = &rules_builtin[i];
		struct engine *engine = engine_new(1);
		struct engine_span spans[RULE_GROUPS_MAX];
		struct err err = ERR_INIT;

		assert_non_null(engine);
		engine_set(engine, 0, rule->regex, rule->id);
		if (rule->kind != KIND_KEYNAME &&
		    engine_match(engine, worker, 0, text, at, true, spans, &err) == ENGINE_MATCH) {
			ret = (struct found){ rule->id, spans[0].from, spans[0].to, ret.rules + 1 };
		}
		engine_free(engine);
	}
	engine_worker_free(worker);
	return ret;
}

static struct found find_in(const char *template, struct buf *text)
{
	struct err err = ERR_INIT;

	buf_clear(text);
	if (examples_expand(view_of(template), 1, text, &err))
		fail_msg("%s", err.text);
	return find(buf_view(text));
}

static void assert_found(const char *template, const char *id, size_t len)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	struct found f = find_in(template, &text);

	assert_string_equal(f.id, id);
	assert_int_equal(f.to - f.from, len);
	assert_int_equal(f.rules, 1);
}

static void examples_do_as_they_say(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < rules_builtin_count; i++)
		if (examples_check(&rules_builtin[i], &err))
			fail_msg("%s", err.text);
}

static void key_rules_are_tried_only_where_a_keyword_starts(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_builtin_count; i++)
		if (rules_builtin[i].kind != KIND_KEYNAME)
			assert_true(rules_builtin[i].keyword_starts);
}

static void each_kind_is_found_by_its_rule(void **state)
{
	(void)state;
	assert_found("{{sk-ant-api03- 93 AA}}", "anthropic-api-key", 108);
	assert_found("{{sk-ant-admin01- 93 AA}}", "anthropic-admin-key", 110);
	assert_found("{{sk-ant-api01- 93 AA}}", "anthropic-compliance-key", 108);
	assert_found("{{sk-ant-oat01- 93 AA}}", "anthropic-oauth-token", 108);
	assert_found("{{sk-ant-ort01- 93 AA}}", "anthropic-oauth-refresh-token", 108);
	assert_found("{{sk-ant-sid01- 93 AA}}", "anthropic-session-key", 108);
	assert_found("{{sk-ant-sid02- 93 AA}}", "anthropic-session-key", 108);
	assert_found("{{sk-ant-xyz77- 93 AA}}", "anthropic-unknown-key", 108);
	assert_found("{{sk-ant-admin- 93 AA}}", "anthropic-unknown-key", 108);
	assert_found("{{sk-ant-api03- 50}}", "anthropic-truncated-key", 63);
}

static void lengths_that_were_seen_are_found_without_the_ending(void **state)
{
	(void)state;
	assert_found("{{sk-ant-api03- 80}}", "anthropic-api-key", 93);
	assert_found("{{sk-ant-api03- 120}}", "anthropic-api-key", 133);
	assert_found("{{sk-ant-api01- 80}}", "anthropic-compliance-key", 93);
	assert_found("{{sk-ant-api01- 120}}", "anthropic-compliance-key", 133);
	assert_found("{{sk-ant-sid02- 40}}", "anthropic-session-key", 53);
}

static void what_touches_a_key_does_not_hide_it(void **state)
{
	static const char *const before[] = { "\\n", "\\u0022", "%22", "_", "x", "9", "=", "\"", "-" };
	static const char *const after[] = {
		"",  "<", ",", ")", "]",  "}",   "&",       "|",   "\\",      ".",     "@",    "\"",
		"'", "`", ";", " ", "\n", "\\n", "\\u0022", "%22", "_suffix", "-prod", "AAAA", "sk-ant-",
	};
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(buf_done) struct buf template = BUF_INIT(TEXT_BYTES);

	(void)state;
	for (size_t b = 0; b < ARRAY_LEN(before); b++)
		for (size_t a = 0; a < ARRAY_LEN(after); a++) {
			struct found f;

			buf_clear(&template);
			assert_int_equal(buf_addf(&template, "%s{{sk-ant-api03- 93 AA}}%s", before[b], after[a]), 0);
			f = find_in(template.ptr, &text);
			if (strcmp(f.id, "anthropic-api-key") != 0 || f.from != strlen(before[b]) ||
			    f.to != f.from + 108)
				fail_msg("between '%s' and '%s'", before[b], after[a]);
		}
}

static void no_text_is_found_by_two_rules(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(buf_done) struct buf template = BUF_INIT(TEXT_BYTES);

	(void)state;
	for (size_t p = 0; p < ARRAY_LEN(prefixes); p++)
		for (unsigned body = 0; body <= LONGEST_BODY; body++) {
			struct found f;

			buf_clear(&template);
			assert_int_equal(buf_addf(&template, "{{%s %u}}", prefixes[p], body), 0);
			f = find_in(template.ptr, &text);
			if (f.rules > 1)
				fail_msg("%zu rules find '%s'", f.rules, template.ptr);
			if (f.rules == 0 && body >= 40)
				fail_msg("nothing finds '%s'", template.ptr);
		}
}

static void what_is_no_key_is_not_found(void **state)
{
	static const char *const texts[] = {
		"sk-ant-",
		"sk-ant-api03-",
		"sk-ant-api03-...",
		"sk-ant-api03-Ab1...9zAA",
		"sk-ant-api03-YOUR_KEY_HERE",
		"sk-ant-api03-[A-Za-z0-9_-]{93}AA",
		"sk-ant-api03-****************************************",
		"task-ant-colony-optimisation-of-a-travelling-salesman-problem",
		"sk-ant-{kind}-{{ key }}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (find(view_of(texts[i])).rules)
			fail_msg("'%s' was found", texts[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_do_as_they_say),
		cmocka_unit_test(key_rules_are_tried_only_where_a_keyword_starts),
		cmocka_unit_test(each_kind_is_found_by_its_rule),
		cmocka_unit_test(lengths_that_were_seen_are_found_without_the_ending),
		cmocka_unit_test(what_touches_a_key_does_not_hide_it),
		cmocka_unit_test(no_text_is_found_by_two_rules),
		cmocka_unit_test(what_is_no_key_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
