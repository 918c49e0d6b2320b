/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/shards.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define TOLD_MAX 20 /* parts, and repositories of one of them, that are named */

void shards_done(struct shards *s)
{
	textset_done(&s->read);
	textset_done(&s->incomplete);
	*s = (struct shards){ .count = 0 };
}

bool shards_have(const struct shards *s, unsigned part)
{
	return s->have[part / 8] >> part % 8 & 1;
}

void shards_set(struct shards *s, unsigned part)
{
	s->have[part / 8] = (unsigned char)(s->have[part / 8] | 1u << part % 8);
}

bool shards_are_all(const struct shards *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (!shards_have(s, i))
			return false;
	return s->count > 0;
}

static int by_text(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static bool is_in(const struct textset *set, const char *name)
{
	return set->count && bsearch(&name, set->items, set->count, sizeof(*set->items), by_text);
}

/* All of one set to another: two sorted lists become one. */
static int add_names(struct textset *to, const struct textset *from)
{
	struct textset all = { .count = 0 };
	size_t i = 0, k = 0;

	while (i < to->count || k < from->count) {
		bool is_first = k == from->count || (i < to->count && strcmp(to->items[i], from->items[k]) <= 0);

		if (textset_add(&all, view_of(is_first ? to->items[i++] : from->items[k++]))) {
			textset_done(&all);
			return -1;
		}
	}
	textset_done(to);
	*to = all;
	return 0;
}

static int check_apart(const struct shards *s, const struct textset *names, struct err *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (is_in(&s->read, names->items[i]) || is_in(&s->incomplete, names->items[i]))
			return err_set(err, ERR_REFUSED, 0, "the repository '%s' is in another report already",
				       names->items[i]);
	return 0;
}

static int check_alike(const struct shards *s, const struct shards *more, struct err *err)
{
	if (strcmp(s->list, more->list) != 0 || s->total != more->total)
		return err_set(err, ERR_REFUSED, 0,
			       "it is of another list of repositories (sha256:%.12s...) than the report before it "
			       "(sha256:%.12s...)",
			       more->list, s->list);
	if (s->count != more->count)
		return err_set(err, ERR_REFUSED, 0, "the list was divided into %u part%s here, and into %u before",
			       more->count, text_plural(more->count), s->count);
	for (unsigned i = 0; i < s->count; i++)
		if (shards_have(s, i) && shards_have(more, i))
			return err_set(err, ERR_REFUSED, 0, "part %u of %u is in another report already", i + 1,
				       s->count);
	return 0;
}

int shards_add(struct shards *s, const struct shards *more, struct err *err)
{
	if (s->count == 0) {
		memcpy(s->list, more->list, sizeof(s->list));
		memcpy(s->settings, more->settings, sizeof(s->settings));
		s->total = more->total;
		s->count = more->count;
	} else if (check_alike(s, more, err)) {
		return -1;
	}
	if (check_apart(s, &more->read, err) || check_apart(s, &more->incomplete, err))
		return -1;
	if (strcmp(s->settings, more->settings) != 0)
		memset(s->settings, 0, sizeof(s->settings));
	for (size_t i = 0; i < sizeof(s->have); i++)
		s->have[i] |= more->have[i];
	return add_names(&s->read, &more->read) || add_names(&s->incomplete, &more->incomplete) ? err_nomem(err) : 0;
}

uint64_t shards_missing(const struct shards *s)
{
	uint64_t there = (uint64_t)s->read.count + s->incomplete.count;

	return s->total > there ? s->total - there : 0;
}

static void tell_name(const char *name, size_t told, void (*tell)(const char *text))
{
	DEFER(buf_done) struct buf line = BUF_INIT(2 * REPOSITORY_NAME_BYTES);

	if (told < TOLD_MAX && buf_addf(&line, "'%s' was not read", name) == 0)
		tell(line.ptr);
	else if (told == TOLD_MAX)
		tell("more repositories were not read");
}

/* By name, when it is known which there are. */
static void tell_names(const struct shards *s, const struct repolist *plan, void (*tell)(const char *text))
{
	size_t told = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (!is_in(&s->read, plan->entries[i].name) && !is_in(&s->incomplete, plan->entries[i].name))
			tell_name(plan->entries[i].name, told++, tell);
}

static void tell_parts(const struct shards *s, void (*tell)(const char *text))
{
	unsigned told = 0;

	for (unsigned i = 0; i < s->count; i++) {
		DEFER(buf_done) struct buf line = BUF_INIT(100);

		if (shards_have(s, i))
			continue;
		if (told < TOLD_MAX && buf_addf(&line, "part %u of %u is missing", i + 1, s->count) == 0)
			tell(line.ptr);
		else if (told == TOLD_MAX)
			tell("more parts are missing");
		told++;
	}
}

int shards_check(const struct shards *s, const struct repolist *plan, void (*tell)(const char *text), struct err *err)
{
	DEFER(buf_done) struct buf line = BUF_INIT(200);
	uint64_t there = (uint64_t)s->read.count + s->incomplete.count;

	if (plan && s->count && strcmp(plan->digest, s->list) != 0)
		return err_set(err, ERR_USAGE, 0,
			       "the reports are of another list of repositories (sha256:%.12s...) than --repositories "
			       "names (sha256:%.12s...)",
			       s->list, plan->digest);
	if (plan && !s->count)
		return err_set(err, ERR_USAGE, 0, "no report says which repositories of --repositories it is about");
	if (s->count && !s->settings[0])
		tell("the parts were not all scanned with the same rules, configuration, options and version");
	tell_parts(s, tell);
	if (plan)
		tell_names(s, plan, tell);
	if (there == s->total)
		return s->count && !s->settings[0] ? 1 : 0;
	if (buf_addf(&line, "%llu of %llu repositories were read", (unsigned long long)there,
		     (unsigned long long)s->total) == 0)
		tell(line.ptr);
	return 1;
}
