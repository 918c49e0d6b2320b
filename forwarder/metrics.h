/* SPDX-License-Identifier: Apache-2.0 */
/* A registry of metrics in the text exposition format 0.0.4 of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Any thread may call; nothing here fails loudly: a
 * series for which there is no memory is not counted, and skant_metrics_lost_total tells. */
#ifndef FORWARDER_METRICS_H
#define FORWARDER_METRICS_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* id, name, type, label names (NULL: none), help */
#define METRICS(X)                                                                                                     \
	X(EVENTS, "skant_events_total", "counter", "feed", "type", "Events that were new.")                            \
	X(EVENTS_KNOWN, "skant_events_known_total", "counter", "feed", NULL,                                           \
	  "Rows that were read and were there already.")                                                               \
	X(SINK_PROOF, "skant_sink_proof_total", "gauge", "sink", "level", "Events by what is proved of them.")         \
	X(SINK_LAG, "skant_sink_lag_seconds", "gauge", "sink", NULL, "Age of the oldest event that waits.")            \
	X(SINK_PENDING, "skant_sink_pending", "gauge", "sink", NULL, "Events that wait.")                              \
	X(SINK_FAILURES, "skant_sink_failures", "gauge", "sink", NULL, "Tries in a row that failed.")                  \
	X(SINK_BROKEN, "skant_sink_broken", "gauge", "sink", NULL, "1 while a person is needed.")                      \
	X(SINK_REPLAYED, "skant_sink_replayed_total", "counter", "sink", NULL,                                         \
	  "Events that were sent again after a lost connection, and marked.")                                          \
	X(SINK_RESENT, "skant_sink_resent_total", "counter", "sink", NULL,                                             \
	  "Events that were not found when they were read back, and were sent again.")                                 \
	X(SINK_REJECTED, "skant_sink_rejected_total", "counter", "sink", NULL, "Dead letters.")                        \
	X(SINK_CUT, "skant_sink_cut_total", "counter", "sink", NULL, "Events that went without their JSON.")           \
	X(FEED_SUCCESS, "skant_feed_last_success_seconds", "gauge", "feed", NULL,                                      \
	  "When the last poll succeeded, in seconds since 1970 (0: none yet).")                                        \
	X(FEED_FRESHEST, "skant_feed_freshest_event_seconds", "gauge", "feed", NULL,                                   \
	  "Time of the newest event upstream, in seconds since 1970.")                                                 \
	X(API_REQUESTS, "skant_api_requests_total", "counter", "operation", "code", "Requests of the API.")            \
	X(API_RETRY, "skant_api_retry_total", "counter", "reason", NULL, "Requests that were tried again.")            \
	X(VISIBILITY_LAG, "skant_visibility_lag_seconds", "summary", "feed", NULL,                                     \
	  "From when something happened to when it was first seen.")                                                   \
	X(VISIBILITY_LAG_MAX, "skant_visibility_lag_max_seconds", "gauge", "feed", NULL, "The longest of them.")       \
	X(ALERT, "skant_alert", "gauge", "feed", "alert", "1 while the alert is on.")                                  \
	X(BUDGET_USED, "skant_budget_used_ratio", "gauge", "scope", "period",                                          \
	  "What of a budget is used in this period; 1 = all of it.")                                                   \
	X(VIOLATIONS, "skant_policy_violations", "gauge", "code", NULL, "What breaks the policy now.")                 \
	X(SPOOL_BYTES, "skant_spool_bytes", "gauge", NULL, NULL, "Size of the spool.")                                 \
	X(SPOOL_EVENTS, "skant_spool_events", "gauge", NULL, NULL, "Events in the ledger.")                            \
	X(SPOOL_HEAD, "skant_spool_head", "gauge", NULL, NULL, "The last sequence number.")                            \
	X(LOST, "skant_metrics_lost_total", "counter", NULL, NULL, "Series that there was no room for.")               \
	X(BUILD_INFO, "skant_build_info", "gauge", "version", NULL, "Always 1.")

enum metric {
#define METRIC_ID(id, name, type, first, second, help) METRIC_##id,
	METRICS(METRIC_ID)
#undef METRIC_ID
		METRIC_COUNT
};

struct metrics;

struct metrics *metrics_new(struct err *err); /* NULL with err */
void metrics_free(struct metrics *m);

/* Values of the labels; NULL where the metric has none. Any bytes: they are cleaned (text_add_clean) and cut at
 * METRICS_LABEL_BYTES first, and what is the same then is one series. Beyond METRICS_SERIES_MAX series of one metric
 * the last label is "other". */
void metrics_add(struct metrics *m, enum metric metric, const char *first, const char *second, uint64_t by);
void metrics_set(struct metrics *m, enum metric metric, const char *first, const char *second, double value);

/* One more value of a summary: quantiles are over the last METRICS_VALUES of them, sum and count over all. */
void metrics_observe(struct metrics *m, enum metric metric, const char *first, double value);

/* Forgets all series of a metric: what is set anew each time. */
void metrics_forget(struct metrics *m, enum metric metric);

/* Appends all, by name, series in the order of their labels. 0, or -1 as buf_add. */
[[nodiscard]] int metrics_write(struct metrics *m, struct buf *out);

#endif
