/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of RFC 8259 rule by rule, and the tokenizer beside a second one made to be read, not to be fast. */
#include "common/sys/json_reader.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json_plain.h"
#include "tests/support/unit.h"

#define MUTANTS 60000
#define MUTANT_BYTES 400

/* The second tokenizer: a function a rule of the grammar, which takes what it knows and returns whether it was there.
 * at is left where the first byte is that cannot stand there. */
struct reference {
	const unsigned char *bytes;
	size_t at, len;
	unsigned depth;
};

static int peek(const struct reference *r)
{
	return r->at < r->len ? r->bytes[r->at] : -1;
}

static bool take(struct reference *r, int byte)
{
	bool is_there = peek(r) == byte;

	r->at += is_there;
	return is_there;
}

static bool is_between(int byte, int low, int high)
{
	return byte >= low && byte <= high;
}

static void ref_space(struct reference *r)
{
	while (take(r, ' ') || take(r, '\t') || take(r, '\r') || take(r, '\n'))
		;
}

/* RFC 3629, section 4: the sequences of its grammar, from the shortest. at stays before one that is none. */
static bool ref_utf8(struct reference *r)
{
	static const struct {
		int first_low, first_high, second_low, second_high;
		size_t tails;
	} forms[] = { { 0xC2, 0xDF, 0x80, 0xBF, 1 }, { 0xE0, 0xE0, 0xA0, 0xBF, 2 }, { 0xE1, 0xEC, 0x80, 0xBF, 2 },
		      { 0xED, 0xED, 0x80, 0x9F, 2 }, { 0xEE, 0xEF, 0x80, 0xBF, 2 }, { 0xF0, 0xF0, 0x90, 0xBF, 3 },
		      { 0xF1, 0xF3, 0x80, 0xBF, 3 }, { 0xF4, 0xF4, 0x80, 0x8F, 3 } };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t tails = 0;

		if (!is_between(peek(r), forms[i].first_low, forms[i].first_high))
			continue;
		for (size_t at = r->at + 1; at < r->len && tails < forms[i].tails; at++, tails++)
			if (!is_between(r->bytes[at], tails ? 0x80 : forms[i].second_low,
					tails ? 0xBF : forms[i].second_high))
				return false;
		if (tails < forms[i].tails)
			return false;
		r->at += 1 + tails;
		return true;
	}
	return false;
}

static bool ref_escape(struct reference *r)
{
	int byte = peek(r);

	if (byte <= 0 || !strchr("\"\\/bfnrtu", byte))
		return false;
	r->at++;
	for (int i = 0; byte == 'u' && i < 4; i++, r->at++)
		if (peek(r) <= 0 || !strchr("0123456789abcdefABCDEF", peek(r)))
			return false;
	return true;
}

static bool ref_string(struct reference *r)
{
	if (!take(r, '"'))
		return false;
	while (!take(r, '"')) {
		if (take(r, '\\')) {
			if (!ref_escape(r))
				return false;
		} else if (is_between(peek(r), 0x20, 0x7F)) {
			r->at++;
		} else if (!ref_utf8(r)) {
			return false;
		}
	}
	return true;
}

static bool ref_digits(struct reference *r)
{
	size_t from = r->at;

	while (is_between(peek(r), '0', '9'))
		r->at++;
	return r->at > from;
}

/* What looks like more of a number or a name is none of the next value. */
static bool ref_word_end(const struct reference *r)
{
	return peek(r) <= 0 || !strchr("0123456789.+-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", peek(r));
}

static bool ref_number(struct reference *r)
{
	(void)take(r, '-');
	if (!take(r, '0') && !ref_digits(r))
		return false;
	if (take(r, '.') && !ref_digits(r))
		return false;
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			(void)take(r, '-');
		if (!ref_digits(r))
			return false;
	}
	return ref_word_end(r);
}

static bool ref_name(struct reference *r)
{
	static const char *const names[] = { "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (r->len - r->at >= strlen(names[i]) && !memcmp(r->bytes + r->at, names[i], strlen(names[i]))) {
			r->at += strlen(names[i]);
			return ref_word_end(r);
		}
	return false;
}

static bool ref_value(struct reference *r);

