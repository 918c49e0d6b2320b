/* SPDX-License-Identifier: Apache-2.0 */
/* Text in XML 1.0 (W3C, fifth edition). */
#ifndef COMMON_BASE_XML_H
#define COMMON_BASE_XML_H

#include "common/base/buf.h"

/* Appends text that text_add_clean gave, for an element or an attribute: what has a meaning is encoded, and the two
 * code points that are valid UTF-8 and yet no characters of XML, U+FFFE and U+FFFF, become U+FFFD. 0, or -1 as
 * buf_add. */
[[nodiscard]] int xml_add(struct buf *out, struct view clean);

/* Appends ` name="text"`; any bytes. */
[[nodiscard]] int xml_add_attribute(struct buf *out, const char *name, struct view text);

#endif
