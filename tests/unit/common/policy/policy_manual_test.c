/* SPDX-License-Identifier: Apache-2.0 */
/* docs/policy.md, compared with what the reader takes. */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/policy/keyaudit.h"
#include "common/policy/policy_read.h"
#include "common/policy/policy_reading.h"
#include "common/sys/file.h"
#include "tests/support/unit.h"

#define MANUAL "docs/policy.md"
#define FILE_BYTES (1u << 20)

static void read_manual(struct buf *ret)
{
	struct err err = ERR_INIT;

	if (file_read(MANUAL, ret, &err))
		fail_msg("%s", err.text);
}

/* What stands below a heading, up to the next one. */
static struct view part_of(struct view manual, const char *heading)
{
	char line[64];
	size_t at;

	(void)snprintf(line, sizeof(line), "# %s\n", heading);
	at = text_find(manual, view_of(line));
	if (at == SIZE_MAX)
		fail_msg("the manual has no section '%s'", heading);
	manual = view_sub(manual, at + strlen(line), manual.len);
	return view_sub(manual, 0, text_find(manual, VIEW("\n#")));
}

static struct view section_of(struct view manual, const struct policy_section *section)
{
	char heading[64];

	(void)snprintf(heading, sizeof(heading), *section->name ? "`%s`" : "The file", section->name);
	return part_of(manual, heading);
}

static void each_key_has_a_row_in_its_section_and_no_other_has(void **state)
{
	DEFER(buf_done) struct buf manual = BUF_INIT(FILE_BYTES);

	(void)state;
	read_manual(&manual);
	assert_true(policy_section_count >= 11);
	for (size_t i = 0; i < policy_section_count; i++) {
		const struct policy_section *section = policy_sections[i];
		struct view part = section_of(buf_view(&manual), section), rest = part, line;
		size_t rows = 0;

		while (text_next_line(&rest, &line))
			rows += text_starts(line, VIEW("| `"));
		for (size_t k = 0; k < section->count; k++) {
			char row[64];

			(void)snprintf(row, sizeof(row), "\n| `%s` |", section->keys[k].name);
			if (text_find(part, view_of(row)) == SIZE_MAX)
				fail_msg("'%s': '%s' is not in the manual", section->name, section->keys[k].name);
		}
		if (rows != section->count)
			fail_msg("'%s': the manual has %zu keys, the reader %zu", section->name, rows, section->count);
	}
}

static void the_example_is_read(void **state)
{
	DEFER(buf_done) struct buf manual = BUF_INIT(FILE_BYTES);
	struct view text;
	struct err err = ERR_INIT;
	struct policy *policy;

	(void)state;
	read_manual(&manual);
	text = buf_view(&manual);
	text = view_sub(text, text_find(text, VIEW("```yaml\n")) + 8, text.len);
	policy = policy_parse(view_sub(text, 0, text_find(text, VIEW("```"))), MANUAL, &err);
	if (!policy)
		fail_msg("%s", err.text);
	assert_int_equal(policy->budget_count, 4);
	policy_free(policy);
}

static void each_code_of_the_audit_is_explained(void **state)
{
	DEFER(buf_done) struct buf manual = BUF_INIT(FILE_BYTES);
	struct view part;

	(void)state;
	read_manual(&manual);
	part = part_of(buf_view(&manual), "What `keys audit` finds");
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++) {
		char code[64];

		(void)snprintf(code, sizeof(code), "`%s`", keyaudit_code(v));
		if (text_find(part, view_of(code)) == SIZE_MAX)
			fail_msg("%s is not in the manual", code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_has_a_row_in_its_section_and_no_other_has),
		cmocka_unit_test(the_example_is_read),
		cmocka_unit_test(each_code_of_the_audit_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
