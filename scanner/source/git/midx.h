/* SPDX-License-Identifier: Apache-2.0 */
/* The multi-pack-index (gitformat-pack(5), "multi-pack-index (MIDX) files"): one index over many packs. Each pack
 * usually has an index of its own besides; it is read for packs that lost theirs. */
#ifndef SCANNER_SOURCE_GIT_MIDX_H
#define SCANNER_SOURCE_GIT_MIDX_H

#include "scanner/source/git/packfile.h"

/* Opens PATH.pack, which has no index of its own, by what the multi-pack-index in folder/pack says of it. NULL with err
 * when that says nothing. Objects that the pack shares with another one may be known there alone. */
struct packfile *midx_open_pack(const char *folder, const char *path, size_t hash_len, struct err *err);

#endif
