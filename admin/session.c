/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/session.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/version.h"
#include "common/govern/directory.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"
#include "common/sys/redact.h"
#include "common/sys/term.h"

#define REQUEST_LOG_MODE 0600
#define NS_PER_S UINT64_C(1'000'000'000)
#define TOLD_PAUSE_NS (3 * NS_PER_S)

static void picked(void *, enum api_operation operation, enum credential_kind kind)
{
	log_info("%s: with the credential '%s'", api_operation_name(operation), credential_kind_names[kind]);
}

static void observed(void *context, const struct api_try *t)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	struct session *s = context;

	if (!s->progress.on)
		return;
	s->answers++;
	if (term_progress_due(&s->progress) &&
	    !buf_addf(&text, "reading %s: %llu answers so far", api_operation_name(t->operation),
		      (unsigned long long)s->answers))
		term_progress_show(&s->progress, buf_view(&text));
}

/* Who waits for longer than a moment wants to know what for. */
static void pauses(void *context, enum api_operation operation, const char *cause, uint64_t wait_ns)
{
	struct session *s = context;

	term_progress_clear(&s->progress);
	if (wait_ns >= TOLD_PAUSE_NS)
		log_info("%s: %s; the next try is in %llu s", api_operation_name(operation), cause,
			 (unsigned long long)((wait_ns + NS_PER_S - 1) / NS_PER_S));
}

/* For people as they would write it down, else as an object; without a key that somebody gave as a name. */
static int print_request(void *context, const char *method, struct view target, struct view body, struct err *err)
{
	static const struct column columns[] = { { "method", "method" }, { "path", "path" }, { "body", "body" } };
	struct session *s = context;
	DEFER(buf_done) struct buf text = BUF_INIT(OUTPUT_PENDING_BYTES), masked = BUF_INIT(OUTPUT_PENDING_BYTES);
	struct view shown = VIEW_NONE;
	struct jsonw w;
	bool has_key;

	if (body.len && redact_json(body, &masked, &shown, &has_key, err))
		return -1;
	if (s->o->format == OUTPUT_TABLE) {
		if (buf_addf(&text, "%s ", method) || buf_add(&text, target) || buf_add_byte(&text, '\n') ||
		    (shown.len && (buf_add(&text, shown) || buf_add_byte(&text, '\n'))))
			return err_nomem(err);
		return output_text(STDOUT_FILENO, buf_view(&text), err);
	}
	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "method", method);
	jsonw_member(&w, "path", target);
	if (shown.len) {
		jsonw_key(&w, "body");
		jsonw_raw(&w, shown);
	}
	jsonw_end(&w);
	if (!jsonw_ok(&w))
		return err_nomem(err);
	return session_print(s, API_OPERATIONS, columns, ARRAY_LEN(columns), buf_view(&text), err);
}

static int open_request_log(struct session *s, struct err *err)
{
	if (!s->o->request_log)
		return 0;
	s->request_log_fd = open(s->o->request_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, REQUEST_LOG_MODE);
	if (s->request_log_fd < 0)
		return err_set(err, ERR_USAGE, errno, "cannot open the request log '%s'", s->o->request_log);
	return 0;
}

void session_api_options(struct session *s, struct api_options *ret)
{
	*ret = (struct api_options){
		.profile = &s->profile,
		.user_agent = "skantctl/" SKANT_VERSION,
		.timeout_ms = s->o->timeout_ms,
		.max_retries = (unsigned)s->o->max_retries,
		.stop = &s->stop,
		.masks_keys = true,
		.request_log_fd = s->request_log_fd,
		.picked = s->o->verbose ? picked : NULL,
		.dry_run = s->o->dry_run ? print_request : NULL,
		.pauses = pauses,
		.observed = observed,
		.context = s,
	};
}

int session_open(struct session *s, const struct options *o, struct err *err)
{
	struct api_options options;

	*s = (struct session){ .o = o, .request_log_fd = -1 };
	if (profile_load(&o->profile, &s->profile, err) || open_request_log(s, err))
		return -1;
	session_api_options(s, &options);
	s->api = api_new(&options, err);
	return s->api ? 0 : -1;
}

void session_done(struct session *s)
{
	session_has_read(s);
	api_freep(&s->api);
	policy_freep(&s->policy);
	directory_freep(&s->workspaces);
	directory_freep(&s->people);
	directory_freep(&s->invites);
	directory_freep(&s->keys);
	profile_done(&s->profile);
	closep(&s->request_log_fd);
}

void session_reading(struct session *s)
{
	s->answers = 0;
	term_progress_start(&s->progress, !s->o->quiet && !s->o->verbose && term_is_terminal(STDERR_FILENO));
}

void session_has_read(struct session *s)
{
	term_progress_clear(&s->progress);
	s->progress.on = false;
}

int session_args(const char *what, size_t wanted, size_t count, struct err *err)
{
	if (count == wanted)
		return 0;
	if (!wanted)
		return err_set(err, ERR_USAGE, 0, "no argument was expected, %zu %s given", count,
			       count == 1 ? "was" : "were");
	return err_set(err, ERR_USAGE, 0, "%s was expected, %zu argument%s given", what, count,
		       count == 1 ? " was" : "s were");
}

const struct api_route *session_route(const struct session *s, enum api_operation operation, struct err *err)
{
	return api_route(s->profile.dialect, operation, err);
}

const struct policy *session_policy(struct session *s, struct err *err)
{
	const char *path = policy_find(s->o->policy, NULL);

	if (!s->policy && !path)
		return &policy_standard;
	if (!s->policy)
		s->policy = policy_read(path, err);
	if (!s->policy && err && err->kind == ERR_IO)
		err->kind = ERR_CONFIG;
	return s->policy;
}

void filters_add(struct filters *a, const char *name, const char *value)
{
	if (value && a->count < FILTERS_MAX)
		a->items[a->count++] = (struct api_argument){ .name = name, .value = view_of(value) };
}

void filters_add_all(struct filters *a, const char *name, const struct texts *values)
{
	for (size_t i = 0; i < values->count; i++)
		filters_add(a, name, values->items[i]);
}

void session_output(const struct session *s, struct output *out, const struct shape *shape)
{
	output_init(out, s->o->format, shape, STDOUT_FILENO, term_is_terminal(STDOUT_FILENO));
	if (out->is_aligned)
		out->line_width = term_width(STDOUT_FILENO);
}

int session_print(const struct session *s, enum api_operation operation, const struct column *columns, size_t count,
		  struct view object, struct err *err)
{
	struct shape shape = { .columns = columns, .count = count, .is_single = true };
	DEFER(output_done) struct output out = { .fd = -1 };
	struct view value;

	if (operation != API_OPERATIONS) {
		shape.route = session_route(s, operation, err);
		if (!shape.route)
			return -1;
	}
	if (json_whole(object, &value, err))
		return err_prefix(err, "the answer to %s",
				  operation == API_OPERATIONS ? "the command" : api_operation_name(operation));
	session_output(s, &out, &shape);
	return output_row(&out, value, err) || output_end(&out, err) ? -1 : 0;
}
