/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that read a repository share: the repository, its objects, the session, and the side whose
 * configuration counts. */
#ifndef SCANNER_GITRUN_H
#define SCANNER_GITRUN_H

#include "scanner/baseside.h"
#include "scanner/session.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/rangelist.h"

struct gitrun {
	const struct options *options;
	struct gitrepo repo;
	struct objects *objects;
	struct object_reader *reader;
	struct session session;
	struct baseside base;
};

/* Opens the repository that path is in; NULL: the one that the environment or the current folder says. 0, or -1 with
 * err. */
[[nodiscard]] int gitrun_open(struct gitrun *r, const char *path, struct err *err);
void gitrun_done(struct gitrun *r);

/* session_prepare under the configuration that a commit has (null: none). One that is broken is said, and does not
 * count. 0, or -1 with err. */
[[nodiscard]] int gitrun_prepare_base(struct gitrun *r, const struct oid *commit, unsigned jobs, struct err *err);

/* After a session_prepare that went well: gives up what only that needed. */
void gitrun_confine(struct gitrun *r);

/* Reports what the commits and tips of a list bring in, under the configuration of its base, or with --trust change of
 * the work tree. Gives the exit status. */
int gitrun_list(struct gitrun *r, const struct rangelist *list);

#endif
