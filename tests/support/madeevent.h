/* SPDX-License-Identifier: Apache-2.0 */
/* Events as a feed of activities would bring them, made up, the same ones each time. */
#ifndef TESTS_SUPPORT_MADEEVENT_H
#define TESTS_SUPPORT_MADEEVENT_H

#include <stdio.h>
#include <string.h>

#include "forwarder/event.h"

#define MADEEVENT_BODY_LEAST 330
#define MADEEVENT_TIME_S 1'793'534'400 /* 2026-11-01T12:00:00Z */

/* Fills e, whose store is used again, with number seq: a body of body_len bytes, which are put in body (one more). Each
 * tenth is an `err`, the others are `info`. */
static inline int madeevent(struct event *e, char *body, size_t body_len, uint64_t seq, int64_t observed_ns,
			    bool is_replay, struct err *err)
{
	struct buf store = e->store;
	int len = snprintf(body, body_len + 1,
			   "{\"id\":\"activity_%08llu\",\"type\":\"platform_api_key_created\",\"created_at\":"
			   "\"2026-11-01T12:00:00Z\",\"organization_id\":\"org_1\",\"api_key_id\":\"apikey_%llu\","
			   "\"actor\":{\"type\":\"user_actor\",\"user_id\":\"user_%llu\",\"email_address\":"
			   "\"someone@example.com\",\"ip_address\":\"192.0.2.7\",\"user_agent\":\"x\"},\"filling\":\"",
			   (unsigned long long)seq, (unsigned long long)(seq % 500), (unsigned long long)(seq % 40));

	if (len < 0 || (size_t)len + 2 > body_len)
		return err_set(err, ERR_USAGE, 0, "a made-up event has at least %d bytes", MADEEVENT_BODY_LEAST);
	memset(body + len, 'x', body_len - (size_t)len - 2);
	body[body_len - 2] = '"';
	body[body_len - 1] = '}';
	*e = (struct event){ .seq = seq,
			     .feed = VIEW("audit"),
			     .id = view_from(body + strlen("{\"id\":\""), strlen("activity_00000000")),
			     .type = VIEW("platform_api_key_created"),
			     .origin = EVENT_PLATFORM,
			     .time_ns = (int64_t)MADEEVENT_TIME_S * 1'000'000'000,
			     .observed_ns = observed_ns,
			     .is_replay = is_replay,
			     .body = view_from(body, body_len),
			     .store = store };
	digest_sha256(e->body, e->hash);
	digest_sha256(e->id, e->chain);
	if (event_read(e, err))
		return -1;
	e->severity = seq % 10 ? EVENT_INFO : EVENT_ERR;
	return 0;
}

#endif
