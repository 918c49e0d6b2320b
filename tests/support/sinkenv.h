/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of sinks: events as the spool gives them, made up, and an encoder that writes JSON lines. */
#ifndef TESTS_SUPPORT_SINKENV_H
#define TESTS_SUPPORT_SINKENV_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/digest.h"
#include "forwarder/sink.h"
#include "tests/support/unit.h"

/* An envelope with what a receiver needs to tell events apart. The process id makes it another line of the same one. */
static inline int sinkenv_encode(const struct event *e, const struct encoder_options *o, struct buf *out,
				 bool *ret_is_cut)
{
	size_t start = out->len;
	int status = buf_addf(out, "{\"seq\":%llu,\"id\":\"%.*s\",\"pid\":%llu,\"hash\":\"", (unsigned long long)e->seq,
			      (int)e->id.len, e->id.ptr, (unsigned long long)o->pid);

	status |= digest_add_hex(out, e->hash, sizeof(e->hash));
	status |= buf_add_text(out, "\",\"chain\":\"");
	status |= digest_add_hex(out, e->chain, sizeof(e->chain));
	status |= buf_addf(out, "\",%s\"upstream\":", e->is_replay ? "\"replay\":true," : "");
	status |= buf_add(out, e->body) | buf_add_byte(out, '}');
	*ret_is_cut = false;
	if (status)
		buf_cut(out, start);
	return status ? -1 : 0;
}

static const struct encoder sinkenv_encoder = { .name = "json", .content_type = "test", .encode = sinkenv_encode };

struct sinkenv {
	struct settings_sink settings;
	struct sink_env env;
	atomic_bool stop;
	char dir[64], path[128];
	struct event *events; /* of numbers 1 to count */
	size_t count;
	char (*ids)[32];
	char *bodies;
};

/* count events with bodies of body_len bytes. */
static inline void sinkenv_fill(struct sinkenv *s, size_t count, size_t body_len)
{
	s->count = count;
	s->events = calloc(count, sizeof(*s->events));
	s->ids = calloc(count, sizeof(*s->ids));
	s->bodies = malloc(count * (body_len + 1));
	assert_non_null(s->events);
	assert_non_null(s->ids);
	assert_non_null(s->bodies);
	for (size_t i = 0; i < count; i++) {
		struct event *e = &s->events[i];
		char *body = s->bodies + i * (body_len + 1);

		(void)snprintf(s->ids[i], sizeof(s->ids[i]), "activity_%zu", i + 1);
		memset(body, ' ', body_len);
		(void)snprintf(body, body_len + 1, "{\"n\":%zu", i + 1);
		body[strlen(body)] = ' ';
		body[body_len - 1] = '}';
		e->seq = i + 1;
		e->id = view_of(s->ids[i]);
		e->body = view_from(body, body_len);
		digest_sha256(e->body, e->hash);
		digest_sha256(view_from(e->hash, sizeof(e->hash)), e->chain);
	}
}

static inline int sinkenv_set_up(void **state)
{
	const char *folder = getenv("TMPDIR");
	struct sinkenv *s = calloc(1, sizeof(*s));

	(void)snprintf(s->dir, sizeof(s->dir), "%s/skant-sk-XXXXXX", folder && strlen(folder) < 40 ? folder : "/tmp");
	if (!mkdtemp(s->dir))
		return -1;
	(void)snprintf(s->path, sizeof(s->path), "%s/audit.jsonl", s->dir);
	s->settings = (struct settings_sink){ .type = SETTINGS_FILE, .path = s->path, .rotate_keep = 3 };
	s->env = (struct sink_env){ .settings = &s->settings,
				    .encoder = &sinkenv_encoder,
				    .encoding = { .host = "host", .pid = 1 },
				    .stop = &s->stop,
				    .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	*state = s;
	return 0;
}

static inline int sinkenv_tear_down(void **state)
{
	struct sinkenv *s = *state;
	char path[160];

	for (unsigned i = 0; i < 12; i++) {
		(void)snprintf(path, sizeof(path), i ? "%s.%u" : "%s", s->path, i);
		(void)unlink(path);
	}
	(void)close(s->env.wake_fd);
	free(s->events);
	free(s->ids);
	free(s->bodies);
	if (rmdir(s->dir))
		return -1;
	free(s);
	return 0;
}

/* Events first to last, by number. */
static inline struct sink_batch sinkenv_batch(const struct sinkenv *s, size_t first, size_t last, bool is_doubtful)
{
	assert_true(first >= 1 && last <= s->count && last - first < SINK_BATCH_EVENTS);
	return (struct sink_batch){ .events = s->events + first - 1,
				    .count = last - first + 1,
				    .is_doubtful = is_doubtful };
}

#endif