static bool ref_level(struct reference *r, int open, int close)
{
	bool is_first = true;

	if (r->depth == JSON_DEPTH)
		return false;
	(void)take(r, open);
	r->depth++;
	for (;; is_first = false) {
		ref_space(r);
		if (take(r, close)) {
			r->depth--;
			return true;
		}
		if (!is_first && !take(r, ','))
			return false;
		if (open == '{') {
			ref_space(r);
			if (!ref_string(r))
				return false;
			ref_space(r);
			if (!take(r, ':'))
				return false;
		}
		if (!ref_value(r))
			return false;
	}
}

static bool ref_value(struct reference *r)
{
	ref_space(r);
	switch (peek(r)) {
	case '{':
		return ref_level(r, '{', '}');
	case '[':
		return ref_level(r, '[', ']');
	case '"':
		return ref_string(r);
	case 't':
	case 'f':
	case 'n':
		return ref_name(r);
	default:
		return (peek(r) == '-' || is_between(peek(r), '0', '9')) && ref_number(r);
	}
}

/* The place of the first byte that makes text invalid, or SIZE_MAX. */
static size_t reference_offset(struct view text)
{
	struct reference r = { .bytes = (const unsigned char *)text.ptr, .len = text.len };

	if (!ref_value(&r))
		return r.at;
	ref_space(&r);
	return r.at == r.len ? SIZE_MAX : r.at;
}

/* The number behind "at byte". */
static size_t offset_told(const struct err *err)
{
	struct view text = view_of(err->text);
	size_t at = text_find(text, VIEW("at byte "));
	uint64_t offset;

	assert_int_not_equal(at, SIZE_MAX);
	text = view_sub(text, at + strlen("at byte "), text.len);
	text = view_sub(text, 0, text_find_byte(text, ':'));
	assert_int_equal(text_u64(text, SIZE_MAX, &offset), 0);
	return (size_t)offset;
}

static size_t whole_offset(struct view text)
{
	struct err err = ERR_INIT;
	struct view value;

	return json_whole(text, &value, &err) ? offset_told(&err) : SIZE_MAX;
}

/* Enters each level, as far as there are any. 0 or -1. */
static int read_by_pieces(struct json_reader *r) /* NOLINT(misc-no-recursion): as deep as JSON_DEPTH */
{
	struct view key, value;
	int ret = json_read_open(r, JSON_OBJECT);

	if (ret == 0) {
		while ((ret = json_read_member(r, &key, NULL)) == 0)
			if (read_by_pieces(r))
				return -1;
		return ret < 0 ? -1 : 0;
	}
	if (ret > 0)
		ret = json_read_open(r, JSON_ARRAY);
	if (ret == 0) {
		while ((ret = json_read_element(r)) == 0)
			if (read_by_pieces(r))
				return -1;
		return ret < 0 ? -1 : 0;
	}
	return ret < 0 ? -1 : json_read_value(r, &value);
}

static size_t pieces_offset(struct view text)
{
	struct err err = ERR_INIT;
	struct json_reader r = json_reader_of(text, &err);

	return read_by_pieces(&r) || json_read_end(&r) ? offset_told(&err) : SIZE_MAX;
}

static void check_alike(struct view text, const char *name)
{
	size_t expected = reference_offset(text);

	if (whole_offset(text) != expected)
		fail_msg("%s: json_whole says %zu, the reference %zu: %.*s", name, whole_offset(text), expected,
			 (int)text.len, text.ptr);
	if (pieces_offset(text) != expected)
		fail_msg("%s: the reader says %zu, the reference %zu: %.*s", name, pieces_offset(text), expected,
			 (int)text.len, text.ptr);
}

struct grammar_case {
	const char *name;
	struct view text;
};

#define CASE(name, literal)                                                                                            \
	{                                                                                                              \
		name,                                                                                                  \
		{                                                                                                      \
			literal, sizeof(literal) - 1                                                                   \
		}                                                                                                      \
	}

