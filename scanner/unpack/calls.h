/* SPDX-License-Identifier: Apache-2.0 */
/* The part of sandbox.h that the system has to offer. */
#ifndef SCANNER_UNPACK_CALLS_H
#define SCANNER_UNPACK_CALLS_H

/* From here on the system ends this process at any call but those that take memory, read what was handed over and write
 * to the descriptor channel (seccomp(2), calls_linux.c). There is nothing of the kind in POSIX: where MODE is portable
 * nothing is done. 0, or -1 when the system should have such a filter and has not. */
[[nodiscard]] int calls_filter(int channel);

#endif
