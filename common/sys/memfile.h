/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that has a descriptor, which can be read and written as a file and handed to another process. */
#ifndef COMMON_SYS_MEMFILE_H
#define COMMON_SYS_MEMFILE_H

/* An empty one. Where MODE is portable it is a shared memory object without a name, or, where such cannot be written to
 * (macOS), a file without a name in $TMPDIR. -1 with errno. */
int memfile_open(void);
/* Nobody, whoever has the descriptor, can change it any more; where MODE is portable nothing is done. 0, or -1 with
 * errno. */
[[nodiscard]] int memfile_seal(int fd);

#endif
