/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the API says, in each format a row is one row, and nothing in it writes to the terminal. The input: a byte
 * that picks format and shape, then JSON. */
#include <stdlib.h>
#include <string.h>

#include "admin/output.h"
#include "common/base/text.h"
#include "common/sys/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct column columns[] = { { "id", "id" }, { "name", "name" }, { "made_by", "created_by.id" } };

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static size_t count_of(struct view text, char byte)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == byte;
	return count;
}

/* Two rows that are alike: what is printed of each has to end where the other starts. */
static void check_output(enum output_format format, const struct output *out, bool is_single)
{
	struct view text = buf_view(&out->pending);

	if (format == OUTPUT_TABLE && !out->is_aligned)
		check(count_of(text, '\n') == 3 && count_of(text, '\t') == 6);
	if (format == OUTPUT_TABLE || format == OUTPUT_CSV)
		for (size_t i = 0; i < text.len; i++)
			check((unsigned char)text.ptr[i] >= 0x20 || strchr("\t\r\n", text.ptr[i]));
	if (format == OUTPUT_CSV)
		check(count_of(text, '\n') == 3);
	if (format == OUTPUT_JSONL)
		check(count_of(text, '\n') == 2 && count_of(text, '\r') == 0);
	if (format == OUTPUT_YAML)
		check(count_of(text, '\x1b') == 0 && count_of(text, '\r') == 0);
	if (format == OUTPUT_JSON && !is_single) {
		struct err err = ERR_INIT;
		struct view whole;

		check(json_whole(text, &whole, &err) == 0 && json_type_of(whole) == JSON_ARRAY);
	}
}

/* output_end without the writing. */
static void end(struct output *out)
{
	if (out->format == OUTPUT_TABLE)
		check(output_table_end(out) == 0);
	else if (out->format == OUTPUT_JSON)
		check(output_json_end(out) == 0);
	else if (out->format == OUTPUT_YAML)
		check(output_yaml_end(out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	struct err err = ERR_INIT;
	struct output out;
	struct view value;
	unsigned choice;

	if (size < 1 || size > OUTPUT_WRITE_BYTES / 16)
		return 0;
	choice = data[0];
	if (json_whole(view_from(data + 1, size - 1), &value, &err) || json_type_of(value) != JSON_OBJECT)
		return 0;
	shape.is_single = choice & 0x40;
	shape.is_verbatim = choice & 0x20;
	shape.route = choice & 0x10 ? api_route(API_CCA, API_USER_LIST, &err) : NULL;
	output_init(&out, (enum output_format)(choice % OUTPUT_ROW_FORMATS), &shape, -1, choice & 0x80);
	for (int i = 0; i < 2; i++)
		check(output_row(&out, value, &err) == 0);
	end(&out);
	check_output(out.format, &out, shape.is_single);
	output_done(&out);
	return 0;
}
