/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/self.h"
#include "common/sys/sigpipe.h"

#define CHUNK_BYTES (64u << 10)

#define USUAL_PATH "/bin:/usr/bin" /* as the C library has it where PATH is not set */
#define LOOK_MS 20                 /* how often it is asked whether a child has ended */

static void close_fd(int *fd)
{
	closep(fd);
	*fd = -1;
}

static void close_fds(int (*fds)[3])
{
	for (size_t i = 0; i < ARRAY_LEN(*fds); i++)
		close_fd(&(*fds)[i]);
}

static int open_pipe(bool is_input, int *ret_ours, int *ret_theirs)
{
	int ends[2];
	int flags;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	*ret_ours = ends[is_input ? 1 : 0];
	*ret_theirs = ends[is_input ? 0 : 1];
	flags = fcntl(*ret_ours, F_GETFL);
	return flags < 0 ? -1 : fcntl(*ret_ours, F_SETFL, flags | O_NONBLOCK);
}

/* Opens a pipe or /dev/null for each of the child's standard descriptors, in their order: if some of our own 0, 1 and
 * 2 are closed, what takes their place is then never one that set_files overwrites before it is used. */
static int open_fds(const bool wants_pipe[static 3], int ours[static 3], int theirs[static 3])
{
	for (int i = 0; i < 3; i++) {
		if (wants_pipe[i]) {
			if (open_pipe(i == STDIN_FILENO, &ours[i], &theirs[i]) < 0)
				return -1;
			continue;
		}
		theirs[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (theirs[i] < 0)
			return -1;
	}
	return 0;
}

static size_t count_strings(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

static bool is_same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && b[len] == '=';
}

static bool is_credential(const char *entry)
{
	struct view all = view_of(entry);
	size_t equals = text_find_byte(all, '=');
	struct view value = equals == SIZE_MAX ? VIEW_NONE : view_sub(all, equals + 1, all.len);

	if (text_starts(all, VIEW("ANTHROPIC_")) || text_starts(all, VIEW("CREDENTIALS_DIRECTORY=")))
		return true;
	/* git counts the variables of its own configuration, and fails when one of them is missing */
	return !text_starts(all, VIEW("GIT_")) && text_find(value, VIEW("sk-ant-")) != SIZE_MAX;
}

/* Our environment with the entries of extra in the place of those of the same name; one without a value only takes
 * those out. The array is the caller's. */
static const char **merge_env(const char *const *extra, bool gets_credentials)
{
	size_t extra_count = count_strings(extra), count = 0;
	const char **env = calloc(count_strings((const char *const *)environ) + extra_count + 1, sizeof(*env));

	if (!env)
		return NULL;
	for (char **e = environ; e && *e; e++) {
		size_t i = 0;

		while (i < extra_count && !is_same_name(extra[i], *e))
			i++;
		if (i == extra_count && (gets_credentials || !is_credential(*e)))
			env[count++] = *e;
	}
	for (size_t i = 0; i < extra_count; i++)
		if (strchr(extra[i], '='))
			env[count++] = extra[i];
	return env;
}

/* The child gets its signals as a shell would give them, not as this thread has set them for itself. */
static int set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, sigpipe;
	int errnum;

	sigemptyset(&none);
	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	errnum = posix_spawnattr_setsigmask(attr, &none);
	if (!errnum)
		errnum = posix_spawnattr_setsigdefault(attr, &sigpipe);
	return errnum ? errnum : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int set_files(posix_spawn_file_actions_t *actions, const int theirs[static 3])
{
	int errnum = 0;

	for (int i = 0; i < 3 && !errnum; i++)
		errnum = posix_spawn_file_actions_adddup2(actions, theirs[i], i);
	return errnum;
}

/* posix_spawn wants pointers to non-const strings, which it does not touch. */
static char *const *unconst(const char *const *strings)
{
	union {
		const char *const *in;
		char *const *out;
	} same = { .in = strings };

	return same.out;
}

/* 0, or what went wrong as an errno. */
static int spawn(const struct proc_spec *spec, const int theirs[static 3], pid_t *ret_pid)
{
	DEFER(freep) const char **env = merge_env(spec->env, spec->gets_credentials);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int errnum;

	if (!env)
		return ENOMEM;
	errnum = posix_spawn_file_actions_init(&actions);
	if (errnum)
		return errnum;
	errnum = posix_spawnattr_init(&attr);
	if (!errnum) {
		errnum = set_files(&actions, theirs);
		if (!errnum)
			errnum = set_signals(&attr);
		if (!errnum)
			errnum = posix_spawnp(ret_pid, spec->argv[0], &actions, &attr, unconst(spec->argv),
					      unconst(env));
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return errnum;
}

static int start(const struct proc_spec *spec, const bool wants_pipe[static 3], struct proc_child *child,
		 struct err *err)
{
	DEFER(close_fds) int theirs[3] = { -1, -1, -1 };
	int errnum;

	if (open_fds(wants_pipe, child->fds, theirs) < 0)
		return err_set(err, ERR_IO, errno, "cannot open the pipes of '%s'", child->name);
	errnum = spawn(spec, theirs, &child->pid);
	if (errnum)
		return err_set(err, ERR_IO, errnum, "cannot run '%s'", child->name);
	return 0;
}

static bool is_passing(int errnum)
{
	return errnum == EINTR || errnum == EAGAIN || errnum == EWOULDBLOCK;
}

/* Writes what its input takes now. A child that does not read the rest is no failure. */
static int feed(struct proc_child *child, struct view *input, struct err *err)
{
	int *fd = &child->fds[STDIN_FILENO];
	ssize_t n = write(*fd, input->ptr, input->len);

	if (n < 0 && is_passing(errno))
		return 0;
	if (n < 0 && errno != EPIPE)
		return err_set(err, ERR_IO, errno, "cannot write to '%s'", child->name);
	*input = n < 0 ? VIEW_NONE : view_sub(*input, (size_t)n, input->len);
	if (input->len == 0)
		close_fd(fd);
	return 0;
}

/* Reads what one of its outputs has now. */
static int drain(struct proc_child *child, int *fd, struct buf *out, struct err *err)
{
	char chunk[CHUNK_BYTES];
	ssize_t n = read(*fd, chunk, sizeof(chunk));
	int ret = 0;

	if (n < 0)
		return is_passing(errno) ? 0 : err_set(err, ERR_IO, errno, "cannot read from '%s'", child->name);
	if (n == 0)
		close_fd(fd);
	else if ((size_t)n > out->max - out->len)
		ret = err_set(err, ERR_LIMIT, 0, "'%s' wrote too much: at most %zu bytes are taken", child->name,
			      out->max);
	else if (buf_add(out, view_from(chunk, (size_t)n)) < 0)
		ret = err_nomem(err);
	secret_wipe(chunk, (size_t)n);
	return ret;
}

/* Waits until a pipe can be served, but no longer than the wait does without a look at what there is. */
static int serve(struct proc_child *child, struct view *input, struct buf *const outs[static 3], int wait_ms,
		 struct err *err)
{
	const int *fds = child->fds;
	struct pollfd polls[3] = { { .fd = fds[0], .events = POLLOUT },
				   { .fd = fds[1], .events = POLLIN },
				   { .fd = fds[2], .events = POLLIN } };

	if (poll(polls, ARRAY_LEN(polls), wait_ms) < 0)
		return errno == EINTR ? 0 : err_set(err, ERR_IO, errno, "cannot wait for '%s'", child->name);
	if (polls[0].revents && feed(child, input, err) < 0)
		return -1;
	for (size_t i = 1; i < ARRAY_LEN(polls); i++)
		if (outs[i] && polls[i].revents && drain(child, &child->fds[i], outs[i], err) < 0)
			return -1;
	return 0;
}

/* Serves all pipes until each is closed, or wait says that it is enough. */
static int pump(struct proc_child *child, struct view input, struct buf *const outs[static 3],
		const struct proc_wait *wait, struct err *err)
{
	const int *fds = child->fds;

	while (fds[0] >= 0 || fds[1] >= 0 || fds[2] >= 0) {
		if (wait && !wait->go_on(wait->context))
			return 1;
		if (serve(child, &input, outs, wait ? (int)wait->look_ms : -1, err) < 0)
			return -1;
	}
	return 0;
}

static int code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int reap(const struct proc_child *child, int *ret_status, struct err *err)
{
	int status;

	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot wait for '%s'", child->name);
	*ret_status = code_of(status);
	return 0;
}

int proc_run(const struct proc_spec *spec, struct buf *out, struct buf *err_out, int *ret_status, struct err *err)
{
	struct proc_child child = { .name = spec->argv[0], .fds = { -1, -1, -1 } };
	struct buf *const outs[3] = { NULL, out, err_out };
	const bool wants_pipe[3] = { spec->input.len > 0, true, err_out != NULL };
	struct sigpipe_guard guard;
	int ret;

	sigpipe_block(&guard);
	ret = start(spec, wants_pipe, &child, err);
	if (ret == 0) {
		int status;

		ret = pump(&child, spec->input, outs, NULL, err);
		if (ret < 0) {
			(void)kill(child.pid, SIGKILL);
			(void)reap(&child, &status, NULL);
		} else {
			ret = reap(&child, ret_status, err);
		}
	}
	close_fds(&child.fds);
	sigpipe_restore(&guard);
	return ret;
}

int proc_start(const struct proc_spec *spec, struct proc_child *ret, struct err *err)
{
	static const bool all[3] = { true, true, true };

	*ret = (struct proc_child){ .name = spec->argv[0], .fds = { -1, -1, -1 } };
	if (start(spec, all, ret, err) == 0)
		return 0;
	close_fds(&ret->fds);
	return -1;
}

int proc_talk(struct proc_child *child, struct view input, struct buf *out, struct buf *err_out,
	      const struct proc_wait *wait, struct err *err)
{
	struct buf *const outs[3] = { NULL, out, err_out };
	struct sigpipe_guard guard;
	int ret;

	if (input.len == 0)
		close_fd(&child->fds[STDIN_FILENO]);
	sigpipe_block(&guard);
	ret = pump(child, input, outs, wait, err);
	sigpipe_restore(&guard);
	return ret;
}

/* Whether it ends within so long; then *ret_status is set. */
static bool ends_within(const struct proc_child *child, unsigned wait_ms, int *ret_status)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1'000'000L };

	for (unsigned waited = 0;; waited += LOOK_MS) {
		pid_t pid = waitpid(child->pid, ret_status, WNOHANG);

		if (pid == child->pid)
			return true;
		if ((pid < 0 && errno != EINTR) || waited >= wait_ms)
			return false;
		(void)nanosleep(&look, NULL);
	}
}

