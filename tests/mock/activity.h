/* SPDX-License-Identifier: Apache-2.0 */
/* What an activity holds: types, actors and fields of dialect platform, and those of dialect cca, by index. */
#ifndef TESTS_MOCK_ACTIVITY_H
#define TESTS_MOCK_ACTIVITY_H

#include "common/sys/jsonw.h"
#include "tests/mock/feed.h"
#include "tests/mock/model.h"

/* Whether the feed's filter knows the type. */
bool activity_knows(struct view type);

const char *activity_type(const struct feed *f, uint64_t index);
bool activity_has_organization(const struct feed *f, uint64_t index);
/* The user who did it, or an empty id. */
struct ident activity_actor(const struct feed *f, const struct model *m, uint64_t index);
void activity_render(struct jsonw *w, const struct feed *f, const struct model *m, uint64_t index);

/* Dialect cca. */
struct cca_activity {
	const char *type, *model; /* model: NULL when it has none */
	struct ident user;        /* or empty */
};
struct cca_activity activity_cca(const struct feed *f, const struct model *m, uint64_t index);
void activity_render_cca(struct jsonw *w, const struct feed *f, const struct model *m, uint64_t index,
			 bool with_content);

#endif
