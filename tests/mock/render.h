/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of dialect platform. */
#ifndef TESTS_MOCK_RENDER_H
#define TESTS_MOCK_RENDER_H

#include "tests/mock/call.h"

void render_user(struct jsonw *w, const struct user *u);
void render_invite(struct jsonw *w, const struct invite *v);
void render_workspace(struct jsonw *w, const struct workspace *ws);
void render_member(struct jsonw *w, const struct model *m, const struct workspace *ws,
		   const struct workspace_member *member);
void render_key(struct jsonw *w, const struct model *m, const struct key *k);
void render_group(struct jsonw *w, const struct group *g);
void render_deleted(struct jsonw *w, const struct ident *id, const char *type);

#endif
