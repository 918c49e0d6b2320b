/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/telemetry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/version.h"
#include "common/sys/file.h"
#include "forwarder/metrics.h"
#include "forwarder/metrics_http.h"
#include "forwarder/status.h"

#define NS_PER_S 1'000'000'000
#define MS_PER_S 1000.0
#define TEXTFILE_MODE 0644

struct telemetry {
	const struct settings_metrics *settings;
	struct metrics *metrics;
	struct metrics_http *http; /* NULL: none */
	char *listen;              /* where that is */
	pthread_mutex_t mutex;
	struct lag {
		char *feed;
		uint64_t max_ms;
	} lags[CONFIG_FEEDS_MAX];
};

static int write_all(void *context, struct buf *out)
{
	return metrics_write(context, out);
}

int telemetry_listen(struct telemetry *t, const char *listen, struct err *err)
{
	struct metrics_http *http = NULL;
	char *copy = NULL;

	if (listen && t->listen ? strcmp(listen, t->listen) == 0 : listen == t->listen)
		return 0;
	if (listen) {
		copy = strdup(listen);
		http = copy ? metrics_http_new(listen, write_all, t->metrics, err) : NULL;
		if (!copy)
			err_nomem(err);
		if (!http) {
			free(copy);
			return -1;
		}
	}
	metrics_http_free(t->http);
	free(t->listen);
	t->http = http;
	t->listen = copy;
	return 0;
}

struct telemetry *telemetry_new(const struct settings_metrics *settings, struct err *err)
{
	struct telemetry *t = calloc(1, sizeof(*t));

	if (!t) {
		err_nomem(err);
		return NULL;
	}
	t->settings = settings;
	pthread_mutex_init(&t->mutex, NULL);
	t->metrics = metrics_new(err);
	if (!t->metrics || telemetry_listen(t, settings->listen, err)) {
		telemetry_free(t);
		return NULL;
	}
	metrics_set(t->metrics, METRIC_BUILD_INFO, SKANT_VERSION, NULL, 1);
	return t;
}

void telemetry_free(struct telemetry *t)
{
	if (!t)
		return;
	metrics_http_free(t->http);
	free(t->listen);
	metrics_free(t->metrics);
	for (size_t i = 0; i < ARRAY_LEN(t->lags); i++)
		free(t->lags[i].feed);
	pthread_mutex_destroy(&t->mutex);
	free(t);
}

/* --- what happens --- */

void telemetry_stored(struct telemetry *t, const char *feed, const struct page *page, const struct page_stored *stored)
{
	for (size_t i = 0; i < page->count; i++) {
		DEFER(buf_done) struct buf type = BUF_INIT(PAGE_TYPE_BYTES);

		if (stored->is_new && !stored->is_new[i])
			continue;
		if (buf_add(&type, page->records[i].type) == 0 && type.ptr)
			metrics_add(t->metrics, METRIC_EVENTS, feed, type.ptr, 1);
	}
	metrics_add(t->metrics, METRIC_EVENTS_KNOWN, feed, NULL, stored->known);
}

static uint64_t raise_max(struct telemetry *t, const char *feed, uint64_t lag_ms)
{
	uint64_t max_ms = lag_ms;

	pthread_mutex_lock(&t->mutex);
	for (size_t i = 0; i < ARRAY_LEN(t->lags); i++) {
		struct lag *lag = &t->lags[i];

		if (!lag->feed)
			lag->feed = strdup(feed);
		if (!lag->feed || strcmp(lag->feed, feed) != 0)
			continue;
		if (lag_ms > lag->max_ms)
			lag->max_ms = lag_ms;
		max_ms = lag->max_ms;
		break;
	}
	pthread_mutex_unlock(&t->mutex);
	return max_ms;
}

void telemetry_lagged(struct telemetry *t, const char *feed, uint64_t lag_ms)
{
	metrics_observe(t->metrics, METRIC_VISIBILITY_LAG, feed, (double)lag_ms / MS_PER_S);
	metrics_set(t->metrics, METRIC_VISIBILITY_LAG_MAX, feed, NULL, (double)raise_max(t, feed, lag_ms) / MS_PER_S);
}

void telemetry_measured(struct telemetry *t, enum feed_measure measure, const char *first, const char *second,
			double value)
{
	static const enum metric metrics[FEED_MEASURES] = {
		[FEED_BUDGET_USED] = METRIC_BUDGET_USED, [FEED_VIOLATIONS] = METRIC_VIOLATIONS
	};

	metrics_set(t->metrics, metrics[measure], first, second, value);
}

void telemetry_called(struct telemetry *t, const struct api_try *call)
{
	DEFER(buf_done) struct buf code = BUF_INIT(16);

	if (call->status ? buf_addf(&code, "%u", call->status) : buf_add_text(&code, "none"))
		return;
	metrics_add(t->metrics, METRIC_API_REQUESTS, api_operation_name(call->operation), code.ptr, 1);
	if (call->is_retry)
		metrics_add(t->metrics, METRIC_API_RETRY, call->retry_cause, NULL, 1);
}

