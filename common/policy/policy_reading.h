/* SPDX-License-Identifier: Apache-2.0 */
/* The reading of one policy file, and the tables of what stands in it. Only for common/policy/policy_read*.c, and for
 * tests that compare the manual with them. */
#ifndef COMMON_POLICY_POLICY_READING_H
#define COMMON_POLICY_POLICY_READING_H

#include "common/policy/policy.h"
#include "common/sys/conf.h"

struct policy_file {
	struct policy policy; /* first: what policy_read hands out is its address */
	struct conf *conf;    /* owns all texts */
	void **blocks;        /* own the lists */
	size_t count, cap;
};

/* count zeroed items that live as long as the file; never NULL for 0 of them. NULL with err. */
void *policy_file_alloc(struct policy_file *file, size_t count, size_t size, struct err *err);

/* One key of a mapping: read puts its value into the member at offset. */
struct policy_key {
	const char *name;
	int (*read)(struct policy_file *file, const struct conf_node *node, const struct policy_key *key, void *member,
		    struct err *err);
	size_t offset;
	uint64_t min, max; /* of a number */
};

struct policy_section {
	const char *name; /* "rotation", "models.default" */
	const struct policy_key *keys;
	size_t count;
};

/* Every mapping of the file with keys of its own, the whole file ("") first. */
extern const struct policy_section *const policy_sections[];
extern const size_t policy_section_count;

extern const struct policy_section policy_section_models, policy_section_model, policy_section_budget,
	policy_section_department; /* of policy_read_scope.c */

/* Checks that node is a mapping of the section's keys, and reads those that are there into *into. */
[[nodiscard]] int policy_read_keys(struct policy_file *file, const struct conf_node *node,
				   const struct policy_section *section, void *into, struct err *err);

/* Ways to read one value; the form of policy_key.read. */
#define POLICY_READ(name)                                                                                              \
	int name(struct policy_file *file, const struct conf_node *node, const struct policy_key *key, void *member,   \
		 struct err *err)
[[nodiscard]] POLICY_READ(policy_read_bool);
[[nodiscard]] POLICY_READ(policy_read_words); /* struct keyname_list of any texts that are not empty */
[[nodiscard]] POLICY_READ(policy_read_globs); /* ... of sound patterns */
[[nodiscard]] POLICY_READ(policy_read_models);
[[nodiscard]] POLICY_READ(policy_read_budgets); /* once departments are read */
[[nodiscard]] POLICY_READ(policy_read_departments);

/* A text that is not empty, of at most POLICY_WORD_BYTES. */
[[nodiscard]] int policy_read_word(const struct conf_node *node, const char **ret, struct err *err);

#endif