int proc_end(struct proc_child *child, unsigned wait_ms)
{
	int status = 0;

	if (child->pid <= 0)
		return 0;
	close_fds(&child->fds);
	if (wait_ms == PROC_FOREVER) {
		while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
			;
	} else if (!ends_within(child, wait_ms, &status)) {
		(void)kill(child->pid, SIGTERM);
		if (!ends_within(child, PROC_TERM_MS, &status)) {
			(void)kill(child->pid, SIGKILL);
			while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
				;
		}
	}
	child->pid = 0;
	return code_of(status);
}

/* folder/name, when that is a program. */
static int try_folder(struct view folder, const char *name, struct buf *path)
{
	struct stat st;

	buf_clear(path);
	if (buf_add(path, folder) || buf_add_byte(path, '/') || buf_add_text(path, name))
		return -1;
	return stat(path->ptr, &st) == 0 && S_ISREG(st.st_mode) && access(path->ptr, X_OK) == 0 ? 0 : -1;
}

/* The folder that this program is in; VIEW_NONE when it is not known. */
static struct view own_folder(char path[static PATH_MAX])
{
	ssize_t len = self_path(path);

	while (len > 0 && path[len - 1] != '/')
		len--;
	return len > 1 ? view_from(path, (size_t)len - 1) : VIEW_NONE;
}