/* --- how it stands --- */

static void gather_sink(struct telemetry *t, struct spool *spool, struct courier *courier)
{
	const struct spool_cursor *cursor;
	uint64_t levels[SINK_LEVELS];
	struct courier_state c;
	int64_t lag_s;

	courier_state(courier, &c);
	cursor = &c.cursor;
	status_levels(spool, c.level, cursor, levels);
	for (unsigned i = 0; i < SINK_LEVELS; i++)
		metrics_set(t->metrics, METRIC_SINK_PROOF, c.name, sink_level_names[i], (double)levels[i]);
	metrics_set(t->metrics, METRIC_SINK_PENDING, c.name, NULL, (double)c.pending);
	metrics_set(t->metrics, METRIC_SINK_FAILURES, c.name, NULL, c.failures);
	metrics_set(t->metrics, METRIC_SINK_BROKEN, c.name, NULL, c.mood == COURIER_BROKEN);
	metrics_set(t->metrics, METRIC_SINK_REPLAYED, c.name, NULL, (double)cursor->replayed);
	metrics_set(t->metrics, METRIC_SINK_RESENT, c.name, NULL, (double)cursor->resent);
	metrics_set(t->metrics, METRIC_SINK_REJECTED, c.name, NULL, (double)cursor->rejected);
	metrics_set(t->metrics, METRIC_SINK_CUT, c.name, NULL, (double)cursor->cut);
	if (status_lag(spool, cursor, &lag_s, NULL) == 0)
		metrics_set(t->metrics, METRIC_SINK_LAG, c.name, NULL, (double)lag_s);
}

static void gather_feed(struct telemetry *t, struct intake *intake)
{
	struct intake_state f;

	intake_state(intake, &f);
	if (f.is_polled)
		metrics_set(t->metrics, METRIC_FEED_SUCCESS, f.name, NULL, (double)f.last_success_s);
	if (f.freshest_ns)
		metrics_set(t->metrics, METRIC_FEED_FRESHEST, f.name, NULL, (double)f.freshest_ns / NS_PER_S);
}

static void set_alert(void *context, const char *feed, enum feed_alert alert, const char *)
{
	if (alert != SINK_NEEDS_HELP) /* METRIC_SINK_BROKEN */
		metrics_set(context, METRIC_ALERT, feed, feed_alert_names[alert], 1);
}

void telemetry_forget(struct telemetry *t)
{
	static const enum metric of_parts[] = { METRIC_SINK_PROOF,    METRIC_SINK_LAG,      METRIC_SINK_PENDING,
						METRIC_SINK_FAILURES, METRIC_SINK_BROKEN,   METRIC_SINK_REPLAYED,
						METRIC_SINK_RESENT,   METRIC_SINK_REJECTED, METRIC_SINK_CUT,
						METRIC_FEED_SUCCESS,  METRIC_FEED_FRESHEST, METRIC_BUDGET_USED,
						METRIC_VIOLATIONS };

	for (size_t i = 0; i < ARRAY_LEN(of_parts); i++)
		metrics_forget(t->metrics, of_parts[i]);
}

void telemetry_gather(struct telemetry *t, struct spool *spool, struct bulletin *bulletin, struct parts *parts)
{
	struct spool_size size;

	for (size_t i = 0; i < parts->courier_count; i++)
		gather_sink(t, spool, parts->couriers[i]);
	for (size_t i = 0; i < parts->intake_count; i++)
		gather_feed(t, parts->intakes[i]);
	metrics_forget(t->metrics, METRIC_ALERT);
	bulletin_each(bulletin, set_alert, t->metrics);
	metrics_set(t->metrics, METRIC_SPOOL_HEAD, NULL, NULL, (double)spool_head(spool));
	if (spool_size(spool, &size, NULL))
		return;
	metrics_set(t->metrics, METRIC_SPOOL_BYTES, NULL, NULL, (double)size.bytes);
	metrics_set(t->metrics, METRIC_SPOOL_EVENTS, NULL, NULL, (double)size.events);
}

int telemetry_write(struct telemetry *t, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(METRICS_TEXT_BYTES);
	struct file_replace file = { .fd = -1 };
	struct stat st;

	if (metrics_write(t->metrics, &text)) {
		err_nomem(err);
		return err_prefix(err, "cannot write the metrics to '%s'", t->settings->textfile);
	}
	if (file_replace_open(&file, t->settings->textfile, TEXTFILE_MODE, err))
		return -1;
	/* Whoever collects it is somebody else, whatever our umask is. */
	if (fstat(file.fd, &st) == 0 && S_ISREG(st.st_mode))
		(void)fchmod(file.fd, TEXTFILE_MODE);
	if (file_write_full(file.fd, buf_view(&text))) {
		file_replace_abort(&file);
		return err_set(err, ERR_IO, 0, "cannot write the metrics to '%s'", t->settings->textfile);
	}
	return file_replace_commit(&file, err);
}
