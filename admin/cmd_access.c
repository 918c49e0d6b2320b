/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl access review: who may do what and why, against the policy; and the record of such reviews. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/access_rows.h"
#include "admin/cmd.h"
#include "admin/review_record.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/govern/directory.h"
#include "common/policy/policy_read.h"
#include "common/sys/file.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"

#define PASSWD_BYTES 16384
#define DAY_S 86400

static const struct column columns[] = {
	{ "subject", "subject" },     { "id", "id" },     { "email", "email" },     { "name", "name" },
	{ "workspace", "workspace" }, { "role", "role" }, { "admin", "admin" },     { "why", "why" },
	{ "since", "since" },         { "code", "code" }, { "message", "message" },
};

static const struct column record_columns[] = {
	{ "file", "file" },       { "records", "records" },         { "intact", "intact" },
	{ "last", "last" },       { "reviewer", "reviewer" },       { "next_due", "next_due" },
	{ "overdue", "overdue" }, { "head_sha256", "head_sha256" }, { "problem", "problem" },
};

/* ---- the policy ---- */

struct rules {
	struct policy *read; /* NULL: policy_standard */
	const struct policy *policy;
	bool has_file;
	unsigned char hash[DIGEST_SHA256_BYTES]; /* of the file */
};

static int read_rules(const struct options *o, struct rules *ret, struct err *err)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(CONF_FILE_BYTES);
	const char *path = policy_find(o->policy, NULL);

	*ret = (struct rules){ .policy = &policy_standard };
	if (!path)
		return 0;
	if (file_read(path, &text, err)) {
		if (err && err->kind == ERR_IO)
			err->kind = ERR_CONFIG;
		return -1;
	}
	ret->read = policy_parse(buf_view(&text), path, err);
	if (!ret->read)
		return -1;
	ret->policy = ret->read;
	ret->has_file = true;
	digest_sha256(buf_view(&text), ret->hash);
	return 0;
}

static void rules_done(struct rules *rules)
{
	policy_free(rules->read);
}

/* ---- a record that is checked ---- */

static int add_time(struct jsonw *w, const char *key, int64_t time_s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NAME_MAX_BYTES);

	if (!time_s)
		return 0;
	if (clock_add_rfc3339(&text, time_s))
		return -1;
	jsonw_member(w, key, buf_view(&text));
	return 0;
}

static int add_verdict(const char *path, const struct review_chain *chain, const struct err *why, bool is_overdue,
		       struct buf *row)
{
	DEFER(buf_done) struct buf head = BUF_INIT(NAME_MAX_BYTES);
	struct jsonw w;

	jsonw_init(&w, row, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "file", path);
	jsonw_member_u64(&w, "records", chain->count);
	jsonw_key(&w, "intact");
	jsonw_bool(&w, why->kind == ERR_NONE);
	if (add_time(&w, "first", chain->first_s) || add_time(&w, "last", chain->last_s))
		return -1;
	if (chain->reviewer.len)
		jsonw_member(&w, "reviewer", buf_view(&chain->reviewer));
	if (add_time(&w, "next_due", chain->due_s))
		return -1;
	jsonw_key(&w, "overdue");
	jsonw_bool(&w, is_overdue);
	if (digest_add_hex(&head, chain->head, sizeof(chain->head)))
		return -1;
	jsonw_member(&w, "head_sha256", buf_view(&head));
	if (why->kind != ERR_NONE)
		jsonw_member_text(&w, "problem", why->text);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

/* When the next review is due: the earlier day of the one that the last record says and the one that the policy of
 * today makes of it, so that a policy that was loosened since makes up for no review. 0: never. */
static int64_t due_of(const struct review_chain *chain, const struct rules *rules)
{
	uint64_t every_s = rules->policy->access.review_every_s;
	int64_t due_s;

	if (!chain->count || !rules->has_file || !every_s)
		return chain->due_s;
	due_s = chain->last_s + (int64_t)every_s;
	return chain->due_s && chain->due_s < due_s ? chain->due_s : due_s;
}

/* Whether a review is due that is not there; a record without any is overdue wherever reviews are wanted. */
static bool is_due(const struct review_chain *chain, const struct rules *rules, int64_t now_s)
{
	return chain->count ? chain->due_s && chain->due_s < now_s : rules->policy->access.review_every_s != 0;
}

static void say_due(const struct review_chain *chain, bool is_overdue, int64_t now_s)
{
	DEFER(buf_done) struct buf date = BUF_INIT(NAME_MAX_BYTES);
	const int64_t due_s = chain->due_s;
	long long days = (long long)((now_s - due_s) / DAY_S);

	if (!chain->count && is_overdue)
		log_warn("no review is recorded, and the policy wants one");
	if (!due_s || clock_add_rfc3339(&date, due_s))
		return;
	if (due_s >= now_s)
		log_info("the next review is due by %s", date.ptr);
	else if (days)
		log_warn("a review was due by %s: it is overdue by %lld %s", date.ptr, days,
			 days == 1 ? "day" : "days");
	else
		log_warn("a review was due by %s: it is overdue", date.ptr);
}

static int verify_record(struct session *s, const struct rules *rules, struct err *err)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	DEFER(buf_done) struct buf row = BUF_INIT(JSON_RECORD_BYTES);
	const int64_t now_s = clock_unix_s();
	struct err why = ERR_INIT;
	bool is_overdue;

