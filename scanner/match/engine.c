/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/engine.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define JIT_STACK_START_BYTES (32u << 10)
#define REASON_BYTES 256
#define SHORT_REGEX_BYTES 256  /* machine code of these is made at once */
#define PLAIN_BYTES (8u << 10) /* searched by the interpreter before there is machine code of a longer one */

/* What became of a pattern; never changes once it is published. */
struct compiled {
	pcre2_code *code; /* NULL: refused */
	bool has_jit;
	int error; /* why it was refused, and where */
	size_t error_offset;
};

/* Anchoring is compiled in: as an option of the match call it would switch the JIT off. Making machine code of a long
 * pattern takes far longer than interpreting it on a small file, so a search begins with the interpreter. */
enum form { FORM_PLAIN, FORM_SEARCH, FORM_ANCHORED, FORM_COUNT };

struct pattern {
	const char *regex, *name;
	_Atomic(struct compiled *) forms[FORM_COUNT];
	atomic_size_t searched; /* bytes, by FORM_PLAIN */
};

struct engine {
	pthread_mutex_t lock; /* one compilation at a time; matching takes no lock */
	pcre2_compile_context *context;
	size_t count;
	struct pattern patterns[];
};

struct engine_worker {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

struct engine *engine_new(size_t patterns)
{
	struct engine *engine;
	size_t size;

	if (__builtin_mul_overflow(patterns, sizeof(engine->patterns[0]), &size) ||
	    __builtin_add_overflow(size, sizeof(*engine), &size))
		return NULL;
	engine = calloc(1, size);
	if (!engine)
		return NULL;
	engine->context = pcre2_compile_context_create(NULL);
	if (!engine->context) {
		free(engine);
		return NULL;
	}
	/* Not what the library happened to be built with. */
	(void)pcre2_set_newline(engine->context, PCRE2_NEWLINE_LF);
	(void)pcre2_set_bsr(engine->context, PCRE2_BSR_ANYCRLF);
	(void)pcre2_set_max_pattern_length(engine->context, RULE_REGEX_BYTES);
	(void)pthread_mutex_init(&engine->lock, NULL);
	engine->count = patterns;
	return engine;
}

static void compiled_free(struct compiled *compiled)
{
	if (!compiled)
		return;
	pcre2_code_free(compiled->code);
	free(compiled);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	for (size_t i = 0; i < engine->count; i++)
		for (int form = 0; form < FORM_COUNT; form++)
			compiled_free(atomic_load(&engine->patterns[i].forms[form]));
	pcre2_compile_context_free(engine->context);
	(void)pthread_mutex_destroy(&engine->lock);
	free(engine);
}

void engine_set(struct engine *engine, size_t index, const char *regex, const char *name)
{
	engine->patterns[index].regex = regex;
	engine->patterns[index].name = name;
}

static struct compiled *compile(struct engine *engine, const struct pattern *pattern, enum form form)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	struct compiled *ret = calloc(1, sizeof(*ret));
	size_t jit_bytes = 0;

	if (!ret)
		return NULL;
	options |= form == FORM_ANCHORED ? PCRE2_ANCHORED : PCRE2_USE_OFFSET_LIMIT;
	ret->code = pcre2_compile((PCRE2_SPTR)pattern->regex, PCRE2_ZERO_TERMINATED, options, &ret->error,
				  &ret->error_offset, engine->context);
	/* A system that forbids writable code pages refuses the JIT, or grants it and gives nothing: interpret then. */
	if (ret->code && form != FORM_PLAIN && pcre2_jit_compile(ret->code, PCRE2_JIT_COMPLETE) == 0 &&
	    pcre2_pattern_info(ret->code, PCRE2_INFO_JITSIZE, &jit_bytes) == 0)
		ret->has_jit = jit_bytes > 0;
	return ret;
}

/* NULL when there is no memory. */
static const struct compiled *compiled_get(struct engine *engine, size_t index, enum form form)
{
	struct pattern *pattern = &engine->patterns[index];
	struct compiled *ret = atomic_load_explicit(&pattern->forms[form], memory_order_acquire);

	if (ret)
		return ret;
	(void)pthread_mutex_lock(&engine->lock);
	ret = atomic_load_explicit(&pattern->forms[form], memory_order_relaxed);
	if (!ret) {
		ret = compile(engine, pattern, form);
		atomic_store_explicit(&pattern->forms[form], ret, memory_order_release);
	}
	(void)pthread_mutex_unlock(&engine->lock);
	return ret;
}

static const char *reason(int code, unsigned char ret_text[static REASON_BYTES])
{
	if (pcre2_get_error_message(code, ret_text, REASON_BYTES) == PCRE2_ERROR_BADDATA)
		return "unknown error";
	return (const char *)ret_text;
}

