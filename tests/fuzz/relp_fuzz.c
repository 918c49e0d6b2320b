/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a receiver answers: it is read as frames the same way however it comes in pieces, and what is read as one is
 * written back as it was, but for zeros in front of numbers and a space behind an empty length. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "forwarder/sink/relp_frame.h"

#define MOST 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_frame(struct view bytes, const struct relp_frame *f)
{
	DEFER(buf_done) struct buf again = BUF_INIT(2 * MOST);
	char command[64] = "";
	struct relp_frame g;
	struct view text;
	size_t len;

	check(f->command.len > 0 && f->command.len < sizeof(command) && f->txn <= RELP_TXN_MAX && f->data.len <= MOST);
	memcpy(command, f->command.ptr, f->command.len);
	check(relp_frame_add(&again, f->txn, command, f->data) == 0);
	check(again.len <= bytes.len);
	check(relp_frame_read(buf_view(&again), MOST, &g, &len) == 1 && len == again.len && g.txn == f->txn);
	check(text_eq(g.command, f->command) && text_eq(g.data, f->data));
	check(relp_frame_code(f->data, &text) <= 999 && text.len <= f->data.len);
	(void)relp_frame_offers(f->data, VIEW("syslog"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_from(data, size);
	struct relp_frame f;
	size_t len = 0;

	while (rest.len) {
		int status = relp_frame_read(rest, MOST, &f, &len);

		if (status != 1) /* what is wrong stays wrong, and what may go on may do so from any place before */
			break;
		check(len > 0 && len <= rest.len);
		check_frame(view_sub(rest, 0, len), &f);
		for (size_t n = 0; n < len; n += 1 + n / 16)
			check(relp_frame_read(view_sub(rest, 0, n), MOST, &f, &(size_t){ 0 }) == 0);
		rest = view_sub(rest, len, SIZE_MAX);
	}
	return 0;
}
