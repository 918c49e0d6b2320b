/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/narrate.h"

#include <string.h>

#include "common/base/text.h"
#include "common/policy/keyname.h"
#include "common/sys/log.h"
#include "scanner/shards.h"

#define TOLD_MAX 20 /* repositories that are named */

static int add_checks(struct buf *out, uint32_t bits, const char *const *names, size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (!(bits >> i & 1))
			continue;
		if (buf_add_text(out, any ? ", " : " (") || buf_add_text(out, names[i]))
			return -1;
		any = true;
	}
	return any ? buf_add_byte(out, ')') : 0;
}

void narrate_finding(const struct finding *f, enum confidence min_confidence)
{
	DEFER(buf_done) struct buf why = BUF_INIT(4096);
	bool is_name = f->rule->kind == KIND_KEYNAME;
	int failed;

	if (f->status == STATUS_BASELINE)
		failed = buf_add_text(&why, "in the baseline");
	else if (f->status == STATUS_ALLOWED)
		failed = buf_addf(&why, "allowed (%s)", f->allowed_by);
	else
		failed = buf_addf(&why, "%s, %s confidence",
				  f->confidence < min_confidence ? "not reported" : "reported",
				  confidence_name(f->confidence));
	failed = failed || (is_name ? add_checks(&why, f->violations, keyname_codes, KEYNAME_VIOLATIONS)
				    : add_checks(&why, f->checks, check_names, CHECK_COUNT));
	if (!failed)
		log_info("%s:%llu:%llu: %s: %s [%s]", f->path, (unsigned long long)f->start_line,
			 (unsigned long long)f->start_column, f->masked, why.ptr, f->rule->id);
}

void narrate_unread(const struct record_unread *u)
{
	const char *name = *u->path ? u->path : ".";

	if (!unread_is_incomplete(u->reason)) {
		if (log_is_on(LOG_DEBUG))
			log_debug("not read, %s: %s", unread_names[u->reason], name);
	} else if (u->reason == UNREAD_INTERRUPTED) {
		log_debug("not read, the scan was stopped: %s", name);
	} else if (u->detail) {
		log_warn("'%s' was not read as it should be: %s", name, u->detail);
	} else if (u->errnum) {
		log_warn("cannot read '%s': %s", name, strerrordesc_np(u->errnum));
	} else {
		log_warn("'%s' was not read: %s", name, unread_names[u->reason]);
	}
}

static int add_findings(struct buf *out, const struct summary *s)
{
	uint64_t total = summary_findings(s);
	bool any = false;

	if (text_add_grouped(out, total) || buf_add_text(out, total == 1 ? " finding" : " findings"))
		return -1;
	for (int i = SEVERITY_CRITICAL; i >= SEVERITY_LOW; i--) {
		if (!s->findings[i])
			continue;
		if (buf_add_text(out, any ? ", " : " (") || text_add_grouped(out, s->findings[i]) ||
		    buf_addf(out, " %s", severity_names[i]))
			return -1;
		any = true;
	}
	return any ? buf_add_byte(out, ')') : 0;
}

/* What is none is not told. */
static int add_count(struct buf *out, uint64_t n, const char *what, bool *any)
{
	const char *separator = *any ? ", " : "; ";

	if (n == 0)
		return 0;
	*any = true;
	return buf_add_text(out, separator) || text_add_grouped(out, n) || buf_addf(out, " %s", what) ? -1 : 0;
}

/* By reason: what makes a scan incomplete, or what was not to be read. */
static int add_unread(struct buf *out, const struct summary *s, bool is_incomplete, const char *head)
{
	const char *before = head;

	for (size_t i = 0; i < UNREAD_COUNT; i++) {
		if (!s->unread[i] || unread_is_incomplete((enum unread)i) != is_incomplete)
			continue;
		if (buf_add_text(out, before) || text_add_grouped(out, s->unread[i]) ||
		    buf_addf(out, " %s%s", unread_names[i], i == UNREAD_SYMLINK && s->unread[i] != 1 ? "s" : ""))
			return -1;
		before = ", ";
	}
	return 0;
}

static int add_counts(struct buf *out, const struct summary *s)
{
	bool any = false;

	if (s->known_packs > 0 && (buf_add_text(out, "; ") || text_add_grouped(out, s->known_packs) ||
				   buf_addf(out, " pack%s known from before", s->known_packs == 1 ? "" : "s")))
		return -1;
	if (add_unread(out, s, true, "; not read: ") || add_unread(out, s, false, "; left out: "))
		return -1;
	return add_count(out, s->allowed, "allowed", &any) || add_count(out, s->baseline, "in the baseline", &any) ? -1
														   : 0;
}

/* " of 500 repositories" */
static int add_repositories(struct buf *out, const struct shards *s)
{
	uint64_t n = s ? (uint64_t)s->read.count + s->incomplete.count : 0;

	if (!s)
		return 0;
	return buf_add_text(out, " of ") || text_add_grouped(out, n) ||
			       buf_add_text(out, n == 1 ? " repository" : " repositories")
		       ? -1
		       : 0;
}

void narrate_repositories(const struct shards *s)
{
	for (size_t i = 0; i < s->incomplete.count && i <= TOLD_MAX; i++)
		if (i < TOLD_MAX)
			log_warn("the repository '%s' was not read as a whole", s->incomplete.items[i]);
		else
			log_warn("%zu more repositories were not read as a whole", s->incomplete.count - TOLD_MAX);
}

static int add_summary(struct buf *out, const struct summary *s, uint64_t duration_ns)
{
	unsigned long long centis = duration_ns / 10'000'000;
	bool is_empty = s->files == 0 && s->known_packs == 0 && !s->incomplete;

	if (is_empty ? buf_add_text(out, "nothing to scan:") : add_findings(out, s) || buf_add_text(out, " in"))
		return -1;
	return buf_add_byte(out, ' ') || text_add_grouped(out, s->files) ||
	       buf_addf(out, " %s%s", s->are_objects ? "object" : "file", s->files == 1 ? "" : "s") ||
	       add_repositories(out, s->repositories) || buf_add_text(out, ", ") || text_add_bytes(out, s->bytes) ||
	       buf_addf(out, ", %llu.%02llu s", centis / 100, centis % 100) || add_counts(out, s);
}

void narrate_summary(const struct summary *s, uint64_t duration_ns)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);

	if (s->incomplete)
		log_warn("the scan is incomplete: not everything that should have been read was");
	if (s->knows_unmet && s->baseline_unmet)
		log_info("%llu of the baseline's %llu entries were not met any more: `skant baseline` takes them out",
			 (unsigned long long)s->baseline_unmet, (unsigned long long)s->baseline_entries);
	if (add_summary(&text, s, duration_ns) == 0)
		log_info("%s", text.ptr);
}
