/* SPDX-License-Identifier: Apache-2.0 */
/* What about people, invitations and members breaks the policy. Of each finding is kept, beside its revision: "subject"
 * (whom it is about, in words), "scope", "code", "id", "email", "workspace_id" as its event told them, and "count". */
#include <inttypes.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/access.h"

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

/* "member ann@example.com of workspace ml-prod" */
static int add_subject(struct buf *text, const struct access_row *row, const struct access_facts *facts)
{
	struct view who = facts->email.len ? facts->email : facts->id;

	switch (row->subject) {
	case ACCESS_OF_ORGANIZATION:
		return buf_add_text(text, "the organization");
	case ACCESS_OF_INVITE:
		return buf_add_text(text, "the invitation of ") || text_add_clean(text, who) ? -1 : 0;
	default:
		break;
	}
	if (buf_addf(text, "%s ", access_subject_names[row->subject]) || text_add_clean(text, who))
		return -1;
	if (!facts->workspace.len)
		return 0;
	return buf_add_text(text, " of workspace ") || text_add_clean(text, facts->workspace) ? -1 : 0;
}

/* One finding in words. */
struct told {
	const struct access_row *row;
	enum access_code code;
	struct access_facts facts;
	struct buf subject, scope;
};

static void told_done(struct told *t)
{
	buf_done(&t->subject);
	buf_done(&t->scope);
}

static int read_told(const struct access_feed *f, size_t index, struct told *ret, struct err *err)
{
	*ret = (struct told){ .row = &f->review.rows[index / ACCESS_CODES],
			      .code = (enum access_code)(index % ACCESS_CODES),
			      .subject = BUF_INIT(4 * EVENT_MESSAGE_BYTES),
			      .scope = BUF_INIT(EVENT_MESSAGE_BYTES) };
	access_facts(&f->review, ret->row, &ret->facts);
	return add_subject(&ret->subject, ret->row, &ret->facts) || add_scope(&ret->scope, ret->row, &ret->facts)
		       ? err_nomem(err)
		       : 0;
}

static void write_code(struct jsonw *w, const char *member, struct view code)
{
	jsonw_key(w, member);
	jsonw_array(w);
	jsonw_string(w, code);
	jsonw_end(w);
}

static int tell(struct access_feed *f, const struct told *t, struct view key, uint64_t revision, struct err *err)
{
	struct lists *l = &f->lists;
	struct jsonw *w;

	buf_clear(&l->message);
	if (buf_add(&l->message, buf_view(&t->subject)) || buf_add_text(&l->message, ": ") ||
	    access_add_text(&f->review, t->row, t->code, &l->message))
		return err_nomem(err);
	w = lists_begin(l, type_of(t->row, t->code), NULL);
	jsonw_member(w, "scope", buf_view(&t->scope));
	write_code(w, "violations", view_of(access_codes[t->code]));
	if (t->row->subject != ACCESS_OF_ORGANIZATION)
		batch_member(w, id_member_of(t->row->subject), t->facts.id);
	batch_member(w, "email", t->facts.email);
	batch_member(w, "role", t->facts.role);
	batch_member(w, "workspace_id", t->facts.workspace_id);
	batch_member(w, "workspace_name", t->facts.workspace);
	batch_member_time(w, "since", t->facts.since_s);
	if (t->row->subject == ACCESS_OF_ORGANIZATION)
		jsonw_member_u64(w, "admins", t->row->count);
	return lists_end(l, key, revision, err);
}

/* Rows and codes by one number. */
static size_t index_of(size_t row, unsigned code)
{
	return row * ACCESS_CODES + code;
}

static int keep(struct lists *l, const struct told *t, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_member(&w, "subject", buf_view(&t->subject));
	jsonw_member(&w, "scope", buf_view(&t->scope));
	jsonw_member_text(&w, "code", access_codes[t->code]);
	jsonw_member(&w, "id", t->facts.id);
	batch_member(&w, "email", t->facts.email);
	batch_member(&w, "workspace_id", t->facts.workspace_id);
	jsonw_member_u64(&w, "count", t->row->count);
	return lists_kept(l, &w, ACCESS_FINDINGS, key, err);
}

/* The subject may be gone, and then nothing but this tells who it was. */
static int tell_over(struct lists *l, struct view key, struct view kept, uint64_t revision, struct err *err)
{
	struct view subject, code;
	struct jsonw *w;

	buf_clear(&l->store);
	buf_clear(&l->message);
	subject = roster_text(kept, "subject", &l->store);
	code = roster_text(kept, "code", &l->store);
	if (buf_add(&l->message, subject) || buf_add_text(&l->message, " no longer breaks the policy (") ||
	    buf_add(&l->message, code) || buf_add_byte(&l->message, ')'))
		return err_nomem(err);
	w = lists_begin(l, "policy_kept", NULL);
	jsonw_member(w, "scope", roster_text(kept, "scope", &l->store));
	write_code(w, "resolved", code);
	batch_member(w, "email", roster_text(kept, "email", &l->store));
	batch_member(w, "workspace_id", roster_text(kept, "workspace_id", &l->store));
	return lists_end(l, key, revision, err) || lists_keep_gone(l, ACCESS_FINDINGS, key, revision, err) ? -1 : 0;
}

static int see_one(struct access_feed *f, size_t index, struct view key, struct view kept, struct err *err)
{
	const struct access_row *row = &f->review.rows[index / ACCESS_CODES];
	uint64_t revision = roster_number(kept, "revision") + 1;
	DEFER(told_done) struct told told = { .row = row };

	/* One more admin is news even where there were too many before. */
	if (kept.len && !roster_is(kept, "gone") && row->count <= roster_number(kept, "count"))
		return 0;
	return read_told(f, index, &told, err) || tell(f, &told, key, revision, err) ||
			       keep(&f->lists, &told, key, revision, err)
		       ? -1
		       : 0;
}

static int see(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	int status = index == SIZE_MAX ? tell_over(&f->lists, key, kept, roster_number(kept, "revision") + 1, err)
				       : see_one(f, index, key, kept, err);

	return status ? status : lists_flush(&f->lists, err);
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

	roster_init(&roster, ACCESS_FINDINGS);
	roster.tell = see;
	roster.context = f;
	for (size_t i = 0; i < f->review.row_count && !status; i++)
		status = add_row(f, &roster, i, err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}
