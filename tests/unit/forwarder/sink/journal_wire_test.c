/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent to journald, parsed back as strictly as the protocol is written down
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL). */
#include "forwarder/sink/journal_wire.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define FIELDS_MAX 64
#define FIELD_NAME_BYTES 64

struct entry {
	struct view names[FIELDS_MAX], values[FIELDS_MAX];
	size_t count;
};

static bool is_name(struct view name)
{
	if (!name.len || name.len > FIELD_NAME_BYTES || name.ptr[0] == '_' || text_is_digit(name.ptr[0]))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!text_is_digit(name.ptr[i]) && name.ptr[i] != '_' && (name.ptr[i] < 'A' || name.ptr[i] > 'Z'))
			return false;
	return true;
}

static void parse_field(struct view *rest, struct entry *e)
{
	size_t end = text_find_byte(*rest, '\n'), equals = text_find_byte(view_sub(*rest, 0, end), '=');
	uint64_t len = 0;

	assert_true(end != SIZE_MAX && end > 0 && e->count < FIELDS_MAX);
	if (equals != SIZE_MAX) {
		e->names[e->count] = view_sub(*rest, 0, equals);
		e->values[e->count] = view_sub(*rest, equals + 1, end - equals - 1);
		*rest = view_sub(*rest, end + 1, SIZE_MAX);
	} else {
		e->names[e->count] = view_sub(*rest, 0, end);
		*rest = view_sub(*rest, end + 1, SIZE_MAX);
		assert_true(rest->len >= 8);
		for (unsigned i = 8; i-- > 0;)
			len = len << 8 | (unsigned char)rest->ptr[i];
		*rest = view_sub(*rest, 8, SIZE_MAX);
		assert_true(len < rest->len);
		e->values[e->count] = view_sub(*rest, 0, len);
		assert_int_equal(rest->ptr[len], '\n');
		*rest = view_sub(*rest, len + 1, SIZE_MAX);
	}
	assert_true(is_name(e->names[e->count]));
	e->count++;
}

/* One entry and nothing behind it. */
static struct entry parse(const struct buf *wire)
{
	struct entry e = { .count = 0 };
	struct view rest = buf_view(wire);

	while (rest.len)
		parse_field(&rest, &e);
	return e;
}

/* The only value of that name. */
static struct view value(const struct entry *e, const char *name)
{
	struct view found = VIEW_NONE;
	unsigned count = 0;

	for (size_t i = 0; i < e->count; i++)
		if (text_eq(e->names[i], view_of(name))) {
			found = e->values[i];
			count++;
		}
	assert_true(count <= 1);
	return found;
}

static struct event make_event(void)
{
	struct event e = { .seq = 42,
			   .feed = VIEW("audit"),
			   .id = VIEW("activity_1"),
			   .type = VIEW("t"),
			   .class = EVENT_CLASS_KEY,
			   .severity = EVENT_NOTICE,
			   .message = VIEW("somebody did something"),
			   .body = VIEW("{\"id\":\"activity_1\"}") };

	memset(e.hash, 0xAB, sizeof(e.hash));
	memset(e.chain, 0x01, sizeof(e.chain));
	return e;
}

static void an_entry_has_the_fields_of_the_manual(void **state)
{
	DEFER(buf_done) struct buf wire = BUF_INIT(1u << 16);
	struct event event = make_event();
	struct entry e;

	(void)state;
	event.fields[EVENT_ACTIVITY_ID] = VIEW("activity_1");
	assert_int_equal(journal_add_entry(&wire, &event, 13), 0);
	e = parse(&wire);
	assert_view(value(&e, "MESSAGE"), "somebody did something");
	assert_view(value(&e, "MESSAGE_ID"), "4eff1096df77472586e632c07433d80b");
	assert_view(value(&e, "PRIORITY"), "5");
	assert_view(value(&e, "SYSLOG_IDENTIFIER"), "skantd");
	assert_view(value(&e, "SYSLOG_FACILITY"), "13");
	assert_view(value(&e, "ANTHROPIC_ACTIVITY_ID"), "activity_1");
	assert_view(value(&e, "ANTHROPIC_JSON"), "{\"id\":\"activity_1\"}");
	assert_view(value(&e, "SKANT_FEED"), "audit");
	assert_view(value(&e, "SKANT_SEQ"), "42");
	assert_view(value(&e, "SKANT_CLASS"), "key");
	assert_view(value(&e, "SKANT_HASH"), "abababababababababababababababababababababababababababababababab");
	assert_view(value(&e, "SKANT_CHAIN"), "0101010101010101010101010101010101010101010101010101010101010101");
	assert_int_equal(e.count, 12);
}

