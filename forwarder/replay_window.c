/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/replay_window.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/grow.h"

#define NS_PER_MS 1'000'000u

void replay_init(struct replay_window *w, uint64_t max_bytes, uint64_t max_ms)
{
	*w = (struct replay_window){ .max_bytes = max_bytes, .max_ns = max_ms * NS_PER_MS };
}

void replay_done(struct replay_window *w)
{
	free(w->batches);
	*w = (struct replay_window){ .max_bytes = w->max_bytes, .max_ns = w->max_ns };
}

int replay_sent(struct replay_window *w, uint64_t first_seq, uint64_t bytes)
{
	struct replay_batch *batches = grow_items(w->batches, w->count, &w->cap, sizeof(*batches));

	if (!batches)
		return -1;
	w->batches = batches;
	w->sent_bytes += bytes;
	batches[w->count++] = (struct replay_batch){ .first_seq = first_seq, .end_bytes = w->sent_bytes };
	return 0;
}

static bool has_left(const struct replay_window *w, const struct replay_batch *batch, uint64_t now_ns)
{
	if (w->sent_bytes - batch->end_bytes >= w->max_bytes)
		return true;
	return batch->quiet_ns && now_ns - batch->quiet_ns >= w->max_ns;
}

void replay_advance(struct replay_window *w, uint64_t now_ns, bool is_quiet)
{
	size_t gone = 0;

	for (size_t i = w->count; is_quiet && i-- > 0 && !w->batches[i].quiet_ns;)
		w->batches[i].quiet_ns = now_ns;
	while (gone < w->count && has_left(w, &w->batches[gone], now_ns))
		gone++;
	if (!gone)
		return;
	w->count -= gone;
	memmove(w->batches, w->batches + gone, w->count * sizeof(*w->batches));
}

uint64_t replay_start(const struct replay_window *w, uint64_t confirmed)
{
	return w->count && w->batches[0].first_seq <= confirmed ? w->batches[0].first_seq - 1 : confirmed;
}

uint64_t replay_due_ns(const struct replay_window *w)
{
	return w->count && w->batches[0].quiet_ns ? w->batches[0].quiet_ns + w->max_ns : 0;
}

void replay_empty(struct replay_window *w)
{
	w->count = 0;
}
