/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/accept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/elsewhere.h"

#define PATH_BYTES (1u << 20)
#define MODE 0644

struct changes {
	const struct accepting *a;
	size_t came, went;
};

static char *usual_path(const char *root)
{
	struct buf out = BUF_INIT(PATH_BYTES);
	bool is_here = text_eq(view_of(root), VIEW("."));

	if ((!is_here && buf_add_text(&out, root)) ||
	    (!is_here && !text_ends(buf_view(&out), VIEW("/")) && buf_add_byte(&out, '/')) ||
	    buf_add_text(&out, BASELINE_NAME)) {
		buf_done(&out);
		return NULL;
	}
	return buf_detach(&out);
}

static int read_old(struct accepting *a, struct err *err)
{
	struct stat st;

	if (stat(a->path, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, 0, "'%s' is a folder; -o FILE names a file for the baseline", a->path);
	if (!S_ISREG(st.st_mode))
		return 0; /* a pipe or the like: nothing to read */
	if (baseline_read(a->old, a->path, err))
		return -1;
	if (!baseline_is_gitleaks(a->old))
		return 0;
	return err_set(err, ERR_USAGE, 0,
		       "'%s' is gitleaks' baseline, which stays; -o FILE names another file for ours", a->path);
}

static int refuse_elsewhere(const struct accepting *a, bool is_given, const char *named_by, struct err *err)
{
	if (is_given)
		return elsewhere_refuse(a->path, err);
	return elsewhere_refuse_named(a->path, named_by ? named_by : a->path, err);
}

int accept_open(struct accepting *a, const char *given, const char *configured, const char *named_by, const char *root,
		struct err *err)
{
	const char *path = given ? given : configured;

	a->path = path ? strdup(path) : usual_path(root);
	a->found = baseline_new();
	a->old = baseline_new();
	if (!a->path || !a->found || !a->old)
		return err_nomem(err);
	return refuse_elsewhere(a, given || (configured && !named_by), named_by, err) ? -1 : read_old(a, err);
}

void accept_done(struct accepting *a)
{
	free(a->path);
	baseline_freep(&a->found);
	baseline_freep(&a->old);
	a->path = NULL;
}

static void tell(void *context, const char *path, const char *rule_id, bool came)
{
	struct changes *c = context;

	c->came += came;
	c->went += !came;
	if (c->a->verbose)
		log_info("%s: %s [%s]", came ? "came" : "went", *path ? path : "(no path)", rule_id);
}

static int write_file(struct accepting *a, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(BASELINE_FILE_BYTES);
	struct file_replace file;

	if (baseline_add_text(a->found, &text))
		return err_set(err, ERR_LIMIT, 0, "the baseline would be larger than one can be: %u bytes",
			       BASELINE_FILE_BYTES);
	if (file_replace_open(&file, a->path, MODE, err))
		return -1;
	if (file_write_full(file.fd, buf_view(&text))) {
		(void)err_set(err, ERR_IO, errno, "cannot write the baseline to '%s'", a->path);
		file_replace_abort(&file);
		return -1;
	}
	return file_replace_commit(&file, err);
}

int accept_write(struct accepting *a, const struct baseline_scope *scope, bool is_incomplete, struct err *err)
{
	struct changes c = { .a = a };
	size_t entries;

	if (baseline_keep(a->found, a->old, scope, is_incomplete))
		return err_nomem(err);
	if (write_file(a, err))
		return -1;
	if (is_incomplete && baseline_unmet(a->old, scope))
		log_warn("what was not met stays in the baseline: not everything that should have been read was");
	baseline_compare(a->found, a->old, scope, tell, &c);
	entries = baseline_count(a->found);
	log_info("baseline '%s': %zu came, %zu went, %zu entr%s; -b, or `baseline:` in .skant.yaml, names it to a scan",
		 a->path, c.came, c.went, entries, entries == 1 ? "y" : "ies");
	return 0;
}
