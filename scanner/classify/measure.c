/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/measure.h"

#include <string.h>

#include "common/base/text.h"

#define DISTANCE_MAX 3

static struct view head(struct view body)
{
	return view_sub(body, 0, MEASURE_BYTES);
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

struct measure_classes measure_classes(struct view body)
{
	struct measure_classes m = { .upper = 0 };

	body = head(body);
	for (size_t i = 0; i < body.len; i++) {
		char c = body.ptr[i], d = i + 1 < body.len ? body.ptr[i + 1] : '\0';

		m.upper += is_upper(c);
		m.lower += is_lower(c);
		m.digit += text_is_digit(c);
		m.other += !text_is_alnum(c);
		m.lower_pairs += is_lower(c) && is_lower(d);
		m.upper_pairs += is_upper(c) && is_upper(d);
		m.digit_pairs += text_is_digit(c) && text_is_digit(d);
	}
	m.pairs = body.len ? (unsigned)body.len - 1 : 0;
	return m;
}

/* What lies to the right of a key on a keyboard. */
static const char right_of[128] = {
	['q'] = 'w', ['w'] = 'e', ['e'] = 'r', ['r'] = 't', ['t'] = 'y', ['y'] = 'u', ['u'] = 'i', ['i'] = 'o',
	['o'] = 'p', ['a'] = 's', ['s'] = 'd', ['d'] = 'f', ['f'] = 'g', ['g'] = 'h', ['h'] = 'j', ['j'] = 'k',
	['k'] = 'l', ['z'] = 'x', ['x'] = 'c', ['c'] = 'v', ['v'] = 'b', ['b'] = 'n', ['n'] = 'm', ['1'] = '2',
	['2'] = '3', ['3'] = '4', ['4'] = '5', ['5'] = '6', ['6'] = '7', ['7'] = '8', ['8'] = '9', ['9'] = '0',
};

unsigned measure_sequence(struct view body)
{
	char small[MEASURE_BYTES], right[MEASURE_BYTES];
	unsigned worst = 0;

	body = head(body);
	for (size_t i = 0; i < body.len; i++) {
		unsigned char c = (unsigned char)text_lower(body.ptr[i]);

		small[i] = (char)c;
		right[i] = c < ARRAY_LEN(right_of) ? right_of[c] : '\0';
	}
	for (size_t distance = 1; distance <= DISTANCE_MAX && distance < body.len; distance++) {
		size_t count = 0;

		for (size_t i = 0, k = distance; k < body.len; i++, k++)
			count += (body.ptr[i] + 1 == body.ptr[k]) | (body.ptr[k] + 1 == body.ptr[i]) |
				 (right[i] == small[k]) | (right[k] == small[i]);
		count = count * 100 / (body.len - distance);
		if (count > worst)
			worst = (unsigned)count;
	}
	return worst;
}

unsigned measure_period(struct view body)
{
	unsigned worst = 0;

	body = head(body);
	for (size_t period = 1; 2 * period <= body.len; period++) {
		size_t count = 0;

		for (size_t i = 0; i + period < body.len; i++)
			count += body.ptr[i] == body.ptr[i + period];
		count = count * 100 / (body.len - period); /* NOLINT(clang-analyzer-core.DivideZero): period < len */
		if (count > worst)
			worst = (unsigned)count;
	}
	return worst;
}

static unsigned longest_run(struct view body, bool only_x)
{
	unsigned run = 0, longest = 0;

	for (size_t i = 0; i < body.len; i++) {
		bool is_same = i && body.ptr[i] == body.ptr[i - 1];

		if (only_x)
			run = text_lower(body.ptr[i]) == 'x' ? run + 1 : 0;
		else
			run = is_same ? run + 1 : 1;
		if (run > longest)
			longest = run;
	}
	return longest;
}

unsigned measure_run(struct view body)
{
	return longest_run(body, false);
}

unsigned measure_x_run(struct view body)
{
	return longest_run(body, true);
}
