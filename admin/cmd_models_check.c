/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl models check: what the usage report says of models, against the policy and the list of models. */
#include <stdlib.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/facts.h"
#include "admin/naming.h"
#include "admin/period.h"
#include "admin/tally_print.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/govern/ledger.h"
#include "common/policy/models.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"
#include "common/sys/opt_value.h"

#define USUAL_DAYS 30
#define ROW_BYTES (64u << 10)

static const struct column columns[] = {
	{ "level", "level" },         { "workspace", "workspace" }, { "model", "model" }, { "tokens", "tokens" },
	{ "last_used", "last_used" }, { "retires", "retires" },     { "code", "code" },   { "message", "message" },
};

/* One model in one workspace. */
struct use {
	uint32_t workspace, model;
	decimal_units tokens;
	int64_t last_day;
};

struct check {
	struct session *s;
	struct naming naming;
	struct models *models;
	unsigned wanted; /* violations, as bits */
	struct period period;
	int64_t today;
	struct intern texts;
	struct hashindex index;
	struct use *uses;
	size_t count, cap;
	struct output *out;
	size_t problems;
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

static const struct api_argument groups[] = {
	{ .name = "group_by", .value = { "workspace_id", sizeof("workspace_id") - 1 } },
	{ .name = "group_by", .value = { "model", sizeof("model") - 1 } },
};

static int read_usage(struct check *c, struct err *err)
{
	static const struct period_usual usual = { .seconds = USUAL_DAYS * PERIOD_DAY_S };
	struct ledger_query query = { .by_day = true, .arguments = groups, .count = ARRAY_LEN(groups) };

	if (period_read(c->s->o, clock_unix_s(), &usual, &c->period, err))
		return -1;
	query.from_s = c->period.from_s;
	query.to_s = c->period.to_s;
	c->today = clock_day(c->period.now_s);
	return ledger_each_usage(c->s->api, &query, take_row, c, err);
}

static int take_name(void *context, const struct api_cost *row, struct err *err)
{
	return naming_tell_workspace(context, row->workspace_id, row->workspace_name, err);
}

/* cca has no list of workspaces: only its report of cost tells their names. */
static int read_names(struct check *c, struct err *err)
{
	const struct ledger_query query = {
		.from_s = c->period.from_s, .to_s = c->period.to_s, .arguments = groups, .count = 1
	};

	return c->count ? ledger_each_cost(c->s->api, &query, take_name, &c->naming, err) : 0;
}

/* Empty: nobody knows it. */
static struct view known_name(const struct check *c, const struct use *use)
{
	return naming_workspace(&c->naming, intern_text(&c->texts, use->workspace));
}

static struct view shown_name(const struct check *c, const struct use *use)
{
	struct view name = known_name(c, use);

	return name.len ? name : intern_text(&c->texts, use->workspace);
}

static int add_date(struct buf *buf, int64_t day)
{
	int year, month, day_of_month;

	clock_date(day, &year, &month, &day_of_month);
	return buf_addf(buf, "%04d-%02d-%02d", year, month, day_of_month);
}

static int add_day(struct jsonw *w, const char *key, int64_t day)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ROW_BYTES);

	if (add_date(&text, day))
		return -1;
	jsonw_member(w, key, buf_view(&text));
	return 0;
}

/* Until a retirement is announced there is only a day before which there is none: nothing is wrong yet. */
static bool is_note(enum model_violation violation, const struct model *model)
{
	return violation == MODEL_RETIRES && model->is_earliest && model->state == MODEL_ACTIVE;
}

static int add_retirement(const struct check *c, struct buf *text, const struct model *model)
{
	if (model->state == MODEL_RETIRED)
		return buf_add_text(text, "retired: requests for it fail");
	if (model->retires_day == INT64_MAX)
		return buf_add_text(text, "deprecated, without a day of retirement yet");
	if (!model->is_earliest)
		return buf_add_text(text, "deprecated; requests for it fail from that day on");
	if (c->today < model->retires_day)
		return buf_add_text(text, "from that day on it may be retired");
	return buf_add_text(text, "may be retired since ") || add_date(text, model->retires_day) ||
			       buf_add_text(text, ": no retirement was announced when skantctl was made")
		       ? -1
		       : 0;
}

