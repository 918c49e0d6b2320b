/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "common/sys/file.h"
#include "forwarder/config_read.h"

#define PARTS_FOLDER "skantd.d"

#define S UINT64_C(1000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

struct document {
	char *path;
	struct conf *conf;
};

struct documents {
	struct document list[CONFIG_FILES_MAX];
	size_t count;
};

/* --- all documents together --- */

static int set_standard(struct settings *s, const char *path, struct err *err)
{
	s->timeout_ms = 30 * S;
	s->retention = (struct settings_retention){ .bodies_ms = 7 * DAY,
						    .ledger_ms = 6 * YEAR,
						    .max_bytes = UINT64_C(2) << 30 };
	s->health = (struct settings_health){ .stale_ms = 10 * MINUTE, .heartbeat_ms = HOUR, .quiet_ms = 24 * HOUR };
	s->feeds = calloc(CONFIG_FEEDS_MAX, sizeof(*s->feeds));
	s->sinks = calloc(CONFIG_SINKS_MAX, sizeof(*s->sinks));
	if (!s->feeds || !s->sinks)
		return err_nomem(err);
	return config_set(&s->path, view_of(path), err) || config_set(&s->state_dir, VIEW(CONFIG_STATE_DIR), err) ? -1
														  : 0;
}

static int check_repeated(const struct documents *docs, size_t i, struct err *err)
{
	const struct conf_node *root = conf_root(docs->list[i].conf);

	for (size_t k = 0; k < config_top_keys.count; k++) {
		const struct conf_node *node = conf_get(root, config_top_keys.keys[k].name);

		if (!node || config_top_keys.keys[k].kinds == CONFIG_IN_EACH)
			continue;
		for (size_t j = 0; j < i; j++)
			if (conf_get(conf_root(docs->list[j].conf), config_top_keys.keys[k].name))
				return conf_error(node, err,
						  "'%s' was given in '%s' already; one file was expected to have it",
						  config_top_keys.keys[k].name, docs->list[j].path);
	}
	return 0;
}

/* What api.* says where no flag does. But for base_url: a complaint about it is to say where it stands. */
static struct profile_flags lay_over(const struct config_reading *r, const struct profile_flags *flags)
{
	struct profile_flags over = flags ? *flags : (struct profile_flags){ .name = NULL };

	if (!over.dialect && r->api.dialect_node)
		over.dialect = api_dialect_names[r->api.dialect];
	if (!over.ca_file)
		over.ca_file = r->api.ca_file;
	return over;
}

/* The profile files and the environment, then api.*, then flags. */
static int load_profile(struct config_reading *r, const struct profile_flags *flags, struct err *err)
{
	struct profile *p = &r->settings->profile;
	struct profile_flags over = lay_over(r, flags);
	bool is_flag = over.allow_http_loopback, is_ours = r->api.base_url && !over.base_url;
	struct err why = ERR_INIT;

	over.allow_http_loopback = is_flag || r->api.allow_http_loopback;
	if (profile_load(&over, p, err))
		return -1;
	if (r->api.loopback_node)
		p->allow_http_loopback = over.allow_http_loopback;
	if (is_ours && config_set(&p->base_url, view_of(r->api.base_url), err))
		return -1;
	if (profile_check(p, &why) == 0)
		return 0;
	return is_ours ? conf_error(r->api.base_url_node, err, "%s", why.text)
		       : err_set(err, why.kind, 0, "%s", why.text);
}

/* What the feeds have from the api section. */
static int hand_down(struct config_reading *r, struct err *err)
{
	for (size_t i = 0; i < r->settings->feed_count && r->standard.from != CREDENTIAL_UNSET; i++) {
		struct settings_feed *f = &r->settings->feeds[i];

		if (f->type == SETTINGS_INGEST || f->credential.from != CREDENTIAL_UNSET)
			continue;
		if (config_set(&f->credential.name, view_of(r->standard.name), err))
			return -1;
		f->credential.from = r->standard.from;
	}
	return 0;
}

/* What no file named: $SKANT_POLICY, or the usual place when there is one. */
static int find_policy(struct settings *s, struct err *err)
{
	const char *path = policy_find(s->policy, NULL);

	if (s->policy || !path)
		return 0;
	s->rules = policy_read(path, err);
	if (!s->rules) {
		if (err && err->kind == ERR_IO)
			err->kind = ERR_CONFIG;
		return -1;
	}
	return config_set(&s->policy, view_of(path), err);
}

static int read_documents(struct config_reading *r, const struct documents *docs, const struct profile_flags *flags,
			  struct err *err)
{
	const struct conf_node *root = conf_root(docs->list[0].conf);