int engine_check(struct engine *engine, size_t index, struct err *err)
{
	const struct compiled *compiled = compiled_get(engine, index, FORM_PLAIN);
	unsigned char text[REASON_BYTES];

	if (!compiled || compiled->error == PCRE2_ERROR_NOMEMORY)
		return err_nomem(err);
	if (compiled->code)
		return 0;
	return err_set(err, ERR_CONFIG, 0, "offset %zu: %s", compiled->error_offset, reason(compiled->error, text));
}

unsigned engine_groups(struct engine *engine, size_t index)
{
	const struct compiled *compiled = compiled_get(engine, index, FORM_PLAIN);
	uint32_t groups = 0;

	if (compiled && compiled->code)
		(void)pcre2_pattern_info(compiled->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	return groups;
}

struct engine_worker *engine_worker_new(void)
{
	struct engine_worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	worker->data = pcre2_match_data_create(RULE_GROUPS_MAX, NULL);
	worker->context = pcre2_match_context_create(NULL);
	if (!worker->data || !worker->context) {
		engine_worker_free(worker);
		return NULL;
	}
	(void)pcre2_set_heap_limit(worker->context, MATCH_HEAP_KIB);
	/* Without it (no JIT, no memory) the JIT has 32 KiB of the thread's own stack. */
	worker->stack = pcre2_jit_stack_create(JIT_STACK_START_BYTES, MATCH_JIT_STACK_BYTES, NULL);
	if (worker->stack)
		pcre2_jit_stack_assign(worker->context, NULL, worker->stack);
	return worker;
}

void engine_worker_free(struct engine_worker *worker)
{
	if (!worker)
		return;
	pcre2_match_data_free(worker->data);
	pcre2_match_context_free(worker->context);
	pcre2_jit_stack_free(worker->stack);
	free(worker);
}

/* count is what a match returned: one more than its last group that took part; 0: there are more than it could keep.
 * PCRE2 leaves the pairs of groups that the pattern does not have as they were. */
static void copy_spans(const struct engine_worker *worker, int count, struct engine_span ret[static RULE_GROUPS_MAX])
{
	const size_t *pairs = pcre2_get_ovector_pointer(worker->data);
	size_t set = count > 0 ? (size_t)count : RULE_GROUPS_MAX;

	_Static_assert(PCRE2_UNSET == SIZE_MAX, "a group that took no part looks as engine.h says");
	for (size_t i = 0; i < RULE_GROUPS_MAX; i++) {
		size_t from = i < set ? pairs[2 * i] : SIZE_MAX, to = i < set ? pairs[2 * i + 1] : SIZE_MAX;

		ret[i] = (struct engine_span){ .from = from, .to = to };
	}
}

static enum engine_result failure(int code, const char *name, struct err *err)
{
	unsigned char text[REASON_BYTES];

	switch (code) {
	case PCRE2_ERROR_NOMATCH:
		return ENGINE_NONE;
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
	case PCRE2_ERROR_JIT_STACKLIMIT:
		(void)err_set(err, ERR_LIMIT, 0, "the pattern of '%s' ran away: %s", name, reason(code, text));
		return ENGINE_RUNAWAY;
	case PCRE2_ERROR_NOMEMORY:
		(void)err_nomem(err);
		return ENGINE_FAILED;
	default:
		(void)err_set(err, ERR_INTERNAL, 0, "the pattern of '%s' failed: %s", name, reason(code, text));
		return ENGINE_FAILED;
	}
}

static enum form choose_form(struct pattern *pattern, size_t bytes, bool anchored)
{
	if (anchored)
		return FORM_ANCHORED;
	if (strlen(pattern->regex) < SHORT_REGEX_BYTES)
		return FORM_SEARCH;
	bytes += atomic_fetch_add_explicit(&pattern->searched, bytes, memory_order_relaxed);
	return bytes < PLAIN_BYTES ? FORM_PLAIN : FORM_SEARCH;
}

static int match(const struct compiled *compiled, struct engine_worker *worker, struct view subject, size_t from)
{
	PCRE2_SPTR bytes = (PCRE2_SPTR)(subject.ptr ? subject.ptr : "");
	int code = pcre2_match(compiled->code, bytes, subject.len, from, compiled->has_jit ? 0 : PCRE2_NO_JIT,
			       worker->data, worker->context);

	/* The interpreter keeps its frames on the heap and may get through where the JIT's stack was too small. */
	if (code == PCRE2_ERROR_JIT_STACKLIMIT)
		code = pcre2_match(compiled->code, bytes, subject.len, from, PCRE2_NO_JIT, worker->data,
				   worker->context);
	return code;
}

/* One that looks through a whole file is no runaway. */
static uint32_t step_limit(size_t bytes)
{
	size_t limit = bytes < UINT32_MAX / (2 * MATCH_LIMIT_PER_BYTE) ? bytes * MATCH_LIMIT_PER_BYTE : UINT32_MAX / 2;

	return (uint32_t)(MATCH_LIMIT + limit);
}

enum engine_result engine_match(struct engine *engine, struct engine_worker *worker, size_t index, struct view subject,
				size_t from, bool anchored, struct engine_span ret[static RULE_GROUPS_MAX],
				struct err *err)
{
	struct pattern *pattern = &engine->patterns[index];
	enum form form;
	const struct compiled *compiled;
	int code;

	if (from > subject.len)
		return ENGINE_NONE;
	form = choose_form(pattern, subject.len - from, anchored);
	compiled = compiled_get(engine, index, form);
	if (!compiled || !compiled->code) {
		if (engine_check(engine, index, err) < 0)
			(void)err_prefix(err, "the pattern of '%s'", pattern->name);
		return ENGINE_FAILED;
	}
	(void)pcre2_set_match_limit(worker->context, step_limit(subject.len - from));
	code = match(compiled, worker, subject, from);
	/* The two count their steps differently: a pattern has run away when the machine code says so as well. */
	if (form == FORM_PLAIN && code < 0 && code != PCRE2_ERROR_NOMATCH) {
		compiled = compiled_get(engine, index, FORM_SEARCH);
		if (compiled && compiled->code)
			code = match(compiled, worker, subject, from);
	}
	if (code < 0)
		return failure(code, pattern->name, err);
	copy_spans(worker, code, ret);
	return ENGINE_MATCH;
}

enum engine_result engine_match_from(struct engine *engine, struct engine_worker *worker, size_t index,
				     struct view subject, size_t from, size_t last,
				     struct engine_span ret[static RULE_GROUPS_MAX], struct err *err)
{
	enum engine_result result;

	(void)pcre2_set_offset_limit(worker->context, last);
	result = engine_match(engine, worker, index, subject, from, false, ret, err);
	(void)pcre2_set_offset_limit(worker->context, PCRE2_UNSET);
	return result;
}

static bool is_limit(int code)
{
	return code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
	       code == PCRE2_ERROR_JIT_STACKLIMIT;
}

int engine_steps(struct engine *engine, struct engine_worker *worker, size_t index, struct view subject, size_t from,
		 size_t last, uint32_t *ret_steps, uint32_t *ret_limit, struct err *err)
{
	const struct compiled *compiled = compiled_get(engine, index, FORM_SEARCH);
	uint32_t limit = step_limit(subject.len - from), low = 0, high = limit; /* too few; enough, or the limit */

	if (!compiled || !compiled->code)
		return engine_check(engine, index, err);
	(void)pcre2_set_offset_limit(worker->context, last);
	(void)pcre2_set_match_limit(worker->context, limit);
	if (is_limit(match(compiled, worker, subject, from)))
		low = limit;
	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;

		(void)pcre2_set_match_limit(worker->context, middle);
		if (is_limit(match(compiled, worker, subject, from)))
			low = middle;
		else
			high = middle;
	}
	(void)pcre2_set_offset_limit(worker->context, PCRE2_UNSET);
	*ret_limit = limit;
	*ret_steps = high;
	return 0;
}

