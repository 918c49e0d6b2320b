/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl models check: what the usage report says of models, against the policy and the list of models. */
#include <stdlib.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/facts.h"
#include "admin/period.h"
#include "admin/tally_print.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/intern.h"
#include "common/base/text.h"
#include "common/govern/directory.h"
#include "common/govern/ledger.h"
#include "common/policy/models.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

#define USUAL_DAYS 30
#define ROW_BYTES (64u << 10)

static const struct column columns[] = {
	{ "workspace", "workspace" }, { "model", "model" }, { "tokens", "tokens" },   { "last_used", "last_used" },
	{ "retires", "retires" },     { "code", "code" },   { "message", "message" },
};

/* One model in one workspace. */
struct use {
	uint32_t workspace, model;
	decimal_units tokens;
	int64_t last_day;
};

struct check {
	struct session *s;
	const struct organization *org; /* NULL: the dialect has no list of workspaces */
	const struct policy *policy;
	struct models *models;
	unsigned wanted; /* violations, as bits */
	int64_t today;
	struct intern texts;
	struct hashindex index;
	struct use *uses;
	size_t count, cap;
	struct output *out;
};

static uint32_t hash_of(const uint32_t pair[static 2])
{
	return hashindex_of(pair, 2 * sizeof(*pair));
}

struct wanted {
	const struct use *uses;
	uint32_t pair[2];
};

static bool is_wanted(const void *context, uint32_t item)
{
	const struct wanted *w = context;

	return w->uses[item].workspace == w->pair[0] && w->uses[item].model == w->pair[1];
}

static struct use *use_of(struct check *c, const uint32_t pair[static 2], struct err *err)
{
	const struct wanted wanted = { .uses = c->uses, .pair = { pair[0], pair[1] } };
	uint32_t item = hashindex_find(&c->index, hash_of(pair), is_wanted, &wanted);
	struct use *grown;

	if (item != HASHINDEX_NONE)
		return &c->uses[item];
	if (c->count == MODEL_USES_MAX) {
		(void)err_set(err, ERR_LIMIT, 0, "the usage report names more than %d models in workspaces",
			      MODEL_USES_MAX);
		return NULL;
	}
	grown = grow_items(c->uses, c->count, &c->cap, sizeof(*grown));
	if (grown)
		c->uses = grown;
	if (!grown || hashindex_add(&c->index, hash_of(pair), (uint32_t)c->count)) {
		(void)err_nomem(err);
		return NULL;
	}
	grown[c->count] = (struct use){ .workspace = pair[0], .model = pair[1], .last_day = INT64_MIN };
	return &grown[c->count++];
}

static int take_row(void *context, const struct api_usage *row, struct err *err)
{
	struct check *c = context;
	int64_t day = clock_day(row->starting_at.unix_s);
	uint32_t pair[2];
	struct use *use;

	if (!row->model.len || (!row->input_tokens && !row->output_tokens.value))
		return 0;
	if (intern_add(&c->texts, row->workspace_id, &pair[0]) || intern_add(&c->texts, row->model, &pair[1]))
		return err_nomem(err);
	use = use_of(c, pair, err);
	if (!use)
		return -1;
	use->tokens += (decimal_units)row->input_tokens + row->output_tokens.value;
	if (day > use->last_day)
		use->last_day = day;
	return 0;
}

static int read_usage(struct check *c, struct err *err)
{
	static const struct api_argument arguments[] = {
		{ .name = "group_by", .value = { "workspace_id", sizeof("workspace_id") - 1 } },
		{ .name = "group_by", .value = { "model", sizeof("model") - 1 } },
	};
	static const struct period_usual usual = { .seconds = USUAL_DAYS * PERIOD_DAY_S };
	struct ledger_query query = { .by_day = true, .arguments = arguments, .count = ARRAY_LEN(arguments) };
	struct period period;

	if (period_read(c->s->o, clock_unix_s(), &usual, &period, err))
		return -1;
	query.from_s = period.from_s;
	query.to_s = period.to_s;
	c->today = clock_day(period.now_s);
	return ledger_each_usage(c->s->api, &query, take_row, c, err);
}

static struct view workspace_name(const struct check *c, const struct use *use)
{
	struct view id = intern_text(&c->texts, use->workspace);

	if (c->org)
		return organization_workspace_name(c->org, id);
	return id.len ? id : VIEW("Default");
}

static int add_day(struct jsonw *w, const char *key, int64_t day)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROW_BYTES);
	int year, month, day_of_month;

	clock_date(day, &year, &month, &day_of_month);
	if (buf_addf(&text, "%04d-%02d-%02d", year, month, day_of_month))
		return -1;
	jsonw_member(w, key, buf_view(&text));
	return 0;
}

static int add_message(struct jsonw *w, enum model_violation violation, const struct model *model)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROW_BYTES);
	int status = 0;

	switch (violation) {
	case MODEL_NOT_ALLOWED:
		status = buf_add_text(&text, "the policy does not allow it here");
		break;
	case MODEL_NOT_PINNED:
		status = buf_addf(&text, "an alias may move to another model; %s pins what it stands for today",
				  model->id);
		break;
	case MODEL_RETIRES:
		status = buf_add_text(&text,
				      model->state == MODEL_RETIRED     ? "retired: requests for it fail"
				      : model->retires_day == INT64_MAX ? "deprecated, without a day of retirement yet"
				      : model->is_earliest              ? "from that day on it may be retired"
							   : "deprecated; requests for it fail from that day on");
		break;
	case MODEL_UNKNOWN:
		status = buf_add_text(&text, "not in the list of models that skantctl has");
		break;
	}
	jsonw_member(w, "message", buf_view(&text));
	return status;
}

