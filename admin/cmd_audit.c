/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl keys audit: active keys against the policy. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/audit.h"
#include "admin/cmd.h"
#include "admin/facts.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/govern/directory.h"
#include "common/govern/keyuse.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"
#include "common/sys/opt_value.h"

#define NAME_VIOLATIONS ((UINT32_C(1) << KEYNAME_VIOLATIONS) - 1)
#define ALL_VIOLATIONS ((UINT32_C(1) << KEYAUDIT_VIOLATIONS) - 1)

struct auditing {
	struct session *s;
	const struct policy *policy;
	uint32_t wanted;
	int64_t now_s;
	struct directory *directory;
	const struct organization *org;
	struct keyuse use;
	struct keyaudit *audit;
	struct audit_row *rows; /* of keys that work, in the workspaces that were asked for */
	size_t count, bad;
};

static void auditing_done(struct auditing *a)
{
	free(a->rows);
	keyaudit_free(a->audit);
	keyuse_done(&a->use);
	directory_free(a->directory);
}

/* ---- what was asked for ---- */

/* A code, or the word for all that names break; 0: it is none. */
static uint32_t violations_of(struct view word)
{
	if (text_eq(word, VIEW("name")))
		return NAME_VIOLATIONS;
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
		if (text_eq(word, view_of(keyaudit_code(v))))
			return UINT32_C(1) << v;
	return 0;
}

static int refuse_violation(const char *given, struct err *err)
{
	DEFER(buf_done) struct buf words = BUF_INIT(ERR_TEXT_BYTES);

	if (buf_add_text(&words, "name"))
		return err_nomem(err);
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
		if (buf_addf(&words, " %s", keyaudit_code(v)))
			return err_nomem(err);
	return opt_refuse_word("violation", words.ptr, given, err);
}

static int read_wanted(const struct texts *codes, uint32_t *ret, struct err *err)
{
	*ret = codes->count ? 0 : ALL_VIOLATIONS;
	for (size_t i = 0; i < codes->count; i++) {
		uint32_t violations = violations_of(view_of(codes->items[i]));

		if (!violations)
			return refuse_violation(codes->items[i], err);
		*ret |= violations;
	}
	return 0;
}

static bool is_wanted(const struct auditing *a, const struct org_key *key)
{
	const struct texts *places = &a->s->o->workspaces;

	for (size_t i = 0; i < places->count; i++)
		if (organization_key_is_in(a->org, key, view_of(places->items[i])))
			return true;
	return places->count == 0;
}

/* ---- what is known ---- */

static int read_use(struct auditing *a, struct err *err)
{
	const int64_t from_s = keyaudit_unused_from(a->policy, a->org, a->now_s);

	if (!(a->wanted & UINT32_C(1) << KEYAUDIT_UNUSED) || from_s == INT64_MAX)
		return 0;
	if (keyuse_read(a->s->api, from_s, a->now_s, &a->use, err))
		return err_prefix(err, "whether keys are used (--violation names checks that can do without)");
	return 0;
}

static int judge(struct auditing *a, struct err *err)
{
	static const char *const nobody[] = { "" };
	struct keyaudit_input input = { .policy = a->policy, .org = a->org, .now_s = a->now_s };

	if (a->wanted & UINT32_C(1) << KEYAUDIT_UNUSED) {
		input.used = a->use.count ? a->use.ids : nobody;
		input.used_count = a->use.count;
	}
	a->audit = keyaudit_new(&input, err);
	if (!a->audit)
		return -1;
	a->rows = calloc(a->org->key_count + 1, sizeof(*a->rows));
	if (!a->rows)
		return err_nomem(err);
	for (size_t i = 0; i < a->org->key_count; i++) {
		const struct org_key *key = &a->org->keys[i];

		if (!keyaudit_judges(key, a->now_s) || !is_wanted(a, key))
			continue;
		a->rows[a->count] = (struct audit_row){ key, keyaudit_check(a->audit, key) & a->wanted };
		a->bad += a->rows[a->count++].violations != 0;
	}
	return 0;
}

static int gather(struct auditing *a, struct err *err)
{
	unsigned parts = DIRECTORY_WORKSPACES | DIRECTORY_KEYS;

	if (a->wanted & UINT32_C(1) << KEYAUDIT_CREATOR_GONE)
		parts |= DIRECTORY_USERS;
	a->directory = directory_read(a->s->api, parts, err);
	if (!a->directory || (parts & DIRECTORY_USERS && directory_ask_people(a->directory, err)))
		return -1;
	a->org = directory_get(a->directory);
	return facts_check_places(a->org, &a->s->o->workspaces, err) || read_use(a, err) || judge(a, err) ? -1 : 0;
}

/* ---- what is printed ---- */

static void put_time(struct jsonw *w, const char *key, int64_t unix_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NAME_BYTES);

	if (!unix_s)
		return;
	if (clock_add_rfc3339(&text, unix_s))
		w->failed = true;
	else
		jsonw_member(w, key, buf_view(&text));
}

