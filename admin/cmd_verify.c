/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl verify: whether the keys on standard input are live. */
#include <stdio.h>
#include <unistd.h>

#include "admin/ask.h"
#include "admin/cmd.h"
#include "admin/verdict.h"
#include "common/api/endpoint_org.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"

static const struct column columns[] = {
	{ "key", "masked" },        { "kind", "kind" },
	{ "verified", "verified" }, { "restricted", "restricted" },
	{ "reasons", "reasons" },   { "organization_id", "organization_id" },
	{ "ours", "ours" },         { "secret_id", "secret_id" },
};

struct check {
	struct session *s;
	struct output out;
	struct buf ours; /* our organisation's id; empty = not known */
	bool knows_ours; /* it was asked for */
	uint64_t later;  /* keys that rate limit or network kept from an answer */
};

struct finding {
	struct view key;
	const char *kind;
	struct verdict verdict;
	struct view organization; /* empty = not known */
};

static bool is_key(struct view line)
{
	for (size_t i = 0; i < line.len; i++)
		if (!secret_is_key_char(line.ptr[i]))
			return false;
	return line.len <= VERIFY_KEY_BYTES && text_starts(line, VIEW("sk-ant-"));
}

/* Which kind it is by its prefix; CREDENTIAL_KINDS when it is of none that is sent anywhere, and *ret_name says why. */
static enum credential_kind kind_of(struct view key, const char **ret_name, const char **ret_why)
{
	enum credential_kind kind = is_key(key) ? credential_kind_of(key) : CREDENTIAL_KINDS;

	*ret_why = NULL;
	if (kind < CREDENTIAL_KINDS) {
		*ret_name = credential_kind_names[kind];
	} else if (is_key(key) && text_starts(key, VIEW("sk-ant-ort"))) {
		*ret_name = "oauth-refresh";
		*ret_why = "not checked: a refresh token is never sent";
	} else if (is_key(key) && text_starts(key, VIEW("sk-ant-sid"))) {
		*ret_name = "session";
		*ret_why = "not checked: a session's key is never sent";
	} else {
		*ret_name = "unknown";
		*ret_why = "not checked: not a key of a known form";
	}
	return kind;
}

static int add_json(struct check *c, const struct finding *f, struct buf *text)
{
	DEFER(buf_done) struct buf mask = BUF_INIT(ERR_TEXT_BYTES);
	char id[SECRET_ID_BYTES];
	struct jsonw w;

	secret_id(f->key, id);
	if (secret_add_mask(&mask, f->key))
		return -1;
	jsonw_init(&w, text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "secret_id", id);
	jsonw_member(&w, "masked", buf_view(&mask));
	jsonw_member_text(&w, "kind", f->kind);
	jsonw_member_text(&w, "verified", verdict_names[f->verdict.state]);
	jsonw_key(&w, "restricted");
	jsonw_bool(&w, f->verdict.is_restricted);
	jsonw_key(&w, "reasons");
	jsonw_array(&w);
	if (*f->verdict.reason)
		jsonw_string(&w, view_of(f->verdict.reason));
	jsonw_end(&w);
	if (f->organization.len) {
		jsonw_member(&w, "organization_id", f->organization);
		if (c->ours.len) {
			jsonw_key(&w, "ours");
			jsonw_bool(&w, text_eq(f->organization, buf_view(&c->ours)));
		}
	}
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

/* One row, and at once: whoever waits for it may act. */
static int print(struct check *c, const struct finding *f, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	struct view row;

	if (add_json(c, f, &text))
		return err_nomem(err);
	if (json_whole(buf_view(&text), &row, err) || output_row(&c->out, row, err))
		return -1;
	return c->s->o->format == OUTPUT_JSONL ? output_flush(&c->out, err) : 0;
}

/* Our own organisation, so that a stranger's key can be told: only with a credential that may ask, and once. */
static void learn_ours(struct check *c)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct err err = ERR_INIT;
	struct api_org org;

	if (c->knows_ours)
		return;
	c->knows_ours = true;
	if (api_has(c->s->api, CREDENTIAL_ADMIN, &err) != 1 && api_has(c->s->api, CREDENTIAL_OAUTH, &err) != 1)
		return;
	if (api_org_get(c->s->api, &answer, &org, &err) || buf_add(&c->ours, org.id))
		log_info("whether keys are of this organisation is not known: %s", err.text);
}

static int check_key(struct check *c, struct view key, struct err *err)
{
	DEFER(api_reply_done) struct api_reply reply = { .status = 0 };
	struct api_argument arguments[VERDICT_ARGUMENTS];
	struct api_refusal refusal = { .status = 0 };
	struct finding f = { .key = key, .verdict = { .state = VERDICT_UNKNOWN } };
	struct err why = ERR_INIT;
	enum api_operation operation;
	const char *not_sent;
	enum credential_kind kind = kind_of(key, &f.kind, &not_sent);
	size_t count;
	int ret;

	if (not_sent) {
		(void)snprintf(f.verdict.reason, sizeof(f.verdict.reason), "%s", not_sent);
		return print(c, &f, err);
	}
	if (!verdict_question(&c->s->profile, kind, &operation, arguments, &count))
		return err_set(err, ERR_USAGE, 0, "the dialect has no question for keys of the kind %s", f.kind);
	ret = api_call_with(c->s->api, key, kind, operation, arguments, count, &reply, &refusal, &why);
	if (ret && (why.kind == ERR_NOMEM || why.kind == ERR_INTERNAL)) {
		*err = why;
		return -1;
	}
	verdict_of(ret, kind, &refusal, &why, &f.verdict);
	c->later += f.verdict.is_later;
	f.organization = buf_view(&reply.organization);
	if (f.organization.len)
		learn_ours(c);
	return print(c, &f, err);
}

/* What is too large was not meant for this command. */
static int read_input(struct buf *input, struct err *err)
{
	int ret;

	ask_for_input("keys, one a line");
	ret = file_read_rest(STDIN_FILENO, "standard input", input, err);
	if (ret && err->kind == ERR_LIMIT)
		return err_set(err, ERR_USAGE, 0,
			       "standard input is larger than %u bytes: keys were expected, one a line",
			       VERIFY_INPUT_BYTES);
	return ret;
}

static int check_all(struct check *c, struct view input, struct err *err)
{
	struct view line;

	while (text_next_line(&input, &line)) {
		line = text_trim(line);
		if (line.len && check_key(c, line, err))
			return -1;
	}
	return output_end(&c->out, err);
}

int cmd_verify(struct session *s, char **, size_t count, struct err *err)
{
	const struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	DEFER(buf_wipe) struct buf input = BUF_INIT(VERIFY_INPUT_BYTES);
	struct check c = { .s = s, .ours = BUF_INIT(ERR_TEXT_BYTES) };
	int ret;

	if (session_args("no key: keys are read from standard input, and nothing", 0, count, err) ||
	    read_input(&input, err))
		return -1;
	session_output(s, &c.out, &shape);
	ret = check_all(&c, buf_view(&input), err);
	output_done(&c.out);
	buf_done(&c.ours);
	if (!ret && c.later)
		return err_set(err, ERR_LATER, 0, "%llu key%s could not be checked now", (unsigned long long)c.later,
			       text_plural(c.later));
	return ret;
}
