/* SPDX-License-Identifier: Apache-2.0 */
/* skant receive: a server's pre-receive hook. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/gitrun.h"
#include "scanner/source/git/pushline.h"
#include "scanner/source/git/received.h"
#include "scanner/source/git/refs.h"

#define INPUT_BYTES (64u << 20)

struct push {
	struct received_ref *refs;
	size_t count, cap;
};

static void push_done(struct push *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->refs[i].name);
	free(p->refs);
}

static int add_ref(struct push *p, const struct oid *id, struct view name)
{
	if (p->count == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 16;
		struct received_ref *grown = reallocarray(p->refs, cap, sizeof(*grown));

		if (!grown)
			return -1;
		p->refs = grown;
		p->cap = cap;
	}
	p->refs[p->count] = (struct received_ref){ .id = *id, .name = strndup(name.ptr, name.len) };
	return p->refs[p->count].name ? (p->count++, 0) : -1;
}

/* A ref that is to go brings nothing. */
static int take_line(struct push *p, struct view line, size_t hash_len, struct err *err)
{
	struct pushline parts;

	if (pushline_parse(line, hash_len, &parts, err))
		return -1;
	if (oid_is_null(&parts.after))
		return 0;
	return add_ref(p, &parts.after, parts.ref) ? err_nomem(err) : 0;
}

static int read_push(struct push *p, struct view rest, size_t hash_len, struct err *err)
{
	struct view line;

	while (text_next_line(&rest, &line))
		if (line.len && take_line(p, line, hash_len, err))
			return -1;
	return 0;
}

static int run_quarantine(struct gitrun *r, const char *quarantine, const struct push *push)
{
	struct received_options o = { .repo = &r->repo,
				      .reader = r->reader,
				      .quarantine = quarantine,
				      .refs = push->refs,
				      .ref_count = push->count,
				      .whole_files = r->options->whole_files,
				      .jobs = r->options->jobs,
				      .max_bytes = (size_t)r->options->max_memory_bytes,
				      .note = log_warn_text };
	struct err err = ERR_INIT;
	struct oid head = { .bytes = { 0 } };
	int found;

	r->session.distrusts_markers = !r->options->trust_change;
	r->session.counts_objects = true;
	/* the default branch's configuration counts: whoever pushes may have made the other branches */
	found = refs_resolve(&r->repo, "HEAD", &head, &err);
	if (found > 0)
		log_warn("HEAD of this repository leads to no branch: there is no configuration that counts");
	if (found < 0 || gitrun_prepare_base(r, &head, r->options->jobs, &err))
		return session_refuse(&r->session, &err);
	gitrun_confine(r);
	if (received_scan(&o, pipeline_sink(r->session.pipeline), &err) && err.kind == ERR_NONE)
		(void)err_nomem(&err);
	return session_conclude(&r->session, &err);
}

/* By hand, or from a git that has no quarantine: git is asked what no ref leads to yet. */
static int run_lines(struct gitrun *r, struct view input)
{
	struct rangelist_request q = { .push = input, .is_push = true, .is_receive = true };
	struct rangelist list;
	struct err err = ERR_INIT;
	int ret;

	if (rangelist_read(&r->repo, r->reader, &q, &list, &err))
		return session_refuse(&r->session, &err);
	if (refs_resolve(&r->repo, "HEAD", &list.base, &err) < 0)
		ret = session_refuse(&r->session, &err);
	else
		ret = gitrun_list(r, &list);
	rangelist_done(&list);
	return ret;
}

static int run(struct gitrun *r)
{
	DEFER(buf_done) struct buf input = BUF_INIT(INPUT_BYTES);
	const char *quarantine = getenv("GIT_QUARANTINE_PATH");
	struct push push = { .count = 0 };
	struct err err = ERR_INIT;
	int ret;

	if (file_read_rest(STDIN_FILENO, "standard input", &input, &err) ||
	    read_push(&push, buf_view(&input), r->repo.hash_len, &err))
		ret = session_refuse(&r->session, &err);
	else if (quarantine)
		ret = run_quarantine(r, quarantine, &push);
	else
		ret = run_lines(r, buf_view(&input));
	push_done(&push);
	return ret;
}

int cmd_receive(const struct options *o, char **args, size_t count)
{
	static const char *const target[] = { "." };
	struct gitrun r = {
		.options = o,
		.session = { .options = o, .targets = target, .target_count = 1, .context = { .command = "receive" } }
	};
	struct err err = ERR_INIT;
	int ret;

	if (count)
		(void)err_set(&err, ERR_USAGE, 0, "skant receive reads standard input; it takes no '%s'", args[0]);
	if (count || gitrun_open(&r, NULL, &err))
		ret = session_refuse(&r.session, &err);
	else
		ret = run(&r);
	gitrun_done(&r);
	return ret;
}
