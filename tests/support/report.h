/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of reports: a rule, a finding on disk and one in history, and a report written into memory. */
#ifndef TESTS_SUPPORT_REPORT_H
#define TESTS_SUPPORT_REPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/policy/keyname.h"
#include "common/sys/json.h"
#include "scanner/report/report.h"
#include "tests/support/unit.h"

#define SAMPLE_REPORT_BYTES (64u << 20)
#define SAMPLE_KEY_BYTES 128
#define SAMPLE_COMMIT "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
#define SAMPLE_LAST "0123456789abcdef0123456789abcdef01234567"

/* A key of full length, whose middle nothing may print. */
static inline void sample_key(char key[static SAMPLE_KEY_BYTES])
{
	static const char letters[] = "q7Zk2Xw9LmB4vTj6RsN8pDc3HgF5yAe1Uo0iKxWz";
	size_t len = 0;

	for (const char *p = "sk-ant-"
			     "api03-";
	     *p; p++)
		key[len++] = *p;
	for (size_t i = 0; i < 93; i++)
		key[len++] = letters[(i * 7 + i / 40) % (sizeof(letters) - 1)];
	key[len++] = 'A';
	key[len++] = 'A';
	key[len] = '\0';
}

static const struct rule sample_rule = { .id = "a-rule",
					 .title = "A key",
					 .kind = KIND_API,
					 .severity = SEVERITY_CRITICAL,
					 .confidence = CONFIDENCE_HIGH,
					 .remediation = "revoke it\n1. First this.\n2. Then that.\n" };
static const struct rule sample_name_rule = { .id = "name-rule",
					      .title = "Name of a key",
					      .kind = KIND_KEYNAME,
					      .severity = SEVERITY_LOW,
					      .confidence = CONFIDENCE_MEDIUM,
					      .remediation = "" };
static const struct rule *const sample_rules[] = { &sample_rule, &sample_name_rule };
static const char *const sample_targets[] = { "src" };
static const struct report_context sample_context = { .targets = sample_targets,
						      .target_count = 1,
						      .command = "dir",
						      .names = &keyname_standard,
						      .rules = sample_rules,
						      .rule_count = ARRAY_LEN(sample_rules),
						      .started_s = 1'700'000'000,
						      .ended_s = 1'700'000'002 };

static inline struct finding sample_finding(void)
{
	return (struct finding){ .rule = &sample_rule,
				 .severity = SEVERITY_CRITICAL,
				 .confidence = CONFIDENCE_HIGH,
				 .path = "src/a.py",
				 .below = "src/a.py",
				 .offset = 20,
				 .start_line = 2,
				 .start_column = 9,
				 .end_line = 2,
				 .end_column = 31,
				 .start_utf16 = 7,
				 .end_utf16 = 29,
				 .entropy_centibits = 505,
				 .masked = "abc...wxyz",
				 .line_before = "k = \"",
				 .line_after = "\"",
				 .secret_id = "sha256:00112233445566778899aabbccddeeff" };
}

static inline struct finding sample_name(void)
{
	struct finding f = sample_finding();

	f.rule = &sample_name_rule;
	f.severity = SEVERITY_LOW;
	f.confidence = CONFIDENCE_MEDIUM;
	f.masked = "Prod_ML";
	f.violations = 1u << KEYNAME_CASE;
	f.suggestion = "ml-prod-{purpose}";
	return f;
}

static inline struct finding sample_in_history(void)
{
	struct finding f = sample_finding();

	f.origin = (struct origin){ .is_known = true,
				    .object = "ffeeddccbbaa99887766554433221100ffeeddcc",
				    .object_type = "blob",
				    .commit = SAMPLE_COMMIT,
				    .author = "Jane Doe",
				    .email = "jane@example.com",
				    .date = "2024-05-01T10:20:30+02:00",
				    .message = "Add the client",
				    .last = SAMPLE_LAST,
				    .reached = "ref",
				    .refs = "refs/heads/main\nrefs/tags/v1" };
	return f;
}

/* Writes the report of count findings into out. */
static inline void sample_report(const struct report_format *format, const struct report_context *c,
				 const struct finding *findings, size_t count, const struct summary *s, struct buf *out)
{
	void *state = NULL;

	*out = (struct buf)BUF_INIT(SAMPLE_REPORT_BYTES);
	if (format->open) {
		state = format->open(c, out);
		assert_non_null(state);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(format->take(state, c, &findings[i], out), 0);
		assert_int_equal(format->close(state, c, s, out), 0);
		format->drop(state);
		return;
	}
	assert_int_equal(format->begin(c, out), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(format->finding(c, &findings[i], i == 0, out), 0);
	assert_int_equal(format->end(c, s, count == 0, out), 0);
	assert_int_equal(buf_add_text(out, ""), 0);
}

/* A summary with one file that could not be read. The caller frees the path. */
static inline struct summary sample_incomplete(const char *path)
{
	struct summary s = { .files = 3, .bytes = 30, .incomplete = true, .instructions = "scalar" };

	s.unread[UNREAD_UNREADABLE] = 2;
	s.unread[UNREAD_IGNORED] = 7;
	s.example_count = 1;
	s.examples[0] = (struct summary_example){ .reason = UNREAD_UNREADABLE, .path = strdup(path) };
	assert_non_null(s.examples[0].path);
	return s;
}

static inline void assert_has(const struct buf *text, const char *part)
{
	if (!strstr(text->ptr, part))
		fail_msg("'%s' is not in:\n%s", part, text->ptr);
}

static inline void assert_has_not(const struct buf *text, const char *part)
{
	if (strstr(text->ptr, part))
		fail_msg("'%s' is in:\n%s", part, text->ptr);
}

/* Each line on its own when is_lines. */
static inline void assert_is_json(const struct buf *text, bool is_lines)
{
	struct view rest = buf_view(text), value;
	struct err err = ERR_INIT;
	size_t values = 0;
	int ret;

	while ((ret = json_next(&rest, &value, &err)) == 0)
		values++;
	if (ret < 0)
		fail_msg("%s\n%s", err.text, text->ptr);
	assert_true(values == 1 || (is_lines && values > 0));
}

/* Hostile bytes at each place that foreign text comes from: a key, escape sequences, a line end, no UTF-8. */
struct sample_hostile {
	char text[512], list[1200], key[SAMPLE_KEY_BYTES];
	struct finding finding;
};

static inline void sample_hostile(struct sample_hostile *h)
{
	struct origin *o = &h->finding.origin;

	sample_key(h->key);
	(void)snprintf(h->text, sizeof(h->text), "=x\033[31m\xff,%%:\"<&>'\r\n::error::{0}%s\xc2\x9b\xef\xbf\xbf",
		       h->key);
	(void)snprintf(h->list, sizeof(h->list), "%s//%s", h->key, h->text);
	h->finding = sample_in_history();
	h->finding.path = h->finding.below = h->finding.masked = h->finding.line_before = h->finding.line_after =
		h->text;
	o->author = o->email = o->date = o->message = o->refs = o->untrusted = h->text;
	o->also_at = h->list;
}

/* What holds for each format, whatever comes: no key, no byte that writes to the terminal, valid UTF-8. */
static inline void assert_harmless(const struct buf *out, const struct sample_hostile *h)
{
	assert_has_not(out, h->key);
	for (size_t i = 20; i + 12 < strlen(h->key) - 4; i++) {
		char part[13];

		memcpy(part, h->key + i, 12);
		part[12] = '\0';
		assert_has_not(out, part);
	}
	assert_has_not(out, "\033");
	assert_has_not(out, "\xff");
	assert_has_not(out, "\xc2\x9b");
}

#endif