static const struct grammar_case accepted[] = {
	CASE("white space: all four round a value", " \t\r\n1 \t\r\n"),
	CASE("white space: round brackets, commas, colons", "\n{ \"a\" :\t[ 1 ,\r2 ] , \"b\" : { } }\n"),
	CASE("array: empty", "[]"),
	CASE("array: an empty text in it", "[\"\"]"),
	CASE("array: each type", "[null,false,true,1,\"1\",[1],{\"1\":1}]"),
	CASE("array: empty ones in it", "[[],[ ],[[]]]"),
	CASE("object: empty", "{}"),
	CASE("object: an empty key", "{\"\":0}"),
	CASE("object: the same key twice", "{\"a\":\"b\",\"a\":\"c\"}"),
	CASE("object: an escaped key", "{\"foo\\u0000bar\":42}"),
	CASE("object: a key beyond ASCII", "{\"\xd0\xbf\":1}"),
	CASE("object: extreme numbers", "{\"min\":-1.0e+28,\"max\":1.0e+28}"),
	CASE("name: null", "null"),
	CASE("name: true", "true"),
	CASE("name: false", "false"),
	CASE("number: zero", "0"),
	CASE("number: minus zero", "-0"),
	CASE("number: one digit", "[9]"),
	CASE("number: zero with an exponent", "0e1"),
	CASE("number: zero with a signed exponent", "[0e+1,0E-1]"),
	CASE("number: an exponent with zeros before", "1e007"),
	CASE("number: a fraction", "[123.456789]"),
	CASE("number: a fraction that ends in zeros", "0.000"),
	CASE("number: a fraction and an exponent", "123.456e78"),
	CASE("number: a capital exponent", "[1E22,1E-2,1E+2]"),
	CASE("number: more than 2^53", "9007199254740993"),
	CASE("number: more than 2^64", "-123123123123123123123123123123"),
	CASE("number: no double is so large", "[1e400,-1e-400,0.4e00669999999999999999]"),
	CASE("string: each escape", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
	CASE("string: hexadecimal digits of both cases", "\"\\u0123\\u4567\\u89ab\\ucdef\\uABCD\\uEF00\""),
	CASE("string: a pair", "\"\\uD801\\udc37\""),
	CASE("string: an escaped NUL", "\"\\u0000\""),
	CASE("string: half a pair", "[\"\\uD800\",\"\\uDFAA\",\"\\uD800\\n\",\"\\uDC00\\uD800\"]"),
	CASE("string: an escaped backslash before the end", "\"\\\\\""),
	CASE("string: an escaped backslash before an n", "\"\\\\n\""),
	CASE("string: brackets, commas, a comment", "\"[{,:}]/*x*/#\""),
	CASE("string: DEL", "\"\x7f\""),
	CASE("string: noncharacters", "\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\\uFFFE\""),
	CASE("string: line separators", "\"\xe2\x80\xa8\xe2\x80\xa9\""),
	CASE("string: the first and last of each length",
	     "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\""),
	CASE("string: a byte order mark", "\"\xef\xbb\xbf\""),
};

static const struct grammar_case refused[] = {
	CASE("text: nothing", ""),
	CASE("text: white space", " \n"),
	CASE("text: a byte order mark", "\xef\xbb\xbf{}"),
	CASE("text: UTF-16", "[\0\"\0\xe9\0\"\0]\0"),
	CASE("text: a NUL behind it", "123\0"),
	CASE("text: two values", "1 1"),
	CASE("text: a bracket too many", "[]]"),
	CASE("text: a comment", "{}/**/"),
	CASE("text: a line comment", "{}//"),
	CASE("text: a form feed", "[\f]"),
	CASE("text: a vertical tab", "\v1"),
	CASE("text: a word joiner", "[\xe2\x81\xa0]"),
	CASE("text: a no-break space", "[1,\xc2\xa0"
				       "2]"),
	CASE("text: a Markdown fence", "```1```"),
	CASE("array: open", "["),
	CASE("array: open behind a value", "[1"),
	CASE("array: open behind a comma", "[1,"),
	CASE("array: a comma alone", "[,]"),
	CASE("array: a comma first", "[,1]"),
	CASE("array: a comma last", "[1,]"),
	CASE("array: two commas", "[1,,2]"),
	CASE("array: no comma", "[1 true]"),
	CASE("array: a colon", "[\"a\":1]"),
	CASE("array: closed as an object", "[1}"),
	CASE("array: a star", "[*]"),
	CASE("array: a letter behind it", "[1]x"),
	CASE("array: in an array, open", "[[1]"),
	CASE("object: open", "{"),
	CASE("object: open behind a key", "{\"a\""),
	CASE("object: open behind a colon", "{\"a\":"),
	CASE("object: open behind a value", "{\"a\":1"),
	CASE("object: open behind a comma", "{\"a\":1,"),
	CASE("object: no value", "{\"a\":}"),
	CASE("object: no colon", "{\"a\" 1}"),
	CASE("object: two colons", "{\"a\"::1}"),
	CASE("object: a comma for a colon", "{\"a\",1}"),
	CASE("object: no comma", "{\"a\":1 \"b\":2}"),
	CASE("object: a comma last", "{\"a\":1,}"),
	CASE("object: two commas", "{\"a\":1,,\"b\":2}"),
	CASE("object: a comma alone", "{,}"),
	CASE("object: a key without quotes", "{a:1}"),
	CASE("object: a key in single quotes", "{'a':1}"),
	CASE("object: a number for a key", "{1:1}"),
	CASE("object: a name for a key", "{null:null}"),
	CASE("object: closed as an array", "{\"a\":1]"),
	CASE("object: a comment for a member", "{/**/}"),
	CASE("object: a key that is no UTF-8", "{\"\xb9\":0}"),
	CASE("name: cut", "nul"),
	CASE("name: wrong", "[nule,fals,truth]"),
	CASE("name: capital", "[True]"),
	CASE("name: too long", "nullx"),
	CASE("name: a NUL in it", "nu\0l"),
	CASE("name: a digit behind it", "true1"),
	CASE("number: a plus", "+1"),
	CASE("number: two minus", "--1"),
	CASE("number: a minus alone", "[-]"),
	CASE("number: a minus and a space", "[- 1]"),
	CASE("number: a zero before", "012"),
	CASE("number: a minus and a zero before", "[-01]"),
	CASE("number: two zeros", "00"),
	CASE("number: no digit before the point", ".5"),
	CASE("number: a minus before the point", "-.5"),
	CASE("number: no digit behind the point", "1."),
	CASE("number: an exponent behind the point", "[2.e3]"),
	CASE("number: two points", "1.2.3"),
	CASE("number: no digit in the exponent", "1e"),
	CASE("number: a sign alone in the exponent", "[1e+]"),
	CASE("number: two signs in the exponent", "1e+-1"),
	CASE("number: two exponents", "1e1e1"),
	CASE("number: a fraction in the exponent", "1e1.5"),
	CASE("number: an exponent alone", "e1"),
	CASE("number: hexadecimal", "0x42"),
	CASE("number: a letter in it", "1a2"),
	CASE("number: groups", "[1 000]"),
	CASE("number: NaN", "NaN"),
	CASE("number: minus NaN", "-NaN"),
	CASE("number: infinity", "[Infinity,-Infinity]"),
	CASE("number: a digit beyond ASCII", "[\xef\xbc\x91]"),
	CASE("string: open", "\""),
	CASE("string: open behind text", "\"abc"),
	CASE("string: open behind a backslash", "\"abc\\"),
	CASE("string: an escaped quote for its end", "\"abc\\\""),
	CASE("string: single quotes", "'a'"),
	CASE("string: no quote before", "a\""),
	CASE("string: an unknown escape", "\"\\x00\""),
	CASE("string: a capital escape", "\"\\N\""),
	CASE("string: an octal escape", "\"\\0\""),
	CASE("string: an escaped NUL byte", "\"\\\0\""),
	CASE("string: an escaped line end", "\"\\\n\""),
	CASE("string: an escaped emoji", "\"\\\xf0\x9f\x8c\x80\""),
	CASE("string: three hexadecimal digits", "\"\\u00A\""),
	CASE("string: no hexadecimal digits", "\"\\u\""),
	CASE("string: a g among the digits", "\"\\u00g0\""),
	CASE("string: a capital U", "\"\\U0041\""),
	CASE("string: cut in the second half of a pair", "\"\\uD834\\uDd"),
	CASE("string: cut behind the first half", "\"\\uD800\\"),
	CASE("string: a NUL byte", "\"a\0a\""),
	CASE("string: a line end", "\"a\na\""),
	CASE("string: a tab", "\"\t\""),
	CASE("string: the last control byte", "\"\x1f\""),
	CASE("UTF-8: a tail alone", "\"\x81\""),
	CASE("UTF-8: cut at the quote", "\"\xe0\xa0\""),
	CASE("UTF-8: cut at the end", "\"\xf0\x9f\x98"),
	CASE("UTF-8: two bytes for ASCII", "\"\xc0\xaf\""),
	CASE("UTF-8: three bytes for two", "\"\xe0\x9f\xbf\""),
	CASE("UTF-8: four bytes for three", "\"\xf0\x8f\xbf\xbf\""),
	CASE("UTF-8: six bytes", "\"\xfc\x83\xbf\xbf\xbf\xbf\""),
	CASE("UTF-8: a surrogate", "\"\xed\xa0\x80\""),
	CASE("UTF-8: behind the last code point", "\"\xf4\x90\x80\x80\""),
	CASE("UTF-8: Latin-1", "\"\xe9\""),
	CASE("UTF-8: outside of a string", "[\xff]"),
};

static void what_the_grammar_has_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		if (whole_offset(accepted[i].text) != SIZE_MAX)
			fail_msg("refused: %s", accepted[i].name);
		check_alike(accepted[i].text, accepted[i].name);
	}
}

