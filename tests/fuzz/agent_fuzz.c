/* SPDX-License-Identifier: Apache-2.0 */
/* Events of a coding agent: what is taken for one can be walked to its end and tried out as an edit. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/agent_edit.h"
#include "scanner/agent_event.h"

#define EDITED_BYTES (64u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static int take(void *context, const struct agent_text *text, struct err *)
{
	const struct agent_event *event = context;

	check(text_starts(text->where, view_of(event->part)));
	check(!text->is_old || event->access == AGENT_EDITS);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(buf_done) struct buf text = BUF_INIT(EDITED_BYTES);
	struct agent_event event;
	struct err err = ERR_INIT;
	int failed = agent_event_parse(view_from(data, size), &event, &err);

	check((failed != 0) == (err.kind != ERR_NONE));
	if (!failed && event.kind != AGENT_OTHER) {
		check(event.access == AGENT_NO_FILE || event.file.len > 0);
		check(agent_event_walk(&event, take, &event, &err) == 0);
		if (event.access == AGENT_EDITS &&
		    buf_add(&text, view_sub(view_from(data, size), 0, EDITED_BYTES)) == 0)
			(void)agent_edit_apply(event.content, &text);
	}
	agent_event_done(&event);
	return 0;
}
