/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as they are now beside those that were kept. */
#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "forwarder/feed/keys.h"

#define CODES_BYTES 512

struct jsonw *keys_begin(struct keys_feed *f, const char *type, const struct keys_change *c)
{
	const struct organization *org = f->lists.org;
	const struct org_key *k = c->key;
	struct view workspace = view_of(k->workspace_id);
	struct jsonw *w = lists_begin(&f->lists, type, NULL);

	jsonw_member(w, "scope", buf_view(&f->lists.scope));
	jsonw_member_text(w, "api_key_id", k->id);
	jsonw_member_text(w, "name", k->name);
	batch_member(w, "hint", view_of(k->hint));
	jsonw_member_text(w, "status", k->status);
	batch_member(w, "workspace_id", workspace);
	if (k->place == ORG_KEY_IN_WORKSPACE || k->place == ORG_KEY_IN_DEFAULT_WORKSPACE)
		jsonw_member(w, "workspace_name", organization_workspace_name(org, workspace));
	batch_member_time(w, "created_at", k->created_at_s);
	batch_member_time(w, "expires_at", k->expires_at_s);
	batch_member(w, "created_by_id", view_of(k->created_by_id));
	batch_member(w, "created_by_type", view_of(k->created_by_type));
	batch_member(w, "principal_id", view_of(k->principal_id));
	batch_member(w, "principal_type", view_of(k->principal_type));
	return w;
}

/* An event with one more member: what it was before. */
static int tell(struct keys_feed *f, const char *type, const struct keys_change *c, const char *member,
		struct view before, struct err *err)
{
	struct jsonw *w = keys_begin(f, type, c);

	if (member)
		jsonw_member(w, member, before);
	return lists_end(&f->lists, c->id, c->revision, err);
}

static int keep(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	DEFER(buf_done) struct buf codes = BUF_INIT(CODES_BYTES);
	struct jsonw w;

	if (keys_add_codes(&codes, c->codes))
		return err_nomem(err);
	lists_keep(&f->lists, &w, c->revision);
	jsonw_member_text(&w, "id", c->key->id);
	jsonw_member_text(&w, "name", c->key->name);
	jsonw_member_text(&w, "status", c->key->status);
	jsonw_member_text(&w, "workspace_id", c->key->workspace_id);
	jsonw_member_u64(&w, "place", c->key->place);
	batch_member(&w, "created_by_id", view_of(c->key->created_by_id));
	batch_member(&w, "created_by_type", view_of(c->key->created_by_type));
	batch_member(&w, "principal_id", view_of(c->key->principal_id));
	batch_member(&w, "principal_type", view_of(c->key->principal_type));
	if (c->key->created_at_s > 0)
		jsonw_member_u64(&w, "created_at", (uint64_t)c->key->created_at_s);
	if (c->key->expires_at_s > 0)
		jsonw_member_u64(&w, "expires_at", (uint64_t)c->key->expires_at_s);
	jsonw_member(&w, "codes", buf_view(&codes));
	return lists_kept(&f->lists, &w, KEYS_PREFIX, c->id, err);
}

/* --- one key --- */

/* A name that holds a whole key is kept masked, and is no new name for it. */
static int compare_names(struct keys_change *c, struct err *err)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(PAGE_ITEM_BYTES);
	struct view name = view_of(c->key->name);

	if (text_eq(c->name, name))
		return 0;
	if (secret_add_masked_text(&masked, name, VIEW_NONE))
		return err_nomem(err);
	c->is_renamed = !text_eq(c->name, buf_view(&masked));
	return 0;
}

static int add_key(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	struct lists *l = &f->lists;

	buf_clear(&l->message);
	if (buf_addf(&l->message, "API key '%s' (%s) is there, and was not before", c->key->name, c->key->id))
		return err_nomem(err);
	return l->is_known ? tell(f, "key_created", c, NULL, VIEW_NONE, err) : 0;
}

static int tell_name(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	struct buf *message = &f->lists.message;

	if (!c->is_renamed)
		return 0;
	buf_clear(message);
	if (buf_addf(message, "API key %s is called '%s' now, and was called '", c->key->id, c->key->name) ||
	    buf_add(message, c->name) || buf_add_byte(message, '\''))
		return err_nomem(err);
	return tell(f, "key_renamed", c, "previous_name", c->name, err);
}

static int tell_status(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	struct buf *message = &f->lists.message;

	if (text_eq(c->status, view_of(c->key->status)))
		return 0;
	buf_clear(message);
	if (buf_addf(message, "API key '%s' (%s) is %s now, and was ", c->key->name, c->key->id, c->key->status) ||
	    buf_add(message, c->status))
		return err_nomem(err);
	return tell(f, "key_status_changed", c, "previous_status", c->status, err);
}

