/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that holds keys or credentials does before anything else. */
#ifndef COMMON_SYS_HARDEN_H
#define COMMON_SYS_HARDEN_H

/* - A standard descriptor that is missing becomes /dev/null, for reading: the next file that is opened would get its
 *   number, and then our output. What is written to it fails (EBADF), so that a report is not lost in silence.
 * - No core file, and no other process of the user may read this one's memory (prctl(2), PR_SET_DUMPABLE); builds with
 *   SKANT_KEEP_DUMPABLE leave that out, as a leak check reads it from outside.
 * Each is done as far as the system lets us. */
void harden_process(void);

/* For a program that starts no other: from now on it cannot, nor trace another process or reach into its memory,
 * whoever has taken it over; by a filter of system calls (seccomp(2)) on x86-64 and AArch64 with Linux, for this
 * thread and those that it starts. Refused calls fail with EPERM. Builds with a sanitizer, which does such things
 * itself, leave it out. */
void harden_runs_nothing(void);

#endif
