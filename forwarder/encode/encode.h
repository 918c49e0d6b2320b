/* SPDX-License-Identifier: Apache-2.0 */
/* The formats, by name. */
#ifndef FORWARDER_ENCODE_ENCODE_H
#define FORWARDER_ENCODE_ENCODE_H

#include "forwarder/encoder.h"

/* json: the envelope, the upstream bytes untouched; ecs: Elastic Common Schema 8; ocsf: OCSF 1.x; cef: ArcSight CEF 0;
 * rfc5424 and rfc3164: syslog. */
extern const struct encoder encode_json, encode_ecs, encode_ocsf, encode_cef, encode_rfc5424, encode_rfc3164;

extern const char *const encode_names[]; /* in the order above, for messages */
extern const size_t encode_name_count;

/* Whether an id of so many bytes may be what place_fit has left of a longer one, in a message that says it is
 * truncated. */
bool encode_may_have_cut_id(size_t len);

const struct encoder *encode_find(const char *name); /* NULL when there is none */

#endif
