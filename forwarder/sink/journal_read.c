/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/journal_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/sink.h"
#include "forwarder/sink/journal_files.h"

#define NS_PER_S 1'000'000'000
#define OPEN_TRIES 5
#define LOOK_BYTES 128 /* of a field: no more of a long one has to be decompressed */

struct journal_reader {
	sd_journal *journal;
	struct journal_live live;
	int64_t since_us;
	sd_id128_t boot;
	uint64_t uid;
	char *unit; /* of the writer; NULL: none */
	enum { FILTER_NONE, FILTER_NAME, FILTER_CHAIN } filter;
};

/* Opens the files in which the entries since then may be. They may go, or be renamed, while it does. */
static int open_files(struct journal_reader *r, const char *folder, struct err *err)
{
	int status = 0;

	for (unsigned i = 0; i < OPEN_TRIES; i++) {
		journal_live_done(&r->live);
		if (journal_live_find(folder, (uid_t)r->uid, r->since_us, &r->live, err))
			return -1;
		status = sd_journal_open_files(&r->journal, (void *)r->live.paths, 0);
		if (status >= 0)
			return 0;
	}
	return err_set(err, ERR_IO, -status, "cannot open the journal%s%s", folder ? " in " : "", folder ? folder : "");
}

static int set_writer(struct journal_reader *r, const struct sink_writer *writer, struct err *err)
{
	r->uid = writer ? writer->uid : geteuid();
	if (!writer) {
		if (sd_pid_get_unit(0, &r->unit) < 0)
			r->unit = NULL;
		return 0;
	}
	r->unit = writer->unit ? strdup(writer->unit) : NULL;
	return writer->unit && !r->unit ? err_nomem(err) : 0;
}

struct journal_reader *journal_reader_open(const char *folder, int64_t since_us, const struct sink_writer *writer,
					   struct err *err)
{
	struct journal_reader *r = calloc(1, sizeof(*r));

	if (!r) {
		err_nomem(err);
		return NULL;
	}
	r->since_us = since_us;
	(void)sd_id128_get_boot(&r->boot);
	/* Files that may not be read are passed over without a word, so they are asked for first. */
	if (set_writer(r, writer, err) || journal_files_check(folder, err) || open_files(r, folder, err)) {
		journal_reader_free(r);
		return NULL;
	}
	return r;
}

bool journal_reader_covers(const struct journal_reader *r, int64_t since_us)
{
	return r->since_us <= since_us && journal_live_is_current(&r->live);
}

void journal_reader_free(struct journal_reader *r)
{
	if (!r)
		return;
	sd_journal_close(r->journal);
	journal_live_done(&r->live);
	free(r->unit);
	free(r);
}

/* The value of a field of the current entry; VIEW_NONE: it has none. */
static struct view field(struct journal_reader *r, const char *name)
{
	size_t len = strlen(name) + 1, size;
	const void *data;

	if (sd_journal_get_data(r->journal, name, &data, &size) < 0 || size < len)
		return VIEW_NONE;
	return view_from((const char *)data + len, size - len);
}

/* Which entries count; 0 or a negative errno. */
static int filter(struct journal_reader *r, bool with_name)
{
	unsigned wanted = with_name ? FILTER_NAME : FILTER_NONE;

	if (wanted == r->filter)
		return 0;
	sd_journal_flush_matches(r->journal);
	r->filter = wanted;
	return with_name ? sd_journal_add_match(r->journal, "SYSLOG_IDENTIFIER=skantd", 0) : 0;
}

int journal_reader_tail(struct journal_reader *r, bool with_name, struct err *err)
{
	int status = filter(r, with_name);

	if (status >= 0)
		status = sd_journal_set_data_threshold(r->journal, LOOK_BYTES);
	if (status >= 0)
		status = sd_journal_seek_tail(r->journal);
	return status < 0 ? err_set(err, ERR_IO, -status, "cannot read the journal") : 0;
}

/* What tells that an entry is ours, and which event it is. */
enum { HAS_SEQ = 1, HAS_HASH = 2, HAS_SENDER = 4 };

/* Takes the value of the current field into entry if it is one of those. What has been found, as a bit. */
static unsigned take_field(const struct journal_reader *r, struct view field, struct journal_entry *entry)
{
	size_t equals = text_find_byte(field, '=');
	struct view name = view_sub(field, 0, equals), value = view_sub(field, name.len + 1, SIZE_MAX);
	uint64_t uid;

	if (text_eq(name, VIEW("SKANT_SEQ")))
		return text_u64(value, INT64_MAX, &entry->seq) ? 0 : HAS_SEQ;
	if (text_eq(name, VIEW("SKANT_HASH")))
		return digest_read_hex(value, entry->hash, sizeof(entry->hash)) ? 0 : HAS_HASH;
	if (text_eq(name, VIEW("_UID")))
		return text_u64(value, UINT32_MAX, &uid) || uid != r->uid ? 0 : HAS_SENDER;
	if (r->unit && text_eq(name, VIEW("_SYSTEMD_UNIT")))
		return text_eq(value, view_of(r->unit)) ? HAS_SENDER : 0;
	if (text_eq(name, VIEW("SKANT_REPLAY")))
		entry->is_replay = true;
	return 0;
}

