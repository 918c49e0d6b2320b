/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that there is no room or no memory for: each format says so, whichever piece of text did not fit. */
#include "tests/support/nomem.h"

#include "tests/support/report.h"

#define KEYS (INVENTORY_SHOWN + 2)
#define FINDINGS 9
#define EACH_BYTES 12000 /* up to here each ceiling is tried, ... */
#define STEPS 300        /* ... of a longer report so many */

static const struct report_format *const formats[] = { &report_text,     &report_json,  &report_jsonl,  &report_sarif,
						       &report_csv,      &report_junit, &report_gitlab, &report_github,
						       &report_gitleaks, &report_html,  &report_hook };

struct world {
	const struct report_format *format;
	struct report_context context;
	struct finding findings[FINDINGS];
	struct inventory_key keys[KEYS];
	struct summary summary;
};

/* All that a finding may have, on one of them or another. */
static void make_findings(struct world *w)
{
	struct finding *f = w->findings;

	f[0] = sample_finding();
	f[0].via = "base64,joined";
	f[1] = sample_name();
	f[2] = sample_in_history();
	f[2].verdict = (struct verdict){ .state = VERIFIED_LIVE, .reason = "accepted", .organization = "org_1" };
	f[2].origin.also_at = "a//b//c";
	f[2].origin.untrusted = "skant:allow";
	f[3] = sample_in_history();
	f[3].origin.reached = "stash";
	f[3].origin.at_head = true;
	f[3].inventory = w->keys;
	f[3].inventory_count = 1;
	f[4] = sample_finding();
	f[4].status = STATUS_ALLOWED;
	f[4].allowed_by = "skant:allow made for a test";
	f[4].checks = 1u << CHECK_SHAPE | 1u << CHECK_ENTROPY;
	f[5] = sample_finding();
	f[5].status = STATUS_BASELINE;
	f[5].verdict = (struct verdict){ .state = VERIFIED_UNKNOWN, .reason = "no answer" };
	f[6] = sample_finding();
	f[6].inventory = w->keys;
	f[6].inventory_count = KEYS;
	f[6].severity = SEVERITY_MEDIUM;
	f[7] = sample_in_history();
	f[7].origin = (struct origin){ .is_known = true,
				       .object = SAMPLE_LAST,
				       .object_type = "tag",
				       .reached = "unreachable",
				       .email = "a@b.example" };
	f[8] = sample_in_history();
	f[8].origin.author = NULL;
	f[8].origin.refs = NULL;
	f[8].origin.reached = "reflog";
	f[8].origin.repository = "team/app/";
	f[8].origin.occurrences = 3;
	f[8].path = "team/app/a\tb.py";
	f[8].line_before = "\tk =\t";
}

static void make_world(struct world *w, const struct report_format *format)
{
	static const char *const names[] = { "first", "second" };

	*w = (struct world){ .format = format, .context = sample_context };
	w->context.verbose = w->context.colour = true;
	w->context.hook = "pre-push";
	for (size_t i = 0; i < KEYS; i++)
		w->keys[i] = (struct inventory_key){ .hint = "abc...wxyz",
						     .id = "apikey_0123456789",
						     .name = names[i % 2],
						     .status = i == 1 ? "inactive" : "active",
						     .workspace_id = "wrkspc_1",
						     .workspace = "Research",
						     .created_at = "2023-11-01T00:00:00Z",
						     .expires_at = "2023-12-01T00:00:00Z",
						     .created_s = 1'698'796'800,
						     .expires_s = 1'701'388'800 };
	make_findings(w);
	w->summary = sample_incomplete("src/locked");
	w->summary.failed = true;
	w->summary.findings[SEVERITY_CRITICAL] = 7;
	w->summary.verified[VERIFIED_LIVE] = 1;
	w->summary.has_baseline = true;
	w->summary.baseline = w->summary.baseline_entries = 1;
}

static void forget_world(struct world *w)
{
	free(w->summary.examples[0].path);
}

/* 0, or -1 as report_format has it. */
static int write_whole(const struct world *w, struct buf *out)
{
	const struct report_format *format = w->format;
	const struct report_context *c = &w->context;
	void *state = NULL;
	int ret = 0;

	if (format->open) {
		state = format->open(c, out);
		ret = state ? 0 : -1;
	} else {
		ret = format->begin(c, out);
	}
	for (size_t i = 0, written = 0; !ret && i < FINDINGS; i++) {
		const struct finding *f = &w->findings[i];

		if (!format->is_new_only || f->status == STATUS_NEW)
			ret = format->take ? format->take(state, c, f, out)
					   : format->finding(c, f, written++ == 0, out);
	}
	if (!ret)
		ret = format->close ? format->close(state, c, &w->summary, out)
				    : format->end(c, &w->summary, false, out);
	if (state)
		format->drop(state);
	return ret;
}

static void what_does_not_fit_is_refused(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		DEFER(buf_done) struct buf whole = BUF_INIT(SAMPLE_REPORT_BYTES);
		size_t step;

		make_world(&w, formats[i]);
		assert_int_equal(write_whole(&w, &whole), 0);
		assert_true(whole.len > 100);
		step = whole.len <= SLOWED(EACH_BYTES) ? 1 : whole.len / SLOWED(STEPS);
		for (size_t most = 0; most < whole.len; most += step) {
			DEFER(buf_done) struct buf out = BUF_INIT(most);

			if (write_whole(&w, &out) == 0)
				fail_msg("%s is whole in %zu of %zu bytes", formats[i]->name, most, whole.len);
			assert_true(out.len <= most);
		}
		forget_world(&w);
	}
}

static bool write_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf out = BUF_INIT(SAMPLE_REPORT_BYTES);
	const struct world *w = context;
	bool has_failed;
	int status;

	nomem_start(n);
	status = write_whole(w, &out);
	has_failed = nomem_stop();
	if ((status != 0) != has_failed)
		fail_msg("%s: %d at allocation %ld", w->format->name, status, n);
	return has_failed;
}

static void what_there_is_no_memory_for_is_refused(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		make_world(&w, formats[i]);
		assert_true(nomem_each(write_with_a_failure, &w) > 20);
		forget_world(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(what_there_is_no_memory_for_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
