/* SPDX-License-Identifier: Apache-2.0 */
/* json_bench: MB/s (10^6 bytes) of one core over pages of 5,000 records. Activities are as the Compliance API gives
 * them: of mixed kinds, some with names beyond ASCII or with escapes. rows_read and json_whole are ours; cJSON_Parse
 * reads the same page in the same run. The best of a few runs counts. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "common/api/rows.h"
#include "common/base/clock.h"
#include "common/sys/json.h"

#define ROWS 5000
#define RUNS 20
#define PAGE_BYTES (64u << 20)

#define ACTOR                                                                                                          \
	"\"actor\":{\"type\":\"user_actor\",\"email_address\":\"%s\",\"user_id\":\"user_01TuXw5mSmAvJ8L%06u\","        \
	"\"ip_address\":\"192.0.2.%u\",\"user_agent\":\"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "              \
	"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\"}"

/* What a record ends with, by its kind: its type, its own members. */
static const char *const kinds[] = {
	",\"type\":\"platform_api_key_updated\",\"api_key_id\":\"apikey_01Rj2N8SVvo6BePZj99NhmiT\",\"updates\":["
	"{\"type\":\"status\",\"previous_value\":\"active\",\"current_value\":\"inactive\"},"
	"{\"type\":\"name\",\"previous_value\":\"prod-billing-eu\",\"current_value\":\"prod-billing-eu-old\"}]",
	",\"type\":\"compliance_api_accessed\",\"request_id\":\"req_011CSHoEeqs5C35K2UUqR7Fy\",\"request_method\":"
	"\"GET\",\"status_code\":200,\"url\":\"https://api.anthropic.com/v1/compliance/activities?limit=5000"
	"\\u0026order=asc\\u0026created_at.gte=2026-04-10T00%3A00%3A00Z\"",
	",\"type\":\"claude_chat_created\",\"claude_chat_id\":\"claude_chat_01Rj2N8SVvo6BePZj99NhmiT\"",
	",\"type\":\"platform_workspace_member_added\",\"user_id\":\"user_01WCz1FkmYMm4gnmykNKUu3Q\","
	"\"workspace_id\":\"wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ\",\"workspace_role\":\"workspace_developer\"",
	",\"type\":\"platform_workspace_updated\",\"workspace_name\":\"Forschung \xc3\xbc"
	"ber Sprache \xe2\x80\x93 "
	"\xe6\x9d\xb1\xe4\xba\xac\xe6\x94\xaf\xe7\xa4\xbe\xe3\x81\xae\xe9\x96\x8b\xe7\x99\xba\xe7\x8e\xaf\xe5"
	"\xa2\x83 \xf0\x9f\x98\x80\",\"updates\":[]",
	",\"type\":\"platform_file_uploaded\",\"file_id\":\"file_011CNha8iCJcU1wXNR6q4V8w\",\"size_bytes\":1048576,"
	"\"sequence\":9007199254740993,\"is_public\":false",
	",\"type\":\"api_key_created\",\"api_key_id\":\"apikey_01Rj2N8SVvo6BePZj99NhmiT\",\"scopes\":["
	"\"read:compliance_activities\",\"read:compliance_org_data\",\"read:compliance_user_data\"]",
	",\"type\":\"compliance_api_accessed\",\"request_method\":\"POST\",\"status_code\":400,\"request_body\":"
	"\"{\\\"model\\\":\\\"claude\\\",\\\"name\\\":\\\"a\\\\nb\\\",\\\"list\\\":[1,2,3]}\\n\",\"url\":\"/v1/x\"",
};

/* Appends compact text in lines, two spaces a level. */
static int add_indented(struct buf *page, struct view text)
{
	unsigned depth = 0;
	bool is_string = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		is_string ^= c == '"' && (i == 0 || text.ptr[i - 1] != '\\');
		depth += !is_string && (c == '{' || c == '[');
		depth -= !is_string && (c == '}' || c == ']');
		if (buf_add_byte(page, c))
			return -1;
		if (!is_string && (c == ',' || c == '{' || c == '[') && buf_addf(page, "\n%*s", (int)(2 * depth), ""))
			return -1;
		if (!is_string && c == ':' && buf_add_byte(page, ' '))
			return -1;
	}
	return 0;
}

typedef int add_row_fn(struct buf *page, unsigned i);

static int add_activity(struct buf *page, unsigned i)
{
	if (buf_addf(page,
		     "{\"id\":\"activity_01XyDEq8nVfN%06u\",\"created_at\":\"2026-04-10T%02u:%02u:%02u.%06uZ\","
		     "\"organization_id\":\"org_01Wv6QeBcDfGhJkLmNpQrStUv\","
		     "\"organization_uuid\":\"7c9e6679-7425-40de-944b-e07fc1f90ae7\",",
		     i, i / 3600 % 24, i / 60 % 60, i % 60, i))
		return -1;
	return buf_addf(page, ACTOR, i % 8 == 4 ? "j\xc3\xbcrgen@example.com" : "ada@example.com", i, i % 256) ||
	       buf_add_text(page, kinds[i % ARRAY_LEN(kinds)]) || buf_add_byte(page, '}');
}

