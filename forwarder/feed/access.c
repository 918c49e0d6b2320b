/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/access.h"

#include <stdlib.h>

#include "common/base/bounds.h"

#define PARTS (DIRECTORY_USERS | DIRECTORY_INVITES | DIRECTORY_WORKSPACES | DIRECTORY_MEMBERS)

static void access_close(void *feed)
{
	struct access_feed *f = feed;

	access_done(&f->review);
	lists_done(&f->lists);
	free(f);
}

static void *access_open(const struct feed_env *env, struct err *err)
{
	struct access_feed *f = calloc(1, sizeof(*f));

	if (!f) {
		err_nomem(err);
		return NULL;
	}
	if (lists_init(&f->lists, env, err) == 0)
		return f;
	access_close(f);
	return NULL;
}

/* --- the baseline --- */

static void write_codes(struct jsonw *w, const struct access_counts *counts)
{
	jsonw_key(w, "codes");
	jsonw_object(w);
	for (unsigned i = 0; i < ACCESS_NOTES; i++)
		if (counts->codes[i])
			jsonw_member_u64(w, access_codes[i], counts->codes[i]);
	jsonw_end(w);
}

static int tell_inventory(struct access_feed *f, struct err *err)
{
	const struct access_counts *counts = &f->review.counts;
	struct lists *l = &f->lists;
	struct jsonw *w;

	buf_clear(&l->message);
	if (buf_addf(&l->message,
		     "the organization has %zu users (%zu admins), %zu open invitations and %zu workspaces with %zu "
		     "members; %zu of it break the policy",
		     counts->people, counts->admins, counts->open_invites, counts->workspaces, counts->members,
		     counts->violations))
		return err_nomem(err);
	w = lists_begin(l, "access_inventory", NULL);
	jsonw_member_u64(w, "users", counts->people);
	jsonw_member_u64(w, "admins", counts->admins);
	jsonw_member_u64(w, "open_invites", counts->open_invites);
	jsonw_member_u64(w, "workspaces", counts->workspaces);
	jsonw_member_u64(w, "members", counts->members);
	write_codes(w, counts);
	return lists_end(l, VIEW("baseline"), 1, err);
}

/* --- a poll --- */

static int read_all(struct access_feed *f, struct err *err)
{
	const struct access_seen seen = { .members = true };

	access_done(&f->review);
	if (lists_read(&f->lists, PARTS, err) || access_complete(f, err))
		return -1;
	return access_make(&f->review, f->lists.org, f->lists.policy, &seen, f->lists.now_s, err);
}

static int compare(struct access_feed *f, struct err *err)
{
	int status = lists_keep_workspaces(&f->lists, err);

	if (!status)
		status = access_people_compare(f, err);
	if (!status)
		status = access_invites_compare(f, err);
	if (!status)
		status = access_members_compare(f, err);
	if (!status)
		status = access_findings_compare(f, err);
	if (!status && !f->lists.is_known)
		status = tell_inventory(f, err);
	return status ? status : lists_store(&f->lists, err);
}

static void measure(const struct access_feed *f)
{
	const struct feed_out *out = f->lists.env.out;

	/* Keys are the keys feed's: of them nothing was read here. */
	for (unsigned i = 0; i < ACCESS_NOTES; i++)
		if (i != ACCESS_CREATOR_GONE)
			out->measured(out->context, f->lists.env.settings->name, FEED_VIOLATIONS, access_codes[i], NULL,
				      (double)f->review.counts.codes[i]);
}

static int access_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct access_feed *f = feed;
	int status = turn_begin(&f->lists.turn, &f->lists.batch, ret_wait_ms, err);

	if (status <= 0)
		return status;
	status = read_all(f, err) ? -1 : compare(f, err);
	if (!status)
		measure(f);
	return turn_end(&f->lists.turn, status, 0, ret_wait_ms, err);
}

static int access_check(void *feed, struct buf *report, struct err *err)
{
	struct access_feed *f = feed;
	const struct turn *t = &f->lists.turn;

	if (read_all(f, err))
		return -1;
	if (turn_add_line(report, t, "the credential is accepted") ||
	    turn_add_line(report, t,
			  "holds what changes about %zu users, %zu open invitations and %zu members of workspaces, "
			  "and what of it breaks the policy (%zu now)",
			  f->review.counts.people, f->review.counts.open_invites, f->review.counts.members,
			  f->review.counts.violations) ||
	    turn_add_line(report, t, "a feed that is new tells what is there as one inventory first"))
		return err_nomem(err);
	return 0;
}

const struct feed_ops feed_access = {
	.type = "access", .open = access_open, .poll = access_poll, .check = access_check, .close = access_close
};
