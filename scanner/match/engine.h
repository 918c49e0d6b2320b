/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: the only file that sees PCRE2 (byte mode; no UTF, no UCP, no \C).
 *
 * Each pattern is compiled, by JIT where there is one, the first time it is needed, by whichever thread needs it. */
#ifndef SCANNER_MATCH_ENGINE_H
#define SCANNER_MATCH_ENGINE_H

#include "common/base/bounds.h"
#include "common/base/buf.h"
#include "common/base/err.h"

struct engine;        /* the patterns; shared by threads */
struct engine_worker; /* one thread's match data and JIT stack */

struct engine_span {
	size_t from, to; /* from == SIZE_MAX: the group took no part */
};

struct engine *engine_new(size_t patterns); /* room for so many; NULL when there is no memory */
void engine_free(struct engine *engine);
/* Sets pattern index; the text is borrowed and must outlive the engine. name is for messages. */
void engine_set(struct engine *engine, size_t index, const char *regex, const char *name);

struct engine_worker *engine_worker_new(void);
void engine_worker_free(struct engine_worker *worker);

/* Compiles now, to see whether it is valid: 0, or -1 with err (ERR_CONFIG: `offset N: what`). */
[[nodiscard]] int engine_check(struct engine *engine, size_t index, struct err *err);
/* Number of capture groups of a valid pattern. */
unsigned engine_groups(struct engine *engine, size_t index);
/* Whether every match of a valid regex begins with word: the regex starts with its characters as plain literals, is no
 * alternation, and no quantifier takes the last of them away. false when in doubt. */
bool engine_begins_with(const char *regex, struct view word);

enum engine_result { ENGINE_MATCH, ENGINE_NONE, ENGINE_RUNAWAY, ENGINE_FAILED };

/* Looks for the first match that starts at or behind from; anchored: exactly at from. Bytes of subject before from are
 * seen by look-behind. ret has room for RULE_GROUPS_MAX spans; [0] is the whole match. RUNAWAY: the match limit was
 * reached; FAILED: it does not compile or memory ran out; both with err. */
enum engine_result engine_match(struct engine *engine, struct engine_worker *worker, size_t index, struct view subject,
				size_t from, bool anchored, struct engine_span ret[static RULE_GROUPS_MAX],
				struct err *err);

/* The same, for a match that starts at last or before it. */
enum engine_result engine_match_from(struct engine *engine, struct engine_worker *worker, size_t index,
				     struct view subject, size_t from, size_t last,
				     struct engine_span ret[static RULE_GROUPS_MAX], struct err *err);

/* How many steps of backtracking such a search takes at most from one byte, counted as they are in a scan; at
 * *ret_limit a pattern counts as runaway. 0, or -1 with err. Slow: it tries. */
[[nodiscard]] int engine_steps(struct engine *engine, struct engine_worker *worker, size_t index, struct view subject,
			       size_t from, size_t last, uint32_t *ret_steps, uint32_t *ret_limit, struct err *err);

#endif