static int add_indented_activity(struct buf *page, unsigned i)
{
	DEFER(buf_done) struct buf row = BUF_INIT(PAGE_BYTES);

	return add_activity(&row, i) || add_indented(page, buf_view(&row));
}

/* Short words and numbers, as in usage reports: all of it is structure. */
static int add_usage(struct buf *page, unsigned i)
{
	return buf_addf(page,
			"{\"id\":%u,\"uncached_input_tokens\":%u,\"cache_creation\":{\"ephemeral_1h_input_tokens\":0,"
			"\"ephemeral_5m_input_tokens\":%u},\"output_tokens\":%u,\"server_tool_use\":{"
			"\"web_search_requests\":0},\"model\":null,\"amount\":\"%u.25\",\"is_batch\":false}",
			i, i * 7919, i * 31, i * 101, i);
}

/* Nothing is ASCII but the quotes; then nothing but escapes. */
static int add_foreign(struct buf *page, unsigned i)
{
	if (buf_addf(page, "{\"id\":\"%u\",\"name\":\"", i))
		return -1;
	for (unsigned n = 0; n < 20; n++)
		if (buf_add_text(page, "\xe6\x9d\xb1\xe4\xba\xac\xd0\x96\xd1\x8f\xf0\x9f\x98\x80\xe2\x80\x93"))
			return -1;
	return buf_add_text(page, "\"}");
}

static int add_escapes(struct buf *page, unsigned i)
{
	if (buf_addf(page, "{\"id\":\"%u\",\"body\":\"", i))
		return -1;
	for (unsigned n = 0; n < 20; n++)
		if (buf_add_text(page, "{\\\"a\\\":\\\"\\u00e9\\ud83d\\ude00\\n\\\"}"))
			return -1;
	return buf_add_text(page, "\"}");
}

static int make_page(struct buf *page, add_row_fn *add_row)
{
	buf_clear(page);
	if (buf_add_text(page, "{\"data\":["))
		return -1;
	for (unsigned i = 0; i < ROWS; i++)
		if ((i && buf_add_byte(page, ',')) || add_row(page, i))
			return -1;
	return buf_add_text(page, "],\"has_more\":true,\"first_id\":\"Zmlyc3Q=\",\"last_id\":\"bGFzdA==\"}");
}

typedef bool read_fn(struct view page);

/* As the feed reads it, the memory of the page before used again. */
static bool rows(struct view page)
{
	static const struct rows_form form = {
		.rows = "data",
		.has_more = "has_more",
		.first_id = "first_id",
		.last_id = "last_id",
		.wanted = { { .key = "id" }, { .key = "created_at" }, { .key = "type" }, { "actor", "type" } },
	};
	static struct rows read;

	return rows_read(&read, &form, page, NULL) == 0 && read.count == ROWS;
}

static bool whole(struct view page)
{
	struct view value;

	return json_whole(page, &value, NULL) == 0;
}

static bool cjson(struct view page)
{
	cJSON *tree = cJSON_ParseWithLength(page.ptr, page.len);
	bool is_read = tree != NULL;

	cJSON_Delete(tree);
	return is_read;
}

/* 0 when the page cannot be read. */
static double mb_s(read_fn *read, struct view page)
{
	uint64_t best = UINT64_MAX;

	for (unsigned run = 0; run < RUNS; run++) {
		uint64_t start = clock_mono_ns(), took;

		if (!read(page))
			return 0;
		took = clock_mono_ns() - start;
		best = took < best ? took : best;
	}
	return (double)page.len * 1e3 / (double)best;
}

int main(void)
{
	static const struct {
		const char *name;
		add_row_fn *add_row;
	} pages[] = { { "activities", add_activity },
		      { "activities, indented", add_indented_activity },
		      { "numbers", add_usage },
		      { "beyond ASCII", add_foreign },
		      { "escapes", add_escapes } };
	DEFER(buf_done) struct buf page = BUF_INIT(PAGE_BYTES);

	printf("%u records a page, one core    bytes  rows_read MB/s  json_whole MB/s  cJSON_Parse MB/s\n", ROWS);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (make_page(&page, pages[i].add_row) || !rows(buf_view(&page)) || !cjson(buf_view(&page))) {
			(void)fprintf(stderr, "json_bench: cannot read the page '%s'\n", pages[i].name);
			return 1;
		}
		printf("%-24s %11zu %15.0f %16.0f %17.0f\n", pages[i].name, page.len, mb_s(rows, buf_view(&page)),
		       mb_s(whole, buf_view(&page)), mb_s(cjson, buf_view(&page)));
	}
	return 0;
}
