/* SPDX-License-Identifier: Apache-2.0 */
/* Rules' patterns for tools that are written in Python: from the syntax of PCRE2 (pcre2pattern(3)) to that of Python's
 * module re on bytes, for all versions of Python 3. */
#ifndef SCANNER_PYREGEX_H
#define SCANNER_PYREGEX_H

#include "common/base/buf.h"

/* Appends the pattern in Python's syntax. It is made of printable ASCII without ' and ", so that it may stand between
 * quotes of the shell and in a raw literal. Possessive and atomic parts become plain ones: it matches wherever the
 * rule does, and may match elsewhere. 0; 1 and nothing is appended when there is something in it that Python lacks or
 * takes for something else; -1 as buf_add. */
[[nodiscard]] int pyregex_add(struct buf *out, struct view pattern);

#endif
