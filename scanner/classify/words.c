/* SPDX-License-Identifier: Apache-2.0 */
/* Words that people put where a key belongs. */
#include <string.h>

#include "common/base/text.h"
#include "scanner/classify/measure.h"

#define W(text)                                                                                                        \
	{                                                                                                              \
		.ptr = (text), .len = sizeof(text) - 1                                                                 \
	}

/* Sorted; starts[c - 'a'] is where the words with that first letter begin, [26] is their end. Those that begin with a
 * digit come first. */
static const struct view words[] = {
	W("123"),       W("1234"),       W("12345"),       W("123456"),      W("abc"),           W("abc123"),
	W("abcd"),      W("abcdef"),     W("account"),     W("actual"),      W("add"),           W("admin"),
	W("allowed"),   W("and"),        W("anthropic"),   W("api"),         W("apikey"),        W("asdf"),
	W("bar"),       W("batch"),      W("baz"),         W("cafebabe"),    W("change"),        W("changeme"),
	W("character"), W("chars"),      W("claude"),      W("commit"),      W("company"),       W("config"),
	W("console"),   W("credential"), W("deadbeef"),    W("default"),     W("demo"),          W("detect"),
	W("detection"), W("dev"),        W("development"), W("docs"),        W("documentation"), W("does"),
	W("dolor"),     W("dummy"),      W("empty"),       W("enter"),       W("env"),           W("example"),
	W("expired"),   W("fake"),       W("fill"),        W("fixture"),     W("foo"),           W("for"),
	W("from"),      W("generated"),  W("get"),         W("goes"),        W("hello"),         W("here"),
	W("hidden"),    W("ignore"),     W("insert"),      W("integration"), W("invalid"),       W("ipsum"),
	W("is"),        W("key"),        W("keys"),        W("leaked"),      W("length"),        W("local"),
	W("long"),      W("lorem"),      W("masked"),      W("me"),          W("mock"),          W("my"),
	W("name"),      W("never"),      W("none"),        W("not"),         W("null"),          W("only"),
	W("org"),       W("password"),   W("paste"),       W("pattern"),     W("placeholder"),   W("private"),
	W("prod"),      W("production"), W("project"),     W("public"),      W("push"),          W("put"),
	W("qux"),       W("qwerty"),     W("random"),      W("readme"),      W("real"),          W("redacted"),
	W("regex"),     W("replace"),    W("revoked"),     W("rule"),        W("safe"),          W("sample"),
	W("scanner"),   W("secret"),     W("service"),     W("some"),        W("staging"),       W("string"),
	W("stub"),      W("synthetic"),  W("team"),        W("template"),    W("test"),          W("testing"),
	W("tests"),     W("that"),       W("the"),         W("this"),        W("todo"),          W("token"),
	W("undefined"), W("unit"),       W("use"),         W("used"),        W("user"),          W("using"),
	W("valid"),     W("value"),      W("variable"),    W("with"),        W("work"),          W("working"),
	W("world"),     W("xxx"),        W("xxxx"),        W("xyz"),         W("your"),          W("yours"),
};

static const unsigned char starts[27] = {
	4,  18, 21, 32, 44,  49,  55,  58,  61,  67,  67,  69,  74,  78,
	83, 85, 96, 98, 106, 116, 126, 132, 135, 139, 142, 144, 144,
};

/* Which letters may follow each first letter, a bit each from 'a': spares most places a look at the words. */
static const uint32_t followers[26] = {
	0x004a80e, 0x0000001, 0x0024881, 0x0104010, 0x0803000, 0x0024101, 0x0004010, 0x0000110, 0x004a040,
	0x0000000, 0x0000010, 0x0004010, 0x1004011, 0x0104011, 0x0022000, 0x0120801, 0x0500000, 0x0100011,
	0x1084015, 0x0004090, 0x0042000, 0x0000001, 0x0004100, 0x1800000, 0x0004000, 0x0000000,
};

static const char *const samples[] = { "example", "sample", "demo", "docs", "documentation", "your", "placeholder" };

/* body is in lower case. */
static size_t longest_word_at(struct view body, size_t at)
{
	unsigned char first = (unsigned char)body.ptr[at];
	size_t best = 0, from = 0, to = starts[0], left = body.len - at;

	if (left < 2)
		return 0;
	if (text_is_alpha((char)first)) {
		unsigned second = (unsigned char)body.ptr[at + 1] - (unsigned)'a';

		if (second > 25 || !(followers[first - 'a'] >> second & 1))
			return 0;
		from = starts[first - 'a'];
		to = starts[first - 'a' + 1];
	} else if (!text_is_digit((char)first)) {
		return 0;
	}
	for (size_t i = from; i < to; i++) {
		const struct view *w = &words[i];

		if (w->len > best && w->len <= left && w->ptr[1] == body.ptr[at + 1] &&
		    memcmp(w->ptr, body.ptr + at, w->len) == 0)
			best = w->len;
	}
	return best;
}

unsigned measure_words(struct view body)
{
	char folded[MEASURE_BYTES];
	size_t covered = 0, at = 0;

	body = view_sub(body, 0, MEASURE_BYTES);
	for (size_t i = 0; i < body.len; i++)
		folded[i] = text_lower(body.ptr[i]);
	body.ptr = folded;
	while (at < body.len) {
		size_t len = longest_word_at(body, at);

		/* two letters are a word only between separators: by chance they are everywhere */
		if (len < 3 && (at == 0 || text_is_alnum(body.ptr[at - 1]) ||
				(at + len < body.len && text_is_alnum(body.ptr[at + len]))))
			len = 0;
		covered += len;
		at += len ? len : 1;
	}
	return body.len ? (unsigned)(covered * 100 / body.len) : 0;
}

bool measure_is_sample(struct view body)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		if (text_eq_nocase(view_sub(body, 0, view_of(samples[i]).len), view_of(samples[i])))
			return true;
	return false;
}
