/* SPDX-License-Identifier: Apache-2.0 */
/* prefilter_bench FILE|FOLDER...: GB/s of the prefilter for each instruction set and number of literals, over at most
 * SAMPLE_BYTES of the files given, which are read into memory first. "files" goes through all of them, one call a file
 * or more; "cached" goes through 64 KiB blocks, each several times. The best of a few runs counts. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "scanner/prefilter/prefilter.h"

#define SAMPLE_BYTES (200u << 20)
#define FILES_MAX 100000
#define BLOCK_BYTES ((size_t)64 << 10)
#define BLOCK_STRIDE 29 /* every so many blocks one is taken */
#define BLOCK_PASSES 4
#define RUNS 5
#define HITS 256
#define FOLDERS_OPEN 32

struct spelling {
	const char *bytes;
	unsigned char len;
	bool nocase;
};

/* clang-format off */
#define EXACT(s)                                                                                                       \
	{                                                                                                              \
		s, sizeof(s) - 1, false                                                                                \
	}
#define NOCASE(s)                                                                                                      \
	{                                                                                                              \
		s, sizeof(s) - 1, true                                                                                 \
	}

/* In the order in which they are taken: the first 1, 20 and 60. */
static const struct spelling spellings[] = {
	EXACT("sk-ant-"),
	EXACT("s\0k\0-\0a\0n\0t\0-\0"),
	EXACT("\0s\0k\0-\0a\0n\0t\0-"),
	/* names */
	NOCASE("anthropic_api_key"),
	NOCASE("anthropic-api-key"),
	NOCASE("anthropicApiKey"),
	NOCASE("api_keys"),
	EXACT("apiKeys"),
	EXACT("apikey_01"),
	NOCASE("x-api-key"),
	NOCASE("claude_api_key"),
	EXACT("ANTHROPIC_AUTH_TOKEN"),
	NOCASE("admin_key"),
	NOCASE("workspace_id"),
	EXACT("anthropic_api_key"),
	EXACT("a\0p\0i\0k\0e\0y\0_\0"
	      "0\0"
	      "1\0"),
	EXACT("\0a\0p\0i\0k\0e\0y\0_\0"
	      "0\0"
	      "1"),
	EXACT("a\0p\0i\0K\0e\0y\0s\0"),
	EXACT("\0a\0p\0i\0K\0e\0y\0s"),
	NOCASE("a\0p\0i\0_\0k\0e\0y\0s\0"),
	/* base64 at three alignments: sk-ant-, apikey_01, anthropic, and sk-ant- in UTF-16 */
	EXACT("c2stYW50L"),
	EXACT("NrLWFudC"),
	EXACT("zay1hbnQt"),
	EXACT("YXBpa2V5XzAx"),
	EXACT("FwaWtleV8wM"),
	EXACT("hcGlrZXlfMD"),
	EXACT("YW50aHJvcGlj"),
	EXACT("FudGhyb3BpY"),
	EXACT("hbnRocm9waW"),
	EXACT("cwBrAC0AYQBuAHQALQ"),
	EXACT("MAawAtAGEAbgB0AC0A"),
	EXACT("zAGsALQBhAG4AdAAtA"),
	/* an escaped dash */
	NOCASE("sk%2Dant"),
	NOCASE("sk\\u002dant"),
	NOCASE("sk\\x2dant"),
	NOCASE("sk\\055ant"),
	NOCASE("sk&#45;ant"),
	NOCASE("sk&#x2d;ant"),
	NOCASE("sk=2Dant"),
	NOCASE("sk%252Dant"),
	NOCASE("sk&#045;ant"),
	NOCASE("sk&hyphen;ant"),
	NOCASE("sk\\u{2d}ant"),
	NOCASE("sk\\N{HYPHEN"),
	NOCASE("sk\\55ant"),
	EXACT("sk-\\ant"),
	/* escaped as a whole, hex, split */
	NOCASE("%73%6b%2d%61%6e%74%2d"),
	NOCASE("\\x73\\x6b\\x2d\\x61\\x6e\\x74"),
	NOCASE("\\u0073\\u006b\\u002d\\u0061"),
	EXACT("&#115;&#107;&#45;&#97;&#110;"),
	NOCASE("&#x73;&#x6b;&#x2d;&#x61;"),
	EXACT("\\163\\153\\055\\141\\156"),
	NOCASE("%2573%256b%252d%2561"),
	NOCASE("=73=6b=2d=61=6e=74=2d"),
	NOCASE("736b2d616e742d"),
	NOCASE("73006b002d0061006e0074"),
	EXACT("sk-\" + \"ant"),
	EXACT("sk-' + 'ant"),
	EXACT("sk_ant_"),
	EXACT("-tna-ks"),
};
/* clang-format on */

