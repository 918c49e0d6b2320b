/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/bulletin.h"
#include "forwarder/cmd.h"
#include "forwarder/config.h"
#include "forwarder/parts.h"
#include "forwarder/verify.h"

#define TEXT_BYTES (16u << 20)
#define NS_PER_S 1'000'000'000
#define NS_PER_MS 1'000'000
#define UNIT "skantd.service"
#define STALE_MS 600'000u /* health.stale_after, where it is off */

struct work {
	const struct options *o;
	const struct settings *settings;
	struct spool *spool;
	struct verify_range range;
	struct verify_report report;
};

/* What has just happened upstream is not here yet, and nothing is wrong with that. When no end was asked for, it is
 * where the feed has all; but one that has not been read for long is behind, and that shows. */
static int end_range(struct work *w, struct cmd_feed *f, struct verify_range *range, struct err *err)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);
	uint64_t stale_ms = w->settings->health.stale_ms ? w->settings->health.stale_ms : STALE_MS;
	int64_t late_ns = clock_unix_ns() - (int64_t)stale_ms * NS_PER_MS, settled_ns = f->ops->settled_ns(f->feed);

	if (w->o->to)
		return 0;
	range->to_ns = settled_ns > late_ns ? settled_ns : late_ns;
	return clock_add_rfc3339(&time, range->to_ns / NS_PER_S) ||
			       verify_note(&w->report,
					   "upstream of '%s' is compared until %s: newer activities may still be on "
					   "their way (--to TIME compares them as well)",
					   f->env.settings->name, time.ptr)
		       ? err_nomem(err)
		       : 0;
}

static int check_upstream(struct work *w, const struct settings_feed *settings, struct err *err)
{
	struct verify_range range = w->range;
	struct cmd_feed f;
	int status;

	if (!parts_feed_ops(settings)->walk)
		return 0;
	if (cmd_open_feed(w->o, w->settings, settings, w->spool, w->spool, &f, err))
		return -1;
	status = end_range(w, &f, &range, err);
	if (!status)
		status = verify_upstream(w->spool, f.ops, f.feed, settings, &range, &w->report, err);
	cmd_close_feed(&f);
	return status;
}

/* Whoever asks may be another user than the daemon, root for one: what it sent is known by the owner of its state
 * folder, and, as a dynamic user's number may be another one each time, by its unit. */
static int find_writer(const struct work *w, struct sink_writer *ret, struct err *err)
{
	struct stat st;

	if (stat(w->settings->state_dir, &st))
		return err_set(err, ERR_IO, errno, "cannot look at the state folder '%s'", w->settings->state_dir);
	*ret = (struct sink_writer){ .uid = st.st_uid, .unit = UNIT };
	return 0;
}

