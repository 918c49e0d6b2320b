/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/callfilter.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/base.h"
#include "common/sys/callfilter_calls.h"

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && !defined(__ILP32__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define SEGMENTS_MAX 120 /* so that a jump over half of them fits into its eight bits */

/* The low half of a call's argument, which is all of those looked at here. Both machines are little-endian. */
#define ARGUMENT(n) ((__u32)(offsetof(struct seccomp_data, args) + (n) * sizeof(__u64)))

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define REFUSE_WRITING (SECCOMP_RET_ERRNO | EACCES)
#define ABSENT (SECCOMP_RET_ERRNO | ENOSYS)

#define NAMESPACES                                                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define CUTTING O_TRUNC
#define WRITING (O_ACCMODE | O_CREAT | CUTTING)
#define PAIR_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

/* Calls that are treated alike, from one number to the next segment's. */
struct segment {
	unsigned first;
	enum call_verdict verdict;
};

struct writer {
	const struct callfilter *f;
	struct sock_filter *out;
	size_t count;
	unsigned char verdicts[CALLS_KNOWN + 1];
	struct segment segments[SEGMENTS_MAX];
	size_t segment_count;
	size_t jumps[CALL_VERDICTS]; /* where the block of each verdict starts; 0: nowhere yet */
};

static size_t put(struct writer *w, unsigned code, unsigned jt, unsigned jf, __u32 k)
{
	if (w->count < CALLFILTER_MAX)
		w->out[w->count] = (struct sock_filter){ .code = (__u16)code, .jt = (__u8)jt, .jf = (__u8)jf, .k = k };
	return w->count++;
}

static void put_load(struct writer *w, __u32 offset)
{
	(void)put(w, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void put_result(struct writer *w, __u32 result)
{
	(void)put(w, BPF_RET | BPF_K, 0, 0, result);
}

/* Ends with one result where the loaded value has any of those bits, and passes otherwise. */
static void put_bits(struct writer *w, __u32 bits, __u32 result)
{
	(void)put(w, BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
	put_result(w, result);
	put_result(w, SECCOMP_RET_ALLOW);
}

static void put_clone(struct writer *w)
{
	put_load(w, ARGUMENT(0));
	put_bits(w, NAMESPACES, REFUSE);
}

/* A terminal takes input from these as if it had been typed: commands for the shell behind us. */
static void put_ioctl(struct writer *w)
{
	put_load(w, ARGUMENT(1));
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, TIOCSTI);
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, TIOCLINUX);
	put_result(w, REFUSE);
	put_result(w, SECCOMP_RET_ALLOW);
}

/* What a terminal, a pipe or a descriptor is asked. File systems do much else by that call, also by a descriptor that
 * only reads: subvolumes, freezing, attributes that keep a file from being changed. */
static void put_ask(struct writer *w)
{
	static const __u32 questions[] = { TCGETS, TCGETS2, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIOCLEX, FIONCLEX };
	unsigned left = ARRAY_LEN(questions);

	put_load(w, ARGUMENT(1));
	for (size_t i = 0; i < ARRAY_LEN(questions); i++, left--)
		(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, left, 0, questions[i]);
	put_result(w, REFUSE);
	put_result(w, SECCOMP_RET_ALLOW);
}

/* Streams only: a datagram socket of a pair could send to any other. */
static void put_pair(struct writer *w)
{
	put_load(w, ARGUMENT(0));
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, AF_UNIX);
	put_load(w, ARGUMENT(1));
	(void)put(w, BPF_ALU | BPF_AND | BPF_K, 0, 0, (__u32)~PAIR_FLAGS);
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SOCK_STREAM);
	put_result(w, SECCOMP_RET_ALLOW);
	put_result(w, REFUSE);
}

static void put_signal(struct writer *w)
{
	put_load(w, ARGUMENT(0));
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (__u32)w->f->pid);
	put_result(w, SECCOMP_RET_ALLOW);
	put_result(w, REFUSE);
}