/* From the '[' of a character class to its ']'. */
static const char *class_end(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	if (*p == ']')
		p++;
	for (; *p && *p != ']'; p++) {
		size_t name = p[0] == '[' && p[1] == ':' ? 2 + strspn(p + 2, "^abcdefghijklmnopqrstuvwxyz") : 0;

		if (name && p[name] == ':' && p[name + 1] == ']')
			p += name + 1;
		else if (*p == '\\' && p[1])
			p++;
	}
	return p;
}

/* Something in which a bracket or a '|' need not mean what it seems to: quoted text, comments, verbs, options. */
static bool is_unclear(const char *regex)
{
	static const char *const marks[] = { "\\Q", "\\c", "(*", "(?#", "(?^", "(?-" };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strstr(regex, marks[i]))
			return true;
	for (const char *p = strstr(regex, "(?"); p; p = strstr(p + 2, "(?"))
		if (text_is_alpha(p[2]) && p[2] != 'P')
			return true;
	return false;
}

/* Whether a valid regex has a '|' at its outermost level, or may have one. */
static bool may_be_alternation(const char *regex)
{
	size_t depth = 0;

	if (is_unclear(regex))
		return true;
	for (const char *p = regex; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = class_end(p);
		else if (*p == '(')
			depth++;
		else if (*p == ')')
			depth--;
		else if (*p == '|' && depth == 0)
			return true;
		if (!*p)
			return true; /* a class without end: not valid after all */
	}
	return false;
}

bool engine_begins_with(const char *regex, struct view word)
{
	const char *p = regex;

	if (may_be_alternation(regex))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		bool is_escape = *p == '\\';

		if (is_escape ? text_is_alnum(p[1]) : strchr("^$.[|()?*+{", *p) != NULL)
			return false;
		p += is_escape;
		if (*p++ != word.ptr[i])
			return false;
	}
	return !*p || !strchr("?*+{", *p);
}
