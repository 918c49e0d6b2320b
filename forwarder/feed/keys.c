/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/keys.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"

#define PARTS (DIRECTORY_KEYS | DIRECTORY_USERS | DIRECTORY_WORKSPACES)

static void keys_close(void *feed)
{
	struct keys_feed *f = feed;

	keyaudit_free(f->audit);
	keyuse_done(&f->use);
	lists_done(&f->lists);
	free(f);
}

static void *keys_open(const struct feed_env *env, struct err *err)
{
	struct keys_feed *f = calloc(1, sizeof(*f));

	if (!f) {
		err_nomem(err);
		return NULL;
	}
	if (lists_init(&f->lists, env, err) == 0)
		return f;
	keys_close(f);
	return NULL;
}

/* --- a poll --- */

static int read_use(struct keys_feed *f, struct keyaudit_input *input, struct err *err)
{
	struct lists *l = &f->lists;
	int64_t from_s = keyaudit_unused_from(l->policy, l->org, l->now_s);

	keyuse_done(&f->use);
	f->use = (struct keyuse){ .ids = NULL };
	if (from_s == INT64_MAX)
		return 0;
	if (keyuse_read(l->env.api, from_s, l->now_s, &f->use, err))
		return -1;
	input->used = f->use.ids;
	input->used_count = f->use.count;
	return 0;
}

static int read_all(struct keys_feed *f, struct err *err)
{
	static const char *const none[1];
	struct keyaudit_input input = { .policy = f->lists.policy };

	if (lists_read(&f->lists, PARTS, err) || keys_complete(f, err))
		return -1;
	input.org = f->lists.org;
	input.now_s = f->lists.now_s;
	if (read_use(f, &input, err))
		return -1;
	/* That no key at all was used is known as well. */
	if (!input.used && keyaudit_unused_from(input.policy, input.org, input.now_s) != INT64_MAX)
		input.used = none;
	keyaudit_free(f->audit);
	f->audit = keyaudit_new(&input, err);
	memset(f->counts, 0, sizeof(f->counts));
	return f->audit ? 0 : -1;
}

/* --- the baseline --- */

static uint64_t count_active(const struct lists *l)
{
	uint64_t active = 0;

	for (size_t i = 0; i < l->org->key_count; i++)
		active += keyaudit_judges(&l->org->keys[i], l->now_s);
	return active;
}

static int tell_inventory(struct keys_feed *f, struct err *err)
{
	struct lists *l = &f->lists;
	uint64_t active = count_active(l);
	struct jsonw *w;

	buf_clear(&l->message);
	if (buf_addf(&l->message, "the organization has %zu API keys, %llu of them active", l->org->key_count,
		     (unsigned long long)active))
		return err_nomem(err);
	w = lists_begin(l, "keys_inventory", NULL);
	jsonw_member_u64(w, "keys", l->org->key_count);
	jsonw_member_u64(w, "active", active);
	jsonw_key(w, "codes");
	jsonw_object(w);
	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++)
		if (f->counts[i])
			jsonw_member_u64(w, keyaudit_code(i), f->counts[i]);
	jsonw_end(w);
	return lists_end(l, VIEW("baseline"), 1, err);
}

static int compare(struct keys_feed *f, struct err *err)
{
	int status = lists_keep_workspaces(&f->lists, err);

	if (!status)
		status = keys_compare(f, err);
	if (!status && !f->lists.is_known)
		status = tell_inventory(f, err);
	return status ? status : lists_store(&f->lists, err);
}

static void measure(const struct keys_feed *f)
{
	const struct feed_out *out = f->lists.env.out;

	for (unsigned i = 0; i < KEYAUDIT_VIOLATIONS; i++)
		out->measured(out->context, f->lists.env.settings->name, FEED_VIOLATIONS, keyaudit_code(i), NULL,
			      (double)f->counts[i]);
}

static int keys_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct keys_feed *f = feed;
	int status = turn_begin(&f->lists.turn, &f->lists.batch, ret_wait_ms, err);

	if (status <= 0)
		return status;
	status = read_all(f, err) ? -1 : compare(f, err);
	if (!status)
		measure(f);
	return turn_end(&f->lists.turn, status, 0, ret_wait_ms, err);
}

static int keys_check(void *feed, struct buf *report, struct err *err)
{
	struct keys_feed *f = feed;
	const struct turn *t = &f->lists.turn;
	size_t broken = 0;

	if (read_all(f, err))
		return -1;
	for (size_t i = 0; i < f->lists.org->key_count; i++)
		broken += keyaudit_check(f->audit, &f->lists.org->keys[i]) != 0;
	if (turn_add_line(report, t, "the credential is accepted") ||
	    turn_add_line(report, t,
			  "holds what changes about %zu API keys (%llu active), and what of it breaks the policy (%zu "
			  "keys now); never a key",
			  f->lists.org->key_count, (unsigned long long)count_active(&f->lists), broken) ||
	    turn_add_line(report, t, "a feed that is new tells what is there as one inventory first"))
		return err_nomem(err);
	return 0;
}

const struct feed_ops feed_keys = {
	.type = "keys", .open = keys_open, .poll = keys_poll, .check = keys_check, .close = keys_close
};
