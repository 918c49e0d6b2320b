/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define LINES 5000
#define ALL_PARTS ((1u << ESTIMATE_PARTS) - 1)

static struct prices *prices;

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	prices = prices_builtin(&err);
	return prices ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	prices_free(prices);
	return 0;
}

/* A file of its own, without a name. */
static struct estimate_file file_of(struct view text)
{
	char path[] = "/tmp/estimate-test-XXXXXX";
	struct estimate_file file = { .name = "records.jsonl", .fd = mkstemp(path) };

	assert_true(file.fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(file.fd, text.ptr, text.len), text.len);
	assert_int_equal(lseek(file.fd, 0, SEEK_SET), 0);
	return file;
}

/* Records of all kinds; every seventh line is none. */
static void add_lines(struct buf *text)
{
	static const char *const models[] = { "claude-opus-5", "claude-haiku-5-5", "claude-sonnet-5-5", "claude-x-1",
					      "claude-haiku-4-5" };
	/* "k\303\274che": the hexadecimal form would run on into the c. */
	static const char *const teams[] = { "ml", "backend", "k\303\274che", "m\\u006c" };

	for (unsigned i = 0; i < LINES; i++) {
		if (i % 7 == 3) {
			assert_int_equal(buf_addf(text, "{\"timestamp\":%u,\"model\":[]}%s", i, i % 2 ? "\r\n" : "\n"),
					 0);
			continue;
		}
		if (i % 11 == 5)
			assert_int_equal(buf_add_text(text, "  \n"), 0);
		assert_int_equal(buf_addf(text,
					  "{\"timestamp\": \"2026-%02u-%02uT%02u:00:00Z\", \"model\": \"%s\", "
					  "\"input_tokens\": %u, "
					  "\"output_tokens\": %u, \"cache_read_input_tokens\": %u, "
					  "\"team\": \"%s\", \"batch\": %s%s}\n",
					  9 + i % 3, 1 + i % 28, i % 24, models[i % ARRAY_LEN(models)],
					  i * 131 % 150000, i * 17 % 5000, i * 7 % 1000, teams[i % ARRAY_LEN(teams)],
					  i % 5 ? "false" : "true", i % 13 ? "" : ", \"inference_geo\": \"us\""),
				 0);
	}
}

/* All that a result says, by name, in an order of its own. */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void tell(const struct estimate_result *result, struct buf *out)
{
	const struct estimate_tally *tally = &result->tally;
	char **lines = calloc(tally->count + 1, sizeof(*lines));

	assert_non_null(lines);
	for (size_t i = 0; i < tally->count; i++) {
		const struct estimate_group *group = &tally->groups[i];
		struct buf line = BUF_INIT(4096);

		for (unsigned part = 0; part < USAGE_TEXTS; part++)
			assert_int_equal(buf_add(&line, estimate_tally_name(tally, (uint32_t)group->key[part])) ||
						 buf_add_byte(&line, '|'),
					 0);
		assert_int_equal(buf_addf(&line, "%d|%d|%llu|%llu", group->key[ESTIMATE_DAY],
					  group->key[ESTIMATE_MONTH], (unsigned long long)group->sums.records,
					  (unsigned long long)group->sums.unpriced),
				 0);
		for (unsigned kind = 0; kind < PRICE_KINDS; kind++)
			assert_int_equal(buf_addf(&line, "|%llu", (unsigned long long)group->sums.tokens[kind]), 0);
		assert_int_equal(buf_add_byte(&line, '|') ||
					 decimal_write(&line, (struct decimal){ group->sums.units, PRICE_SCALE }),
				 0);
		lines[i] = buf_detach(&line);
	}
	qsort(lines, tally->count, sizeof(*lines), by_text);
	for (size_t i = 0; i < tally->count; i++) {
		assert_int_equal(buf_add_text(out, lines[i]) || buf_add_byte(out, '\n'), 0);
		free(lines[i]);
	}
	free(lines);
	for (size_t i = 0; i < USAGE_BAD_SHOWN && i < result->bad_count; i++)
		assert_int_equal(buf_addf(out, "%llu:%llu %s\n", (unsigned long long)result->bad[i].line,
					  (unsigned long long)result->bad[i].column, result->bad[i].text),
				 0);
	assert_int_equal(buf_addf(out, "%llu bad\n", (unsigned long long)result->bad_count), 0);
}

