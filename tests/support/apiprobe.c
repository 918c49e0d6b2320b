/* SPDX-License-Identifier: Apache-2.0 */
/* The API client with nothing above it, for end-to-end tests:
 *
 *	apiprobe [OPTION ...] list|call|count|wipe OPERATION [NAME=VALUE ...]
 *
 * list prints the records, a line each; count how many there were; call the body of one reply. wipe lists, frees the
 * client, and looks through the memory of its own process for the key that --key-file holds. Where the API is, comes
 * from the environment (profile.h). Options: --retries N, --timeout MS, --deadline MS, --log FILE, --as KIND,
 * --page-size N, --threads N (count: that many at once), --dry-run. Errors: "kind: text" on stderr; exit status 2
 * (usage, configuration), 3 (refused), 75 (later), 4 (format), 5 (others). */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/api/page.h"
#include "common/base/text.h"
#include "common/sys/file.h"

#define ARGUMENTS_MAX 32
#define THREADS_MAX 64
#define VEIL 0x5A /* the key is never in this process in plain but in the client's own memory */
#define FRAGMENT_BYTES 16
#define REGION_BYTES (1u << 20)
#define MAPPING_BYTES (UINT64_C(1) << 32) /* larger ones are a sanitizer's own */

struct probe {
	struct api_options options;
	struct profile profile;
	enum api_operation operation;
	struct api_argument arguments[ARGUMENTS_MAX];
	size_t count;
	uint64_t page_size, threads;
	const char *as, *key_file;
	struct api *api;
	bool is_quiet;
};

static int fail(const struct err *err)
{
	static const char *const kinds[] = { "none",  "usage",  "config",  "io",    "nomem",
					     "limit", "format", "refused", "later", "internal" };
	static const int statuses[] = { 5, 2, 2, 5, 5, 5, 4, 3, 75, 5 };

	(void)fprintf(stderr, "%s: %s\n", kinds[err->kind], err->text);
	return statuses[err->kind];
}

static int list(const struct probe *p, uint64_t *ret_rows, struct err *err)
{
	struct page_walk walk;
	struct view row;
	int status;

	*ret_rows = 0;
	page_start(&walk, p->api, p->operation, p->arguments, p->count, p->page_size);
	while ((status = page_row(&walk, &row, err)) == 1) {
		++*ret_rows;
		if (!p->is_quiet) {
			(void)fwrite(row.ptr, 1, row.len, stdout);
			(void)fputc('\n', stdout);
		}
	}
	page_done(&walk);
	return status;
}

static int run_list(struct probe *p)
{
	struct err err = ERR_INIT;
	uint64_t rows;

	return list(p, &rows, &err) ? fail(&err) : 0;
}

static int count_once(struct probe *p)
{
	struct err err = ERR_INIT;
	uint64_t rows;

	if (list(p, &rows, &err))
		return fail(&err);
	(void)printf("%llu\n", (unsigned long long)rows);
	return 0;
}

static void *count_thread(void *context)
{
	return count_once(context) ? context : NULL;
}

static int run_count(struct probe *p)
{
	pthread_t threads[THREADS_MAX];
	int status = 0;

	p->is_quiet = true;
	for (uint64_t i = 1; i < p->threads; i++)
		if (pthread_create(&threads[i], NULL, count_thread, p))
			abort();
	status = count_once(p);
	for (uint64_t i = 1; i < p->threads; i++) {
		void *failed;

		if (pthread_join(threads[i], &failed))
			abort();
		status = failed ? 5 : status;
	}
	return status;
}

static enum credential_kind kind_named(const char *name)
{
	unsigned kind = 0;

	while (kind < CREDENTIAL_KINDS && strcmp(name, credential_kind_names[kind]) != 0)
		kind++;
	return (enum credential_kind)kind;
}

static int run_call(struct probe *p)
{
	struct api_reply reply = { .status = 0 };
	struct api_refusal refusal = { .status = 0 };
	struct err err = ERR_INIT;
	int status;

	if (p->as)
		status = api_call_as(p->api, kind_named(p->as), p->operation, p->arguments, p->count, &reply, &refusal,
				     &err);
	else
		status = api_call(p->api, p->operation, p->arguments, p->count, &reply, &refusal, &err);
	if (status == 0)
		(void)printf("%u %s %s %.*s\n", reply.status, reply.was_sent ? "sent" : "dry",
			     reply.request_id.len ? reply.request_id.ptr : "-", (int)reply.body.len,
			     reply.body.len ? reply.body.ptr : "");
	else if (refusal.status)
		(void)printf("%u %s %s\n", refusal.status, refusal.type, refusal.message);
	api_reply_done(&reply);
	return status ? fail(&err) : 0;
}

/* Whether the veiled fragment stands anywhere in the bytes. */
static bool holds(const unsigned char *bytes, size_t len, const unsigned char veiled[static FRAGMENT_BYTES])
{
	for (size_t i = 0; i + FRAGMENT_BYTES <= len; i++) {
		size_t same = 0;

		while (same < FRAGMENT_BYTES && (bytes[i + same] ^ VEIL) == veiled[same])
			same++;
		if (same == FRAGMENT_BYTES)
			return true;
	}
	return false;
}

