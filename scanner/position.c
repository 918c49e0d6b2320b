/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/position.h"

#include <string.h>

void position_start(struct position *p, const struct piece *first)
{
	size_t mark;
	enum decode_form form = decode_detect(first->bytes, &mark);

	*p = (struct position){ .form = form, .at = mark, .line = 1, .column = 1 };
}

static void advance_bytes(struct position *p, struct view bytes, const struct prefilter *counter)
{
	size_t lines = prefilter_count_lines(counter, bytes);

	if (lines) {
		const char *last = memrchr(bytes.ptr, '\n', bytes.len);

		p->line += lines;
		p->column = (uint64_t)(bytes.ptr + bytes.len - last);
	} else {
		p->column += bytes.len;
	}
}

static void advance_units(struct position *p, struct view bytes)
{
	for (size_t i = 0; i + 1 < bytes.len; i += 2) {
		unsigned unit = decode_unit(bytes.ptr + i, p->form);

		if (unit == '\n') {
			p->line++;
			p->column = 1;
		} else {
			p->column += decode_unit_len(unit);
		}
	}
}

void position_advance(struct position *p, const struct piece *piece, uint64_t to, const struct prefilter *counter)
{
	struct view bytes;

	if (to <= p->at)
		return;
	bytes = view_sub(piece->bytes, (size_t)(p->at - piece->offset), (size_t)(to - p->at));
	if (p->form == DECODE_PLAIN)
		advance_bytes(p, bytes, counter);
	else
		advance_units(p, bytes);
	p->at = to;
}
