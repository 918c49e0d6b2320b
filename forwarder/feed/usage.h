/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the usage feed: the messages' usage report, and the models that the policy says a workspace may use. */
#ifndef FORWARDER_FEED_USAGE_H
#define FORWARDER_FEED_USAGE_H

#include "common/api/endpoint_usage.h"
#include "common/policy/models.h"
#include "common/policy/policy.h"
#include "forwarder/feed/names.h"
#include "forwarder/feed/report.h"
#include "forwarder/idset.h"

#define USAGE_WARN_DAYS 60 /* the provider tells so long before it takes a model away */

enum usage_violation { USAGE_NOT_ALLOWED, USAGE_NOT_PINNED, USAGE_RETIRING, USAGE_UNKNOWN, USAGE_VIOLATIONS };

struct usage {
	struct report report;
	struct names names;
	/* Models as the policy has them; NULL: it says nothing of models, or rows do not tell the model. */
	struct models *models;
	struct idset judged; /* workspaces and models of this poll */
	uint64_t violations[USAGE_VIOLATIONS];
};

/* --- usage_models.c --- */
/* Opens what judging needs. 0 or -1 with err. */
[[nodiscard]] int usage_models_open(struct usage *usage, struct err *err);
/* Judges the model of a row that was used at from_s: adds the events, each once a month, model and workspace. */
[[nodiscard]] int usage_models_see(struct usage *usage, const struct api_usage *row, int64_t from_s, struct err *err);
void usage_models_measure(struct usage *usage); /* how many there were in this poll */
/* Appends what `check` says of it. 0 or -1. */
[[nodiscard]] int usage_models_report(const struct usage *usage, struct buf *report);

#endif
