/* SPDX-License-Identifier: Apache-2.0 */
/* What about people, invitations and members breaks the policy. */
#include <inttypes.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/access.h"

#define FINDINGS "finding/"
#define OF_ORGANIZATION "organization"

/* Of each code, by whom it is about. */
static const char *type_of(const struct access_row *row, unsigned code)
{
	switch ((enum access_code)code) {
	case ACCESS_TOO_MANY_ADMINS:
		return "access_too_many_admins";
	case ACCESS_EMAIL_DOMAIN:
		return row->subject == ACCESS_OF_INVITE ? "invite_outside_domains" : "user_outside_domains";
	case ACCESS_INVITE_OPEN:
		return "invite_open_too_long";
	default:
		return "access_noncompliant";
	}
}

static const char *id_member_of(enum access_subject subject)
{
	return subject == ACCESS_OF_INVITE            ? "invite_id"
	       : subject == ACCESS_OF_SERVICE_ACCOUNT ? "service_account_id"
						      : "user_id";
}

static int add_scope(struct buf *scope, const struct access_row *row, const struct access_facts *facts)
{
	if (row->subject == ACCESS_OF_ORGANIZATION)
		return buf_add_text(scope, OF_ORGANIZATION);
	if (buf_addf(scope, "%s:", access_subject_names[row->subject]))
		return -1;
	return buf_add(scope, view_sub(facts->email.len ? facts->email : facts->id, 0, EVENT_MESSAGE_BYTES / 4));
}

static int tell(struct access_feed *f, const struct access_row *row, unsigned code, struct view key, uint64_t revision,
		struct err *err)
{
	struct lists *l = &f->lists;
	DEFER(buf_done) struct buf scope = BUF_INIT(EVENT_MESSAGE_BYTES);
	struct access_facts facts;
	struct jsonw *w;

	access_facts(&f->review, row, &facts);
	buf_clear(&l->message);
	if (access_add_text(&f->review, row, (enum access_code)code, &l->message) || add_scope(&scope, row, &facts))
		return err_nomem(err);
	w = lists_begin(l, type_of(row, code), NULL);
	jsonw_member(w, "scope", buf_view(&scope));
	jsonw_key(w, "violations");
	jsonw_array(w);
	jsonw_string(w, view_of(access_codes[code]));
	jsonw_end(w);
	if (row->subject != ACCESS_OF_ORGANIZATION)
		batch_member(w, id_member_of(row->subject), facts.id);
	batch_member(w, "email", facts.email);
	batch_member(w, "role", facts.role);
	batch_member(w, "workspace_id", facts.workspace_id);
	batch_member_time(w, "since", facts.since_s);
	if (row->subject == ACCESS_OF_ORGANIZATION)
		jsonw_member_u64(w, "admins", row->count);
	return lists_end(l, key, revision, err);
}

/* Rows and codes by one number. */
static size_t index_of(size_t row, unsigned code)
{
	return row * ACCESS_CODES + code;
}

static int keep(struct lists *l, struct view key, const struct access_row *row, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_member_u64(&w, "count", row->count);
	return lists_kept(l, &w, FINDINGS, key, err);
}

static int tell_over(struct lists *l, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw *w;

	buf_clear(&l->message);
	if (buf_add_text(&l->message, "the policy is kept again: ") || buf_add(&l->message, key))
		return err_nomem(err);
	w = lists_begin(l, "policy_kept", NULL);
	jsonw_member(w, "finding", key);
	return lists_end(l, key, revision, err) || lists_keep_gone(l, FINDINGS, key, revision, err) ? -1 : 0;
}

static int see(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	struct lists *l = &f->lists;
	uint64_t revision = roster_number(kept, "revision") + 1;
	const struct access_row *row;
	int status;

	if (index == SIZE_MAX) {
		status = tell_over(l, key, revision, err);
		return status ? status : lists_flush(l, err);
	}
	row = &f->review.rows[index / ACCESS_CODES];
	/* One more admin is news even where there were too many before. */
	if (kept.len && !roster_is(kept, "gone") && row->count <= roster_number(kept, "count"))
		return 0;
	status = tell(f, row, (unsigned)(index % ACCESS_CODES), key, revision, err) || keep(l, key, row, revision, err)
			 ? -1
			 : 0;
	return status ? status : lists_flush(l, err);
}

static int add_row(struct access_feed *f, struct roster *roster, size_t i, struct err *err)
{
	const struct access_row *row = &f->review.rows[i];
	struct access_facts facts;

	access_facts(&f->review, row, &facts);
	for (unsigned code = 0; code < ACCESS_NOTES; code++) {
		DEFER(buf_done) struct buf what = BUF_INIT(PAGE_ITEM_KEY_BYTES);

		if (!(row->codes & UINT32_C(1) << code))
			continue;
		if (buf_addf(&what, "%s-%s", access_subject_names[row->subject], access_codes[code]) ||
		    (facts.workspace_id.len && batch_add_id(&what, facts.workspace_id)))
			return err_nomem(err);
		if (roster_add(roster, buf_view(&what), facts.id.len ? facts.id : VIEW(OF_ORGANIZATION),
			       index_of(i, code), err))
			return -1;
	}
	return 0;
}

int access_findings_compare(struct access_feed *f, struct err *err)
{
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, FINDINGS);
	roster.tell = see;
	roster.context = f;
	for (size_t i = 0; i < f->review.row_count && !status; i++)
		status = add_row(f, &roster, i, err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}
