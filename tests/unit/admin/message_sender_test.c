/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_sender.h"

#include "tests/support/unit.h"

static void a_failed_call_means_what_its_error_says(void **state)
{
	static const struct {
		enum err_kind kind;
		struct api_refusal refusal;
		bool is_drained;
		enum message_fate fate;
		enum outcome_kind outcome;
	} calls[] = {
		{ ERR_REFUSED, { .status = 400 }, false, MESSAGE_ENDED, OUTCOME_REFUSED },
		{ ERR_REFUSED, { .status = 404 }, true, MESSAGE_ENDED, OUTCOME_REFUSED },
		{ ERR_REFUSED, { .status = 401 }, false, MESSAGE_HALT, OUTCOME_REFUSED },
		{ ERR_REFUSED, { .status = 402 }, false, MESSAGE_HALT, OUTCOME_REFUSED },
		{ ERR_REFUSED, { .status = 403 }, false, MESSAGE_HALT, OUTCOME_REFUSED },
		{ ERR_REFUSED, { .status = 302 }, false, MESSAGE_HALT, OUTCOME_REFUSED },
		{ ERR_REFUSED, { .status = 429, .is_spend_limit = true }, false, MESSAGE_HALT, OUTCOME_REFUSED },
		{ ERR_REFUSED,
		  { .status = 400, .message = "This organization has been disabled." },
		  false,
		  MESSAGE_HALT,
		  OUTCOME_REFUSED },
		{ ERR_REFUSED,
		  { .status = 400, .message = "You have reached your specified API usage limits." },
		  false,
		  MESSAGE_HALT,
		  OUTCOME_REFUSED },
		{ ERR_LATER, { .status = 0 }, false, MESSAGE_ENDED, OUTCOME_LATER },
		{ ERR_LATER, { .status = 0 }, true, MESSAGE_LEFT, OUTCOME_LATER },
		{ ERR_LATER, { .is_unknown = true }, false, MESSAGE_ENDED, OUTCOME_UNKNOWN },
		{ ERR_LATER, { .is_unknown = true }, true, MESSAGE_ENDED, OUTCOME_UNKNOWN },
		{ ERR_LIMIT, { .is_unknown = true }, false, MESSAGE_ENDED, OUTCOME_UNKNOWN },
		{ ERR_FORMAT, { .status = 0 }, false, MESSAGE_ENDED, OUTCOME_UNKNOWN },
		{ ERR_USAGE, { .status = 0 }, false, MESSAGE_ENDED, OUTCOME_INVALID },
		{ ERR_CONFIG, { .status = 0 }, false, MESSAGE_HALT, OUTCOME_UNKNOWN },
		{ ERR_NOMEM, { .status = 0 }, false, MESSAGE_HALT, OUTCOME_UNKNOWN },
		{ ERR_IO, { .status = 0 }, false, MESSAGE_HALT, OUTCOME_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const struct err why = { .kind = calls[i].kind };
		enum outcome_kind outcome;

		if (message_fate_of(&why, &calls[i].refusal, calls[i].is_drained, &outcome) != calls[i].fate ||
		    outcome != calls[i].outcome)
			fail_msg("call %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_failed_call_means_what_its_error_says) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
