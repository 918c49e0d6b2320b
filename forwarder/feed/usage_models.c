/* SPDX-License-Identifier: Apache-2.0 */
/* Models that a workspace uses and may not, or that will not be there for long. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/usage.h"

#define DAY_S 86'400
#define SCOPE_BYTES 1024
#define NAME_SHOWN_BYTES 512
#define PERIOD_BYTES 8 /* "2027-01" and its NUL */

static const struct {
	unsigned violation; /* enum model_violation */
	const char *type, *severity, *text;
} checks[USAGE_VIOLATIONS] = {
	[USAGE_NOT_ALLOWED] = { MODEL_NOT_ALLOWED, "model_not_allowed", NULL, "which the policy does not allow there" },
	[USAGE_NOT_PINNED] = { MODEL_NOT_PINNED, "model_not_pinned", NULL,
			       "which may move to another model: the policy wants the id of one" },
	[USAGE_RETIRING] = { MODEL_RETIRES, "model_retiring", NULL, "which the provider takes away" },
	[USAGE_UNKNOWN] = { MODEL_UNKNOWN, "model_unknown", "notice", "which this version of skantd does not know" },
};

static bool is_grouped(const struct usage *u, enum settings_group group)
{
	return u->report.env.settings->group_by & 1u << group;
}

int usage_models_open(struct usage *u, struct err *err)
{
	if (!u->report.env.all->rules || !is_grouped(u, SETTINGS_BY_MODEL))
		return 0;
	u->models = models_builtin(err);
	return u->models ? 0 : -1;
}

int usage_models_report(const struct usage *u, struct buf *report)
{
	const struct turn *t = &u->report.turn;

	if (!u->report.env.all->rules)
		return turn_add_line(report, t, "there is no policy: models are not judged");
	if (!u->models)
		return turn_add_line(report, t, "group_by has no 'model': the policy's models are not judged");
	if (!is_grouped(u, SETTINGS_BY_WORKSPACE))
		return turn_add_line(report, t,
				     "group_by has no 'workspace_id': models are judged by the policy's "
				     "default");
	return turn_add_line(report, t, "models are judged by the policy, each once a month and workspace");
}

/* What a model is judged by and told of. */
struct judged {
	struct view workspace_id, workspace, model;
	char scope[SCOPE_BYTES + 1], period[PERIOD_BYTES];
	struct model known;
	bool is_known;
	int64_t from_s;
};

static int set_texts(struct judged *j, bool has_workspace, struct err *err)
{
	DEFER(buf_done) struct buf scope = BUF_INIT(SCOPE_BYTES), period = BUF_INIT(64);
	int year, month, day;

	clock_date(j->from_s / DAY_S, &year, &month, &day);
	if (buf_addf(&period, "%04d-%02d", year, month) ||
	    (has_workspace ? buf_add_text(&scope, "workspace:") ||
				     buf_add(&scope, view_sub(j->workspace, 0, NAME_SHOWN_BYTES))
			   : buf_add_text(&scope, "organization")))
		return err_nomem(err);
	memccpy(j->scope, scope.ptr, '\0', sizeof(j->scope));
	memccpy(j->period, period.ptr, '\0', sizeof(j->period));
	return 0;
}

/* Only a day before which nothing happens is known, and nothing was announced: the model may be there for long. */
static bool is_only_earliest(const struct judged *j, size_t check)
{
	return check == USAGE_RETIRING && j->known.is_earliest && j->known.state == MODEL_ACTIVE;
}

static const char *before_day(const struct judged *j)
{
	if (j->known.state == MODEL_RETIRED)
		return ": it was to go on ";
	if (!j->known.is_earliest)
		return " on ";
	return clock_day(j->from_s) < j->known.retires_day ? ": not before " : ": it may be gone since ";
}