static int check_sink(struct work *w, const struct settings_sink *settings, struct err *err)
{
	DEFER(closep) int wake_fd = eventfd(0, EFD_CLOEXEC);
	const struct sink_ops *ops = parts_sink_ops(settings);
	struct sink_writer writer;
	struct sink_env env;
	char hostname[256];
	atomic_bool stop;
	void *sink;
	int status;

	if (wake_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make an eventfd");
	if (!ops->read_back)
		return verify_sink(w->spool, ops, NULL, settings, &w->range, &w->report, err);
	if (find_writer(w, &writer, err))
		return -1;
	atomic_init(&stop, false);
	env = (struct sink_env){ .stop = &stop, .wake_fd = wake_fd, .is_once = true, .writer = &writer };
	parts_hostname(hostname);
	sink = parts_open_sink(settings, &env, hostname, err);
	if (!sink)
		return -1;
	status = verify_sink(w->spool, ops, sink, settings, &w->range, &w->report, err);
	ops->close(sink);
	return status;
}

static bool has_feed(const struct settings *settings, struct view name)
{
	for (size_t i = 0; i < settings->feed_count; i++)
		if (text_eq(name, view_of(settings->feeds[i].name)))
			return true;
	return false;
}

/* Feeds whose events nobody upstream is asked about. */
static int note_feeds(struct work *w, struct err *err)
{
	DEFER(buf_done) struct buf names = BUF_INIT(PAGE_STATE_BYTES), unlisted = BUF_INIT(PAGE_STATE_BYTES);
	struct view rest, name;
	int status = spool_feed_names(w->spool, BULLETIN_FEED, &names, err);

	if (status)
		return -1;
	for (size_t i = 0; i < w->settings->feed_count; i++)
		if (!parts_feed_ops(&w->settings->feeds[i])->walk)
			status |= buf_addf(&unlisted, "%s'%s'", unlisted.len ? ", " : "", w->settings->feeds[i].name);
	if (unlisted.len)
		status |= verify_note(&w->report,
				      "upstream has no list of the events of %s: those are compared in the ledger and "
				      "the sinks",
				      unlisted.ptr);
	rest = buf_view(&names);
	while (text_next_line(&rest, &name))
		if (!has_feed(w->settings, name))
			status |= verify_note(&w->report,
					      "feed '%.*s' has stored events and is not configured: upstream is not "
					      "asked about them",
					      (int)name.len, name.ptr);
	return status ? err_nomem(err) : 0;
}

/* All sides, each whatever the others say; the first error is returned, those behind it are said. */
static int check_all(struct work *w, struct err *err)
{
	struct err first = ERR_INIT;

	if (verify_ledger(w->spool, &w->report, err))
		return -1;
	for (size_t i = 0; i < w->settings->feed_count && !w->o->sink; i++) {
		struct err why = ERR_INIT;

		if (check_upstream(w, &w->settings->feeds[i], &why))
			cmd_note_failure(&first, &why);
	}
	if (!w->o->sink && note_feeds(w, err))
		return -1;
	for (size_t i = 0; i < w->settings->sink_count; i++) {
		const struct settings_sink *s = &w->settings->sinks[i];
		struct err why = ERR_INIT;

		if (w->o->sink && s != cmd_find_sink(w->settings, w->o->sink, err))
			continue;
		if (check_sink(w, s, &why))
			cmd_note_failure(&first, &why);
	}
	if (first.kind == ERR_NONE)
		return 0;
	*err = first;
	return -1;
}

static int print(struct work *w, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);

	verify_sort(&w->report);
	if (w->o->as_json ? verify_add_json(&text, &w->report, err) : verify_add_text(&text, &w->report, err))
		return -1;
	return cmd_print(buf_view(&text), err);
}

static int verify(struct work *w, struct err *err)
{
	const struct spool_options options = { .dir = w->settings->state_dir, .read_only = true };
	const struct settings_sink *sink = w->o->sink ? cmd_find_sink(w->settings, w->o->sink, err) : NULL;
	struct err why = ERR_INIT;
	int status;

	if (w->o->sink && !sink)
		return -1;
	w->spool = spool_open(&options, err);
	if (!w->spool)
		return -1;
	if (w->o->export_file)
		status = verify_ledger(w->spool, &w->report, &why) ||
					 verify_export(w->spool, w->o->export_file, sink, &w->report, &why)
				 ? -1
				 : 0;
	else
		status = check_all(w, &why);
	/* What was found is told, whatever else went wrong; not that nothing was, when nothing was compared. */
	if ((!status || !w->o->export_file || !verify_is_clean(&w->report)) && print(w, err))
		return -1;
	if (status < 0) {
		*err = why;
		return -1;
	}
	return verify_is_clean(&w->report) ? 0 : 1;
}

/* Without a configuration there is no ledger to compare with: an auditor's machine. */
static int verify_alone(const struct options *o, struct err *err)
{
	struct work w = { .o = o };
	int status;

	verify_init(&w.report);
	status = verify_export(NULL, o->export_file, NULL, &w.report, err);
	if (!status)
		status = print(&w, err);
	if (!status)
		status = verify_is_clean(&w.report) ? 0 : 1;
	verify_done(&w.report);
	return status;
}

int cmd_verify(const struct options *o, const char *file, struct err *err)
{
	struct settings settings;
	struct work w = { .o = o, .settings = &settings };
	int status;

	(void)file;
	if (o->export_file && (o->from || o->to))
		return err_set(err, ERR_USAGE, 0,
			       "--from and --to do not go with --export: it is compared from its first event to its "
			       "last one, and what belongs to a time is not known, as not all formats carry when an "
			       "event was stored");
	if (options_range(o, &w.range.from_ns, &w.range.to_ns, err))
		return -1;
	if (o->export_file && !o->sink && options_config_is_absent(o))
		return verify_alone(o, err);
	if (cmd_load(o, CONFIG_TO_ASK, &settings, err))
		return -1;
	verify_init(&w.report);
	status = verify(&w, err);
	spool_free(w.spool);
	verify_done(&w.report);
	settings_done(&settings);
	return status;
}
