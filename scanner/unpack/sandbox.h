/* SPDX-License-Identifier: Apache-2.0 */
/* What skant-unpack gives up before it has seen a byte of a container. */
#ifndef SCANNER_UNPACK_SANDBOX_H
#define SCANNER_UNPACK_SANDBOX_H

/* Bounds memory, forbids core files, other files and other processes, and filters what this one may ask the system for
 * (calls.h). Builds with
 * sanitizers, which need more, only do what they allow. 0, or -1 when the system has no such filter: then nothing may
 * be read. */
[[nodiscard]] int sandbox_enter(int channel);

#endif
