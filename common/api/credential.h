/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that the client shows to the API: where each comes from, what kind it is, and its memory's end.
 *
 * A credential is read from $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=), from a file that nobody but its
 * owner may read, or from an environment variable that is named, never given. It leaves this memory only in a request's
 * header; it is in no message, no log and no child's argument list. */
#ifndef COMMON_API_CREDENTIAL_H
#define COMMON_API_CREDENTIAL_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* From the weakest to the strongest: an operation takes the first that may do it. */
enum credential_kind {
	CREDENTIAL_API,        /* sk-ant-api03-: messages and models */
	CREDENTIAL_COMPLIANCE, /* sk-ant-api01-: what its scopes name */
	CREDENTIAL_OAUTH,      /* sk-ant-oat01-: sent as a bearer token (RFC 6750, section 2.1) */
	CREDENTIAL_ADMIN,      /* sk-ant-admin01-: all of /v1/organizations */
	CREDENTIAL_KINDS,
};

extern const char *const credential_kind_names[CREDENTIAL_KINDS]; /* "api", "compliance", "oauth", "admin" */

enum credential_from { CREDENTIAL_UNSET, CREDENTIAL_FROM_ENV, CREDENTIAL_FROM_FILE, CREDENTIAL_FROM_SYSTEMD };

struct credential_source {
	enum credential_from from;
	char *name;    /* of the variable, the file, or the file in $CREDENTIALS_DIRECTORY; owned */
	bool or_admin; /* an admin key does as well, whatever kind is loaded */
};

struct credential {
	struct buf value; /* empty: there is none */
};

/* The kind that a key's prefix tells, or CREDENTIAL_KINDS when the prefix is none of the four (an operator may have
 * such a key: it is taken for what the configuration calls it). */
enum credential_kind credential_kind_of(struct view value);

/* Reads it; one final newline is dropped. *ret stays empty, and 0 is returned, when the variable is not set or empty,
 * or the source is CREDENTIAL_UNSET. ERR_CONFIG, always naming the source and never the value: a file (links are
 * followed) that is missing, empty, not regular, not ours or root's, or readable by others (its mode is said, and
 * `chmod 600`; of a systemd credential the group may read, which is how systemd's access list shows); more than
 * CREDENTIAL_BYTES; a byte that no header may hold; a prefix that is another kind's than kind (both are named). */
[[nodiscard]] int credential_load(const struct credential_source *source, enum credential_kind kind,
				  struct credential *ret, struct err *err);

/* What kind of key a source holds, by its prefix; CREDENTIAL_KINDS when that tells nothing. 1; 0 when there is none
 * (and *ret says nothing); -1 with err as credential_load. */
[[nodiscard]] int credential_detect(const struct credential_source *source, enum credential_kind *ret, struct err *err);

/* Whether a header may hold it: at most CREDENTIAL_BYTES of visible ASCII (RFC 9110, section 5.5, less than it allows),
 * and not empty. */
bool credential_is_sendable(struct view value);

/* Whether a file may hold a secret, as credential_load asks of it, without reading it: for other keys that a
 * configuration names. A file in $CREDENTIALS_DIRECTORY may be read by its group. 0, or -1 with ERR_CONFIG. */
[[nodiscard]] int credential_check_file(const char *path, struct err *err);

/* Where it comes from, for messages: "$ANTHROPIC_ADMIN_KEY", "file '/etc/...'", "systemd credential 'x'". */
[[nodiscard]] int credential_add_source(struct buf *buf, const struct credential_source *source);

void credential_wipe(struct credential *credential);
void credential_source_done(struct credential_source *source);

#endif
