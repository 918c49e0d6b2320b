/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's metrics: fed by what happens, brought up to date when they are read. */
#ifndef FORWARDER_TELEMETRY_H
#define FORWARDER_TELEMETRY_H

#include "forwarder/parts.h"

struct telemetry;

/* Opens what the settings ask for: the listening address. NULL with err. */
struct telemetry *telemetry_new(const struct settings_metrics *settings, struct err *err);
void telemetry_free(struct telemetry *t);

/* Has them collected at another address (metrics_http.h), or at none (NULL). 0, or -1 with err: all is as it was. */
[[nodiscard]] int telemetry_listen(struct telemetry *t, const char *listen, struct err *err);

/* From any thread. */
void telemetry_stored(struct telemetry *t, const char *feed, const struct page *page, const struct page_stored *stored);
void telemetry_lagged(struct telemetry *t, const char *feed, uint64_t lag_ms);
void telemetry_measured(struct telemetry *t, enum feed_measure measure, const char *first, const char *second,
			double value);
void telemetry_called(struct telemetry *t, const struct api_try *call);

/* Forgets the parts' state: others take their place. */
void telemetry_forget(struct telemetry *t);

/* Takes the parts' state over, for whoever reads the metrics next. From the daemon's thread, while the parts live. */
void telemetry_gather(struct telemetry *t, struct spool *spool, struct bulletin *bulletin, struct parts *parts);

/* Writes the text file. 0, or -1 with err. */
[[nodiscard]] int telemetry_write(struct telemetry *t, struct err *err);

#endif