/* Limits of its own: by 0, which children say as well, or by its number. One for processor time ends another. */
static void put_limit(struct writer *w)
{
	put_load(w, ARGUMENT(0));
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 0);
	(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, (__u32)w->f->pid);
	put_result(w, REFUSE);
	put_result(w, SECCOMP_RET_ALLOW);
}

static void put_open(struct writer *w, unsigned flags_argument)
{
	put_load(w, ARGUMENT(flags_argument));
	put_bits(w, w->f->opens_to_write ? CUTTING : WRITING, REFUSE_WRITING);
}

static void put_block(struct writer *w, enum call_verdict verdict)
{
	switch (verdict) {
	case CALL_CLONE:
		put_clone(w);
		break;
	case CALL_IOCTL:
		put_ioctl(w);
		break;
	case CALL_ASK:
		put_ask(w);
		break;
	case CALL_PAIR:
		put_pair(w);
		break;
	case CALL_SIGNAL:
		put_signal(w);
		break;
	case CALL_LIMIT:
		put_limit(w);
		break;
	case CALL_OPEN:
		put_open(w, 1);
		break;
	case CALL_OPENAT:
		put_open(w, 2);
		break;
	case CALL_REFUSE:
		put_result(w, REFUSE);
		break;
	case CALL_ABSENT:
		put_result(w, ABSENT);
		break;
	default:
		put_result(w, SECCOMP_RET_ALLOW);
	}
}

static unsigned start_of(const struct writer *w, size_t segment)
{
	return segment < w->segment_count ? w->segments[segment].first : CALLS_KNOWN;
}

/* The segment at which the numbers of those from first to end, not they themselves, are cut into halves. */
static size_t middle_of(const struct writer *w, size_t first, size_t end)
{
	unsigned half = (start_of(w, first) + start_of(w, end)) / 2;
	size_t middle = first + 1;

	while (middle + 1 < end && start_of(w, middle + 1) <= half)
		middle++;
	return middle;
}

/* A search by halves. The kernel goes through it once for each number, to remember which calls always pass: that is
 * most of what a filter costs, and why large segments are found first. A verdict with no look at arguments stands in
 * place; others are jumped to, and k holds the verdict until then. */
static void put_tree(struct writer *w, size_t first,
		     size_t end) /* NOLINT(misc-no-recursion): no deeper than segments */
{
	size_t middle, at;

	if (end - first == 1) {
		enum call_verdict verdict = w->segments[first].verdict;

		if (verdict < CALL_LOOKED_AT)
			put_block(w, verdict);
		else
			(void)put(w, BPF_JMP | BPF_JA, 0, 0, verdict);
		return;
	}
	middle = middle_of(w, first, end);
	at = put(w, BPF_JMP | BPF_JGE | BPF_K, 0, 0, w->segments[middle].first);
	put_tree(w, first, middle);
	if (at < CALLFILTER_MAX)
		w->out[at].jt = (__u8)(w->count - at - 1);
	put_tree(w, middle, end);
}

static void put_blocks(struct writer *w)
{
	size_t end = w->count;

	for (size_t i = 0; i < end; i++) {
		struct sock_filter *jump = &w->out[i];
		enum call_verdict verdict = (enum call_verdict)jump->k;

		if (jump->code != (BPF_JMP | BPF_JA))
			continue;
		if (!w->jumps[verdict]) {
			w->jumps[verdict] = w->count;
			put_block(w, verdict);
		}
		jump->k = (__u32)(w->jumps[verdict] - i - 1);
	}
}

static void mark(struct writer *w, enum call_group group, enum call_verdict verdict)
{
	const struct call_list *list = &call_groups[group];

	for (size_t i = 0; i < list->count; i++)
		w->verdicts[list->numbers[i]] = (unsigned char)verdict;
}

static void mark_unless(struct writer *w, bool may, enum call_group group, enum call_verdict verdict)
{
	mark(w, group, may ? CALL_PASS : verdict);
}