static void what_is_not_known_is_left_out_and_what_is_empty_is_not(void **state)
{
	DEFER(buf_done) struct buf wire = BUF_INIT(1u << 16);
	struct event event = make_event();
	struct entry e;

	(void)state;
	event.fields[EVENT_MODEL] = VIEW("");
	assert_int_equal(journal_add_entry(&wire, &event, 13), 0);
	e = parse(&wire);
	assert_int_equal(e.count, 12);
	assert_non_null(value(&e, "ANTHROPIC_MODEL").ptr);
	assert_null(value(&e, "ANTHROPIC_ACTOR_ID").ptr);
	assert_null(value(&e, "SKANT_REPLAY").ptr);
	assert_null(value(&e, "SKANT_REDACTED").ptr);
}

static void replayed_and_redacted_events_are_marked(void **state)
{
	DEFER(buf_done) struct buf wire = BUF_INIT(1u << 16);
	struct event event = make_event();
	struct entry e;

	(void)state;
	event.is_replay = event.is_redacted = true;
	assert_int_equal(journal_add_entry(&wire, &event, 10), 0);
	e = parse(&wire);
	assert_view(value(&e, "SKANT_REPLAY"), "1");
	assert_view(value(&e, "SKANT_REDACTED"), "1");
	assert_view(value(&e, "SYSLOG_FACILITY"), "10");
}

static void no_byte_of_a_text_ends_a_field_or_an_entry(void **state)
{
	const struct view evil = VIEW("a\n\nPRIORITY=0\nMESSAGE\n\0\1\2\3\4\5\6\7x=y\n");

	(void)state;
	for (unsigned field = 0; field < EVENT_FIELD_COUNT; field++) {
		DEFER(buf_done) struct buf wire = BUF_INIT(1u << 16);
		struct event event = make_event();
		struct entry e;

		event.fields[field] = event.body = event.feed = event.message = evil;
		assert_int_equal(journal_add_entry(&wire, &event, 13), 0);
		e = parse(&wire);
		assert_true(text_eq(value(&e, event_fields[field].journal), evil));
		assert_true(text_eq(value(&e, "ANTHROPIC_JSON"), evil));
		assert_true(text_eq(value(&e, "MESSAGE"), evil));
		assert_view(value(&e, "PRIORITY"), "5");
	}
}

static void the_names_of_all_fields_are_ones_that_journald_takes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++)
		assert_true(is_name(view_of(event_fields[i].journal)));
}

static void an_entry_that_does_not_fit_is_refused(void **state)
{
	DEFER(buf_done) struct buf whole = BUF_INIT(1u << 16);
	struct event event = make_event();

	(void)state;
	assert_int_equal(journal_add_entry(&whole, &event, 13), 0);
	for (size_t max = 0; max < whole.len; max++) {
		DEFER(buf_done) struct buf wire = BUF_INIT(max);

		assert_int_equal(journal_add_entry(&wire, &event, 13), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_has_the_fields_of_the_manual),
		cmocka_unit_test(what_is_not_known_is_left_out_and_what_is_empty_is_not),
		cmocka_unit_test(replayed_and_redacted_events_are_marked),
		cmocka_unit_test(no_byte_of_a_text_ends_a_field_or_an_entry),
		cmocka_unit_test(the_names_of_all_fields_are_ones_that_journald_takes),
		cmocka_unit_test(an_entry_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
