/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/landlock.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/interp.h"

/* The same numbers on all machines. */
#define CALL_CREATE 444
#define CALL_ADD 445
#define CALL_RESTRICT 446

#define ASK_VERSION 1u
#define RULE_BELOW 1

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE (1ull << 1)
#define FS_REMOVE_FOLDER (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DEVICE (1ull << 6)
#define FS_MAKE_FOLDER (1ull << 7)
#define FS_MAKE_FILE (1ull << 8)
#define FS_MAKE_SOCKET (1ull << 9)
#define FS_MAKE_PIPE (1ull << 10)
#define FS_MAKE_DISK (1ull << 11)
#define FS_MAKE_LINK (1ull << 12)
#define FS_MOVE (1ull << 13)     /* version 2; before, it was always refused */
#define FS_TRUNCATE (1ull << 14) /* 3 */
#define FS_CONTROL (1ull << 15)  /* 5: ioctl(2) on devices */
#define NET_ALL 3u               /* 4: bind and connect, TCP */
#define SCOPE_SOCKETS 1u         /* 6: abstract local ones of others */
#define SCOPE_SIGNALS 2u         /* 6 */

#define FS_CHANGES                                                                                                     \
	(FS_WRITE | FS_REMOVE_FOLDER | FS_REMOVE_FILE | FS_MAKE_DEVICE | FS_MAKE_FOLDER | FS_MAKE_FILE |               \
	 FS_MAKE_SOCKET | FS_MAKE_PIPE | FS_MAKE_DISK | FS_MAKE_LINK)
#define FS_IN_PLACE (FS_WRITE | FS_TRUNCATE | FS_CONTROL)
#define FS_NAMES (FS_MAKE_FILE | FS_REMOVE_FILE)
#define FS_IN_FOLDER (FS_NAMES | FS_WRITE | FS_TRUNCATE)

struct rules {
	uint64_t fs, net, scoped;
};

struct [[gnu::packed]] rule {
	uint64_t allowed;
	int32_t fd;
};

static size_t rules_size(unsigned version)
{
	return version >= 6 ? sizeof(struct rules) : version >= 4 ? offsetof(struct rules, scoped) : sizeof(uint64_t);
}

static uint64_t changes_of(unsigned version, bool refuses_cuts)
{
	return FS_CHANGES | (version >= 2 ? FS_MOVE : 0) | (version >= 3 && refuses_cuts ? FS_TRUNCATE : 0) |
	       (version >= 5 ? FS_CONTROL : 0);
}

static struct rules rules_of(const struct confine *c, unsigned version, bool has_filter)
{
	return (struct rules){ .fs = (c->runs_anything ? 0 : FS_EXECUTE) |
				     (c->writes_anywhere ? 0 : changes_of(version, !has_filter || c->runs_anything)),
			       .net = version >= 4 ? NET_ALL : 0,
			       .scoped = version < 6  ? 0
					 : c->signals ? SCOPE_SOCKETS
						      : SCOPE_SOCKETS | SCOPE_SIGNALS };
}

/* A program, open, and what it needs besides itself. */
struct program {
	int fd;
	struct buf loader; /* its path; empty: nothing */
};

struct programs {
	struct program items[CONFINE_PROGRAMS_MAX];
	size_t count;
};

static void programs_done(struct programs *p)
{
	for (size_t i = 0; i < p->count; i++) {
		closep(&p->items[i].fd);
		buf_done(&p->items[i].loader);
	}
}

/* Whether all that they need is known. One that cannot be opened is not there, or cannot be looked at, which is no
 * reason why it could not be run: nobody is the wiser then. */
static bool find_programs(const struct confine *c, struct programs *ret)
{
	for (size_t i = 0; i < c->program_count; i++) {
		struct program *p = &ret->items[ret->count++];

		p->fd = open(c->programs[i], O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		p->loader = (struct buf)BUF_INIT(PATH_MAX);
		if (p->fd < 0 || interp_find(p->fd, &p->loader) == INTERP_UNKNOWN)
			return false;
	}
	return true;
}

static void add_rule(int set, int fd, uint64_t allowed)
{
	struct rule rule = { .allowed = allowed, .fd = fd };

	if (allowed)
		(void)syscall(CALL_ADD, set, RULE_BELOW, &rule, 0);
}

/* What is not there cannot be used, and needs no rule; pipes and the like are not the kernel's to refuse here. */
static void allow(int set, const char *path, uint64_t in_folder, uint64_t in_place, uint64_t handled)
{
	DEFER(closep) int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0)
		add_rule(set, fd, (S_ISDIR(st.st_mode) ? in_folder : in_place) & handled);
}

static void allow_places(int set, const struct confine *c, uint64_t handled)
{
	for (size_t i = 0; i < c->place_count; i++) {
		const struct confine_place *p = &c->places[i];
		uint64_t folders = p->makes_folders ? FS_MAKE_FOLDER | FS_REMOVE_FOLDER : 0;

		if (p->only_moves)
			allow(set, p->path, FS_NAMES, 0, handled);
		else
			allow(set, p->path, FS_IN_FOLDER | folders, FS_IN_PLACE, handled);
	}
	if (c->program_count || c->runs_anything)
		allow(set, "/dev/null", 0, FS_IN_PLACE, handled); /* a child's output, where nobody asks for it */
}

static void allow_programs(int set, const struct programs *p)
{
	struct view last = VIEW_NONE;

	for (size_t i = 0; i < p->count; i++) {
		struct view loader = buf_view(&p->items[i].loader);

		add_rule(set, p->items[i].fd, FS_EXECUTE);
		if (loader.len && !text_eq(loader, last)) /* mostly it is the same */
			allow(set, loader.ptr, 0, FS_EXECUTE, FS_EXECUTE);
		last = loader;
	}
}

unsigned landlock_apply(struct confine *c, bool has_filter)
{
	DEFER(programs_done) struct programs programs = { .count = 0 };
	DEFER(closep) int set = -1;
	long version = syscall(CALL_CREATE, NULL, 0, ASK_VERSION);
	struct rules rules;

	if (version < 1)
		return 0;
	if (!c->runs_anything)
		c->runs_anything = !find_programs(c, &programs);
	/* Any rules about files keep them from being moved between folders: not where everything may be written. Rules
	 * about other things stand without, and keep other processes' memory (/proc/PID/mem) out of reach as well. */
	if (c->writes_anywhere && c->runs_anything && version < 4)
		return 0;
	rules = rules_of(c, (unsigned)version, has_filter);
	set = (int)syscall(CALL_CREATE, &rules, rules_size((unsigned)version), 0);
	if (set < 0)
		return 0;
	if (!c->writes_anywhere)
		allow_places(set, c, rules.fs);
	if (!c->runs_anything)
		allow_programs(set, &programs);
	return syscall(CALL_RESTRICT, set, 0) == 0 ? (unsigned)version : 0;
}
