/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl auth check: what each credential is good for. */
#include "admin/cmd.h"
#include "admin/verdict.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

#define ACTIVITY_WINDOW_S 60
#define PROBE_ARGUMENTS 3

static const struct column columns[] = {
	{ "credential", "credential" },     { "source", "source" }, { "status", "status" }, { "may", "may" },
	{ "organization", "organization" }, { "notes", "notes" },
};

/* What is asked with each kind, and what an answer proves it may do. All of it is free and changes nothing. */
static const struct probe {
	enum credential_kind kind;
	enum api_operation operation;
	const char *what;
} probes[] = {
	{ CREDENTIAL_API, API_MODEL_LIST, "models" },
	{ CREDENTIAL_COMPLIANCE, API_ACTIVITY_LIST, "activities" },
	{ CREDENTIAL_COMPLIANCE, API_COMPLIANCE_ORG_LIST, "directory" },
	{ CREDENTIAL_OAUTH, API_ORG_GET, "organization" },
	{ CREDENTIAL_OAUTH, API_KEY_LIST, "keys" },
	{ CREDENTIAL_ADMIN, API_ORG_GET, "organization" },
	{ CREDENTIAL_ADMIN, API_USER_LIST, "users" },
	{ CREDENTIAL_ADMIN, API_KEY_LIST, "keys" },
	{ CREDENTIAL_ADMIN, API_ACTIVITY_LIST, "activities" },
};

struct look { /* at one credential */
	const char *status;
	struct buf may, notes; /* JSON strings with commas between */
	struct buf organization;
	bool is_bad, is_later;
};

static int add_word(struct buf *list, const char *word)
{
	struct jsonw w;

	if (list->len && buf_add_byte(list, ','))
		return -1;
	jsonw_init(&w, list, 0);
	jsonw_string(&w, view_of(word));
	return jsonw_ok(&w) ? 0 : -1;
}

/* The name where the reply has one, else the id that came with it. */
static int note_organization(struct look *look, const struct probe *probe, const struct api_reply *reply)
{
	struct err err = ERR_INIT;
	struct view body, name;

	if (probe->operation == API_ORG_GET && json_whole(buf_view(&reply->body), &body, &err) == 0 &&
	    json_type_of(body) == JSON_OBJECT) {
		name = json_member(body, "name");
		if (name.len && json_type_of(name) == JSON_STRING) {
			buf_clear(&look->organization);
			return json_add_string(&look->organization, name);
		}
	}
	return look->organization.len ? 0 : buf_add(&look->organization, buf_view(&reply->organization));
}

static size_t arguments_of(const struct probe *probe, struct buf *from, struct buf *to,
			   struct api_argument arguments[static PROBE_ARGUMENTS])
{
	const int64_t now = clock_unix_s();
	size_t count = 0;

	if (probe->operation == API_ORG_GET)
		return 0;
	arguments[count++] = (struct api_argument){ .name = "limit", .value = VIEW("1") };
	if (probe->operation != API_ACTIVITY_LIST)
		return count;
	if (clock_add_rfc3339(from, now - ACTIVITY_WINDOW_S) || clock_add_rfc3339(to, now))
		return count;
	arguments[count++] = (struct api_argument){ .name = "created_at.gte", .value = buf_view(from) };
	arguments[count++] = (struct api_argument){ .name = "created_at.lt", .value = buf_view(to) };
	return count;
}

/* Asks one question. 1 when the others are still worth asking, 0 when the credential is dead. */
static int ask_one(struct session *s, const struct probe *probe, struct look *look, struct err *err)
{
	DEFER(api_reply_done) struct api_reply reply = { .status = 0 };
	DEFER(buf_done) struct buf from = BUF_INIT(ERR_TEXT_BYTES), to = BUF_INIT(ERR_TEXT_BYTES);
	DEFER(buf_done) struct buf note = BUF_INIT(2 * ERR_TEXT_BYTES);
	struct api_argument arguments[PROBE_ARGUMENTS];
	struct api_refusal refusal = { .status = 0 };
	struct err why = ERR_INIT;
	struct verdict verdict;
	int ret = api_call_as(s->api, probe->kind, probe->operation, arguments,
			      arguments_of(probe, &from, &to, arguments), &reply, &refusal, &why);

	verdict_of(ret, probe->kind, &refusal, &why, &verdict);
	if (*verdict.reason &&
	    (buf_addf(&note, "%s: %s", probe->what, verdict.reason) || add_word(&look->notes, note.ptr)))
		return err_nomem(err);
	if (note_organization(look, probe, &reply) || (!ret && add_word(&look->may, probe->what)))
		return err_nomem(err);
	look->is_later |= verdict.is_later;
	if (verdict.state == VERDICT_DEAD && !look->may.len) {
		look->status = verdict_names[VERDICT_DEAD];
		look->is_bad = true;
		return 0;
	}
	if (verdict.state == VERDICT_LIVE)
		look->status = look->may.len ? verdict_names[VERDICT_LIVE] : "restricted";
	return 1;
}

