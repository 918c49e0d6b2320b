/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/access_rows.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/sys/jsonw.h"
#include "common/sys/opt_value.h"

#define VIOLATIONS ((UINT32_C(1) << ACCESS_NOTES) - 1)

bool access_is_violation(const struct access_row *row)
{
	return row->codes & VIOLATIONS;
}

static bool shows_all(const struct access_row *)
{
	return true;
}

static bool shows_people(const struct access_row *row)
{
	return row->subject == ACCESS_OF_USER || row->subject == ACCESS_OF_MEMBER;
}

/* How many they are is a matter of the organisation's row. */
static bool shows_admins(const struct access_row *row)
{
	return row->is_admin || (row->subject == ACCESS_OF_ORGANIZATION && access_is_violation(row));
}

static bool shows_invites(const struct access_row *row)
{
	return row->subject == ACCESS_OF_INVITE && !(row->codes & UINT32_C(1) << ACCESS_INVITE_EXPIRED);
}

static bool shows_service_accounts(const struct access_row *row)
{
	return row->subject == ACCESS_OF_SERVICE_ACCOUNT;
}

static bool shows_findings(const struct access_row *row)
{
	return row->codes;
}

int access_shows(const struct access_row *row, const char *show, struct err *err)
{
	static const struct {
		const char *word;
		bool (*shows)(const struct access_row *row);
	} table[] = {
		{ "all", shows_all },
		{ "people", shows_people },
		{ "admins", shows_admins },
		{ "invites", shows_invites },
		{ "service-accounts", shows_service_accounts },
		{ "findings", shows_findings },
		{ "violations", access_is_violation },
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!show || strcmp(show, table[i].word) == 0)
			return table[i].shows(row);
	return opt_refuse_word("show", ACCESS_SHOW_WORDS, show, err);
}

static void put(struct jsonw *w, const char *key, struct view text)
{
	if (text.len)
		jsonw_member(w, key, text);
}

static void put_findings(struct jsonw *w, const char *key, const struct access_review *review,
			 const struct access_row *row, unsigned from, unsigned to)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	jsonw_key(w, key);
	jsonw_array(w);
	for (unsigned code = from; code < to; code++) {
		if (!(row->codes & UINT32_C(1) << code))
			continue;
		buf_clear(&text);
		w->failed |= access_add_text(review, row, (enum access_code)code, &text) != 0;
		jsonw_object(w);
		jsonw_member_text(w, "code", access_codes[code]);
		jsonw_member(w, "message", buf_view(&text));
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* All of them in two cells: "email-domain,unknown-role", and "the address ...; what ...". */
static void put_texts(struct jsonw *w, const struct access_review *review, const struct access_row *row)
{
	DEFER(buf_done) struct buf codes = BUF_INIT(JSON_RECORD_BYTES), text = BUF_INIT(JSON_RECORD_BYTES);

	for (unsigned code = 0; code < ACCESS_CODES; code++)
		if (row->codes & UINT32_C(1) << code)
			w->failed |= buf_addf(&codes, "%s%s", codes.len ? "," : "", access_codes[code]) ||
				     buf_add_text(&text, text.len ? "; " : "") ||
				     access_add_text(review, row, (enum access_code)code, &text);
	jsonw_member(w, "code", buf_view(&codes));
	jsonw_member(w, "message", buf_view(&text));
}

static void put_words(struct jsonw *w, const struct access_review *review, const struct access_row *row,
		      int64_t since_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	w->failed |= access_add_why(review, row, &text) != 0;
	put(w, "why", buf_view(&text));
	buf_clear(&text);
	if (since_s) {
		w->failed |= clock_add_rfc3339(&text, since_s) != 0;
		jsonw_member(w, "since", buf_view(&text));
	}
}

int access_add_object(const struct access_review *review, const struct access_row *row, bool with_text, struct buf *buf,
		      struct err *err)
{
	struct access_facts facts;
	struct jsonw w;

	access_facts(review, row, &facts);
	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "subject", access_subject_names[row->subject]);
	put(&w, "id", facts.id);
	put(&w, "email", facts.email);
	put(&w, "name", facts.name);
	put(&w, "workspace_id", facts.workspace_id);
	put(&w, "workspace", facts.workspace);
	put(&w, "role", facts.role);
	jsonw_key(&w, "admin");
	jsonw_bool(&w, row->is_admin);
	put_words(&w, review, row, facts.since_s);
	put_findings(&w, "violations", review, row, 0, ACCESS_NOTES);
	put_findings(&w, "notes", review, row, ACCESS_NOTES, ACCESS_CODES);
	if (with_text)
		put_texts(&w, review, row);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : err_nomem(err);
}
