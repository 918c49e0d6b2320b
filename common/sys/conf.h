/* SPDX-License-Identifier: Apache-2.0 */
/* Strict reading of YAML configuration (YAML 1.1 as libyaml reads it): the only file that sees libyaml.
 *
 * A document is read whole into a tree of nodes that remember where they stood. Callers walk it with the conf_*
 * functions; every complaint is ERR_CONFIG with `file:line:column: what, and what was expected`, an unknown key names
 * the nearest known one. Duplicate keys, a second document, aliases, more than CONF_NODES entries and depth beyond
 * CONF_DEPTH are errors. Scalars keep their text: `yes` is a string until conf_bool is asked. */
#ifndef COMMON_SYS_CONF_H
#define COMMON_SYS_CONF_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct conf;      /* one document; owns its nodes and all text they hand out */
struct conf_node; /* a scalar, a list or a mapping in it */

/* Reads a file of at most CONF_FILE_BYTES. An empty file is an empty mapping. NULL with err on failure. */
struct conf *conf_read(const char *path, struct err *err);
/* The same from memory; name stands for the path in messages. */
struct conf *conf_parse(struct view text, const char *name, struct err *err);
void conf_free(struct conf *conf);
void conf_freep(struct conf **conf);

const struct conf_node *conf_root(const struct conf *conf);

/* Fills err with the node's position and the text; returns -1. */
PRINTF_LIKE(3, 4)
int conf_error(const struct conf_node *node, struct err *err, const char *fmt, ...);

bool conf_is_null(const struct conf_node *node); /* `key:` or `key: null` or ~ */
bool conf_is_scalar(const struct conf_node *node);
bool conf_is_list(const struct conf_node *node);
bool conf_is_mapping(const struct conf_node *node);

/* The mapping's value for key, or NULL when it is not there. node must be a mapping (see conf_keys). */
const struct conf_node *conf_get(const struct conf_node *node, const char *key);

/* Checks that node is a mapping whose keys are all among known. 0 or -1. */
[[nodiscard]] int conf_keys(const struct conf_node *node, const char *const *known, size_t count, struct err *err);

/* Entries of a list or a mapping. conf_key_at gives a mapping's key node (a scalar), conf_at its value. */
size_t conf_count(const struct conf_node *node);
const struct conf_node *conf_at(const struct conf_node *node, size_t index);
const struct conf_node *conf_key_at(const struct conf_node *node, size_t index);

/* The scalar whose text conf_string gave: by its address, not by what it says. NULL: it is none of conf's. */
const struct conf_node *conf_find_string(const struct conf *conf, const char *text);

/* The text of any scalar, terminated as well (ptr[len] is NUL); empty for other nodes. Lives as long as conf. */
struct view conf_text(const struct conf_node *node);
unsigned conf_line(const struct conf_node *node);   /* from 1 */
unsigned conf_column(const struct conf_node *node); /* from 1 */

/* Typed values. 0, or -1 with err that says what was expected. A string may not hold a NUL byte. */
[[nodiscard]] int conf_string(const struct conf_node *node, const char **ret, struct err *err);
[[nodiscard]] int conf_bool(const struct conf_node *node, bool *ret, struct err *err); /* true or false only */
[[nodiscard]] int conf_u64(const struct conf_node *node, uint64_t min, uint64_t max, uint64_t *ret, struct err *err);
[[nodiscard]] int conf_size(const struct conf_node *node, uint64_t max, uint64_t *ret, struct err *err); /* text_size */
/* A duration as text_duration, from min_ms to max_ms. */
[[nodiscard]] int conf_duration(const struct conf_node *node, uint64_t min_ms, uint64_t max_ms, uint64_t *ret_ms,
				struct err *err);
[[nodiscard]] int conf_date(const struct conf_node *node, int64_t *ret_days, struct err *err); /* YYYY-MM-DD */
/* A number of at most two decimals, times 100: 3.5 gives 350. max is in hundredths as well. */
[[nodiscard]] int conf_centi(const struct conf_node *node, unsigned max, unsigned *ret, struct err *err);
/* Index of the scalar's text in names; err lists them and the nearest. */
[[nodiscard]] int conf_choice(const struct conf_node *node, const char *const *names, size_t count, unsigned *ret,
			      struct err *err);

#endif
