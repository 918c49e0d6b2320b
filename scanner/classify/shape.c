/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/checks.h"

#include "common/base/text.h"

#define KIND_LETTERS_MAX 12
#define BODY_STUB 40 /* no key seen was shorter */
#define BODY_LONG 120
#define BODY_SHORT 80

const unsigned char_class_sizes[CLASSES] = { 26, 26, 10, 2 };

enum char_class char_class(char c)
{
	if (c >= 'a' && c <= 'z')
		return CLASS_LOWER;
	if (c >= 'A' && c <= 'Z')
		return CLASS_UPPER;
	return text_is_digit(c) ? CLASS_DIGIT : CLASS_OTHER;
}

/* Length of `sk-ant-`, the kind's letters and digits and a '-' at the start of v; 0 when it starts otherwise. */
static size_t prefix_len(struct view v)
{
	size_t start = sizeof("sk-ant-") - 1, at = start;

	if (!text_starts(v, VIEW("sk-ant-")))
		return 0;
	while (at < v.len && at - start < KIND_LETTERS_MAX && text_is_alpha(v.ptr[at]))
		at++;
	while (at < v.len && at - start < KIND_LETTERS_MAX + 4 && text_is_digit(v.ptr[at]))
		at++;
	return at > start && at < v.len && v.ptr[at] == '-' ? at + 1 : 0;
}

struct body body_of(const struct classify_input *in)
{
	size_t prefix = prefix_len(in->secret);
	struct view all = view_sub(in->secret, prefix, in->secret.len);

	return (struct body){
		.text = view_sub(all, 0, BODY_JUDGED),
		.len = all.len,
		.is_key = prefix > 0,
		.is_sized = in->rule->kind == KIND_API || in->rule->kind == KIND_ADMIN,
	};
}

uint32_t shape_check(const struct body *body)
{
	uint32_t checks = 0;

	if (!body->is_key)
		return 0;
	if (body->is_sized ? body->len != BODY_USUAL : body->len < BODY_SHORT || body->len > BODY_LONG)
		checks |= 1u << CHECK_LENGTH;
	if (body->is_sized && body->len >= BODY_USUAL && !text_ends(body->text, VIEW("AA")))
		checks |= 1u << CHECK_SHAPE;
	return checks;
}

bool shape_is_stub(const struct body *body)
{
	return body->is_key && body->len < BODY_STUB;
}
