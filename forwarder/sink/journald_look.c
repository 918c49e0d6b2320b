/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/base/clock.h"
#include "forwarder/sink/journald_work.h"

#define NS_PER_US 1000
#define US_PER_S 1'000'000
#define MARGIN_US (10 * (uint64_t)US_PER_S)    /* journald stamps an entry with the time at which it woke up for it */
#define SET_BACK_US (3600 * (int64_t)US_PER_S) /* that the clock may have been set back by meanwhile */
#define STOP_ENTRIES 1024                      /* how often a walk looks at the stop flag */

enum sink_result journald_open_reader(struct journald *j, int64_t since_us, struct err *err)
{
	if (j->reader && journal_reader_covers(j->reader, since_us))
		return SINK_OK;
	journal_reader_free(j->reader);
	j->reader = journal_reader_open(j->env->settings->journal, since_us, j->env->writer, err);
	if (j->reader)
		return SINK_OK;
	return err->kind == ERR_CONFIG ? SINK_BROKEN : SINK_RETRY;
}

/* What could not be read is opened anew the next time. */
static enum sink_result unreadable(struct journald *j)
{
	journal_reader_free(j->reader);
	j->reader = NULL;
	return SINK_RETRY;
}

/* Nothing of a batch that was not sent before stands before what is the newest entry now. 0 or -1. */
static int set_mark(struct journald *j, struct err *err)
{
	int status = journal_reader_tail(j->reader, false, err);

	if (status == 0)
		status = journal_reader_previous(j->reader, &j->mark, err);
	j->has_mark = status > 0;
	return status < 0 ? -1 : 0;
}

enum sink_result journald_look_start(struct journald *j, const struct sink_batch *batch, struct err *err)
{
	enum sink_result result;

	j->batch = batch;
	/* No event is sent before it is in the spool. */
	j->began_us = (batch->is_doubtful ? batch->events[0].observed_ns : clock_unix_ns()) / NS_PER_US;
	j->since_us = j->began_us - SET_BACK_US;
	j->since_mono_us = batch->is_doubtful ? 0 : clock_mono_ns() / NS_PER_US;
	j->has_mark = false;
	j->found = 0;
	memset(j->is_there, 0, sizeof(j->is_there));
	memset(j->is_half, 0, sizeof(j->is_half));
	result = journald_open_reader(j, j->began_us, err);
	if (result == SINK_OK && !batch->is_doubtful && set_mark(j, err))
		return unreadable(j);
	return result;
}

static size_t index_of(const struct journald *j, const struct journal_entry *entry)
{
	const struct sink_batch *batch = j->batch;
	size_t low = 0, high = batch->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (batch->events[middle].seq < entry->seq)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < batch->count && batch->events[low].seq == entry->seq &&
	    (entry->is_replay || !(batch->events[low].is_replay || j->is_half[low])) &&
	    memcmp(batch->events[low].hash, entry->hash, sizeof(entry->hash)) == 0)
		return low;
	return SIZE_MAX;
}

static bool is_same(const struct journal_entry *a, const struct journal_entry *b)
{
	return a->seq == b->seq && a->mono_us == b->mono_us && a->realtime_us == b->realtime_us &&
	       a->is_replay == b->is_replay && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0;
}

/* Whether nothing of the batch can stand before this entry, or what stands there has been looked at. */
static bool is_behind(const struct journald *j, const struct journal_entry *entry)
{
	if (j->has_mark && is_same(entry, &j->mark))
		return true;
	if (j->since_mono_us && entry->is_this_boot)
		return entry->mono_us + MARGIN_US < j->since_mono_us;
	return entry->realtime_us < j->since_us;
}

/* From the end of the journal back, as far as the batch can reach or to the mark, which moves to the end; with_name as
 * in journal_reader_tail. 0 or -1. */
static int walk_back(struct journald *j, bool with_name, struct err *err)
{
	struct journal_entry entry, newest = { .seq = 0 };

	if (journal_reader_tail(j->reader, with_name, err))
		return -1;
	for (uint64_t n = 0; j->found < j->batch->count; n++) {
		int status = journal_reader_previous(j->reader, &entry, err);
		size_t i;

		if (status < 0)
			return -1;
		if (status > 0 && n == 0)
			newest = entry;
		if (status == 0 || is_behind(j, &entry)) {
			j->has_mark = n > 0 || status > 0;
			break;
		}
		i = entry.is_ours ? index_of(j, &entry) : SIZE_MAX;
		if (i != SIZE_MAX && !j->is_there[i]) {
			j->is_there[i] = true;
			j->found++;
		}
		if (n % STOP_ENTRIES == 0 && atomic_load(j->env->stop))
			return err_set(err, ERR_LATER, 0, "told to stop while reading the journal");
	}
	if (j->has_mark)
		j->mark = newest;
	return 0;
}

/* What a journald that was killed left half done does not count. 0 or -1. */
static int take_back_halves(struct journald *j, struct err *err)
{
	int status = journal_files_unclean(j->env->settings->journal, j->began_us, err);

	if (status <= 0)
		return status;
	for (size_t i = 0; i < j->batch->count; i++) {
		if (!j->is_there[i] || j->is_half[i])
			continue;
		status = journal_reader_is_indexed(j->reader, j->batch->events[i].chain, err);
		if (status < 0)
			return -1;
		if (status > 0)
			continue;
		j->is_half[i] = true;
		j->is_there[i] = false;
		j->found--;
	}
	return 0;
}

static enum sink_result glance(struct journald *j, int64_t since_us, bool with_name, struct err *err)
{
	enum sink_result result = journald_open_reader(j, since_us, err);

	return result == SINK_OK && walk_back(j, with_name, err) ? unreadable(j) : result;
}

enum sink_result journald_glance(struct journald *j, struct err *err)
{
	return glance(j, j->began_us, j->batch->is_doubtful, err);
}

static enum sink_result look(struct journald *j, int64_t since_us, bool with_name, struct err *err)
{
	enum sink_result result = glance(j, since_us, with_name, err);

	return result == SINK_OK && take_back_halves(j, err) ? unreadable(j) : result;
}

/* Before anything counts as missing: all files that could be, and all that stands in them; also what a journald that
 * was killed stored but put in no index, which no search for a name finds. */
static enum sink_result look_at_all(struct journald *j, struct err *err)
{
	int unclean = j->batch->is_doubtful ? journal_files_unclean(j->env->settings->journal, j->began_us, err) : 0;

	(void)unreadable(j);
	if (unclean < 0)
		return SINK_RETRY;
	j->has_mark = false;
	return look(j, j->since_us, j->batch->is_doubtful && !unclean, err);
}

enum sink_result journald_look(struct journald *j, struct err *err)
{
	int status = journal_fence(&j->socket, SINK_PATIENCE_MS, err);
	enum sink_result result;

	if (status > 0)
		err_set(err, ERR_LATER, 0,
			atomic_load(j->env->stop) ? "told to stop" : "journald reads nothing: it has stalled");
	if (status)
		return SINK_RETRY;
	result = look(j, j->began_us, j->batch->is_doubtful, err);
	return result != SINK_OK || j->found == j->batch->count ? result : look_at_all(j, err);
}
