/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/policy/policy.h"
#include "forwarder/cmd.h"
#include "forwarder/config.h"
#include "forwarder/feed/ingest_socket.h"
#include "forwarder/parts.h"
#include "forwarder/spool/spool.h"

#define REPORT_BYTES (1u << 20)

/* 0, 1 it would not work, -1 with err. */
static int check_feed(const struct options *o, const struct settings *settings, const struct settings_feed *feed,
		      struct spool *known, struct buf *report, struct err *err)
{
	struct cmd_feed f;
	int status;

	if (feed->type == SETTINGS_INGEST && feed->group && ingest_socket_check_group(feed->group, err))
		return err_prefix(err, "feed '%s'", feed->name);
	if (feed->type == SETTINGS_INGEST)
		return buf_addf(report, "feed '%s': takes records on %s\n", feed->name, feed->socket) ? err_nomem(err)
												      : 0;
	if (cmd_open_feed(o, settings, feed, NULL, known, &f, err))
		return -1;
	status = f.ops->check(f.feed, report, err);
	cmd_close_feed(&f);
	return status < 0 ? err_prefix(err, "feed '%s'", feed->name) : status;
}

static int add_sink(const struct settings_sink *s, struct buf *report)
{
	if (!parts_sink_ops(s)->probe)
		return buf_addf(report, "sink '%s': has no receiver to probe\n", s->name);
	return buf_addf(report, "sink '%s': to probe its receiver: skantd check --sink %s\n", s->name, s->name);
}

static bool has_feed(const struct settings *settings, enum settings_feed_type type)
{
	for (size_t i = 0; i < settings->feed_count; i++)
		if (settings->feeds[i].type == type)
			return true;
	return false;
}

/* What the policy asks for and no feed looks at. */
static int add_unwatched(const struct settings *s, struct buf *report)
{
	const struct policy *policy = s->rules;

	if (policy && policy->budget_count && !has_feed(s, SETTINGS_COST) &&
	    buf_addf(report, "policy '%s': has budgets, which no feed of type 'cost' watches\n", s->policy))
		return -1;
	if (policy && policy->model_count && !has_feed(s, SETTINGS_USAGE))
		return buf_addf(report, "policy '%s': has models, which no feed of type 'usage' watches\n", s->policy);
	return 0;
}

/* It may be made by whoever starts skantd (StateDirectory=), and belongs to its user. 0, or -1 with err. */
static int check_state_dir(const char *dir, struct buf *report, struct err *err)
{
	struct stat st;

	if (stat(dir, &st)) {
		if (errno != ENOENT)
			return err_set(err, ERR_CONFIG, errno, "the state folder '%s'", dir);
		return buf_addf(report,
				"state folder '%s': is not there; the unit makes its own, another one has to belong to "
				"skantd's user, with mode 0700\n",
				dir)
			       ? err_nomem(err)
			       : 0;
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_CONFIG, 0, "the state folder '%s' is no folder", dir);
	if (st.st_mode & 022)
		return err_set(err, ERR_CONFIG, 0, "others may write to the state folder '%s' (mode %o): chmod 700 it",
			       dir, st.st_mode & 07777);
	return 0;
}

static int check_feeds(const struct options *o, const struct settings *settings, struct buf *report, struct err *err)
{
	const struct spool_options options = { .dir = settings->state_dir, .read_only = true };
	struct err first = ERR_INIT, unread = ERR_INIT;
	struct spool *known = spool_open(&options, &unread); /* before the first start there is none */
	int worst = 0;

	if (check_state_dir(settings->state_dir, report, &first))
		worst = -1;
	for (size_t i = 0; i < settings->feed_count; i++) {
		struct err why = ERR_INIT;
		int status = check_feed(o, settings, &settings->feeds[i], known, report, &why);

		if (status < 0 && buf_addf(report, "feed '%s': FAILED\n", settings->feeds[i].name))
			err_nomem(&why);
		if (status < 0)
			cmd_note_failure(&first, &why);
		worst = status < 0 ? -1 : worst < 0 ? worst : worst | status;
	}
	spool_free(known);
	if (add_unwatched(settings, report))
		return err_nomem(err);
	for (size_t i = 0; i < settings->sink_count; i++)
		if (add_sink(&settings->sinks[i], report))
			return err_nomem(err);
	if (worst < 0)
		*err = first;
	return worst;
}

static int check_sink(const struct settings *settings, const char *name, struct buf *report, struct err *err)
{
	const struct settings_sink *s = cmd_find_sink(settings, name, err);
	DEFER(closep) int wake_fd = -1;
	const struct sink_ops *ops;
	struct sink_env env;
	char hostname[256];
	atomic_bool stop;
	void *sink;
	int status;

	if (!s)
		return -1;
	wake_fd = eventfd(0, EFD_CLOEXEC);
	if (wake_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make an eventfd");
	atomic_init(&stop, false);
	env = (struct sink_env){ .stop = &stop, .wake_fd = wake_fd, .is_once = true };
	parts_hostname(hostname);
	ops = parts_sink_ops(s);
	if (!ops->probe)
		return err_set(err, ERR_USAGE, 0, "a sink of type '%s' has no receiver to probe",
			       settings_sink_types[s->type]);
	sink = parts_open_sink(s, &env, hostname, err);
	if (!sink)
		return -1;
	status = ops->probe(sink, report, err);
	ops->close(sink);
	return status;
}

int cmd_check(const struct options *o, const char *file, struct err *err)
{
	DEFER(buf_done) struct buf report = BUF_INIT(REPORT_BYTES);
	struct settings settings;
	struct err unwritten;
	int status;

	(void)file;
	if (cmd_load(o, CONFIG_TO_RUN, &settings, err))
		return -1;
	status = buf_addf(&report, "configuration '%s': %zu feed%s, %zu sink%s\n", settings.path, settings.feed_count,
			  settings.feed_count == 1 ? "" : "s", settings.sink_count, settings.sink_count == 1 ? "" : "s")
			 ? err_nomem(err)
			 : 0;
	if (!status)
		status = o->sink ? check_sink(&settings, o->sink, &report, err)
				 : check_feeds(o, &settings, &report, err);
	if (cmd_print(buf_view(&report), status < 0 ? &unwritten : err) && status >= 0)
		status = -1;
	settings_done(&settings);
	return status;
}