static void mark_all(struct writer *w)
{
	const struct callfilter *f = w->f;
	bool opens = f->opens_to_write && f->cuts_files;

	mark(w, CALLS_ALWAYS, CALL_REFUSE);
	mark(w, CALLS_CLONE3, CALL_ABSENT);
	mark(w, CALLS_CLONE, CALL_CLONE);
	mark(w, CALLS_IOCTL, f->runs_descriptors ? CALL_IOCTL : CALL_ASK);
	mark_unless(w, f->is_traced, CALLS_TRACE, CALL_REFUSE);
	mark_unless(w, f->runs_programs, CALLS_EXEC, CALL_REFUSE);
	mark_unless(w, f->runs_descriptors, CALLS_EXECAT, CALL_REFUSE);
	mark(w, CALLS_PAIR, f->runs_programs ? CALL_PAIR : CALL_REFUSE);
	mark_unless(w, f->runs_programs, CALLS_TALK, CALL_REFUSE);
	mark_unless(w, f->signals, CALLS_SIGNAL, CALL_REFUSE);
	mark_unless(w, f->signals, CALLS_TGKILL, CALL_SIGNAL);
	mark_unless(w, f->runs_descriptors, CALLS_LIMIT, CALL_LIMIT);
	mark_unless(w, f->runs_descriptors, CALLS_SCHEDULE, CALL_REFUSE);
	mark_unless(w, f->changes_files, CALLS_CHANGE, CALL_REFUSE);
	mark_unless(w, f->makes_files, CALLS_MAKE, CALL_REFUSE);
	mark_unless(w, f->sets_modes, CALLS_MODE, CALL_REFUSE);
	mark_unless(w, opens, CALLS_OPEN, CALL_OPEN);
	mark_unless(w, opens, CALLS_OPENAT, CALL_OPENAT);
	mark_unless(w, opens, CALLS_OPENAT2, CALL_ABSENT);
	w->verdicts[CALLS_KNOWN] = CALL_ABSENT;
}

static void put_list(struct writer *w, enum call_group group)
{
	const struct call_list *list = &call_groups[group];

	for (size_t i = 0; i < list->count; i++) {
		(void)put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, list->numbers[i]);
		put_result(w, REFUSE);
	}
}

/* 0, or -1 when there are more than the jumps between them can span. */
static int cut(struct writer *w)
{
	for (unsigned n = 0; n <= CALLS_KNOWN; n++) {
		if (n && w->verdicts[n] == w->verdicts[n - 1])
			continue;
		if (w->segment_count == SEGMENTS_MAX)
			return -1;
		w->segments[w->segment_count++] =
			(struct segment){ .first = n, .verdict = (enum call_verdict)w->verdicts[n] };
	}
	return 0;
}

bool callfilter_is_known(void)
{
#ifdef ARCH
	return true;
#else
	return false;
#endif
}

size_t callfilter_make(const struct callfilter *f, struct sock_filter ret[static CALLFILTER_MAX])
{
#ifdef ARCH
	struct writer w = { .f = f, .out = ret };

	mark_all(&w);
	if (cut(&w))
		return 0;
	put_load(&w, offsetof(struct seccomp_data, arch));
	(void)put(&w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCH);
	put_result(&w, SECCOMP_RET_KILL_PROCESS);
	put_load(&w, offsetof(struct seccomp_data, nr));
	put_tree(&w, 0, w.segment_count);
	put_blocks(&w);
	return w.count <= CALLFILTER_MAX ? w.count : 0;
#else
	(void)f;
	(void)ret;
	return 0;
#endif
}

size_t callfilter_make_more(const struct callfilter *f, struct sock_filter ret[static CALLFILTER_MAX])
{
#ifdef ARCH
	struct writer w = { .f = f, .out = ret };

	put_load(&w, offsetof(struct seccomp_data, nr));
	if (!f->makes_files)
		put_list(&w, CALLS_MAKE);
	if (!f->sets_modes)
		put_list(&w, CALLS_MODE);
	put_result(&w, SECCOMP_RET_ALLOW);
	return w.count;
#else
	(void)f;
	(void)ret;
	return 0;
#endif
}
