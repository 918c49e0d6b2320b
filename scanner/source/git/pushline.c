/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/pushline.h"

int pushline_parse(struct view line, size_t hash_len, struct pushline *ret, struct err *err)
{
	size_t hex = 2 * hash_len;

	if (line.len < 2 * hex + 3 || line.ptr[hex] != ' ' || line.ptr[2 * hex + 1] != ' ' ||
	    oid_parse(view_sub(line, 0, hex), hash_len, &ret->before) ||
	    oid_parse(view_sub(line, hex + 1, hex), hash_len, &ret->after))
		return err_set(err, ERR_USAGE, 0, "a line of standard input is not 'OLD-ID NEW-ID REF'");
	ret->ref = view_sub(line, 2 * hex + 2, line.len);
	return 0;
}
