/* SPDX-License-Identifier: Apache-2.0 */
/* --verify: `skantctl verify` is asked whether what was found is live. It is started before anything is read, gets the
 * keys through a pipe once the scan has ended, one a line, each once, and answers in JSON lines. Nothing else of skant
 * hands a key on, and skant itself opens no connection. */
#ifndef SCANNER_VERIFY_H
#define SCANNER_VERIFY_H

#include "common/base/err.h"
#include "scanner/finding.h"

struct verify;

/* Looks for skantctl and starts it. NULL with err (ERR_USAGE when there is none). */
struct verify *verify_start(struct err *err);
void verify_freep(struct verify **at); /* ends it, and wipes */

/* Keeps the key of a finding, in case it is to be asked about; one that is never sent anywhere is not kept. Any thread
 * may call it. */
void verify_hold(struct verify *v, const struct finding *f, struct view key);
/* The finding is reported: its key is to be asked about. */
void verify_want(struct verify *v, const struct finding *f);

/* Asks, and waits for the answers; those that do not come in time, or not before stopped says so, are unknown. What
 * went wrong is logged. Once. */
void verify_ask(struct verify *v, bool (*stopped)(void *context), void *context);

/* What came of it; texts are good until verify_freep. */
struct verdict verify_verdict(const struct verify *v, const struct finding *f);

#endif