	if (review_check_file(s->o->verify_record, &chain, &why) && why.kind != ERR_FORMAT)
		return err_set(err, why.kind == ERR_IO ? ERR_USAGE : why.kind, 0, "%s", why.text);
	chain.due_s = due_of(&chain, rules);
	is_overdue = is_due(&chain, rules, now_s);
	if (add_verdict(s->o->verify_record, &chain, &why, is_overdue, &row))
		return err_nomem(err);
	if (session_print(s, API_OPERATIONS, record_columns, ARRAY_LEN(record_columns), buf_view(&row), err))
		return -1;
	if (why.kind == ERR_FORMAT)
		log_error("%s", why.text);
	say_due(&chain, is_overdue, now_s);
	return why.kind == ERR_FORMAT || is_overdue ? EXIT_PROBLEMS : EXIT_DONE;
}

/* ---- the review ---- */

/* What the dialect can tell: cca knows who is in a workspace, but no roles there, and lists neither workspaces nor
 * keys. */
static struct directory *read_directory(struct session *s, struct access_seen *seen, struct err *err)
{
	const unsigned people = DIRECTORY_USERS | DIRECTORY_INVITES | DIRECTORY_MEMBERS;
	struct err lacks = ERR_INIT;

	*seen = (struct access_seen){ .members = true, .keys = session_route(s, API_KEY_LIST, &lacks) != NULL };
	if (seen->keys)
		return directory_read(s->api, people | DIRECTORY_ORG | DIRECTORY_WORKSPACES | DIRECTORY_KEYS, err);
	log_info("the dialect %s tells no roles in workspaces, no workspaces and no keys: the review is without them",
		 api_dialect_names[s->profile.dialect]);
	return directory_read(s->api, people, err);
}

static int print_row(const struct session *s, const struct access_review *review, const struct access_row *row,
		     struct view object, struct output *out, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	if (s->o->format != OUTPUT_TABLE && s->o->format != OUTPUT_CSV)
		return output_row(out, object, err);
	return access_add_object(review, row, true, &text, err) || output_row(out, buf_view(&text), err) ? -1 : 0;
}

/* Prints what --show names, and hashes all of it. The number of violations shown, or -1. */
static int print_rows(const struct session *s, const struct access_review *review, struct output *out,
		      struct digest_sha256 *listing, struct err *err)
{
	DEFER(buf_done) struct buf object = BUF_INIT(JSON_RECORD_BYTES);
	int violations = 0;

	for (size_t i = 0; i < review->row_count; i++) {
		const struct access_row *row = &review->rows[i];
		int shows = access_shows(row, s->o->show, err);

		buf_clear(&object);
		if (shows < 0 || access_add_object(review, row, false, &object, err))
			return -1;
		digest_sha256_add(listing, buf_view(&object));
		digest_sha256_add(listing, VIEW("\n"));
		if (!shows)
			continue;
		violations |= access_is_violation(row);
		if (print_row(s, review, row, buf_view(&object), out, err) ||
		    (out->pending.len >= OUTPUT_WRITE_BYTES && output_flush(out, err)))
			return -1;
	}
	return output_end(out, err) ? -1 : violations;
}

static int print_review(const struct session *s, const struct access_review *review,
			unsigned char listing[static DIGEST_SHA256_BYTES], struct err *err)
{
	const struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	DEFER(output_done) struct output out = { .fd = -1 };
	struct digest_sha256 digest;
	int violations;

	session_output(s, &out, &shape);
	digest_sha256_init(&digest);
	violations = print_rows(s, review, &out, &digest, err);
	digest_sha256_end(&digest, listing);
	return violations;
}

static void say_counts(const struct access_review *review)
{
	const struct access_counts *n = &review->counts;
	bool has_keys = review->seen.keys;
	const struct {
		size_t count;
		const char *what; /* one of them */
		bool is_told;
	} parts[] = {
		{ n->admins, "admin", true },
		{ n->open_invites, "open invitation", true },
		{ n->workspaces, "workspace", has_keys },
		{ n->members, "membership", true },
		{ n->keys, "active key", has_keys },
		{ n->service_accounts, "service account", has_keys },
	};
	DEFER(buf_done) struct buf text = BUF_INIT(LOG_LINE_BYTES);

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].is_told &&
		    buf_addf(&text, ", %zu %s%s", parts[i].count, parts[i].what, text_plural(parts[i].count)))
			break; /* as many as there is room for */
	log_info("%zu %s%s; %zu violation%s, %zu note%s", n->people, n->people == 1 ? "person" : "people",
		 text.ptr ? text.ptr : "", n->violations, text_plural(n->violations), n->notes, text_plural(n->notes));
}