static void what_the_grammar_has_not_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		if (whole_offset(refused[i].text) == SIZE_MAX)
			fail_msg("accepted: %s", refused[i].name);
		check_alike(refused[i].text, refused[i].name);
	}
}

/* Each case at the end of a block of its own, behind white space of each length up to a vector's: the fast ways end in
 * another place each time, and under the sanitizer no byte behind the text is read. */
static void where_a_text_starts_changes_no_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(accepted) + ARRAY_LEN(refused); i++)
		for (size_t before = 0; before <= 32; before++) {
			bool is_valid = i < ARRAY_LEN(accepted);
			struct grammar_case c = is_valid ? accepted[i] : refused[i - ARRAY_LEN(accepted)];
			size_t len = before + c.text.len;
			DEFER(freep) char *block = malloc(len + (len == 0));

			assert_non_null(block);
			memset(block, '\n', before);
			memcpy(block + before, c.text.ptr, c.text.len);
			check_alike(view_from(block, len), c.name);
			assert_true((whole_offset(view_from(block, len)) == SIZE_MAX) == is_valid);
		}
}

/* xorshift: the same mutants each time. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void mutate(char *bytes, size_t *len, uint32_t *random)
{
	static const char likely[] = "{}[]\",:\\/ \n\t0123456789-+.eEu\x01\x7f\x80\xbf\xc3\xe2\xed\xf0\xff";
	size_t at = next_random(random) % (*len + 1), from = next_random(random) % (*len + 1);
	char byte = likely[next_random(random) % sizeof(likely)]; /* the NUL at its end as well */

	switch (next_random(random) % 5) {
	case 0:
		*len = next_random(random) % 8 ? *len : at;
		break;
	case 1:
		if (at < *len)
			memmove(bytes + at, bytes + at + 1, --*len - at);
		break;
	case 2:
		if (*len < MUTANT_BYTES)
			memmove(bytes + at + 1, bytes + at, (*len)++ - at);
		bytes[at < MUTANT_BYTES ? at : 0] = byte;
		break;
	case 3:
		if (at < *len && from < *len)
			bytes[at] = bytes[from];
		break;
	default:
		if (at < *len)
			bytes[at] = byte;
	}
}

