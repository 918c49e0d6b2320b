/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/session.h"
#include "scanner/source/git/store.h"
#include <stdio.h>

struct ctx {
	struct pipeline *p;
	unsigned long long n[8], bytes[8], unread;
};
static void piece(void *c, unsigned w, const struct store_object *o, const struct piece *p)
{
	struct ctx *x = c;
	struct item item = { .name = VIEW("x") };
	static struct pool_task slots[8];
	x->n[w]++;
	x->bytes[w] += p->bytes.len;
	(void)o;
	if (x->p)
		pipeline_sink(x->p)->piece(pipeline_sink(x->p)->context, w, &slots[w], &item, p);
}
static void unread(void *c, unsigned, const struct store_object *, enum unread r, const char *d)
{
	struct ctx *x = c;
	x->unread++;
	log_warn("unread %s %s", unread_names[r], d ? d : "-");
}
static bool stopped(void *)
{
	return false;
}

int cmd_git(const struct options *o, char **args, size_t count)
{
	struct err err = ERR_INIT;
	const char *f[] = { args[0] };
	struct objects *objs = objects_open(f, 1, 20, &err);
	struct session s = { .options = o,
			     .targets = (const char *const *)args,
			     .target_count = count,
			     .context = { .command = "git" } };
	struct ctx x = { .p = NULL };
	struct store_ops ops = { piece, unread, stopped, &x };
	struct store_options so = { .types = 1u << OBJECT_BLOB | 1u << OBJECT_COMMIT | 1u << OBJECT_TAG,
				    .jobs = o->jobs,
				    .max_bytes = o->max_memory_bytes };
	if (!objs) {
		log_error("%s", err.text);
		return 2;
	}
	if (session_prepare(&s, "/", o->jobs, &err))
		return session_refuse(&s, &err);
	x.p = o->full ? NULL : s.pipeline;
	if (o->whole_files)
		so.types = 1u << OBJECT_TREE;
	if (store_walk(objs, &so, &ops, &err))
		log_error("%s", err.text);
	printf("%llu %llu\n", x.n[0] + x.n[1], x.bytes[0] + x.bytes[1]);
	objects_freep(&objs);
	return session_conclude(&s, &err);
}
