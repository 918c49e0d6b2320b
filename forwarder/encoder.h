/* SPDX-License-Identifier: Apache-2.0 */
/* A format: a pure function from an event to bytes. forwarder/encode has them, sinks are given one. */
#ifndef FORWARDER_ENCODER_H
#define FORWARDER_ENCODER_H

#include "forwarder/event.h"

struct encoder_options {
	const char *host;  /* HOSTNAME of syslog formats: at most 255 bytes of printable ASCII; "-" when not known */
	uint32_t pen;      /* private enterprise number of the RFC 5424 element: anthropic@PEN */
	unsigned facility; /* RFC 5424, table 1 */
	uint64_t pid;      /* PROCID */
	/* The most bytes that the receiver takes; 0 = any number. A longer event goes without its upstream bytes, and
	 * says so ("truncated"); when that is still too long, its longest texts are cut, and it says so. */
	uint64_t max_message;
	/* What stands as MSG of an RFC 5424 line: the readable line, or a JSON envelope. */
	const struct encoder *message;
};

struct encoder {
	const char *name;         /* "rfc5424" */
	const char *content_type; /* of a probe or a file, for people: "JSON, one event a line" */
	bool is_syslog;           /* starts with <PRI>: what syslog transports carry as it is */
	/* Appends one event without a final newline; no byte below 0x20 and no 0x7f is in it. *ret_is_cut tells that
	 * something was left out for max_message. 0; -1 as buf_add. */
	int (*encode)(const struct event *event, const struct encoder_options *options, struct buf *out,
		      bool *ret_is_cut);
};

#endif
