/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/xml.h"

#include <string.h>

#include "common/base/text.h"

int xml_add(struct buf *out, struct view clean)
{
	for (size_t i = 0; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.ptr[i];

		if (text_starts(view_sub(clean, i, 3), VIEW("\xEF\xBF\xBE")) ||
		    text_starts(view_sub(clean, i, 3), VIEW("\xEF\xBF\xBF"))) {
			if (buf_add_text(out, "\xEF\xBF\xBD"))
				return -1;
			i += 2;
		} else if (c && strchr("<>&\"'", c) ? buf_addf(out, "&#%u;", c) : buf_add_byte(out, (char)c)) {
			return -1;
		}
	}
	return 0;
}

int xml_add_attribute(struct buf *out, const char *name, struct view text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(out->max);

	return buf_addf(out, " %s=\"", name) || text_add_clean(&clean, text) || xml_add(out, buf_view(&clean)) ||
			       buf_add_byte(out, '"')
		       ? -1
		       : 0;
}
