/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a packed-refs file, a NUL, a ref's file, a NUL, a reflog. Whatever they say, what is read is sorted, has valid
 * names and no null ids, and is found again by name. */
#include "scanner/source/git/refs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/git/reflog.h"
#include "scanner/source/git/refname.h"

#define FOUND_MAX 16 /* of each input, that are looked up again */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/dev/shm/skant-refs-fuzz-XXXXXX"; /* files in memory */

/* The folder is left behind when a crash ends the fuzzer. */
static void clean(void)
{
	static const char *const names[] = { "packed-refs", "refs/heads/x", "logs/HEAD", "refs/heads",
					     "refs",        "logs",         "" };
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)remove(path);
	}
}

static void make(const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (mkdir(path, 0700))
		abort();
}

static void put(const char *name, struct view text)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || file_write_full(fd, text) || close(fd))
		abort();
}

static void start(void)
{
	static bool is_started;

	if (is_started)
		return;
	is_started = true;
	if (!mkdtemp(folder))
		abort();
	(void)atexit(clean);
	make("refs");
	make("refs/heads");
	make("logs");
}

static struct view next_part(struct view *rest)
{
	size_t end = text_find_byte(*rest, '\0');
	struct view part = view_sub(*rest, 0, end);

	*rest = end == SIZE_MAX ? VIEW_NONE : view_sub(*rest, end + 1, rest->len);
	return part;
}

static void check_refs(const struct gitrepo *repo)
{
	struct refs refs;

	if (refs_read(repo, &refs, NULL))
		abort();
	for (size_t i = 0; i < refs.count; i++) {
		struct oid id;

		if (!refname_is_valid(view_of(refs.refs[i].name)) || oid_is_null(&refs.refs[i].id) ||
		    (i && strcmp(refs.refs[i - 1].name, refs.refs[i].name) >= 0))
			abort();
		if (i < FOUND_MAX && (refs_resolve(repo, refs.refs[i].name, &id, NULL) ||
				      (!strchr(refs.refs[i].name, ' ') && !oid_eq(&id, &refs.refs[i].id))))
			abort();
	}
	refs_done(&refs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gitrepo repo = { .dir = folder, .common = folder, .hash_len = OID_SHA1_BYTES };
	struct view rest = view_from(data, size);
	struct reflog log;

	start();
	put("packed-refs", next_part(&rest));
	put("refs/heads/x", next_part(&rest));
	put("logs/HEAD", next_part(&rest));
	check_refs(&repo);
	if (reflog_read(&repo, &log, NULL))
		abort();
	for (size_t i = 0; i < log.count; i++)
		if (oid_is_null(&log.ids[i]) || (i && memcmp(&log.ids[i - 1], &log.ids[i], sizeof(struct oid)) >= 0))
			abort();
	reflog_done(&log);
	return 0;
}
