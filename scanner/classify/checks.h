/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of classify/ share: the body that is judged, and the checks, each a pure function of it. */
#ifndef SCANNER_CLASSIFY_CHECKS_H
#define SCANNER_CLASSIFY_CHECKS_H

#include "scanner/classify/bits.h"
#include "scanner/classify/classify.h"

#define BODY_USUAL 95  /* characters behind the prefix in all keys of known length */
#define BODY_JUDGED 95 /* what follows may be text that only touches the key */

/* Classes of characters and how likely they are in a random key, in 64ths. */
enum char_class { CLASS_LOWER, CLASS_UPPER, CLASS_DIGIT, CLASS_OTHER, CLASSES };
extern const unsigned char_class_sizes[CLASSES];
enum char_class char_class(char c);

struct body {
	struct view text; /* at most BODY_JUDGED characters */
	size_t len;       /* of all of it */
	bool is_key;      /* behind sk-ant-KIND-; else the secret of a user's own rule, of unknown alphabet */
	bool is_sized;    /* a kind whose length and ending are known */
};

/* shape.c */
struct body body_of(const struct classify_input *in);
uint32_t shape_check(const struct body *body); /* CHECK_SHAPE, CHECK_LENGTH */
bool shape_is_stub(const struct body *body);   /* too short for a key of any kind */

/* entropy.c */
bool entropy_lacks_bigrams(struct view text);
int entropy_saved(struct view text); /* by knowing which kinds of characters come: hex, words, digits */

/* sequence.c: what is saved by knowing that a class follows a class, and a letter or digit its neighbour. */
struct sequence_saved {
	int classes, neighbours;
};
struct sequence_saved sequence_saved(struct view text);

/* repetition.c */
int repetition_saved(struct view text, int literal_cost); /* by copying pieces that were there before */
bool repetition_is_masked(struct view text);              /* x for x for x */

/* language.c */
int language_saved(struct view text); /* letters follow each other as in English; add the classes of a sequence */
bool language_is_encoded(struct view text); /* base64 of words */

/* placeholder.c */
struct words {
	int saved;
	bool is_open; /* the body starts with one that says so, or is to a good part made of words */
};
struct words placeholder_words(struct view text, int literal_cost);
bool placeholder_is_sample(struct view text);

/* context.c: CHECK_MASKED, CHECK_REGEX, CHECK_IDENTIFIER by what stands round the secret. */
uint32_t context_check(const struct classify_input *in);

#endif
