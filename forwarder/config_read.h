/* SPDX-License-Identifier: Apache-2.0 */
/* Inner side of config: a section of the configuration is a table of keys, each with what reads its value. Only
 * config*.c, and the test that compares the tables with the manual, use it. */
#ifndef FORWARDER_CONFIG_READ_H
#define FORWARDER_CONFIG_READ_H

#include "common/sys/conf.h"
#include "forwarder/config.h"

/* What is known while a configuration is being read. Nodes live as long as the documents. */
struct config_reading {
	struct settings *settings;
	const char *file; /* whose node is being read */
	enum config_use use;
	struct credential_source standard; /* api.credential: of the feeds that have none of their own */
	struct {
		char *base_url, *ca_file; /* NULL: not given */
		const struct conf_node *base_url_node, *dialect_node, *loopback_node;
		enum api_dialect dialect;
		bool allow_http_loopback;
	} api;
	const struct conf_node *feeds[CONFIG_FEEDS_MAX], *sinks[CONFIG_SINKS_MAX]; /* in the order of the settings */
};

enum config_owner { CONFIG_OF_FEED, CONFIG_OF_SINK };

struct config_key;

/* Reads node, which is not null, into the member that the key stands for. */
typedef int config_reader(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
			  void *member, struct err *err);

struct config_key {
	const char *name;
	config_reader *read;
	size_t offset;     /* of the member in the section's struct */
	uint64_t min, max; /* for those readers that take numbers: what they take */
	unsigned kinds;    /* bit set of the types of feed or sink that know it; 0 = all */
};

struct config_section {
	const char *name; /* as the manual calls it */
	const struct config_key *keys;
	size_t count;
};

/* Every section there is; config_section_count of them. */
extern const struct config_section *const config_sections[];
extern const size_t config_section_count;

/* Of the keys of a whole file: the others may stand in one file only. */
#define CONFIG_IN_EACH 1u
extern const struct config_section config_top_keys; /* into struct settings */

extern const struct config_section config_feed_keys, config_sink_keys, config_tls_keys, config_window_keys,
	config_rotate_keys, config_filter_keys;

/* Reads a mapping: an unknown key is an error, one that is null is as if it were not there. The keys are read in the
 * order of the table. kind: index of the type, and what it is called ("feed of type 'ingest'"); NULL: there are no
 * types. */
[[nodiscard]] int config_read_section(struct config_reading *r, const struct conf_node *node,
				      const struct config_section *section, unsigned kind, const char *kind_name,
				      void *into, struct err *err);

/* Members: char *; the path of a file that may start at the configuration's folder; ... that starts at the root. */
config_reader config_read_text, config_read_file, config_read_path, config_read_socket;
config_reader config_read_existing;                     /* config_read_file, of one that can be read, to run */
config_reader config_read_duration, config_read_size;   /* uint64_t, min to max */
config_reader config_read_pause;                        /* uint64_t: 0, which is never, or a duration, min to max */
config_reader config_read_number, config_read_number64; /* unsigned, uint64_t */
config_reader config_read_seconds;                      /* uint64_t milliseconds of a number of seconds */
config_reader config_read_bool;                         /* bool */
config_reader config_read_name;                         /* char *: of a feed or a sink */
config_reader config_read_credential;                   /* struct credential_source */
config_reader config_read_filter;                       /* struct event_filter; min: whose it is */
config_reader config_read_known;                        /* nothing: it was read before */

/* *text becomes a copy of value. 0, or -1 without memory. */
[[nodiscard]] int config_set(char **text, struct view value, struct err *err);

/* now, beginning or a time. */
[[nodiscard]] int config_take_start(const struct conf_node *node, enum settings_start *ret, int64_t *ret_unix_s,
				    struct err *err);

/* One feed, one sink, defaults included; it is all zero before. */
[[nodiscard]] int config_read_feed(struct config_reading *r, const struct conf_node *node, struct settings_feed *f,
				   struct err *err);
[[nodiscard]] int config_read_sink(struct config_reading *r, const struct conf_node *node, struct settings_sink *s,
				   struct err *err);

/* HOST:PORT, or [v6]:PORT. What was wrong, or NULL with the host (without brackets) and the port. */
const char *config_split_address(struct view address, struct view *ret_host, uint16_t *ret_port);
/* A host name as DNS and people have them, or an address; without brackets. */
bool config_is_host(struct view host);
/* 127.0.0.0/8 or ::1, as numbers. */
bool config_is_loopback(struct view host);

/* What can only be said of all together: names, files and sockets that two have, feeds that a filter names. */
[[nodiscard]] int config_check_all(struct config_reading *r, struct err *err);

#endif
