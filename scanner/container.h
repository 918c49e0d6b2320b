/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes begin a container: an archive, a package, a git bundle or a compressed file that skant-unpack opens.
 * What is told here is only a guess that costs little; skant-unpack says whether it is one. */
#ifndef SCANNER_CONTAINER_H
#define SCANNER_CONTAINER_H

#include "common/base/buf.h"

#define CONTAINER_HEAD_BYTES 512 /* so many first bytes tell all there is to tell */

enum container {
	CONTAINER_NONE,
	CONTAINER_ZIP,        /* APPNOTE.TXT 4.3; jar, whl, docx and apk are such */
	CONTAINER_TAR,        /* POSIX.1-1988 and later, GNU, and that of version 7 */
	CONTAINER_7Z,         /* 7zFormat.txt */
	CONTAINER_CPIO,       /* the portable ASCII forms: cpio(5), "newc" and "odc" */
	CONTAINER_DEB,        /* deb(5) */
	CONTAINER_BUNDLE,     /* gitformat-bundle(5), version 2 and 3 */
	CONTAINER_RPM,        /* RPM V3 and V4 package file format: the lead */
	CONTAINER_COMPRESSED, /* gzip (RFC 1952), bzip2, xz, zstd (RFC 8878), lzma: of one file, or of any of these */
};

/* By the first CONTAINER_HEAD_BYTES bytes, or all there are. */
enum container container_detect(struct view head);

/* Of what container_detect takes for a container and cannot be opened: whether it is text that happens to begin so. */
bool container_is_text(struct view head);

/* The name of what is in a compressed file of that name: without .gz and the like; "data" when nothing is left. */
struct view container_inner_name(struct view name);

#endif