static void a_damaged_text_is_refused_where_the_reference_refuses_it(void **state)
{
	static const char seed[] =
		"{\"data\":[{\"id\":\"activity_01XyD\",\"n\":[0,-1.5e+3,9007199254740993],\"actor\":{\"type\":\"a\","
		"\"name\":\"J\xc3\xbcrgen \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80\"},"
		"\"t\":\"\\u0041\\n\\\"\\\\\"},{},"
		"[[]],true , false,null ],\n\t\"has_more\" : true,"
		"\"last_id\":\"aVeryLongCursorOfMoreThanThirtyTwoBytes==\"}";
	uint32_t random = 1;
	size_t valid = 0;

	(void)state;
	for (int i = 0; i < MUTANTS; i++) {
		DEFER(freep) char *block = NULL;
		char bytes[MUTANT_BYTES];
		size_t len = sizeof(seed) - 1;

		memcpy(bytes, seed, len);
		for (uint32_t changes = 1 + next_random(&random) % 3; changes; changes--)
			mutate(bytes, &len, &random);
		block = malloc(len + (len == 0));
		assert_non_null(block);
		memcpy(block, bytes, len);
		check_alike(view_from(block, len), "mutant");
		valid += reference_offset(view_from(block, len)) == SIZE_MAX;
	}
	assert_in_range(valid, MUTANTS / 20, MUTANTS / 2); /* both verdicts are tried */
}

