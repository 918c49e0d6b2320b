/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl keys, but for the export and the audit. */
#include <string.h>

#include "admin/change.h"
#include "admin/cmd.h"
#include "admin/given.h"
#include "admin/list.h"
#include "admin/lookup.h"
#include "common/api/endpoint_key.h"
#include "common/base/bounds.h"
#include "common/policy/keyname.h"
#include "common/policy/organization.h"
#include "common/sys/redact.h"

static const struct column columns[] = {
	{ "id", "id" },
	{ "name", "name" },
	{ "hint", "partial_key_hint" },
	{ "status", "status" },
	{ "workspace_id", "workspace_id" },
	{ "created_at", "created_at" },
	{ "expires_at", "expires_at" },
	{ "created_by", "created_by.id" },
};

static const struct change update = { API_KEY_UPDATE, columns, ARRAY_LEN(columns) };

/* The default workspace, which the API cannot be asked for: keys of which it does not tell whether they are there or
 * organisation-wide count as there, as they do for `keys audit`. */
static int may_be_in_default(void *context, struct view row, struct err *err)
{
	struct api_key key;

	if (api_key_read(context, row, &key, err))
		return -1;
	return api_key_place(&key) == API_KEY_IN_DEFAULT_WORKSPACE || api_key_place(&key) == API_KEY_PLACE_UNKNOWN;
}

int cmd_keys_list(struct session *s, char **, size_t count, struct err *err)
{
	static const struct given given_status = { "status", API_KEY_LIST, "status", NULL };
	DEFER(api_reader_done) struct api_reader reader = { .route = NULL };
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_KEY_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, &reader };
	const char *status, *workspace;

	if (session_args(NULL, 0, count, err) || options_single(&s->o->statuses, "status", &status, err) ||
	    options_single(&s->o->workspaces, "workspace", &workspace, err) ||
	    given_check(s, &given_status, status, err) ||
	    api_reader_init(&reader, s->profile.dialect, API_KEY_LIST, err))
		return -1;
	if (workspace && strcmp(workspace, ORG_DEFAULT_WORKSPACE) == 0) {
		workspace = NULL;
		listing.keep = may_be_in_default;
	}
	if (workspace && lookup_workspace(s, workspace, &workspace, err))
		return -1;
	filters_add(&arguments, "status", status);
	filters_add(&arguments, "workspace_id", workspace);
	return list_print(s, &listing, err);
}

/* The one key that a command is about. */
struct subject {
	const char *id;
	struct buf shown; /* as it was given; a name with its id */
};

static void subject_done(struct subject *key)
{
	buf_done(&key->shown);
}

static int read_subject(struct session *s, enum api_operation operation, char **args, size_t count, struct subject *ret,
			struct err *err)
{
	const char *workspace;

	*ret = (struct subject){ .shown = BUF_INIT(OUTPUT_PENDING_BYTES) };
	if (session_args("one key's id or name", 1, count, err) ||
	    options_single(&s->o->workspaces, "workspace", &workspace, err) || !session_route(s, operation, err) ||
	    lookup_key(s, args[0], workspace, &ret->id, err))
		return -1;
	if (ret->id == args[0] ? buf_add_text(&ret->shown, ret->id)
			       : buf_addf(&ret->shown, "'%s' (%s)", args[0], ret->id))
		return err_nomem(err);
	return 0;
}

int cmd_keys_get(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(subject_done) struct subject subject = { .id = NULL };
	struct api_key key;

	if (read_subject(s, API_KEY_GET, args, count, &subject, err) ||
	    api_key_get(s->api, view_of(subject.id), &answer, &key, err))
		return -1;
	return session_print(s, API_KEY_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}

/* Says what the policy has against a name before a key gets it; whoever gives it decides. A key that was pasted is
 * worse than any of it. */
static int warn_of_name(struct session *s, const char *name, struct err *err)
{
	const struct policy *policy = session_policy(s, err);
	uint32_t violations;

	if (!policy)
		return -1;
	if (redact_is_key(view_of(name)))
		return change_warn(err, "'%s' is a key, or holds one: who may list keys reads it in the name", name);
	violations = keyname_check(policy_names(policy), view_of(name));
	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

		if (!(violations & UINT32_C(1) << v))
			continue;
		if (keyname_add_text(policy_names(policy), view_of(name), (enum keyname_violation)v, &text))
			return err_nomem(err);
		if (change_warn(err, "'%s' breaks the convention of names: %s", name, text.ptr))
			return -1;
	}
	return 0;
}

int cmd_keys_rename(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(subject_done) struct subject subject = { .id = NULL };
	struct api_key key;
	int ret;

	if (!s->o->name)
		return err_set(err, ERR_USAGE, 0, "keys rename needs --name");
	if (read_subject(s, API_KEY_UPDATE, args, count, &subject, err) || warn_of_name(s, s->o->name, err))
		return -1;
	ret = change_ask(s, &update, err, "Call key %s '%s'?", subject.shown.ptr, s->o->name);
	if (ret != CHANGE_GO)
		return ret;
	if (api_key_update(s->api, view_of(subject.id), view_of(s->o->name), VIEW_NONE, &answer, &key, err))
		return -1;
	return change_print(s, &update, &answer, err, "key %s is called '%s'", subject.shown.ptr, s->o->name);
}

static int set_status(struct session *s, char **args, size_t count, const char *verb, const char *status,
		      struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(subject_done) struct subject subject = { .id = NULL };
	struct api_key key;
	int ret;

	if (read_subject(s, API_KEY_UPDATE, args, count, &subject, err))
		return -1;
	ret = change_ask(s, &update, err, "%s key %s?", verb, subject.shown.ptr);
	if (ret != CHANGE_GO)
		return ret;
	if (api_key_update(s->api, view_of(subject.id), VIEW_NONE, view_of(status), &answer, &key, err))
		return -1;
	return change_print(s, &update, &answer, err, "key %s is %s", subject.shown.ptr, status);
}

int cmd_keys_disable(struct session *s, char **args, size_t count, struct err *err)
{
	return set_status(s, args, count, "Disable", "inactive", err);
}

int cmd_keys_enable(struct session *s, char **args, size_t count, struct err *err)
{
	return set_status(s, args, count, "Enable", "active", err);
}

int cmd_keys_archive(struct session *s, char **args, size_t count, struct err *err)
{
	return set_status(s, args, count, "Archive", "archived", err);
}
