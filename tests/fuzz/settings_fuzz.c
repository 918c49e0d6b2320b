/* SPDX-License-Identifier: Apache-2.0 */
/* An agent's settings stay JSON whatever they were: what is added is there, what is taken away is gone, and both are
 * done once. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "scanner/hook_agent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* Changes text twice: the second time there is nothing left to do. */
static bool change(struct buf *text, int (*step)(struct buf *text, struct err *err), int count)
{
	DEFER(buf_done) struct buf once = BUF_INIT(HOOK_SETTINGS_BYTES);
	struct view value;

	if (step(text, NULL))
		return false;
	if (!text_trim(buf_view(text)).len)
		return true;
	check(json_whole(buf_view(text), &value, NULL) == 0);
	check(hook_agent_count(text, NULL) == count);
	check(buf_add(&once, buf_view(text)) == 0);
	check(step(text, NULL) == 0 && text_eq(buf_view(text), buf_view(&once)));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HOOK_SETTINGS_BYTES), other = BUF_INIT(HOOK_SETTINGS_BYTES);

	if (size > HOOK_SETTINGS_BYTES / 2)
		return 0;
	check(buf_add(&text, view_from(data, size)) == 0 && buf_add(&other, view_from(data, size)) == 0);
	(void)change(&other, hook_agent_remove, 0);
	if (change(&text, hook_agent_add, HOOK_AGENT_EVENTS))
		(void)change(&text, hook_agent_remove, 0);
	return 0;
}