static int tell_workspace(struct keys_feed *f, const struct keys_change *c, struct err *err)
{
	const struct organization *org = f->lists.org;
	struct buf *message = &f->lists.message;

	if (text_eq(c->workspace_id, view_of(c->key->workspace_id)))
		return 0;
	buf_clear(message);
	if (buf_addf(message, "API key '%s' (%s) is in workspace ", c->key->name, c->key->id) ||
	    buf_add(message, organization_workspace_name(org, view_of(c->key->workspace_id))) ||
	    buf_add_text(message, " now, and was in ") ||
	    buf_add(message, organization_workspace_name(org, c->workspace_id)))
		return err_nomem(err);
	return tell(f, "key_moved", c, "previous_workspace_id", c->workspace_id, err);
}

static bool is_changed(const struct keys_change *c)
{
	return c->codes != c->codes_before || c->is_renamed || !text_eq(c->status, view_of(c->key->status)) ||
	       !text_eq(c->workspace_id, view_of(c->key->workspace_id));
}

/* Of what is kept: texts that hold until the next key. */
static int read_kept(struct keys_feed *f, struct view kept, struct keys_change *c, struct err *err)
{
	struct buf *store = &f->lists.store;

	buf_clear(store);
	c->name = roster_text(kept, "name", store);
	c->status = roster_text(kept, "status", store);
	c->workspace_id = roster_text(kept, "workspace_id", store);
	c->codes_before = keys_codes_of(roster_text(kept, "codes", store));
	return compare_names(c, err);
}

static int set_scope(struct keys_feed *f, const struct org_key *k, struct err *err)
{
	struct buf *scope = &f->lists.scope;

	buf_clear(scope);
	return buf_add_text(scope, "key:") || buf_add(scope, view_sub(view_of(k->name[0] ? k->name : k->id), 0,
								      EVENT_MESSAGE_BYTES / 4))
		       ? err_nomem(err)
		       : 0;
}

static int compare_key(struct keys_feed *f, const struct org_key *k, struct view id, struct view kept, struct err *err)
{
	struct keys_change c = { .key = k,
				 .id = id,
				 .revision = roster_number(kept, "revision") + 1,
				 .codes = keyaudit_check(f->audit, k) };
	bool is_new = !kept.len || roster_is(kept, "gone");

	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++)
		f->counts[i] += c.codes >> i & 1;
	if (!is_new && read_kept(f, kept, &c, err))
		return -1;
	if (!is_new && !is_changed(&c))
		return 0;
	if (set_scope(f, k, err))
		return -1;
	if (is_new ? add_key(f, &c, err)
		   : tell_name(f, &c, err) || tell_status(f, &c, err) || tell_workspace(f, &c, err))
		return -1;
	return keys_tell_policy(f, &c, err) || keep(f, &c, err) ? -1 : 0;
}

static int remove_key(struct keys_feed *f, struct view id, struct view kept, struct err *err)
{
	struct lists *l = &f->lists;
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct view key_id, name;
	struct jsonw *w;

	buf_clear(&l->store);
	key_id = roster_text(kept, "id", &l->store);
	name = roster_text(kept, "name", &l->store);
	buf_clear(&l->message);
	if (buf_add_text(&l->message, "API key '") || buf_add(&l->message, name) || buf_add_text(&l->message, "' (") ||
	    buf_add(&l->message, key_id) || buf_add_text(&l->message, ") is there no more"))
		return err_nomem(err);
	w = lists_begin(l, "key_gone", NULL);
	jsonw_member(w, "api_key_id", key_id);
	batch_member(w, "name", name);
	return lists_end(l, id, revision, err) || lists_keep_gone(l, KEYS_PREFIX, id, revision, err) ? -1 : 0;
}

static int see(void *context, size_t index, struct view id, struct view kept, struct err *err)
{
	struct keys_feed *f = context;
	int status = index == SIZE_MAX ? remove_key(f, id, kept, err)
				       : compare_key(f, &f->lists.org->keys[index], id, kept, err);

	return status ? status : lists_flush(&f->lists, err);
}

int keys_compare(struct keys_feed *f, struct err *err)
{
	const struct organization *org = f->lists.org;
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, KEYS_PREFIX);
	roster.tell = see;
	roster.context = f;
	for (size_t i = 0; i < org->key_count && !status; i++)
		status = roster_add(&roster, view_of(org->keys[i].id), VIEW_NONE, i, err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}
