/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink.h"

const char *const sink_level_names[SINK_LEVELS] = { "spooled",  "unproven", "hoped",  "written",
						    "accepted", "stored",   "durable" };