static int add_row(const struct check *c, const struct use *use, unsigned bit, const struct model *model,
		   struct buf *text)
{
	struct jsonw w;

	jsonw_init(&w, text, 0);
	jsonw_object(&w);
	jsonw_member(&w, "workspace", workspace_name(c, use));
	if (intern_text(&c->texts, use->workspace).len)
		jsonw_member(&w, "workspace_id", intern_text(&c->texts, use->workspace));
	jsonw_member(&w, "model", intern_text(&c->texts, use->model));
	jsonw_member_text(&w, "code", model_violation_codes[bit]);
	tally_write_number(c->s, &w, "tokens", (struct decimal){ .units = use->tokens });
	if (add_day(&w, "last_used", use->last_day))
		return -1;
	if (model && model->retires_day != INT64_MAX && add_day(&w, "retires", model->retires_day))
		return -1;
	if (add_message(&w, (enum model_violation)(1u << bit), model))
		return -1;
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

static int judge(struct check *c, const struct use *use, struct err *err)
{
	struct view id = intern_text(&c->texts, use->workspace), name = intern_text(&c->texts, use->model);
	const struct policy_models *policy = policy_models_of(c->policy, id, workspace_name(c, use));
	unsigned found = models_check(c->models, policy, name, c->today, (unsigned)c->s->o->retires_within_days);
	struct model model;
	bool is_known = models_find(c->models, name, c->today, &model);

	for (unsigned bit = 0; bit < MODEL_VIOLATIONS; bit++) {
		DEFER(buf_done) struct buf text = BUF_INIT(ROW_BYTES);
		struct view row;

		if (!(found & c->wanted & (1u << bit)))
			continue;
		if (add_row(c, use, bit, is_known ? &model : NULL, &text))
			return err_nomem(err);
		if (json_whole(buf_view(&text), &row, err) || output_row(c->out, row, err))
			return -1;
	}
	return 0;
}

static int in_order(const void *left, const void *right, void *context)
{
	const struct use *a = left, *b = right;
	const struct check *c = context;
	int order = text_cmp(workspace_name(c, a), workspace_name(c, b));

	if (!order)
		order = text_cmp(intern_text(&c->texts, a->workspace), intern_text(&c->texts, b->workspace));
	return order ? order : text_cmp(intern_text(&c->texts, a->model), intern_text(&c->texts, b->model));
}

static int print(struct check *c, struct err *err)
{
	struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	DEFER(output_done) struct output out = { .fd = -1 };

	if (c->count)
		qsort_r(c->uses, c->count, sizeof(*c->uses), in_order, c);
	session_output(c->s, &out, &shape);
	c->out = &out;
	for (size_t i = 0; i < c->count; i++)
		if (judge(c, &c->uses[i], err))
			return -1;
	if (output_end(&out, err))
		return -1;
	return out.rows ? EXIT_PROBLEMS : EXIT_DONE;
}

static int read_wanted(const struct texts *codes, unsigned *ret, struct err *err)
{
	*ret = codes->count ? 0 : (1u << MODEL_VIOLATIONS) - 1;
	for (size_t i = 0; i < codes->count; i++) {
		unsigned bit = 0;

		while (bit < MODEL_VIOLATIONS && strcmp(codes->items[i], model_violation_codes[bit]) != 0)
			bit++;
		if (bit == MODEL_VIOLATIONS)
			return err_set(err, ERR_USAGE, 0,
				       "'%s' is no code of a violation; --violation takes those of models in "
				       "`skantctl models check --help`",
				       codes->items[i]);
		*ret |= 1u << bit;
	}
	return 0;
}

static int run(struct check *c, struct err *err)
{
	DEFER(models_freep) struct models *models = NULL;
	DEFER(directory_freep) struct directory *directory = NULL;
	bool has_list = api_route(c->s->profile.dialect, API_WORKSPACE_LIST, NULL) != NULL;

	c->policy = session_policy(c->s, err);
	models = c->policy ? models_builtin(err) : NULL;
	if (!models || read_usage(c, err))
		return -1;
	c->models = models;
	directory = has_list ? directory_read(c->s->api, DIRECTORY_WORKSPACES, err) : NULL;
	if (has_list && !directory)
		return -1;
	c->org = directory ? directory_get(directory) : NULL;
	return print(c, err);
}

int cmd_models_check(struct session *s, char **, size_t count, struct err *err)
{
	struct check check = { .s = s, .texts = INTERN_INIT(USAGE_NAMES_BYTES) };
	int ret;

	if (session_args(NULL, 0, count, err) || read_wanted(&s->o->violations, &check.wanted, err))
		return -1;
	ret = run(&check, err);
	intern_done(&check.texts);
	hashindex_done(&check.index);
	free(check.uses);
	return ret;
}
