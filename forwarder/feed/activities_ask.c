/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define DAY_S 86'400
#define FILTERS_MOST (ACTIVITIES_ARGUMENTS / 4) /* names of a kind that go into a request */

bool activities_is_stopped(const struct activities *a)
{
	struct pollfd wake = { .fd = a->env.wake_fd, .events = POLLIN };

	return atomic_load(a->env.stop) || poll(&wake, 1, 0) > 0;
}

int64_t activities_now_s(const struct activities *a)
{
	if (!a->date_s)
		return clock_unix_s();
	return a->date_s + (int64_t)((clock_boot_ns() - a->date_at_ns) / NS_PER_S);
}

/* --- the request --- */

static void add(struct activities *a, const char *name, struct view value)
{
	if (a->argument_count < ACTIVITIES_ARGUMENTS)
		a->arguments[a->argument_count++] = (struct api_argument){ .name = name, .value = value };
}

static int add_time(struct activities *a, const char *name, int64_t s, struct buf *text)
{
	buf_clear(text);
	if (clock_add_rfc3339(text, s))
		return -1;
	add(a, name, buf_view(text));
	return 0;
}

static bool has_special(const char *glob)
{
	for (; *glob; glob++)
		if (glob_is_special(*glob))
			return true;
	return false;
}

static bool is_user(const char *actor)
{
	return strncmp(actor, "user_", 5) == 0;
}

static size_t count_of(char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* What upstream can leave out. It is left out here as well, so this saves work and no more. */
static void add_filters(struct activities *a)
{
	const struct event_filter *f = &a->env.settings->filter;
	size_t types = count_of(f->types), actors = count_of(f->actors);
	size_t most = a->dialect == API_CCA ? 1 : FILTERS_MOST;
	bool can_types = types && types <= most, can_actors = actors && actors <= most;

	if (a->is_about_switches) {
		add(a, "activity_types", VIEW(ACTIVITIES_SWITCHED));
		return;
	}
	for (size_t i = 0; i < types; i++)
		can_types = can_types && !has_special(f->types[i]);
	for (size_t i = 0; i < actors; i++)
		can_actors = can_actors && is_user(f->actors[i]);
	for (size_t i = 0; can_types && i < types; i++)
		add(a, "activity_types", view_of(f->types[i]));
	for (size_t i = 0; can_actors && i < actors; i++)
		add(a, "actor_ids", view_of(f->actors[i]));
	/* A filter is not to hide that nothing is recorded. */
	if (can_types && a->dialect == API_PLATFORM)
		add(a, "activity_types", VIEW(ACTIVITIES_SWITCHED));
}

static bool has_filters(const struct activities *a)
{
	for (size_t i = 0; i < a->argument_count; i++)
		if (strcmp(a->arguments[i].name, "activity_types") == 0 ||
		    strcmp(a->arguments[i].name, "actor_ids") == 0)
			return true;
	return false;
}

/* A time behind all that there can be: cca wants an end. */
static int64_t far_s(const struct activities *a)
{
	int64_t now_s = activities_now_s(a), newest_s = a->state.newest_ns / NS_PER_S;

	return (now_s > newest_s ? now_s : newest_s) + DAY_S;
}

void activities_close_walk(struct activities *a)
{
	if (a->is_walking)
		page_done(&a->walk);
	a->is_walking = false;
}

int activities_ask(struct activities *a, const struct activities_span *span, bool is_oldest_first, uint64_t rows,
		   struct err *err)
{
	int64_t to_s = span->to_s || a->dialect == API_PLATFORM ? span->to_s : far_s(a);

	activities_close_walk(a);
	a->argument_count = 0;
	if ((span->from_s || a->dialect == API_CCA) && add_time(a, "created_at.gte", span->from_s, &a->from))
		return err_nomem(err);
	if (to_s && add_time(a, "created_at.lt", to_s, &a->to))
		return err_nomem(err);
	if (is_oldest_first)
		add(a, "order", VIEW("asc"));
	if (!a->has_no_filters)
		add_filters(a);
	if (a->env.settings->include_content)
		add(a, "include_content", VIEW("true"));
	page_start(&a->walk, a->env.api, API_ACTIVITY_LIST, a->arguments, a->argument_count,
		   rows ? rows : a->page_rows);
	a->walk.form = &activities_forms[a->dialect];
	a->is_walking = true;
	return 0;
}

/* --- the answer --- */

/* Whether a refusal is of something that can be done without; then it is from now on. */
static bool can_do_without(struct activities *a)
{
	struct view message = view_of(a->walk.refusal.message);

	if (a->walk.refusal.status != 400)
		return false;
	if (a->walk.pages) /* the cursor is not known any more */
		return true;
	if (!a->has_no_order && text_find(message, VIEW("order")) != SIZE_MAX) {
		a->has_no_order = true;
		return true;
	}
	if (a->has_no_filters || !has_filters(a))
		return false;
	a->has_no_filters = true;
	return true;
}

/* Pages that pass a limit of ours are asked for with fewer rows. */
static bool can_be_smaller(struct activities *a)
{
	uint64_t rows = a->walk.page_size;

	if (rows <= 1)
		return false;
	a->page_rows = rows / 2;
	return true;
}

int activities_next(struct activities *a, struct err *err)
{
	int status = page_next(&a->walk, err);
	const struct api_reply *reply = &a->walk.reply;

	if (status && reply->date_s) {
		a->date_s = reply->date_s;
		a->date_at_ns = clock_boot_ns();
	}
	if (status && activities_own_add(a, buf_view(&reply->request_id), err))
		return -1;
	if (status >= 0)
		return status;
	if ((err->kind == ERR_REFUSED && can_do_without(a)) || (err->kind == ERR_LIMIT && can_be_smaller(a)))
		return ACTIVITIES_AGAIN;
	return -1;
}