/* Looks through one mapping, piece by piece. */
static bool region_holds(uint64_t start, uint64_t end, const unsigned char veiled[static FRAGMENT_BYTES])
{
	static unsigned char piece[REGION_BYTES];

	for (uint64_t at = start; at < end; at += REGION_BYTES - FRAGMENT_BYTES) {
		uint64_t len = end - at < REGION_BYTES ? end - at : REGION_BYTES;
		struct iovec local = { .iov_base = piece, .iov_len = (size_t)len };
		struct iovec remote = { .iov_base = (void *)(uintptr_t)at, .iov_len = (size_t)len };
		ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

		/* what was copied here to be looked at is no find the second time */
		if (at <= (uint64_t)(uintptr_t)piece + REGION_BYTES && at + len > (uint64_t)(uintptr_t)piece)
			continue;
		if (n > 0 && holds(piece, (size_t)n, veiled))
			return true;
	}
	return false;
}

/* Where in this process the fragment stands, a line a mapping. Their number. */
static unsigned search_memory(const unsigned char veiled[static FRAGMENT_BYTES])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned found = 0;

	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long start, end;

		if (!strstr(line, " rw-p ") || sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		if (end - start > MAPPING_BYTES)
			continue;
		if (region_holds(start, end, veiled)) {
			(void)printf("found in %s", line);
			found++;
		}
	}
	if (maps)
		(void)fclose(maps);
	return found;
}

/* A part of the key's middle, veiled before anything else sees it. */
static void read_fragment(const char *path, unsigned char veiled[static FRAGMENT_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, veiled, FRAGMENT_BYTES, 40) != FRAGMENT_BYTES)
		abort();
	for (size_t i = 0; i < FRAGMENT_BYTES; i++)
		veiled[i] ^= VEIL;
	(void)close(fd);
}

static int run_wipe(struct probe *p)
{
	unsigned char veiled[FRAGMENT_BYTES];
	unsigned before, after;
	struct err err = ERR_INIT;
	uint64_t rows;
	int status;

	p->is_quiet = true;
	read_fragment(p->key_file, veiled);
	status = list(p, &rows, &err);
	before = search_memory(veiled); /* the client keeps it: the search is known to work */
	api_freep(&p->api);
	after = search_memory(veiled);
	(void)printf("rows %llu, before %s, after %u\n", (unsigned long long)rows, before ? "yes" : "no", after);
	return status ? fail(&err) : 0;
}

static int print_request(void *context, const char *method, struct view target, struct view body, struct err *err)
{
	(void)context;
	(void)err;
	(void)printf("%s %.*s %.*s\n", method, (int)target.len, target.ptr, (int)body.len, body.len ? body.ptr : "");
	return 0;
}

static uint64_t number(const char *text)
{
	uint64_t n;

	if (text_u64(view_of(text), UINT32_MAX, &n))
		abort();
	return n;
}

/* One option and its value. How many words it was. */
static int take_option(struct probe *p, char **argv)
{
	const char *name = argv[0], *value = argv[1];

	if (strcmp(name, "--dry-run") == 0) {
		p->options.dry_run = print_request;
		return 1;
	}
	if (strcmp(name, "--retries") == 0)
		p->options.max_retries = (unsigned)number(value);
	else if (strcmp(name, "--timeout") == 0)
		p->options.timeout_ms = number(value);
	else if (strcmp(name, "--deadline") == 0)
		p->options.deadline_ms = number(value);
	else if (strcmp(name, "--page-size") == 0)
		p->page_size = number(value);
	else if (strcmp(name, "--threads") == 0)
		p->threads = number(value);
	else if (strcmp(name, "--log") == 0)
		p->options.request_log_fd = open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	else if (strcmp(name, "--as") == 0)
		p->as = value;
	else if (strcmp(name, "--key-file") == 0)
		p->key_file = value;
	else
		abort();
	return 2;
}

static void take_operation(struct probe *p, const char *name)
{
	unsigned i = 0;

	while (i < API_OPERATIONS && strcmp(api_operation_name((enum api_operation)i), name) != 0)
		i++;
	if (i == API_OPERATIONS)
		abort();
	p->operation = (enum api_operation)i;
}

static void take_argument(struct probe *p, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || p->count == ARGUMENTS_MAX)
		abort();
	*equals = '\0';
	p->arguments[p->count++] = (struct api_argument){ .name = text, .value = view_of(equals + 1) };
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct probe *p);
	} commands[] = { { "list", run_list }, { "count", run_count }, { "call", run_call }, { "wipe", run_wipe } };
	static struct probe p = { .options = { .user_agent = "apiprobe", .request_log_fd = -1 }, .threads = 1 };
	struct err err = ERR_INIT;
	int at = 1, status = 5;

	while (at < argc && argv[at][0] == '-')
		at += take_option(&p, argv + at);
	if (argc - at < 2 || p.threads > THREADS_MAX)
		abort();
	take_operation(&p, argv[at + 1]);
	for (int i = at + 2; i < argc; i++)
		take_argument(&p, argv[i]);
	if (profile_load(&(struct profile_flags){ .name = NULL }, &p.profile, &err))
		return fail(&err);
	p.options.profile = &p.profile;
	p.api = api_new(&p.options, &err);
	if (!p.api)
		return fail(&err);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, argv[at]) == 0)
			status = commands[i].run(&p);
	api_freep(&p.api);
	profile_done(&p.profile);
	return status;
}