/* Whoever is logged in, unless --reviewer says another. */
static int find_reviewer(const struct options *o, struct buf *ret, struct err *err)
{
	DEFER(freep) char *room = malloc(PASSWD_BYTES);
	struct passwd entry, *found = NULL;

	if (!room)
		return err_nomem(err);
	if (o->reviewer)
		return text_add_clean(ret, view_of(o->reviewer)) ? err_nomem(err) : 0;
	if (getpwuid_r(getuid(), &entry, room, PASSWD_BYTES, &found) == 0 && found && *entry.pw_name)
		return text_add_clean(ret, view_of(entry.pw_name)) ? err_nomem(err) : 0;
	return err_set(err, ERR_USAGE, 0, "who is logged in is not known: --reviewer was expected");
}

static int record_review(const struct session *s, const struct access_review *review, const struct rules *rules,
			 struct review_entry *entry, struct err *err)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	DEFER(buf_done) struct buf reviewer = BUF_INIT(REVIEW_RECORD_BYTES), head = BUF_INIT(NAME_MAX_BYTES);

	if (find_reviewer(s->o, &reviewer, err))
		return -1;
	if (s->o->dry_run) {
		log_info("a dry run: nothing was added to '%s'", s->o->record);
		return 0;
	}
	entry->reviewer = reviewer.ptr;
	entry->organization_id = review->org->id;
	entry->organization = review->org->name;
	entry->counts = &review->counts;
	entry->seen = review->seen;
	entry->review_every_s = rules->policy->access.review_every_s;
	entry->has_policy_file = rules->has_file;
	memcpy(entry->policy, rules->hash, sizeof(entry->policy));
	if (review_append(s->o->record, entry, &chain, err))
		return -1;
	if (digest_add_hex(&head, chain.head, sizeof(chain.head)))
		return err_nomem(err);
	log_info("recorded as review %llu in '%s', SHA-256 %s: note it elsewhere", (unsigned long long)chain.count,
		 s->o->record, head.ptr);
	say_due(&chain, false, chain.last_s);
	return 0;
}

/* Before anything is sent: what cannot be appended to is no place for a review. */
static int check_record(const struct options *o, const struct rules *rules, struct err *err)
{
	DEFER(review_chain_done) struct review_chain chain = REVIEW_CHAIN_INIT;
	const int64_t now_s = clock_unix_s();
	struct err why = ERR_INIT;

	if (o->show)
		return err_set(err, ERR_USAGE, 0, "--record is of the whole review: --show cannot be given with it");
	if (review_check_file(o->record, &chain, &why)) {
		if (why.kind == ERR_IO && why.errnum == ENOENT)
			return 0;
		return err_set(err, why.kind == ERR_NOMEM ? ERR_NOMEM : ERR_CONFIG, 0, "%s%s", why.text,
			       why.kind == ERR_FORMAT ? "; nothing is recorded behind that" : "");
	}
	chain.due_s = due_of(&chain, rules);
	if (chain.due_s && chain.due_s < now_s)
		say_due(&chain, true, now_s);
	return 0;
}

static int review(struct session *s, const struct rules *rules, struct err *err)
{
	DEFER(directory_freep) struct directory *directory = NULL;
	DEFER(access_done) struct access_review review = { .org = NULL };
	struct review_entry entry = { .time_s = 0 };
	struct access_seen seen;
	int violations;

	session_reading(s);
	directory = read_directory(s, &seen, err);
	if (!directory || directory_ask_people(directory, err) ||
	    access_make(&review, directory_get(directory), rules->policy, &seen, clock_unix_s(), err))
		return -1;
	session_has_read(s);
	violations = print_review(s, &review, entry.listing, err);
	if (violations < 0)
		return -1;
	say_counts(&review);
	if (s->o->record && record_review(s, &review, rules, &entry, err))
		return -1;
	return violations ? EXIT_PROBLEMS : EXIT_DONE;
}

int cmd_access_review(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(rules_done) struct rules rules = { .read = NULL };
	const struct access_row any = { .subject = ACCESS_OF_ORGANIZATION };

	if (session_args(NULL, 0, count, err) || access_shows(&any, s->o->show, err) < 0 ||
	    read_rules(s->o, &rules, err))
		return -1;
	if (s->o->record && s->o->verify_record)
		return err_set(err, ERR_USAGE, 0,
			       "--record makes a review and --verify-record looks at those there are: "
			       "one of them was expected");
	if (s->o->verify_record)
		return verify_record(s, &rules, err);
	if (s->o->record && check_record(s->o, &rules, err))
		return -1;
	return review(s, &rules, err);
}
