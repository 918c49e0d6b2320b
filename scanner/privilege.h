/* SPDX-License-Identifier: Apache-2.0 */
/* What each command may still do once its arguments are read, and before anything of what it scans is (how:
 * common/sys/confine.h). Whoever takes over a run by what it reads can send a key nowhere, and change nothing but what
 * lies beside a report. */
#ifndef SCANNER_PRIVILEGE_H
#define SCANNER_PRIVILEGE_H

#include "scanner/options.h"

struct privilege;

/* Gives up what the command does not need, as far as the system lets us. What does need it, such as the verifier, has
 * been started before. NULL when there is no memory: then nothing has been given up. */
struct privilege *privilege_start(enum command command, const struct options *o);
void privilege_freep(struct privilege **at);

/* The configuration is read and the reports are open: gives up what only that needed, which is the folder for temporary
 * files, opening anything else beside the reports to write to it and, for `skant baseline`, everything but the folder
 * of that baseline (NULL: none is written). p may be NULL. */
void privilege_narrow(struct privilege *p, const char *baseline);

#endif