static struct {
	char *bytes;
	size_t len;
	size_t ends[FILES_MAX];
	size_t files;
} sample;

/* Keeps the compiler from leaving a search out. */
static volatile size_t total_found;

static int add_file(const char *path, const struct stat *, int type, struct FTW *)
{
	FILE *f;

	if (type != FTW_F || sample.files == FILES_MAX)
		return 0;
	f = fopen(path, "re");
	if (!f)
		return 0;
	sample.len += fread(sample.bytes + sample.len, 1, SAMPLE_BYTES - sample.len, f);
	sample.ends[sample.files++] = sample.len;
	(void)fclose(f);
	return sample.len == SAMPLE_BYTES;
}

static struct prefilter *make(size_t count, enum prefilter_level level)
{
	static struct literal literals[ARRAY_LEN(spellings)];
	struct err err = ERR_INIT;
	struct prefilter *p;

	for (size_t i = 0; i < count; i++) {
		literals[i] = (struct literal){ .len = spellings[i].len, .nocase = spellings[i].nocase };
		memcpy(literals[i].bytes, spellings[i].bytes, spellings[i].len);
	}
	p = prefilter_new(literals, count, level, &err);
	if (!p)
		(void)fprintf(stderr, "prefilter_bench: %s\n", err.text);
	return p;
}

static void search(const struct prefilter *p, size_t from, size_t to)
{
	struct prefilter_cursor cursor = { 0 };
	struct prefilter_hit hits[HITS];
	struct view bytes = view_from(sample.bytes + from, to - from);
	size_t n;

	do {
		n = prefilter_scan(p, bytes, &cursor, hits, HITS);
		total_found += n;
	} while (n == HITS);
}

static void count(const struct prefilter *p, size_t from, size_t to)
{
	total_found += prefilter_count_lines(p, view_from(sample.bytes + from, to - from));
}

typedef void work_fn(const struct prefilter *p, size_t from, size_t to);

static double files_gb_s(const struct prefilter *p, work_fn *work)
{
	uint64_t best = UINT64_MAX;

	for (unsigned run = 0; run < RUNS; run++) {
		uint64_t start = clock_mono_ns(), took;
		size_t from = 0;

		for (size_t i = 0; i < sample.files; i++) {
			work(p, from, sample.ends[i]);
			from = sample.ends[i];
		}
		took = clock_mono_ns() - start;
		best = took < best ? took : best;
	}
	return (double)sample.len / (double)best;
}

static double cached_gb_s(const struct prefilter *p, work_fn *work)
{
	uint64_t sum = 0, bytes = 0;

	for (size_t at = 0; at + BLOCK_BYTES <= sample.len; at += BLOCK_STRIDE * BLOCK_BYTES) {
		uint64_t best = UINT64_MAX;

		for (unsigned run = 0; run < RUNS; run++) {
			uint64_t start = clock_mono_ns(), took;

			for (unsigned pass = 0; pass < BLOCK_PASSES; pass++)
				work(p, at, at + BLOCK_BYTES);
			took = clock_mono_ns() - start;
			best = took < best ? took : best;
		}
		sum += best;
		bytes += BLOCK_PASSES * BLOCK_BYTES;
	}
	return sum ? (double)bytes / (double)sum : 0;
}

static int print_row(const char *what, size_t literals, enum prefilter_level level, work_fn *work)
{
	DEFER(prefilter_freep) struct prefilter *p = make(literals, level);

	if (!p)
		return 1;
	printf("%-8s %-9s %6.1f %8.1f\n", prefilter_level_name(p), what, files_gb_s(p, work), cached_gb_s(p, work));
	return 0;
}

static int print_level(enum prefilter_level level)
{
	return print_row("1", 1, level, search) || print_row("20", 20, level, search) ||
	       print_row("60", 60, level, search) || print_row("lines", 1, level, count);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: prefilter_bench FILE|FOLDER...\n");
		return 2;
	}
	sample.bytes = malloc(SAMPLE_BYTES);
	if (!sample.bytes)
		return 1;
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], add_file, FOLDERS_OPEN, FTW_PHYS) < 0)
			perror(argv[i]);
	printf("%zu files, %zu bytes; GB/s\nlevel    literals   files   cached\n", sample.files, sample.len);
	for (int level = PREFILTER_BEST - 1; level >= 0; level--)
		if (prefilter_has((enum prefilter_level)level) && print_level((enum prefilter_level)level))
			return 1;
	free(sample.bytes);
	return 0;
}