static void put_text(struct jsonw *w, const char *key, struct view text)
{
	if (text.len)
		jsonw_member(w, key, text);
}

static void put_key(struct jsonw *w, const struct auditing *a, const struct org_key *key)
{
	jsonw_member_text(w, "id", key->id);
	jsonw_member_text(w, "name", key->name);
	put_text(w, "workspace_id", view_of(key->workspace_id));
	put_text(w, "workspace", organization_key_workspace(a->org, key));
	put_time(w, "created_at", key->created_at_s);
	put_text(w, "created_by", view_of(key->created_by_id));
	put_text(w, "principal", view_of(key->principal_id));
	put_time(w, "expires_at", key->expires_at_s);
	if (key->created_at_s)
		jsonw_member_u64(w, "age_days", keyaudit_age_days(key, a->now_s));
}

static void put_violation(struct jsonw *w, const struct auditing *a, const struct org_key *key, unsigned violation)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	if (keyaudit_add_text(a->audit, key, violation, &text)) {
		w->failed = true;
		return;
	}
	jsonw_member_text(w, "code", keyaudit_code(violation));
	jsonw_member(w, "message", buf_view(&text));
}

static int print_row(struct output *out, const struct buf *text, const struct jsonw *w, struct err *err)
{
	struct view row;

	return !jsonw_ok(w)                                                         ? err_nomem(err)
	       : json_whole(buf_view(text), &row, err) || output_row(out, row, err) ? -1
										    : 0;
}

/* A table has a line for each violation, so that what is to do stands in it. */
static int print_lines(struct output *out, const struct auditing *a, const struct audit_row *row, struct err *err)
{
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++) {
		DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
		struct jsonw w;

		if (!(row->violations & UINT32_C(1) << v))
			continue;
		jsonw_init(&w, &text, 0);
		jsonw_object(&w);
		put_key(&w, a, row->key);
		put_violation(&w, a, row->key, v);
		jsonw_end(&w);
		if (print_row(out, &text, &w, err))
			return -1;
	}
	return 0;
}

static int print_record(struct output *out, const struct auditing *a, const struct audit_row *row, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	struct jsonw w;

	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	put_key(&w, a, row->key);
	jsonw_key(&w, "violations");
	jsonw_array(&w);
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++) {
		if (!(row->violations & UINT32_C(1) << v))
			continue;
		jsonw_object(&w);
		put_violation(&w, a, row->key, v);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	return print_row(out, &text, &w, err);
}

static const struct column columns[] = {
	{ "id", "id" },     { "name", "name" },       { "workspace", "workspace" }, { "age_days", "age_days" },
	{ "code", "code" }, { "message", "message" },
};

static int print_rows(const struct auditing *a, struct err *err)
{
	const struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	const bool is_flat = a->s->o->format == OUTPUT_TABLE || a->s->o->format == OUTPUT_CSV;
	DEFER(output_done) struct output out = { .fd = -1 };

	session_output(a->s, &out, &shape);
	for (size_t i = 0; i < a->count; i++)
		if (a->rows[i].violations &&
		    (is_flat ? print_lines(&out, a, &a->rows[i], err) : print_record(&out, a, &a->rows[i], err)))
			return -1;
	return output_end(&out, err);
}

static int print_report(const struct auditing *a, struct err *err)
{
	const struct audit_result result = { .audit = a->audit,
					     .org = a->org,
					     .now_s = a->now_s,
					     .is_enforced = a->policy->names.enforce,
					     .rows = a->rows,
					     .count = a->count };
	DEFER(buf_done) struct buf text = BUF_INIT(EXPORT_BYTES);

	if (a->s->o->format == OUTPUT_SARIF ? audit_add_sarif(&result, &text) : audit_add_junit(&result, &text))
		return err_set(err, ERR_LIMIT, 0, "the report does not fit into memory or %u bytes", EXPORT_BYTES);
	return output_text(STDOUT_FILENO, buf_view(&text), err);
}

int cmd_keys_audit(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(auditing_done) struct auditing a = { .s = s, .now_s = clock_unix_s() };

	if (session_args(NULL, 0, count, err) || !session_route(s, API_KEY_LIST, err) ||
	    read_wanted(&s->o->violations, &a.wanted, err))
		return -1;
	a.policy = session_policy(s, err);
	session_reading(s);
	if (!a.policy || gather(&a, err))
		return -1;
	session_has_read(s);
	if (s->o->format < OUTPUT_ROW_FORMATS ? print_rows(&a, err) : print_report(&a, err))
		return -1;
	log_info("%zu of %zu active keys break%s the policy (%s)", a.bad, a.count, a.bad == 1 ? "s" : "",
		 a.policy->path ? a.policy->path : "the standard one: no file was found");
	return a.bad ? EXIT_PROBLEMS : EXIT_DONE;
}