/* In one pass over the fields: looking for one of them costs about as much as looking at all. */
static void read_entry(struct journal_reader *r, struct journal_entry *ret)
{
	sd_id128_t boot;
	uint64_t us;
	unsigned has = 0;
	const void *data;
	size_t size;

	*ret = (struct journal_entry){ .seq = 0 };
	if (sd_journal_get_monotonic_usec(r->journal, &ret->mono_us, &boot) >= 0)
		ret->is_this_boot = sd_id128_equal(boot, r->boot);
	if (sd_journal_get_realtime_usec(r->journal, &us) >= 0)
		ret->realtime_us = (int64_t)us;
	sd_journal_restart_data(r->journal);
	while (sd_journal_enumerate_available_data(r->journal, &data, &size) > 0)
		has |= take_field(r, view_from(data, size), ret);
	ret->is_ours = has == (HAS_SEQ | HAS_HASH | HAS_SENDER);
}

int journal_reader_is_indexed(struct journal_reader *r, const unsigned char *chain, struct err *err)
{
	DEFER(buf_done) struct buf match = BUF_INIT(256);
	int status;

	if (buf_add_text(&match, "SKANT_CHAIN=") || digest_add_hex(&match, chain, DIGEST_SHA256_BYTES))
		return err_nomem(err);
	sd_journal_flush_matches(r->journal);
	r->filter = FILTER_CHAIN;
	status = sd_journal_add_match(r->journal, match.ptr, match.len);
	if (status >= 0)
		status = sd_journal_seek_tail(r->journal);
	if (status >= 0)
		status = sd_journal_previous(r->journal);
	return status < 0 ? err_set(err, ERR_IO, -status, "cannot read the journal") : status > 0;
}

int journal_reader_previous(struct journal_reader *r, struct journal_entry *ret, struct err *err)
{
	int status = sd_journal_previous(r->journal);

	if (status < 0)
		return err_set(err, ERR_IO, -status, "cannot read the journal");
	if (status > 0)
		read_entry(r, ret);
	return status > 0;
}

static int64_t time_of(struct view text)
{
	int64_t s;
	uint32_t ns;

	return clock_parse_time(text, &s, &ns) ? 0 : s * NS_PER_S + ns;
}

static int tell_entry(struct journal_reader *r, int (*tell)(void *context, const struct event *event, struct err *err),
		      void *context, struct err *err)
{
	struct journal_entry entry;
	struct event event = { .seq = 0 };
	DEFER(buf_done) struct buf texts = BUF_INIT(4096);
	struct view *const views[] = { &event.id, &event.type, &event.feed };
	static const char *const names[] = { "ANTHROPIC_ACTIVITY_ID", "ANTHROPIC_ACTIVITY_TYPE", "SKANT_FEED" };

	read_entry(r, &entry);
	if (!entry.is_ours)
		return 0;
	event.seq = entry.seq;
	event.is_replay = entry.is_replay;
	/* What the bytes are counts, and each of ours has them; a hash beside them that is not theirs makes it none
	 * that we wrote. */
	digest_sha256(field(r, "ANTHROPIC_JSON"), event.hash);
	if (memcmp(event.hash, entry.hash, sizeof(event.hash)) != 0)
		memset(event.hash, 0, sizeof(event.hash));
	if (digest_read_hex(field(r, "SKANT_CHAIN"), event.chain, sizeof(event.chain)))
		memset(event.chain, 0, sizeof(event.chain));
	/* Each field's bytes may go when the next one is read. */
	if (buf_reserve(&texts, 2048))
		return err_nomem(err);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t start = texts.len;

		if (buf_add(&texts, view_sub(field(r, names[i]), 0, 512)))
			return err_nomem(err);
		*views[i] = view_sub(buf_view(&texts), start, SIZE_MAX);
	}
	if (event_is_probe(event.type, event.id))
		return 0;
	event.time_ns = time_of(field(r, "ANTHROPIC_CREATED_AT"));
	return tell(context, &event, err);
}

int journal_reader_each(struct journal_reader *r, int64_t from_us, int64_t to_us,
			int (*tell)(void *context, const struct event *event, struct err *err), void *context,
			struct err *err)
{
	int status = filter(r, true);

	if (status >= 0)
		status = sd_journal_set_data_threshold(r->journal, 0);
	if (status >= 0)
		status = sd_journal_seek_realtime_usec(r->journal, from_us > 0 ? (uint64_t)from_us : 0);
	while (status >= 0 && (status = sd_journal_next(r->journal)) > 0) {
		uint64_t us;

		status = sd_journal_get_realtime_usec(r->journal, &us);
		if (status >= 0 && (int64_t)us < to_us && tell_entry(r, tell, context, err))
			return -1;
	}
	return status < 0 ? err_set(err, ERR_IO, -status, "cannot read the journal") : 0;
}
