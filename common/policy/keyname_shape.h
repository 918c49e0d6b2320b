/* SPDX-License-Identifier: Apache-2.0 */
/* The format of key names, taken apart; and a name, looked at part by part. Only for common/policy/keyname*.c. */
#ifndef COMMON_POLICY_KEYNAME_SHAPE_H
#define COMMON_POLICY_KEYNAME_SHAPE_H

#include "common/base/bounds.h"
#include "common/policy/keyname.h"

enum keyname_part { PART_TEAM, PART_ENVIRONMENT, PART_PURPOSE, PART_COUNT };
extern const char *const keyname_part_names[PART_COUNT];

struct keyname_shape {
	const struct keyname_policy *policy;
	enum keyname_part parts[PART_COUNT];  /* in the format's order */
	struct view literals[PART_COUNT + 1]; /* before each part, and behind the last */
	size_t count;                         /* of parts */
	char separator;                       /* what belongs between two parts when it is a single byte, else '-' */
	bool takes_foreign;                   /* bytes beyond ASCII count as letters of an unlisted part */
};

/* 0, or -1 with err when the format is unsound. */
[[nodiscard]] int keyname_shape_read(struct keyname_shape *shape, const struct keyname_policy *policy, struct err *err);

const struct keyname_list *keyname_shape_list(const struct keyname_shape *shape, enum keyname_part part);
bool keyname_list_has(const struct keyname_list *list, struct view text);

/* Is text a value that the part may have: a listed one, or [a-z][a-z0-9]* when none are listed? */
bool keyname_part_fits(const struct keyname_shape *shape, enum keyname_part part, struct view text);

/* Compliant in its form, whatever its length. Listed values may hold separators: longer ones are tried first. */
bool keyname_shape_fits(const struct keyname_shape *shape, struct view name);

/* The same; parts (PART_COUNT of them, by enum keyname_part) are views of name then, VIEW_NONE when the format has no
 * such part. */
bool keyname_shape_split(const struct keyname_shape *shape, struct view name, struct view *parts);

/* May byte stand somewhere in a compliant name? */
bool keyname_shape_allows(const struct keyname_shape *shape, char byte);

/* A name with its case and its ASCII characters put right, so that the parts can be judged on their own. Letters of
 * other alphabets stay: without them another word, or none, would be judged. From here on shape takes them for
 * letters. */
struct keyname_repaired {
	char bytes[NAME_BYTES];
	size_t len;
};
void keyname_repair(struct keyname_shape *shape, struct view name, struct keyname_repaired *ret);

enum keyname_form {
	FORM_RIGHT,
	FORM_LITERAL, /* the literal text before or behind the parts is not there */
	FORM_FEW,
	FORM_MANY,
	FORM_ORDER, /* all parts are there, at each other's places */
};

struct keyname_diagnosis {
	uint32_t violations; /* of the parts: all but case, character and length */
	enum keyname_form form;
	struct view parts[PART_COUNT]; /* in the format's order, as far as they were found; of the repaired name */
};
void keyname_diagnose(const struct keyname_shape *shape, struct view repaired, struct keyname_diagnosis *ret);

#endif
