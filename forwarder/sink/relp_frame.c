/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/relp_frame.h"

#include "common/base/text.h"

#define DIGITS 9         /* of a TXN and of a length */
#define COMMAND_BYTES 32 /* longest name of a command */
#define HEADER_BYTES 64

int relp_frame_add(struct buf *buf, uint32_t txn, const char *command, struct view data)
{
	size_t before = buf->len;

	if (buf_reserve(buf, data.len + HEADER_BYTES) == 0 &&
	    buf_addf(buf, "%u %s %zu%s", (unsigned)txn, command, data.len, data.len ? " " : "") == 0 &&
	    buf_add(buf, data) == 0 && buf_add_byte(buf, '\n') == 0)
		return 0;
	buf_cut(buf, before);
	return -1;
}

/* A word of at most max bytes of a kind, and the byte that ends it. 1; 0: it may go on; -1: it is none. */
static int take_word(struct view *rest, size_t max, bool (*is_kind)(char), struct view *ret, char *ret_end)
{
	size_t len = 0;

	while (len < rest->len && len <= max && is_kind(rest->ptr[len]))
		len++;
	if (len > max || (len < rest->len && !len))
		return -1;
	if (len == rest->len)
		return 0;
	*ret = view_sub(*rest, 0, len);
	*ret_end = rest->ptr[len];
	*rest = view_sub(*rest, len + 1, SIZE_MAX);
	return 1;
}

/* TXN SP COMMAND SP LEN, and the byte behind it. As take_word. */
static int take_header(struct view *rest, struct relp_frame *ret, uint64_t *ret_len, char *ret_end)
{
	struct view word = VIEW_NONE;
	uint64_t txn;
	int status = take_word(rest, DIGITS, text_is_digit, &word, ret_end);

	if (status != 1)
		return status;
	if (*ret_end != ' ' || text_u64(word, RELP_TXN_MAX, &txn))
		return -1;
	ret->txn = (uint32_t)txn;
	status = take_word(rest, COMMAND_BYTES, text_is_alnum, &ret->command, ret_end);
	if (status != 1)
		return status;
	if (*ret_end != ' ')
		return -1;
	status = take_word(rest, DIGITS, text_is_digit, &word, ret_end);
	if (status != 1)
		return status;
	return text_u64(word, RELP_TXN_MAX, ret_len) ? -1 : 1;
}

int relp_frame_read(struct view bytes, size_t max, struct relp_frame *ret, size_t *ret_len)
{
	struct view rest = bytes;
	uint64_t len = 0;
	char end = 0;
	int status;

	*ret = (struct relp_frame){ .txn = 0 };
	status = take_header(&rest, ret, &len, &end);
	if (status != 1)
		return status;
	if (len > max || (end != ' ' && (end != '\n' || len)))
		return -1;
	if (end == ' ') {
		if (rest.len <= len)
			return 0;
		if (rest.ptr[len] != '\n')
			return -1;
		ret->data = view_sub(rest, 0, (size_t)len);
		rest = view_sub(rest, (size_t)len + 1, SIZE_MAX);
	}
	*ret_len = bytes.len - rest.len;
	return 1;
}

unsigned relp_frame_code(struct view data, struct view *ret_text)
{
	struct view line = VIEW_NONE;
	uint64_t code;

	*ret_text = VIEW_NONE;
	(void)text_next_line(&data, &line);
	if (line.len < 3 || (line.len > 3 && line.ptr[3] != ' ') || text_u64(view_sub(line, 0, 3), 999, &code))
		return 0;
	*ret_text = text_trim(view_sub(line, 3, SIZE_MAX));
	return (unsigned)code;
}

static bool is_in_list(struct view list, struct view word)
{
	size_t comma;

	do {
		comma = text_find_byte(list, ',');
		if (text_eq(text_trim(view_sub(list, 0, comma)), word))
			return true;
		list = comma == SIZE_MAX ? VIEW_NONE : view_sub(list, comma + 1, SIZE_MAX);
	} while (comma != SIZE_MAX);
	return false;
}

bool relp_frame_offers(struct view data, struct view command)
{
	const struct view key = VIEW("commands=");
	struct view line;

	if (!text_next_line(&data, &line))
		return false;
	while (text_next_line(&data, &line))
		if (text_starts(line, key) && is_in_list(view_sub(line, key.len, SIZE_MAX), command))
			return true;
	return false;
}

uint32_t relp_next_txn(uint32_t txn)
{
	return txn >= RELP_TXN_MAX ? 1 : txn + 1;
}
