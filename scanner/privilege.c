/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/privilege.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/confine.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "common/sys/proc.h"
#include "scanner/source/unpackfind.h"

#define PATH_BYTES (1u << 20)
#define PLACES_MAX (REPORTS_MAX + 4)

enum need {
	RUNS_GIT = 1,           /* for what the readers of repositories do not know */
	RUNS_UNPACK = 2,        /* when it meets a container */
	WRITES_REPORTS = 4,     /* where -r and -f say */
	WRITES_TEMPORARILY = 8, /* the configuration of the side that a change starts from (scanner/baseside.h) */
	WRITES_BASELINE = 16,   /* where -o says, or the configuration */
	DOES_ANYTHING = 32      /* and even then no network, and nothing to other processes' memory */
};

static const unsigned needs[COMMANDS] = {
	[COMMAND_DIR] = RUNS_GIT | RUNS_UNPACK | WRITES_REPORTS,
	[COMMAND_STAGED] = RUNS_GIT | RUNS_UNPACK | WRITES_REPORTS,
	[COMMAND_GIT] = RUNS_GIT | RUNS_UNPACK | WRITES_REPORTS | WRITES_TEMPORARILY,
	[COMMAND_STDIN] = RUNS_UNPACK | WRITES_REPORTS,
	[COMMAND_NAMES] = WRITES_REPORTS,
	[COMMAND_RULES] = 0,
	[COMMAND_EXPLAIN] = 0,
	[COMMAND_HOOK] = DOES_ANYTHING, /* writes hooks and settings wherever git's configuration says */
	[COMMAND_RECEIVE] = RUNS_GIT | RUNS_UNPACK | WRITES_REPORTS | WRITES_TEMPORARILY,
	[COMMAND_AGENT] = 0,
	[COMMAND_BASELINE] = RUNS_GIT | RUNS_UNPACK | WRITES_BASELINE | WRITES_TEMPORARILY,
	[COMMAND_MERGE] = WRITES_REPORTS,
};

struct privilege {
	unsigned needs;
	bool has_verifier, is_verbose, writes_anywhere, is_filtered;
	struct confine_place places[PLACES_MAX]; /* their paths are ours */
	size_t report_count;                     /* the first of them, which lose most when it narrows */
	size_t place_count, kept_count;          /* those after kept_count go then */
	struct buf git, unpack;                  /* their paths; empty: not there, or not needed */
};

static void drop_place(struct privilege *p)
{
	char *path;

	memcpy(&path, &p->places[--p->place_count].path, sizeof(path)); /* ours, const for those who read it */
	free(path);
}

static void add_place(struct privilege *p, char *path, bool makes_folders)
{
	if (path && p->place_count < PLACES_MAX)
		p->places[p->place_count++] = (struct confine_place){ .path = path, .makes_folders = makes_folders };
	else
		free(path);
}

static void add_file(struct privilege *p, const char *path)
{
	if (path)
		add_place(p, file_replace_place(path), false);
}

static void add_places(struct privilege *p, const struct options *o)
{
	const char *tmp = getenv("TMPDIR");

	if (p->needs & WRITES_REPORTS) {
		for (size_t i = 0; i < o->report_count; i++)
			add_file(p, o->reports[i].path);
		add_file(p, o->report_path);
		p->report_count = p->place_count;
		add_file(p, o->cache);
		add_file(p, o->plan);
	}
	if (p->needs & WRITES_BASELINE)
		add_file(p, o->output);
	p->kept_count = p->place_count;
	if (p->needs & WRITES_TEMPORARILY)
		add_place(p, realpath(tmp && *tmp ? tmp : "/tmp", NULL), true);
}

static void find_programs(struct privilege *p, const struct options *o)
{
	if ((p->needs & RUNS_GIT) && proc_resolve("git", &p->git))
		buf_clear(&p->git);
	if ((p->needs & RUNS_UNPACK) && o->archive_depth && unpack_find(&p->unpack))
		buf_clear(&p->unpack);
}

static const char *runs(const struct privilege *p, const struct confined *c)
{
	if (c->runs_anything)
		return "any program";
	if (p->git.len)
		return p->unpack.len ? "git and skant-unpack" : "git";
	return p->unpack.len ? "skant-unpack" : "no program";
}

static void tell(const struct privilege *p, const struct confined *c)
{
	bool lacks = (!c->landlock || !c->is_filtered) && !(p->needs & DOES_ANYTHING);

	if (p->is_verbose && lacks)
		log_info("this system has no %s: not all is given up that is not needed",
			 c->is_filtered ? "Landlock"
			 : c->landlock  ? "filter of system calls"
					: "Landlock and no filter of system calls");
	log_debug("confined: Landlock version %u, %s filter of system calls, %s may be run", c->landlock,
		  c->is_filtered ? "a" : "no", runs(p, c));
}

static void apply(struct privilege *p)
{
	const char *programs[CONFINE_PROGRAMS_MAX];
	struct confine c = { .places = p->places,
			     .place_count = p->place_count,
			     .programs = programs,
			     .writes_anywhere = p->writes_anywhere,
			     .runs_anything = p->needs & DOES_ANYTHING,
			     .signals = p->has_verifier,
			     .is_filtered = p->is_filtered };
	struct confined confined;

	if (p->git.len)
		programs[c.program_count++] = p->git.ptr;
	if (p->unpack.len)
		programs[c.program_count++] = p->unpack.ptr;
	confined = confine_apply(&c);
	p->is_filtered = confined.is_filtered && !p->writes_anywhere;
	tell(p, &confined);
}

static unsigned needs_of(enum command command, const struct options *o)
{
	bool has_base = command == COMMAND_RECEIVE || (command == COMMAND_GIT ? !o->staged : o->git);

	return has_base ? needs[command] : needs[command] & ~(unsigned)WRITES_TEMPORARILY;
}

struct privilege *privilege_start(enum command command, const struct options *o)
{
	struct privilege *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->needs = needs_of(command, o);
	p->has_verifier = o->verifier;
	p->is_verbose = o->verbose;
	p->git = p->unpack = (struct buf)BUF_INIT(PATH_BYTES);
	add_places(p, o);
	find_programs(p, o);
	p->writes_anywhere = (p->needs & DOES_ANYTHING) || ((p->needs & WRITES_BASELINE) && !o->output);
	apply(p);
	return p;
}

void privilege_narrow(struct privilege *p, const char *baseline)
{
	if (!p || !(p->writes_anywhere || p->report_count || p->place_count > p->kept_count))
		return;
	while (p->place_count > p->kept_count)
		drop_place(p);
	for (size_t i = 0; i < p->report_count; i++)
		p->places[i].only_moves = true;
	if (baseline && p->writes_anywhere)
		add_file(p, baseline);
	p->writes_anywhere = false;
	apply(p);
}

void privilege_freep(struct privilege **at)
{
	struct privilege *p = *at;

	*at = NULL;
	if (!p)
		return;
	while (p->place_count)
		drop_place(p);
	buf_done(&p->git);
	buf_done(&p->unpack);
	free(p);
}
