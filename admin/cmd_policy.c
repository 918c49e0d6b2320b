/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl policy. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/policy_check.h"
#include "common/api/endpoint_model.h"
#include "common/api/endpoint_org.h"
#include "common/api/page.h"
#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/base/textpool.h"
#include "common/govern/directory.h"
#include "common/policy/data_check.h"
#include "common/policy/policy_models.h"
#include "common/policy/policy_write.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"

#define POLICY_BYTES (4u * CONF_FILE_BYTES)
#define JSON_INDENT 2

/* ---- show ---- */

static int print_yaml(struct view object, struct err *err)
{
	const struct shape shape = { .is_single = true };
	DEFER(output_done) struct output out = { .fd = -1 };
	struct view value;

	if (json_whole(object, &value, err))
		return -1;
	output_init(&out, OUTPUT_YAML, &shape, STDOUT_FILENO, false);
	return output_row(&out, value, err) || output_end(&out, err) ? -1 : 0;
}

int cmd_policy_show(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(POLICY_BYTES);
	const enum output_format format = s->o->format;
	const struct policy *policy;

	if (session_args(NULL, 0, count, err))
		return -1;
	if (format == OUTPUT_CSV)
		return err_set(err, ERR_USAGE, 0, "a policy has no rows: -o yaml, json or jsonl was expected");
	policy = session_policy(s, err);
	if (!policy)
		return -1;
	log_info("%s%s", policy->path ? "the policy of " : "no file was found: this is the standard policy",
		 policy->path ? policy->path : "");
	if (policy_add_json(policy, format == OUTPUT_JSON ? JSON_INDENT : 0, &text))
		return err_set(err, ERR_LIMIT, 0, "the policy does not fit into memory or %u bytes", POLICY_BYTES);
	if (format == OUTPUT_TABLE || format == OUTPUT_YAML)
		return print_yaml(buf_view(&text), err);
	return buf_add_byte(&text, '\n') ? err_nomem(err) : output_text(STDOUT_FILENO, buf_view(&text), err);
}

/* ---- template ---- */

int cmd_policy_template(struct session *, char **, size_t count, struct err *err)
{
	return session_args(NULL, 0, count, err) ? -1 : output_text(STDOUT_FILENO, view_of(policy_template), err);
}

/* ---- check ---- */

static const struct column columns[] = {
	{ "level", "level" },
	{ "section", "section" },
	{ "code", "code" },
	{ "message", "message" },
};

int policy_check_tell(void *context, const struct policy_difference *difference, struct err *err)
{
	struct policy_checking *c = context;
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	struct view row;
	struct jsonw w;

	c->unchecked += strcmp(difference->code, "not-checked") == 0;
	*(difference->is_note ? &c->notes : &c->problems) += 1;
	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "level", difference->is_note ? "note" : "problem");
	jsonw_member_text(&w, "section", difference->section);
	jsonw_member_text(&w, "code", difference->code);
	jsonw_member_text(&w, "message", difference->text);
	jsonw_end(&w);
	if (!jsonw_ok(&w))
		return err_nomem(err);
	return json_whole(buf_view(&text), &row, err) || output_row(&c->out, row, err) ? -1 : 0;
}

static int check_organization(struct policy_checking *c, struct err *err)
{
	return policy_compare(c->policy, c->org, &c->teller, err);
}

static enum data_recording recording_of(struct view state)
{
	if (text_eq(state, VIEW("enabled")))
		return DATA_RECORDING_ON;
	return text_eq(state, VIEW("disabled")) ? DATA_RECORDING_OFF : DATA_RECORDING_UNKNOWN;
}

/* Whether the audit feed has anything to read; what the API does not tell is told as that. */
static int check_data(struct policy_checking *c, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct data_facts facts = { .recording = DATA_RECORDING_UNKNOWN };
	struct api_compliance_settings settings;
	struct err why = ERR_INIT;

	if (data_needs_recording(c->policy)) {
		if (!api_compliance_settings_get(c->s->api, &answer, &settings, &why)) {
			facts.recording = recording_of(settings.state);
		} else if (why.kind != ERR_REFUSED) {
			*err = why;
			return -1;
		}
	}
	return data_check(c->policy, c->org, &facts, &c->teller, err);
}

/* Each looks at one side of the organisation, and tells what it finds. */
static int (*const checks[])(struct policy_checking *c, struct err *err) = {
	check_organization,
	check_data,
};

static int run_checks(struct policy_checking *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (checks[i](c, err))
			return -1;
	return 0;
}

/* Whether the organisation can be asked at all: who only writes policies has no admin key. 1; 0 with why not; -1. */
static int can_ask(struct session *s, struct err *ret_why, struct err *err)
{
	int has;

	if (!session_route(s, API_WORKSPACE_LIST, ret_why))
		return 0;
	has = api_has(s->api, CREDENTIAL_ADMIN, err);
	if (has == 0)
		has = api_has(s->api, CREDENTIAL_OAUTH, err);
	if (has == 0)
		(void)err_set(ret_why, ERR_USAGE, 0, "no admin key is set");
	return has;
}

