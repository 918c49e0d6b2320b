/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_difference.h"

#include <stdarg.h>

#include "common/base/text.h"

int policy_tell(const struct policy_teller *teller, const char *section, const char *code, bool is_note,
		struct err *err, const char *fmt, ...)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4 * ERR_TEXT_BYTES), clean = BUF_INIT(16 * ERR_TEXT_BYTES);
	struct policy_difference d = { .section = section, .code = code, .is_note = is_note };
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = buf_addvf(&text, fmt, args);
	va_end(args);
	if (ret || text_add_clean(&clean, buf_view(&text)))
		return err_nomem(err);
	d.text = clean.ptr;
	return teller->told(teller->context, &d, err);
}
