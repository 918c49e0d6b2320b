/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a local program sends: it is refused with a reason, or what is stored of it is JSON with no key in it. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/redact.h"
#include "forwarder/feed/ingest_record.h"

#define LIMIT (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_stored(const struct ingest_record *r)
{
	static const struct ingest_sender sender = { .uid = UINT32_MAX, .gid = 0, .pid = INT32_MAX };
	DEFER(buf_done)
	struct buf body = BUF_INIT(LIMIT), id = BUF_INIT(PAGE_ID_BYTES), clean = BUF_INIT(LIMIT),
		   again = BUF_INIT(LIMIT);
	struct view value, masked;
	struct err err = ERR_INIT;
	bool is_redacted, is_key;

	check(ingest_record_add_body(r, &sender, &body, &is_redacted, &err) == 0);
	check(body.len <= JSON_RECORD_BYTES);
	check(json_whole(buf_view(&body), &value, &err) == 0);
	check(redact_json(value, &again, &masked, &is_key, &err) == 0 && !is_key);
	check(is_redacted || text_eq(json_member(value, "record"), r->value));
	check(ingest_record_add_id(r, &sender, &id) == 0 && (id.len > 0) == (r->key.len > 0));
	check(r->type.len > 0 && r->type.len <= PAGE_TYPE_BYTES && text_add_clean(&clean, r->type) == 0);
	check(text_eq(buf_view(&clean), r->type));
	check(r->time_ns >= 0 && (r->has_time || r->time_ns == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ingest_record r = { .has_time = false };
	struct err err = ERR_INIT;

	if (ingest_record_read(view_from(data, size), &r, &err))
		check((err.kind == ERR_FORMAT || err.kind == ERR_LIMIT) && err.text[0]);
	else
		check_stored(&r);
	ingest_record_done(&r);
	return 0;
}
