/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/container.h"

#include <string.h>

#include "common/base/text.h"

#define ZIPAPP_LINE_BYTES 256
#define TAR_BLOCK 512
#define TAR_SUM_AT 148 /* the checksum: octal digits in 8 bytes, which count as blanks themselves */
#define TAR_SUM_BYTES 8
#define TAR_MAGIC_AT 257
#define TEXT_BYTES 64       /* behind the magic number, that are looked at ... */
#define TEXT_LEAST_BYTES 16 /* ... and that have to be there */
#define LZMA_HEAD_BYTES 14

static bool has(struct view head, struct view magic)
{
	return text_starts(head, magic);
}

static unsigned byte_at(struct view head, size_t at)
{
	return (unsigned char)head.ptr[at];
}

/* 5d 00 00, a dictionary of a power of two or one and a half of it, and a size that is unknown or below 256 GiB; the
 * first byte of what is coded is always 0. */
static bool is_lzma(struct view head)
{
	uint32_t dictionary = 0, rest;
	uint64_t size = 0;

	if (head.len < LZMA_HEAD_BYTES || byte_at(head, 0) != 0x5d || byte_at(head, 13) != 0)
		return false;
	for (size_t i = 4; i > 0; i--)
		dictionary = dictionary << 8 | byte_at(head, i);
	for (size_t i = 12; i > 4; i--)
		size = size << 8 | byte_at(head, i);
	if (dictionary < 4096)
		return false;
	rest = dictionary & (dictionary - 1);
	return (rest == 0 || (rest & (rest - 1)) == 0 || dictionary == UINT32_MAX) &&
	       (size == UINT64_MAX || size >> 38 == 0);
}

static bool is_compressed(struct view head)
{
	switch (byte_at(head, 0)) {
	case 0x1f: /* method 8, and no flag that is reserved */
		return has(head, VIEW("\x1f\x8b\x08")) && (head.len < 4 || byte_at(head, 3) < 0x20);
	case 'B': /* a block, or the end of an empty stream */
		return has(head, VIEW("BZh")) && head.len >= 10 && head.ptr[3] >= '1' && head.ptr[3] <= '9' &&
		       (has(view_sub(head, 4, 6), VIEW("1AY&SY")) ||
			has(view_sub(head, 4, 6), VIEW("\x17\x72\x45\x38\x50\x90")));
	case 0xfd:
		return has(head, VIEW("\xfd\x37zXZ\x00"));
	case 0x28:
		return has(head, VIEW("\x28\xb5\x2f\xfd"));
	case 0x5d:
		return is_lzma(head);
	default:
		return false;
	}
}

/* newc has 104 hexadecimal digits behind its magic number, odc 70 octal ones. */
static bool is_cpio(struct view head)
{
	size_t digits = has(head, VIEW("070707")) ? 70 : 104;
	int most = digits == 70 ? 7 : 15;

	if (!has(head, VIEW("070701")) && !has(head, VIEW("070702")) && !has(head, VIEW("070707")))
		return false;
	if (head.len < 6 + digits)
		return false;
	for (size_t i = 6; i < 6 + digits; i++)
		if (text_hex_value(head.ptr[i]) < 0 || text_hex_value(head.ptr[i]) > most)
			return false;
	return true;
}

/* The first header: its checksum is right. */
static bool is_tar(struct view head)
{
	uint32_t told = 0, sum = TAR_SUM_BYTES * ' ';
	size_t digits = 0, at = TAR_SUM_AT;

	if (head.len < TAR_BLOCK || head.ptr[0] == '\0')
		return false;
	while (at < TAR_SUM_AT + TAR_SUM_BYTES && head.ptr[at] == ' ')
		at++;
	for (; at < TAR_SUM_AT + TAR_SUM_BYTES && head.ptr[at] >= '0' && head.ptr[at] <= '7'; at++, digits++)
		told = told * 8 + (uint32_t)(head.ptr[at] - '0');
	if (digits == 0)
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (i < TAR_SUM_AT || i >= TAR_SUM_AT + TAR_SUM_BYTES)
			sum += byte_at(head, i);
	return sum == told;
}

/* A zip archive that is a program: the line that names its interpreter stands before it (Python's zipapp). */
static bool is_zipapp(struct view head)
{
	size_t eol = has(head, VIEW("#!")) ? text_find_byte(view_sub(head, 0, ZIPAPP_LINE_BYTES), '\n') : SIZE_MAX;

	return eol != SIZE_MAX && has(view_sub(head, eol + 1, head.len), VIEW("PK\x03\x04"));
}

/* The signature, and what a next line may begin with: a capability, a commit that is needed, a reference, none. */
static bool is_bundle(struct view head)
{
	struct view next = view_sub(head, 16, 1);
	bool is_third = has(head, VIEW("# v3 git bundle\n"));

	if (!is_third && !has(head, VIEW("# v2 git bundle\n")))
		return false;
	return next.len == 0 || text_hex_value(next.ptr[0]) >= 0 || next.ptr[0] == '-' || next.ptr[0] == '\n' ||
	       (is_third && next.ptr[0] == '@');
}

/* Millions of objects are asked about: most are told apart by their first byte. */
enum container container_detect(struct view head)
{
	enum container kind = CONTAINER_NONE;

	if (head.len < 4)
		return CONTAINER_NONE;
	switch (head.ptr[0]) {
	case 'P':
		if (has(head, VIEW("PK\x03\x04")) || has(head, VIEW("PK\x05\x06")) || has(head, VIEW("PK\x07\x08PK")))
			kind = CONTAINER_ZIP;
		break;
	case '#':
		kind = is_bundle(head) ? CONTAINER_BUNDLE : is_zipapp(head) ? CONTAINER_ZIP : CONTAINER_NONE;
		break;
	case '7':
		kind = has(head, VIEW("7z\xbc\xaf\x27\x1c")) ? CONTAINER_7Z : CONTAINER_NONE;
		break;
	case '!':
		kind = has(head, VIEW("!<arch>\ndebian-binary")) ? CONTAINER_DEB : CONTAINER_NONE;
		break;
	case '\xed':
		kind = has(head, VIEW("\xed\xab\xee\xdb")) ? CONTAINER_RPM : CONTAINER_NONE;
		break;
	case '0':
		kind = is_cpio(head) ? CONTAINER_CPIO : CONTAINER_NONE;
		break;
	default:
		kind = is_compressed(head) ? CONTAINER_COMPRESSED : CONTAINER_NONE;
		break;
	}
	return kind == CONTAINER_NONE && is_tar(head) ? CONTAINER_TAR : kind;
}

bool container_is_text(struct view head)
{
	struct view text = view_sub(head, 6, TEXT_BYTES);
	enum container kind = container_detect(head);

	if (kind == CONTAINER_TAR || kind == CONTAINER_CPIO || kind == CONTAINER_DEB || kind == CONTAINER_BUNDLE)
		/* of these more is text */
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ' && !text_is_space(text.ptr[i]))
			return false;
	return text.len >= TEXT_LEAST_BYTES;
}

struct view container_inner_name(struct view name)
{
	static const char *const endings[] = { ".gz", ".bz2", ".xz", ".zst", ".lzma" };

	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (text_ends(name, view_of(endings[i])) && name.len > strlen(endings[i]))
			return view_sub(name, 0, name.len - strlen(endings[i]));
	return VIEW("data");
}