	for (size_t i = 0; i < docs->count; i++) {
		r->file = docs->list[i].path;
		if (check_repeated(docs, i, err) ||
		    config_read_section(r, conf_root(docs->list[i].conf), &config_top_keys, 0, NULL, r->settings, err))
			return -1;
	}
	if (!conf_get(root, "version"))
		return conf_error(root, err, "'version: 1' was expected");
	if (!r->settings->feed_count)
		return conf_error(root, err, "at least one feed was expected under 'feeds'");
	if (!r->settings->sink_count)
		return conf_error(root, err, "at least one sink was expected under 'sinks'");
	if (load_profile(r, flags, err) || hand_down(r, err) || find_policy(r->settings, err))
		return -1;
	return config_check_all(r, err);
}

static int make_settings(const struct documents *docs, const struct profile_flags *flags, enum config_use use,
			 struct settings *ret, struct err *err)
{
	struct settings s = { .path = NULL };
	struct config_reading r = { .settings = &s, .use = use };
	int status = set_standard(&s, docs->list[0].path, err);

	if (status == 0)
		status = read_documents(&r, docs, flags, err);
	free(r.api.base_url);
	free(r.api.ca_file);
	credential_source_done(&r.standard);
	if (status)
		settings_done(&s);
	else
		*ret = s;
	return status;
}

/* --- files --- */

static void documents_done(struct documents *docs)
{
	for (size_t i = 0; i < docs->count; i++) {
		conf_free(docs->list[i].conf);
		free(docs->list[i].path);
	}
}

/* Takes conf; NULL: it could not be read. */
static int put_document(struct documents *docs, struct conf *conf, const char *path, struct err *err)
{
	struct document *d = &docs->list[docs->count];

	if (!conf) {
		if (err && err->kind == ERR_IO)
			err->kind = ERR_CONFIG;
		return -1;
	}
	d->conf = conf;
	d->path = strdup(path);
	docs->count++;
	return d->path ? 0 : err_nomem(err);
}

static int read_part(struct documents *docs, const char *folder, const char *name, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(2 * CONFIG_PATH_BYTES);

	if (buf_addf(&path, "%s/%s", folder, name))
		return err_nomem(err);
	if (docs->count == CONFIG_FILES_MAX)
		return err_set(err, ERR_CONFIG, 0, "'%s' is one file too many: at most %d are read", path.ptr,
			       CONFIG_FILES_MAX);
	return put_document(docs, conf_read(path.ptr, err), path.ptr, err);
}

static int read_parts(struct documents *docs, const char *folder, struct err *err)
{
	DEFER(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DEFER(file_list_done) struct file_list list = { .count = 0 };
	int errnum = errno;

	if (fd < 0 && errnum == ENOENT)
		return 0;
	if (fd < 0 || file_list_read(&list, fd, &errnum))
		return err_set(err, ERR_CONFIG, errnum, "cannot read the folder '%s'", folder);
	for (size_t i = 0; i < list.count; i++) {
		struct view name = view_of(list.entries[i].name);

		/* what an editor leaves beside a file starts with a dot or ends otherwise */
		if (text_ends(name, VIEW(".yaml")) && name.ptr[0] != '.' && read_part(docs, folder, name.ptr, err))
			return -1;
	}
	return 0;
}

int config_load(const char *path, const struct profile_flags *flags, enum config_use use, struct settings *ret,
		struct err *err)
{
	DEFER(documents_done) struct documents docs = { .count = 0 };
	DEFER(buf_done) struct buf folder = BUF_INIT(2 * CONFIG_PATH_BYTES);
	const char *slash = strrchr(path, '/');

	if (view_of(path).len > CONFIG_PATH_BYTES)
		return err_set(err, ERR_CONFIG, 0, "the path of the configuration is too long");
	if (put_document(&docs, conf_read(path, err), path, err))
		return -1;
	if (buf_add(&folder, view_from(path, slash ? (size_t)(slash + 1 - path) : 0)) ||
	    buf_add_text(&folder, PARTS_FOLDER))
		return err_nomem(err);
	if (read_parts(&docs, folder.ptr, err))
		return -1;
	return make_settings(&docs, flags, use, ret, err);
}

int config_parse(struct view text, const char *name, struct settings *ret, struct err *err)
{
	DEFER(documents_done) struct documents docs = { .count = 0 };

	if (put_document(&docs, conf_parse(text, name, err), name, err))
		return -1;
	return make_settings(&docs, NULL, CONFIG_TO_RUN, ret, err);
}
