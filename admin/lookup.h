/* SPDX-License-Identifier: Apache-2.0 */
/* Workspaces, people, invitations and keys as a command line names them: by id, by name, by address. */
#ifndef ADMIN_LOOKUP_H
#define ADMIN_LOOKUP_H

#include "admin/session.h"

/* The id of what is given. What looks like an id is taken as one, and nothing is asked for; else the list is read, once
 * a session, and exactly one has to be called so: an active workspace comes before archived ones of its name. The
 * dialect cca has no list of workspaces: whatever is given is an id there. *ret lives as long as the session and the
 * options. 0, or -1 with ERR_USAGE: there is none, or more than one; as directory_read. */
[[nodiscard]] int lookup_workspace(struct session *s, const char *given, const char **ret, struct err *err);
[[nodiscard]] int lookup_workspaces(struct session *s, const struct texts *given, struct texts *ret, struct err *err);

/* The same of people, who may be given by address, in whatever case. */
[[nodiscard]] int lookup_user(struct session *s, const char *given, const char **ret, struct err *err);
[[nodiscard]] int lookup_users(struct session *s, const struct texts *given, struct texts *ret, struct err *err);

/* The same of an invitation, by the address that it is for: one that is pending comes before those of the past. */
[[nodiscard]] int lookup_invite(struct session *s, const char *given, const char **ret, struct err *err);

/* The same of a key, who may be given by its name, whatever its state; workspace (an id, a name, "Default", or NULL:
 * any) narrows where the name is looked for, and is refused with an id. Several keys of the name are told with
 * workspace and state. What holds a key itself is refused before anything is sent. */
[[nodiscard]] int lookup_key(struct session *s, const char *given, const char *workspace, const char **ret,
			     struct err *err);

#endif