static int add_message(const struct check *c, struct jsonw *w, enum model_violation violation,
		       const struct model *model)
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
		status = add_retirement(c, &text, model);
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
	jsonw_member_text(&w, "level", is_note((enum model_violation)(1u << bit), model) ? "note" : "problem");
	jsonw_member(&w, "workspace", shown_name(c, use));
	if (intern_text(&c->texts, use->workspace).len)
		jsonw_member(&w, "workspace_id", intern_text(&c->texts, use->workspace));
	jsonw_member(&w, "model", intern_text(&c->texts, use->model));
	jsonw_member_text(&w, "code", model_violation_codes[bit]);
	tally_write_number(c->s, &w, "tokens", (struct decimal){ .units = use->tokens });
	if (add_day(&w, "last_used", use->last_day))
		return -1;
	if (model && model->retires_day != INT64_MAX && add_day(&w, "retires", model->retires_day))
		return -1;
	if (add_message(c, &w, (enum model_violation)(1u << bit), model))
		return -1;
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

static int judge(struct check *c, const struct use *use, struct err *err)
{
	struct view id = intern_text(&c->texts, use->workspace), name = intern_text(&c->texts, use->model);
	const struct policy_models *policy = policy_models_of(c->naming.policy, id, known_name(c, use));
	unsigned found = models_check(c->models, policy, name, c->today, (unsigned)c->s->o->retires_within_days);
	struct model model = { .id = NULL };
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
		c->problems += !is_note((enum model_violation)(1u << bit), &model);
	}
	return 0;
}

static int in_order(const void *left, const void *right, void *context)
{
	const struct use *a = left, *b = right;
	const struct check *c = context;
	int order = text_cmp(shown_name(c, a), shown_name(c, b));

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
	period_say(c->s->o, &c->period);
	return c->problems ? EXIT_PROBLEMS : EXIT_DONE;
}

static int refuse_violation(const char *given, struct err *err)
{
	DEFER(buf_done) struct buf words = BUF_INIT(ERR_TEXT_BYTES);

	for (unsigned bit = 0; bit < MODEL_VIOLATIONS; bit++)
		if (buf_addf(&words, bit ? " %s" : "%s", model_violation_codes[bit]))
			return err_nomem(err);
	return opt_refuse_word("violation", words.ptr, given, err);
}

static int read_wanted(const struct texts *codes, unsigned *ret, struct err *err)
{
	*ret = codes->count ? 0 : (1u << MODEL_VIOLATIONS) - 1;
	for (size_t i = 0; i < codes->count; i++) {
		unsigned bit = 0;

		while (bit < MODEL_VIOLATIONS && strcmp(codes->items[i], model_violation_codes[bit]) != 0)
			bit++;
		if (bit == MODEL_VIOLATIONS)
			return refuse_violation(codes->items[i], err);
		*ret |= 1u << bit;
	}
	return 0;
}

/* An entry of the policy may stand for a workspace by its name, and that is not known of all. */
static void tell_nameless(const struct check *c)
{
	const struct policy *policy = c->naming.policy;
	bool has_entry = policy->model_count && policy->models[policy->model_count - 1].workspace;
	size_t nameless = 0;

	for (size_t i = 0; i < c->count; i++)
		nameless += known_name(c, &c->uses[i]).len == 0 &&
			    (i == 0 || c->uses[i].workspace != c->uses[i - 1].workspace);
	if (has_entry && nameless)
		log_warn("the API tells no name of %zu workspace%s in use: entries of the policy hold for %s by the id "
			 "only",
			 nameless, text_plural(nameless), nameless == 1 ? "it" : "them");
}

static int run(struct check *c, struct err *err)
{
	DEFER(models_freep) struct models *models = NULL;
	int ret;

	if (!session_policy(c->s, err))
		return -1;
	models = models_builtin(err);
	c->models = models;
	session_reading(c->s);
	if (!models || read_usage(c, err) || naming_open(&c->naming, c->s, FACET(FACET_WORKSPACE), true, err) ||
	    (c->s->profile.dialect == API_CCA && read_names(c, err)))
		return -1;
	session_has_read(c->s);
	ret = print(c, err);
	if (ret >= 0)
		tell_nameless(c);
	return ret;
}

int cmd_models_check(struct session *s, char **, size_t count, struct err *err)
{
	struct check check = { .s = s, .texts = INTERN_INIT(USAGE_NAMES_BYTES) };
	int ret;

	if (session_args(NULL, 0, count, err) || read_wanted(&s->o->violations, &check.wanted, err))
		return -1;
	ret = run(&check, err);
	naming_done(&check.naming);
	intern_done(&check.texts);
	hashindex_done(&check.index);
	free(check.uses);
	return ret;
}