static int tell_unasked(struct policy_checking *c, const char *why, struct err *err)
{
	const struct data_facts facts = { .unasked = why };

	return policy_tell_unasked(c->policy, why, &c->teller, err) ||
			       data_check(c->policy, NULL, &facts, &c->teller, err)
		       ? -1
		       : 0;
}

/* The provider's list of models. */
struct listed {
	struct textpool texts;
	const char **names;
	size_t count, cap;
};

static int add_listed(struct listed *l, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_model model;
	const char **grown;

	if (api_model_read(reader, row, &model, err))
		return -1;
	if (l->count == MODELS_MAX)
		return err_set(err, ERR_LIMIT, 0, "the provider lists more than %d models", MODELS_MAX);
	grown = grow_items(l->names, l->count, &l->cap, sizeof(*grown));
	if (!grown)
		return err_nomem(err);
	l->names = grown;
	grown[l->count] = textpool_add(&l->texts, model.id);
	return grown[l->count] ? (l->count++, 0) : err_nomem(err);
}

static int read_listed(struct session *s, struct listed *l, struct err *err)
{
	struct api_reader reader;
	struct page_walk walk;
	struct view row;
	int status;

	if (api_reader_init(&reader, s->profile.dialect, API_MODEL_LIST, err))
		return -1;
	page_start(&walk, s->api, API_MODEL_LIST, NULL, 0, 0);
	while ((status = page_row(&walk, &row, err)) == 1 && !add_listed(l, &reader, row, err))
		;
	page_done(&walk);
	api_reader_done(&reader);
	return status ? -1 : 0;
}

/* With the provider's list where there is a key for it, else with the built-in one alone. */
static int check_models(struct policy_checking *c, struct err *err)
{
	DEFER(models_freep) struct models *models = models_builtin(err);
	struct listed listed = { .texts = TEXTPOOL_INIT };
	struct policy_known known = { .models = models };
	struct err why = ERR_INIT;
	int ret = -1, has = models ? api_has(c->s->api, CREDENTIAL_API, err) : -1;

	if (has == 0)
		known.unlisted = "no API key is set";
	if (has > 0 && read_listed(c->s, &listed, &why)) {
		if (why.kind != ERR_REFUSED)
			has = err_set(err, why.kind, 0, "%s", why.text);
		known.unlisted = why.text;
	}
	known.listed = listed.names;
	known.listed_count = listed.count;
	if (has >= 0)
		ret = policy_check_models(c->policy, &known, &c->teller, err);
	free(listed.names);
	textpool_done(&listed.texts);
	return ret;
}

static int compare(struct policy_checking *c, struct err *err)
{
	DEFER(directory_freep) struct directory *directory = NULL;
	struct err why = ERR_INIT;
	int asks = can_ask(c->s, &why, err);

	if (asks <= 0)
		return asks ? asks : tell_unasked(c, why.text, err);
	directory = directory_read(c->s->api, DIRECTORY_WORKSPACES | DIRECTORY_KEYS, err);
	if (!directory)
		return -1;
	c->org = directory_get(directory);
	return run_checks(c, err);
}

static void say_counts(const struct policy_checking *c)
{
	const char *path = c->policy->path, *problems = text_plural(c->problems), *notes = text_plural(c->notes);

	if (c->unchecked)
		log_info("%s: %zu problem%s in what was checked, %zu note%s; of %zu part%s the organisation was not "
			 "asked",
			 path, c->problems, problems, c->notes, notes, c->unchecked, text_plural(c->unchecked));
	else if (c->problems)
		log_info("%s: %zu problem%s, %zu note%s", path, c->problems, problems, c->notes, notes);
	else
		log_info("%s is sound; 0 problems, %zu note%s", path, c->notes, notes);
}

int cmd_policy_check(struct session *s, char **, size_t count, struct err *err)
{
	const struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	struct policy_checking c = { .s = s };
	int ret;

	if (session_args(NULL, 0, count, err))
		return -1;
	c.teller = (struct policy_teller){ policy_check_tell, &c };
	c.policy = session_policy(s, err);
	if (!c.policy)
		return -1;
	if (!c.policy->path)
		return err_set(err, ERR_USAGE, 0,
			       "there is no policy to check: --policy FILE, $SKANT_POLICY or %s was expected; "
			       "'skantctl policy template' prints one to begin with",
			       POLICY_PATH);
	session_output(s, &c.out, &shape);
	ret = check_models(&c, err) || compare(&c, err) || output_end(&c.out, err) ? -1 : 0;
	output_done(&c.out);
	if (ret)
		return -1;
	say_counts(&c);
	return c.problems ? EXIT_PROBLEMS : EXIT_DONE;
}