int proc_find(const char *name, struct buf *ret, struct err *err)
{
	char self[PATH_MAX];
	struct view own = own_folder(self), rest = view_of(getenv("PATH"));

	if (own.len && try_folder(own, name, ret) == 0)
		return 0;
	while (rest.len) {
		size_t colon = text_find_byte(rest, ':');
		struct view folder = view_sub(rest, 0, colon);

		/* a relative one would be a folder of whatever is worked on */
		if (text_starts(folder, VIEW("/")) && try_folder(folder, name, ret) == 0)
			return 0;
		rest = colon == SIZE_MAX ? VIEW_NONE : view_sub(rest, colon + 1, rest.len);
	}
	buf_clear(ret);
	return err_set(err, ERR_USAGE, 0, "'%s' is neither in '%.*s', where this program is, nor in a folder of PATH",
		       name, (int)own.len, own.ptr ? own.ptr : "");
}

int proc_resolve(const char *name, struct buf *ret)
{
	const char *path = getenv("PATH");
	struct view rest = view_of(path ? path : USUAL_PATH);

	for (bool is_last = false; !is_last;) {
		size_t colon = text_find_byte(rest, ':');
		struct view folder = view_sub(rest, 0, colon);

		if (try_folder(folder.len ? folder : VIEW("."), name, ret) == 0)
			return 0;
		is_last = colon == SIZE_MAX;
		rest = view_sub(rest, is_last ? rest.len : colon + 1, rest.len);
	}
	buf_clear(ret);
	return -1;
}