static void run(struct view text, unsigned parts, unsigned threads, size_t piece, struct buf *out)
{
	struct estimate_query query = { .prices = prices, .parts = parts, .from_s = INT64_MIN, .to_s = INT64_MAX };
	struct estimate_file files[] = { file_of(VIEW("")), file_of(text) };
	struct estimate_result result;
	struct err err = ERR_INIT;

	if (estimate_run(&query, files, ARRAY_LEN(files), threads, piece, &result, &err))
		fail_msg("%s", err.text);
	tell(&result, out);
	estimate_result_done(&result);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		assert_int_equal(close(files[i].fd), 0);
}

static void the_result_depends_neither_on_threads_nor_on_pieces(void **state)
{
	static const struct {
		unsigned threads;
		size_t piece;
	} ways[] = { { 1, 64 }, { 1, 1000 }, { 2, 300 }, { 3, 4096 }, { 8, 1 }, { 8, 65536 }, { 16, 777 } };
	DEFER(buf_done) struct buf text = BUF_INIT(4u << 20), wanted = BUF_INIT(4u << 20);

	(void)state;
	add_lines(&text);
	run(buf_view(&text), ALL_PARTS, 1, USAGE_CHUNK_BYTES, &wanted);
	assert_true(wanted.len > 10000);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		DEFER(buf_done) struct buf got = BUF_INIT(4u << 20);

		run(buf_view(&text), ALL_PARTS, ways[i].threads, ways[i].piece, &got);
		assert_int_equal(got.len, wanted.len);
		assert_memory_equal(got.ptr, wanted.ptr, got.len);
	}
}

static void bad_lines_are_named_by_their_place_in_the_file(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct view text = VIEW("\n\n{}\n[]\r\n  \n{\"model\": 1}");

	(void)state;
	run(text, 1u << ESTIMATE_TEAM, 2, 3, &out);
	assert_non_null(strstr(out.ptr, "3:1 no 'timestamp'"));
	assert_non_null(strstr(out.ptr, "4:1 this is no object"));
	assert_non_null(strstr(out.ptr, "6:11 'model' is no text"));
	assert_non_null(strstr(out.ptr, "3 bad"));
}

static void only_the_first_bad_lines_are_kept(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20), text = BUF_INIT(1u << 20);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&text, "x\n"), 0);
	run(buf_view(&text), 1u << ESTIMATE_TEAM, 4, 50, &out);
	assert_non_null(strstr(out.ptr, "1:1 not valid JSON"));
	assert_non_null(strstr(out.ptr, "10:1 not valid JSON"));
	assert_null(strstr(out.ptr, "11:1 not valid JSON"));
	assert_non_null(strstr(out.ptr, "1000 bad"));
}

static void a_line_that_is_too_long_ends_it(void **state)
{
	struct estimate_query query = { .prices = prices, .parts = 1, .from_s = INT64_MIN, .to_s = INT64_MAX };
	size_t len = USAGE_LINE_BYTES + 5;
	DEFER(freep) char *text = malloc(len);
	struct estimate_result result;
	struct estimate_file file;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	file = file_of(view_from(text, len));
	assert_int_equal(estimate_run(&query, &file, 1, 2, 1u << 20, &result, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_non_null(strstr(err.text, "records.jsonl"));
	estimate_result_done(&result);
	assert_int_equal(close(file.fd), 0);
}

static void a_folder_cannot_be_read(void **state)
{
	struct estimate_query query = { .prices = prices, .parts = 1, .from_s = INT64_MIN, .to_s = INT64_MAX };
	struct estimate_file file = { .name = "folder", .fd = open("/tmp", O_RDONLY | O_CLOEXEC) };
	struct estimate_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(estimate_run(&query, &file, 1, 2, 1u << 20, &result, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	estimate_result_done(&result);
	assert_int_equal(close(file.fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_result_depends_neither_on_threads_nor_on_pieces),
		cmocka_unit_test(bad_lines_are_named_by_their_place_in_the_file),
		cmocka_unit_test(only_the_first_bad_lines_are_kept),
		cmocka_unit_test(a_line_that_is_too_long_ends_it),
		cmocka_unit_test(a_folder_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
