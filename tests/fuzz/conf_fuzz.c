/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as configuration, policy and rules: an answer or an error, never both, never neither. */
#include <stdlib.h>

#include "common/policy/policy_read.h"
#include "common/sys/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool failed, const struct err *err)
{
	if (failed != (err->kind != ERR_NONE))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_from(data, size);
	struct err conf_err = ERR_INIT, policy_err = ERR_INIT;
	DEFER(conf_freep) struct conf *conf = conf_parse(text, "f", &conf_err);
	DEFER(policy_freep) struct policy *policy = policy_parse(text, "f", &policy_err);

	check(!conf, &conf_err);
	check(!policy, &policy_err);
	if (policy) {
		(void)keyname_check(policy_names(policy), VIEW("ml-prod-inference"));
		(void)keyname_check(policy_names(policy), text);
	}
	return 0;
}
