/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/sarif.h"

void sarif_member_message(struct jsonw *w, const char *key, struct view text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(2 * text.len + 1);

	for (size_t i = 0; i < text.len; i++) {
		bool is_brace = text.ptr[i] == '{' || text.ptr[i] == '}';

		if (buf_add_byte(&out, text.ptr[i]) || (is_brace && buf_add_byte(&out, text.ptr[i]))) {
			w->failed = true;
			return;
		}
	}
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_member(w, "text", buf_view(&out));
	jsonw_end(w);
}
