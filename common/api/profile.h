/* SPDX-License-Identifier: Apache-2.0 */
/* Which API a program talks to, and as whom: the profiles of skantctl.yaml and what overrides them.
 *
 * Later wins: built in < /etc/skant/skantctl.yaml < $XDG_CONFIG_HOME/skant/skantctl.yaml (~/.config) < environment <
 * flags. A profile in a later file overrides the earlier one's key by key. Strict: an unknown key, profile or dialect
 * is ERR_CONFIG with file:line:column and the nearest known name. */
#ifndef COMMON_API_PROFILE_H
#define COMMON_API_PROFILE_H

#include "common/api/credential.h"
#include "common/api/dialect.h"

struct conf_node;

struct profile {
	char *name; /* "default" */
	char *base_url;
	enum api_dialect dialect;
	char *ca_file; /* NULL: the system's */
	bool allow_http_loopback;
	struct credential_source credentials[CREDENTIAL_KINDS];
};

/* What flags say; NULL (false) = not given. Borrowed. */
struct profile_flags {
	const char *name, *base_url, *dialect, *ca_file;
	bool allow_http_loopback;
};

/* Reads the files, the environment (SKANT_PROFILE, SKANT_BASE_URL, SKANT_DIALECT, SKANT_CA_FILE,
 * SKANT_ALLOW_HTTP_LOOPBACK) and flags, and checks the outcome (profile_check). A file that is not there is not an
 * error. 0, or -1 with ERR_CONFIG or ERR_USAGE (a flag, a
 * variable). */
[[nodiscard]] int profile_load(const struct profile_flags *flags, struct profile *ret, struct err *err);

/* The same from these files, a later one over an earlier one. */
[[nodiscard]] int profile_load_files(const char *const *paths, size_t count, const struct profile_flags *flags,
				     struct profile *ret, struct err *err);

/* A credential's source as a configuration gives it: `NAME` or {systemd: NAME}, a file in $CREDENTIALS_DIRECTORY;
 * {env: NAME}; {file: PATH}, from the folder of the configuration file when it is relative. What *ret held is freed. */
[[nodiscard]] int profile_read_source(const struct conf_node *node, const char *file, struct credential_source *ret,
				      struct err *err);

/* https:// with a host and nothing but a path behind it (no user, query or fragment); http:// only with
 * allow_http_loopback and a loopback host (127.0.0.0/8, ::1, localhost). A final slash is dropped. 0 or -1. */
[[nodiscard]] int profile_check(struct profile *profile, struct err *err);

/* The host, and the port when one is given, of a URL that profile_check accepted: "api.example.com:8443". */
struct view profile_host(const struct profile *profile);

void profile_done(struct profile *profile);

#endif