static void nesting_ends_at_the_same_place_however_it_is_read(void **state)
{
	char text[2 * JSON_DEPTH + 2];

	(void)state;
	for (size_t depth = JSON_DEPTH - 1; depth <= JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		check_alike(view_from(text, 2 * depth), "nested");
		assert_int_equal(whole_offset(view_from(text, 2 * depth)), depth > JSON_DEPTH ? JSON_DEPTH : SIZE_MAX);
	}
}

static const char *plain_end_simple(const char *at, const char *end)
{
	while (at < end && is_between((unsigned char)*at, 0x20, 0x7F) && *at != '"' && *at != '\\')
		at++;
	return at;
}

static void the_end_of_plain_bytes_is_found_in_words_and_vectors(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 40; len++)
		for (size_t at = 0; at < len; at++)
			for (int byte = 0; byte < 256; byte++) {
				char text[40];
				const char *expected;

				memset(text, 'a', sizeof(text));
				text[at] = (char)byte;
				if (at + 1 < len)
					text[at + 1] = '!'; /* one above a quote: where a borrow would go */
				expected = plain_end_simple(text, text + len);
				assert_ptr_equal(json_plain_end_words(text, text + len), expected);
				assert_ptr_equal(json_plain_end(text, text + len), expected);
			}
}

static void levels_of_interest_are_entered_and_others_taken(void **state)
{
	struct json_reader r = json_reader_of(VIEW(" { \"a\" : [1, {\"b\":[]}] , \"\\u0063\":{}} "), NULL);
	struct view key, value;
	bool is_escaped;

	(void)state;
	assert_int_equal(json_read_open(&r, JSON_ARRAY), 1);
	assert_int_equal(json_read_open(&r, JSON_OBJECT), 0);
	assert_int_equal(json_read_member(&r, &key, &is_escaped), 0);
	assert_view(key, "\"a\"");
	assert_false(is_escaped);
	assert_int_equal(json_read_open(&r, JSON_ARRAY), 0);
	assert_int_equal(json_read_element(&r), 0);
	assert_int_equal(json_read_value(&r, &value), 0);
	assert_view(value, "1");
	assert_int_equal(json_read_element(&r), 0);
	assert_int_equal(json_read_value(&r, &value), 0);
	assert_view(value, "{\"b\":[]}");
	assert_int_equal(json_read_element(&r), 1);
	assert_int_equal(json_read_member(&r, &key, &is_escaped), 0);
	assert_view(key, "\"\\u0063\"");
	assert_true(is_escaped);
	assert_int_equal(json_read_open(&r, JSON_OBJECT), 0);
	assert_int_equal(json_read_member(&r, &key, NULL), 1);
	assert_int_equal(json_read_member(&r, &key, NULL), 1);
	assert_int_equal(json_read_end(&r), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_grammar_has_is_accepted),
		cmocka_unit_test(what_the_grammar_has_not_is_refused),
		cmocka_unit_test(where_a_text_starts_changes_no_verdict),
		cmocka_unit_test(a_damaged_text_is_refused_where_the_reference_refuses_it),
		cmocka_unit_test(nesting_ends_at_the_same_place_however_it_is_read),
		cmocka_unit_test(the_end_of_plain_bytes_is_found_in_words_and_vectors),
		cmocka_unit_test(levels_of_interest_are_entered_and_others_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