static int add_message(struct buf *message, const struct judged *j, size_t check)
{
	int status = buf_addf(message, "%s uses model ", j->scope) || buf_add(message, j->model) ||
		     buf_addf(message, ", %s",
			      is_only_earliest(j, check) ? "which the provider may take away" : checks[check].text);

	if (check != USAGE_RETIRING || j->known.retires_day == INT64_MAX)
		return status ? -1 : 0;
	status |= buf_add_text(message, before_day(j));
	status |= clock_add_rfc3339(message, j->known.retires_day * DAY_S);
	return status ? -1 : 0;
}

static int tell(struct usage *u, const struct judged *j, size_t check, struct err *err)
{
	struct report *r = &u->report;
	struct jsonw *w;

	buf_clear(&r->message);
	buf_clear(&r->id);
	if (add_message(&r->message, j, check) || batch_add_id(&r->id, view_of(checks[check].type)) ||
	    batch_add_id(&r->id, view_of(j->period)) || batch_add_id(&r->id, j->workspace_id) ||
	    batch_add_id(&r->id, j->model))
		return err_nomem(err);
	w = batch_begin(&r->batch, checks[check].type, j->from_s,
			is_only_earliest(j, check) ? "notice" : checks[check].severity, buf_view(&r->message));
	jsonw_member_text(w, "scope", j->scope);
	jsonw_member_text(w, "period", j->period);
	batch_member(w, "workspace_id", j->workspace_id);
	batch_member(w, "workspace_name", j->workspace);
	jsonw_member(w, "model", j->model);
	if (check == USAGE_RETIRING && j->known.retires_day != INT64_MAX)
		batch_member_time(w, "retires_at", j->known.retires_day * DAY_S);
	return batch_end(&r->batch, buf_view(&r->id), err);
}

/* Whether this of a model in a workspace was seen in this poll already: 1, 0, -1. */
static int is_seen(struct usage *u, const struct judged *j, const char *what, int64_t day, struct err *err)
{
	struct idset_item *item;
	struct buf *key = &u->report.scratch;

	buf_clear(key);
	if (buf_addf(key, "%s %" PRId64 " %zu ", what, day, j->workspace_id.len) || buf_add(key, j->workspace_id) ||
	    buf_add(key, j->model) || idset_add(&u->judged, buf_view(key), 0, &item))
		return err_nomem(err);
	return item->count > 1;
}

static int judge(struct usage *u, struct judged *j, int64_t day, struct err *err)
{
	const struct policy_models *allowed = policy_models_of(u->report.env.all->rules, j->workspace_id, j->workspace);
	unsigned found = models_check(u->models, allowed, j->model, day, USAGE_WARN_DAYS);

	j->is_known = models_find(u->models, j->model, day, &j->known);
	if (!j->is_known)
		j->known = (struct model){ .retires_day = INT64_MAX };
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		int status;

		if (!(found & checks[i].violation))
			continue;
		status = is_seen(u, j, checks[i].type, 0, err);
		if (status < 0 || tell(u, j, i, err))
			return -1;
		u->violations[i] += !status;
	}
	return 0;
}

/* Each is judged as of the day on which it was used: what holds since this month is no fault of the last one's. */
int usage_models_see(struct usage *u, const struct api_usage *row, int64_t from_s, struct err *err)
{
	bool has_workspace = is_grouped(u, SETTINGS_BY_WORKSPACE);
	struct judged j = { .workspace_id = row->workspace_id, .model = row->model, .from_s = from_s };
	int status;

	if (!row->model.len || row->model.len > EVENT_MESSAGE_BYTES / 4)
		return 0;
	j.workspace = has_workspace ? names_of(&u->names, row->workspace_id) : VIEW_NONE;
	status = is_seen(u, &j, "", clock_day(from_s), err);
	if (status)
		return status < 0 ? -1 : 0;
	return set_texts(&j, has_workspace, err) ? -1 : judge(u, &j, clock_day(from_s), err);
}

void usage_models_measure(struct usage *u)
{
	const struct feed_out *out = u->report.env.out;

	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		out->measured(out->context, u->report.env.settings->name, FEED_VIOLATIONS, checks[i].type, NULL,
			      (double)u->violations[i]);
}