static int ask_all(struct session *s, enum credential_kind kind, struct look *look, struct err *err)
{
	struct err lacks = ERR_INIT;
	int status = 1;

	look->status = verdict_names[VERDICT_UNKNOWN];
	for (size_t i = 0; i < ARRAY_LEN(probes) && status == 1; i++)
		if (probes[i].kind == kind && api_route(s->profile.dialect, probes[i].operation, &lacks))
			status = ask_one(s, &probes[i], look, err);
	return status < 0 ? -1 : 0;
}

/* Returns 1 when the credential is set, be it well or badly. */
static int look_at(struct session *s, enum credential_kind kind, struct look *look, struct err *err)
{
	struct err why = ERR_INIT;
	int has = api_has(s->api, kind, &why);

	if (has == 0) {
		look->status = "unset";
		return 0;
	}
	if (has < 0) {
		look->status = "wrong";
		look->is_bad = true;
		return add_word(&look->notes, why.text) ? err_nomem(err) : 1;
	}
	return ask_all(s, kind, look, err) ? -1 : 1;
}

static int add_list(struct jsonw *w, const char *key, const struct buf *words)
{
	DEFER(buf_done) struct buf list = BUF_INIT(JSON_RECORD_BYTES);

	if (buf_add_byte(&list, '[') || buf_add(&list, buf_view(words)) || buf_add_byte(&list, ']'))
		return -1;
	jsonw_key(w, key);
	jsonw_raw(w, buf_view(&list));
	return 0;
}

static int print(struct output *out, const struct session *s, enum credential_kind kind, const struct look *look,
		 struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES), source = BUF_INIT(JSON_RECORD_BYTES);
	struct view row;
	struct jsonw w;

	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "credential", credential_kind_names[kind]);
	if (credential_add_source(&source, &s->profile.credentials[kind]))
		return err_nomem(err);
	if (source.len)
		jsonw_member(&w, "source", buf_view(&source));
	jsonw_member_text(&w, "status", look->status);
	if (add_list(&w, "may", &look->may))
		return err_nomem(err);
	if (look->organization.len)
		jsonw_member(&w, "organization", buf_view(&look->organization));
	if (add_list(&w, "notes", &look->notes))
		return err_nomem(err);
	jsonw_end(&w);
	if (!jsonw_ok(&w))
		return err_nomem(err);
	return json_whole(buf_view(&text), &row, err) || output_row(out, row, err) ? -1 : 0;
}

static void look_done(struct look *look)
{
	buf_done(&look->may);
	buf_done(&look->notes);
	buf_done(&look->organization);
}

struct tally {
	unsigned set, bad, later;
};

static int check_all(struct session *s, struct output *out, struct tally *tally, struct err *err)
{
	for (unsigned kind = 0; kind < CREDENTIAL_KINDS; kind++) {
		DEFER(look_done)
		struct look look = { .may = BUF_INIT(JSON_RECORD_BYTES),
				     .notes = BUF_INIT(JSON_RECORD_BYTES),
				     .organization = BUF_INIT(JSON_RECORD_BYTES) };
		int is_set = look_at(s, (enum credential_kind)kind, &look, err);

		if (is_set < 0 || print(out, s, (enum credential_kind)kind, &look, err))
			return -1;
		tally->set += (unsigned)is_set;
		tally->bad += look.is_bad;
		tally->later += look.is_later;
	}
	return output_end(out, err);
}

int cmd_auth_check(struct session *s, char **, size_t count, struct err *err)
{
	const struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	struct tally tally = { .set = 0 };
	struct output out;
	int ret;

	if (session_args(NULL, 0, count, err))
		return -1;
	session_output(s, &out, &shape);
	ret = check_all(s, &out, &tally, err);
	output_done(&out);
	if (ret)
		return -1;
	if (!tally.set)
		return err_set(err, ERR_CONFIG, 0,
			       "no credential is set: ANTHROPIC_ADMIN_KEY is where one is looked for");
	if (tally.bad)
		return EXIT_PROBLEMS;
	return tally.later ? err_set(err, ERR_LATER, 0, "not everything could be asked") : EXIT_DONE;
}
