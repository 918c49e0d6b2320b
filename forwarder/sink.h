/* SPDX-License-Identifier: Apache-2.0 */
/* What a sink is: it hands events to a receiver and says what it can prove of each.
 *
 * A sink knows nothing of the spool, of other sinks and of time-outs between tries: courier.c, one thread a sink, reads
 * the spool, keeps the sink's cursors, backs off, replays. A sink blocks in deliver() as long as the receiver makes
 * progress, and no longer than SINK_PATIENCE_MS when it does not; env->wake_fd becomes readable when it has to return
 * at once. */
#ifndef FORWARDER_SINK_H
#define FORWARDER_SINK_H

#include <stdatomic.h>

#include "forwarder/event.h"
#include "forwarder/settings.h"

/* What is known of an event at a sink, from the weakest. */
enum sink_level {
	SINK_SPOOLED,  /* synced in the spool, not sent */
	SINK_UNPROVEN, /* sent twice; the receiver forgot it before it could be read back */
	SINK_HOPED,    /* handed to UDP or a datagram socket */
	SINK_WRITTEN,  /* handed to TCP, TLS or a pipe */
	SINK_ACCEPTED, /* the receiver answered for it (RELP) */
	SINK_STORED,   /* read back */
	SINK_DURABLE,  /* read back, and synced to the disk */
	SINK_LEVELS,
};
extern const char *const sink_level_names[SINK_LEVELS];

enum sink_result {
	SINK_OK,    /* all that were handed over are told of in the receipt */
	SINK_RETRY, /* the receiver is not there or takes no more; what the receipt tells holds. err says why */
	SINK_LOST, /* as SINK_RETRY, and what was sent before may be lost with the connection: the window is replayed */
	SINK_BROKEN, /* a person is needed (an unreadable journal, a certificate): tried again slowly, err says why */
	SINK_OVER,   /* there will never be a receiver again (standard output's reader has gone): skantd is to end */
};

/* Of one event that did not simply reach the sink's level. */
struct sink_exception {
	size_t index;     /* in the batch; from confirmed on it does not count, as the event comes again */
	bool is_rejected; /* the receiver will never take it: a dead letter. Else: SINK_UNPROVEN */
	char reason[128]; /* clean */
};
#define SINK_EXCEPTIONS_MAX 256

struct sink_receipt {
	size_t confirmed; /* events of the batch, from the first: done with, at the sink's level or by an exception */
	size_t sent;      /* as many may have reached the receiver; at least confirmed */
	uint64_t bytes;   /* of what was sent, as it was on the wire */
	size_t cut;       /* events that went without a part of them for max_message */
	size_t exception_count;
	struct sink_exception exceptions[SINK_EXCEPTIONS_MAX];
	uint64_t durable_seq; /* events up to this one are durable; 0: nothing new is known */
	uint64_t resent;      /* events that were found missing and sent again */
};

/* A batch: consecutive events that passed the sink's filter, in order. */
struct sink_batch {
	const struct event *events;
	size_t count;
	/* Each of them may have been sent before, by this process or one before it. An exact sink looks which are there
	 * and sends the others; the others send all of them with is_replay set. */
	bool is_doubtful;
};

/* Who delivers to the receiver. */
struct sink_writer {
	uint64_t uid;
	const char *unit; /* systemd's name of it; NULL: none */
};

struct sink_env {
	const struct settings_sink *settings;
	const struct encoder *encoder; /* of settings->format; NULL for journald */
	struct encoder_options encoding;
	const atomic_bool *stop; /* raised: return within a second */
	int wake_fd;             /* eventfd, never read by the sink: readable = return at once */
	bool is_once;            /* `run --once`: there is no later */
	/* Whose entries are ours where the receiver tells whom it has them from. NULL: this process's. */
	const struct sink_writer *writer;
};

struct sink_ops {
	const char *name;
	enum sink_level level; /* what confirmed means */
	/* It finds out itself what the receiver has (is_doubtful), so nothing is ever there twice. Others are replayed
	 * a window. */
	bool is_exact;
	bool is_ordered; /* what is read back comes in the order in which it was delivered */

	/* Makes one; connects to nothing yet. env and what it points to stay as they are until close. NULL with err. */
	void *(*open)(const struct sink_env *env, struct err *err);
	/* Delivers a batch of at least one and at most SINK_BATCH_EVENTS events. Connects when needed. receipt is
	 * {0}. */
	enum sink_result (*deliver)(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
				    struct err *err);
	/* Called when there is nothing to send, every idle_ms: notices that the receiver has gone (SINK_LOST), and
	 * proves durability (receipt->durable_seq). May be NULL. */
	enum sink_result (*idle)(void *sink, struct sink_receipt *receipt, struct err *err);
	uint64_t idle_ms; /* 0: as long as nothing changes, do not call */
	/* When all that was sent is known to have been taken from the connection by the receiver's system: the window's
	 * clock runs from then on. NULL: it runs from the sending. */
	bool (*is_quiet)(void *sink);
	/* Something to wait for beside new events while idle, or -1: readable = call idle() (the peer closed). NULL:
	 * none. */
	int (*idle_fd)(void *sink);
	/* `check --sink`: sends marked test messages of rising size and appends a line each to report. 0; 1 when the
	 * receiver fails the check; -1 with err. */
	int (*probe)(void *sink, struct buf *report, struct err *err);
	/* `verify`: tells each id of an event of ours that the receiver holds between two times, oldest first, as far
	 * as it can be read back. May be NULL: then nothing can be read back. 0 or -1. */
	int (*read_back)(void *sink, int64_t from_ns, int64_t to_ns,
			 int (*tell)(void *context, const struct event *event, struct err *err), void *context,
			 struct err *err);
	/* `verify`, behind read_back: what was stored before then, and is older than all of ours that is there, may
	 * have been there and have gone, by rotation or vacuuming. INT64_MIN: nothing has. NULL: nothing ever does.
	 * 0 or -1. */
	int (*forgets)(void *sink, int64_t *ret_before_ns, struct err *err);
	/* Ends the connection in order and waits up to a second for the receiver to do so, too: true when it has taken
	 * all that was sent, so that nothing of it needs to be replayed. Called once, before close. NULL: not known. */
	bool (*finish)(void *sink);
	/* Says farewell where finish did not (close_notify, RELP close), within a second, and frees. */
	void (*close)(void *sink);
};

extern const struct sink_ops sink_journald, sink_datagram, sink_stream, sink_relp, sink_stdout, sink_file;

#endif
