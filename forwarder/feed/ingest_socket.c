/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/ingest_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define MODE 0660
#define BACKLOG 128
#define FIRST_PASSED 3 /* sd_listen_fds(3): SD_LISTEN_FDS_START */
#define PASSED_MAX 64
#define GROUP_BYTES (1u << 20) /* getgrnam_r(3): a group with its members */

static int address_of(const char *path, struct sockaddr_un *ret, struct err *err)
{
	size_t len = strlen(path);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len > CONFIG_SOCKET_BYTES)
		return err_set(err, ERR_CONFIG, 0, "the path '%s' is too long for a socket: at most %d bytes", path,
			       CONFIG_SOCKET_BYTES);
	memcpy(ret->sun_path, path, len);
	return 0;
}

/* --- passed by the service manager --- */

static bool is_ours(int fd, int type, const struct sockaddr_un *address)
{
	struct sockaddr_un name = { .sun_family = AF_UNSPEC };
	socklen_t name_len = sizeof(name), type_len = sizeof(int);
	int found = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &found, &type_len) == 0 && found == type &&
	       getsockname(fd, (struct sockaddr *)&name, &name_len) == 0 && name.sun_family == AF_UNIX &&
	       strncmp(name.sun_path, address->sun_path, sizeof(name.sun_path)) == 0;
}

/* The passed socket, once more, so that closing it leaves it for the next time; -1: there is none. */
static int find_passed(int type, const struct sockaddr_un *address)
{
	uint64_t pid, count;

	if (text_u64(view_of(getenv("LISTEN_PID")), INT32_MAX, &pid) || pid != (uint64_t)getpid() ||
	    text_u64(view_of(getenv("LISTEN_FDS")), PASSED_MAX, &count))
		return -1;
	for (int fd = FIRST_PASSED; fd < FIRST_PASSED + (int)count; fd++)
		if (is_ours(fd, type, address))
			return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return -1;
}

/* --- our own --- */

/* Removes a socket that nobody listens on any more. */
static int clear_path(const struct sockaddr_un *address, int type, struct err *err)
{
	const char *path = address->sun_path;
	DEFER(closep) int fd = -1;
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, errno, "cannot look at '%s'", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFIG, 0, "'%s' is no socket: it stays, and nothing listens there", path);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno != ECONNREFUSED)
		return err_set(err, ERR_LATER, 0, "another process listens on '%s'", path);
	if (unlink(path) && errno != ENOENT)
		return err_set(err, ERR_IO, errno, "cannot replace '%s'", path);
	return 0;
}

static int find_group(const char *name, gid_t *ret, struct err *err)
{
	DEFER(freep) char *space = malloc(GROUP_BYTES);
	struct group group, *found = NULL;
	uint64_t number;
	int errnum;

	if (!space)
		return err_nomem(err);
	if (text_u64(view_of(name), UINT32_MAX - 1, &number) == 0) {
		*ret = (gid_t)number;
		return 0;
	}
	errnum = getgrnam_r(name, &group, space, GROUP_BYTES, &found);
	if (!found)
		return err_set(err, ERR_CONFIG, errnum, "there is no group '%s'", name);
	*ret = group.gr_gid;
	return 0;
}

int ingest_socket_check_group(const char *group, struct err *err)
{
	gid_t gid;

	return find_group(group, &gid, err);
}

/* Nobody else may connect before the group is right: the mode is 0600 from its birth until then. */
static int give_to(const char *path, const char *group, struct err *err)
{
	gid_t gid = (gid_t)-1;

	if (group && find_group(group, &gid, err))
		return -1;
	if (group && lchown(path, (uid_t)-1, gid))
		return err_set(err, ERR_IO, errno, "cannot give '%s' to the group '%s'", path, group);
	return chmod(path, MODE) ? err_set(err, ERR_IO, errno, "cannot set the mode of '%s'", path) : 0;
}

static int make(struct ingest_socket *s, const struct sockaddr_un *address, int type, const char *group,
		struct err *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (clear_path(address, type, err))
		return -1;
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0 || fchmod(s->fd, MODE & 0600) || bind(s->fd, (const struct sockaddr *)address, sizeof(*address)))
		return err_set(err, ERR_IO, errno, "cannot make a socket at '%s'", path);
	s->path = strdup(path);
	if (!s->path) {
		(void)unlink(path);
		return err_nomem(err);
	}
	if (lstat(path, &st))
		return err_set(err, ERR_IO, errno, "cannot look at '%s'", path);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	if (give_to(path, group, err))
		return -1;
	return type == SOCK_STREAM && listen(s->fd, BACKLOG)
		       ? err_set(err, ERR_IO, errno, "cannot listen on '%s'", path)
		       : 0;
}

int ingest_socket_open(struct ingest_socket *s, const char *path, int type, const char *group, struct err *err)
{
	const int on = 1;
	struct sockaddr_un address;

	*s = (struct ingest_socket){ .fd = -1 };
	if (address_of(path, &address, err))
		return -1;
	s->fd = find_passed(type, &address);
	if (s->fd < 0 && make(s, &address, type, group, err)) {
		ingest_socket_close(s);
		return -1;
	}
	if ((type == SOCK_DGRAM && setsockopt(s->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on))) ||
	    fcntl(s->fd, F_SETFL, O_NONBLOCK)) {
		(void)err_set(err, ERR_IO, errno, "cannot set up the socket '%s'", path);
		ingest_socket_close(s);
		return -1;
	}
	return 0;
}

void ingest_socket_close(struct ingest_socket *s)
{
	struct stat st;

	if (s->path && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		(void)unlink(s->path);
	free(s->path);
	closep(&s->fd);
	*s = (struct ingest_socket){ .fd = -1 };
}
