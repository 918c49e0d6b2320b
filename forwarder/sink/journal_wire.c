/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/journal_wire.h"

#include <inttypes.h>

int journal_add_field(struct buf *buf, const char *name, struct view value)
{
	unsigned char length[8];

	for (unsigned i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)value.len >> (8 * i));
	return buf_add_text(buf, name) || buf_add_byte(buf, '\n') || buf_add(buf, view_from(length, sizeof(length))) ||
			       buf_add(buf, value) || buf_add_byte(buf, '\n')
		       ? -1
		       : 0;
}

static int add_digest(struct buf *buf, const char *name, const unsigned char *digest)
{
	return buf_addf(buf, "%s=", name) || digest_add_hex(buf, digest, DIGEST_SHA256_BYTES) || buf_add_byte(buf, '\n')
		       ? -1
		       : 0;
}

int journal_add_entry(struct buf *buf, const struct event *e, unsigned facility)
{
	int status = journal_add_field(buf, "MESSAGE", e->message);

	status |= buf_addf(buf, "MESSAGE_ID=%s\nPRIORITY=%u\nSYSLOG_IDENTIFIER=skantd\nSYSLOG_FACILITY=%u\n",
			   event_classes[e->class].message_id, (unsigned)e->severity, facility);
	for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++)
		if (e->fields[i].ptr)
			status |= journal_add_field(buf, event_fields[i].journal, e->fields[i]);
	status |= journal_add_field(buf, "ANTHROPIC_JSON", e->body);
	status |= journal_add_field(buf, "SKANT_FEED", e->feed);
	status |= buf_addf(buf, "SKANT_SEQ=%" PRIu64 "\nSKANT_CLASS=%s\n", e->seq, event_classes[e->class].name);
	status |= add_digest(buf, "SKANT_HASH", e->hash);
	status |= add_digest(buf, "SKANT_CHAIN", e->chain);
	if (e->is_redacted)
		status |= buf_add_text(buf, "SKANT_REDACTED=1\n");
	if (e->is_replay)
		status |= buf_add_text(buf, "SKANT_REPLAY=1\n");
	return status ? -1 : 0;
}
