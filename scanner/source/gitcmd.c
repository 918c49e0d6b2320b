/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/gitcmd.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/proc.h"

#define COMPLAINT_BYTES (1u << 20)
#define FIXED_ARGS 8
#define SETTING_BYTES (1u << 20) /* of a variable of the environment */
#define LOOK_MS 200              /* how often it is looked at whether git says anything */
#define NS_PER_MS 1'000'000u

#define ALWAYS                                                                                                         \
	"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=/dev/null", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1",         \
		"GIT_ALLOW_PROTOCOL=", "GIT_TERMINAL_PROMPT=0", "GIT_PREFIX", "GIT_CONFIG"
/* What a hook that runs us was given: about its repository, not about the one that is read. */
#define PLACES                                                                                                         \
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",                        \
		"GIT_ALTERNATE_OBJECT_DIRECTORIES"

/* The line that says why git gave up, or else the first. */
static struct view reason_in(struct view complaint)
{
	struct view first = VIEW_NONE, line;

	while (text_next_line(&complaint, &line)) {
		if (text_starts(line, VIEW("fatal: ")))
			return line;
		if (!first.len)
			first = line;
	}
	return first;
}

/* How long git has been silent. */
struct patience {
	const struct buf *out, *complaint;
	size_t seen; /* bytes that it had printed */
	uint64_t since_ns;
};

/* A repository can have a pipe where git expects a file: it waits for a writer for ever. */
static bool go_on(void *context)
{
	struct patience *p = context;
	size_t bytes = p->out->len + p->complaint->len;
	uint64_t now_ns = clock_mono_ns();

	if (bytes != p->seen) {
		p->seen = bytes;
		p->since_ns = now_ns;
	}
	return now_ns - p->since_ns < (uint64_t)GIT_SILENCE_MS * NS_PER_MS;
}

/* As proc_run, but not for ever. */
static int run_watched(const struct proc_spec *spec, struct buf *out, struct buf *complaint, int *ret_status,
		       struct err *err)
{
	struct patience patience = { .out = out, .complaint = complaint, .since_ns = clock_mono_ns() };
	const struct proc_wait wait = { .go_on = go_on, .context = &patience, .look_ms = LOOK_MS };
	struct proc_child child;
	int ret;

	patience.seen = out->len + complaint->len;
	if (proc_start(spec, &child, err))
		return -1;
	ret = proc_talk(&child, spec->input, out, complaint, &wait, err);
	*ret_status = proc_end(&child, ret == 0 ? PROC_FOREVER : 0);
	if (ret <= 0)
		return ret;
	return err_set(err, ERR_IO, 0, "'git %s' was ended: it had printed nothing for %u s", spec->argv[FIXED_ARGS],
		       GIT_SILENCE_MS / 1000u);
}

/* Runs git with an environment of its own. */
static int run(const char *dir, const char *const *env, const char *const *args, struct view input, struct buf *out,
	       int *ret_status, struct err *err)
{
	const char *argv[FIXED_ARGS + GITCMD_ARGS_MAX + 1] = {
		"git", "-C", dir, "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
	};
	DEFER(buf_done) struct buf complaint = BUF_INIT(COMPLAINT_BYTES), reason = BUF_INIT(ERR_TEXT_BYTES);
	struct proc_spec spec = { .argv = argv, .env = env, .input = input };

	for (size_t i = 0; i < GITCMD_ARGS_MAX && args[i]; i++)
		argv[FIXED_ARGS + i] = args[i];
	if (run_watched(&spec, out, &complaint, ret_status, err))
		return -1;
	if (*ret_status <= 1)
		return 0;
	if (buf_add(&reason, view_sub(reason_in(buf_view(&complaint)), 0, ERR_TEXT_BYTES - 1)) || !reason.len)
		return err_set(err, ERR_IO, 0, "'git %s' failed in '%s' with exit code %d", args[0], dir, *ret_status);
	return err_set(err, ERR_IO, 0, "'git %s' failed in '%s': %s", args[0], dir, reason.ptr);
}

int gitcmd_run(const char *dir, const char *const *args, struct buf *out, int *ret_status, struct err *err)
{
	static const char *const env[] = { ALWAYS, PLACES, NULL };

	return run(dir, env, args, VIEW_NONE, out, ret_status, err);
}

/* `name=value`, or name alone, which takes it out. NULL when there is no memory. */
static char *setting(const char *name, const char *value)
{
	DEFER(buf_done) struct buf out = BUF_INIT(SETTING_BYTES);

	return buf_addf(&out, "%s%s%s", name, value ? "=" : "", value ? value : "") ? NULL : buf_detach(&out);
}

int gitcmd_run_at(const struct gitcmd_place *place, const char *const *args, struct buf *out, int *ret_status,
		  struct err *err)
{
	DEFER(freep) char *dir = setting("GIT_DIR", place->dir), *tree = setting("GIT_WORK_TREE", place->root);
	DEFER(freep) char *index = setting("GIT_INDEX_FILE", place->index);
	DEFER(freep) char *store = setting("GIT_OBJECT_DIRECTORY", place->store);
	DEFER(freep) char *alternates = setting("GIT_ALTERNATE_OBJECT_DIRECTORIES", place->alternates);
	const char *const env[] = { ALWAYS, "GIT_COMMON_DIR", dir, tree, index, store, alternates, NULL };

	if (!dir || !tree || !index || !store || !alternates)
		return err_nomem(err);
	return run(place->root ? place->root : place->dir, env, args, place->input, out, ret_status, err);
}
