/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/config_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define SECTION_KEYS_MAX 32
#define MS_PER_S 1000

int config_set(char **text, struct view value, struct err *err)
{
	char *copy = strndup(value.len ? value.ptr : "", value.len);

	if (!copy)
		return err_nomem(err);
	free(*text);
	*text = copy;
	return 0;
}

static bool takes(const struct config_key *key, unsigned kind, const char *kind_name)
{
	return !kind_name || !key->kinds || (key->kinds & 1u << kind);
}

/* That all keys are known, and to this kind; of an unknown one, those that are. */
static int check_keys(const struct conf_node *node, const struct config_section *section, unsigned kind,
		      const char *kind_name, struct err *err)
{
	const char *names[SECTION_KEYS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < section->count; i++) {
		const struct config_key *key = &section->keys[i];

		if (takes(key, kind, kind_name)) {
			names[count++] = key->name;
			continue;
		}
		for (size_t n = 0; conf_is_mapping(node) && n < conf_count(node); n++)
			if (text_eq(conf_text(conf_key_at(node, n)), view_of(key->name)))
				return conf_error(conf_key_at(node, n), err, "'%s' is no key of a %s", key->name,
						  kind_name);
	}
	return conf_keys(node, names, count, err);
}

int config_read_section(struct config_reading *r, const struct conf_node *node, const struct config_section *section,
			unsigned kind, const char *kind_name, void *into, struct err *err)
{
	if (check_keys(node, section, kind, kind_name, err))
		return -1;
	for (size_t i = 0; i < section->count; i++) {
		const struct config_key *key = &section->keys[i];
		const struct conf_node *value = conf_get(node, key->name);

		if (value && !conf_is_null(value) && key->read(r, value, key, (char *)into + key->offset, err))
			return -1;
	}
	return 0;
}

/* --- texts --- */

/* A text that is not empty and not longer than max bytes. */
static int take_text(const struct conf_node *node, size_t max, struct view *ret, struct err *err)
{
	const char *text;

	if (conf_string(node, &text, err))
		return -1;
	*ret = view_of(text);
	if (!ret->len)
		return conf_error(node, err, "text was expected, this one is empty");
	if (ret->len > max)
		return conf_error(node, err, "at most %zu bytes were expected", max);
	return 0;
}

int config_read_text(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		     struct err *err)
{
	struct view text;

	return take_text(node, CONFIG_PATH_BYTES, &text, err) ? -1 : config_set(member, text, err);
}

int config_read_path(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		     struct err *err)
{
	struct view path;

	if (take_text(node, CONFIG_PATH_BYTES, &path, err))
		return -1;
	if (path.ptr[0] != '/')
		return conf_error(node, err, "an absolute path was expected: a daemon has no folder that it starts in");
	return config_set(member, path, err);
}

/* Of a socket that we bind or send to. key->max: how much of the path is wanted for what is put behind it. */
int config_read_socket(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	size_t most = CONFIG_SOCKET_BYTES - (size_t)key->max;

	if (conf_text(node).len > most)
		return conf_error(node, err, "a shorter path was expected: of a socket it may have %zu bytes", most);
	return config_read_path(r, node, key, member, err);
}

int config_read_file(struct config_reading *r, const struct conf_node *node, const struct config_key *, void *member,
		     struct err *err)
{
	DEFER(buf_done) struct buf joined = BUF_INIT(2 * CONFIG_PATH_BYTES);
	const char *slash = strrchr(r->file, '/');
	struct view path;

	if (take_text(node, CONFIG_PATH_BYTES, &path, err))
		return -1;
	if (path.ptr[0] != '/' && slash && buf_add(&joined, view_from(r->file, (size_t)(slash + 1 - r->file))))
		return err_nomem(err);
	if (buf_add(&joined, path))
		return err_nomem(err);
	if (joined.len > CONFIG_PATH_BYTES)
		return conf_error(node, err, "at most %u bytes were expected", CONFIG_PATH_BYTES);
	return config_set(member, buf_view(&joined), err);
}

int config_read_existing(struct config_reading *r, const struct conf_node *node, const struct config_key *key,
			 void *member, struct err *err)
{
	struct err why = ERR_INIT;
	char **path = member;

	if (config_read_file(r, node, key, member, err))
		return -1;
	if (r->use == CONFIG_TO_ASK || access(*path, R_OK) == 0)
		return 0;
	(void)err_set(&why, ERR_CONFIG, errno, "cannot read the file '%s'", *path);
	return conf_error(node, err, "%s", why.text);
}

int config_read_name(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		     struct err *err)
{
	struct view name = conf_text(node);
	bool is_right = name.len > 0 && name.len <= CONFIG_NAME_BYTES && name.ptr[0] >= 'a' && name.ptr[0] <= 'z';

	for (size_t i = 0; is_right && i < name.len; i++)
		is_right =
			(name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || text_is_digit(name.ptr[i]) || name.ptr[i] == '-';
	if (!is_right)
		return conf_error(node, err,
				  "a name was expected: a lower-case letter, then letters, digits and hyphens, %u in "
				  "all at most",
				  CONFIG_NAME_BYTES);
	if (text_eq(name, VIEW("skantd")))
		return conf_error(node, err, "the name 'skantd' is for skantd's own events; another one was expected");
	return config_set(member, name, err);
}

/* --- numbers --- */

int config_read_duration(struct config_reading *, const struct conf_node *node, const struct config_key *key,
			 void *member, struct err *err)
{
	uint64_t *ms = member;

	return conf_duration(node, key->min, key->max, ms, err);
}

/* As config_read_duration, and 0 is for never. */
int config_read_pause(struct config_reading *, const struct conf_node *node, const struct config_key *key, void *member,
		      struct err *err)
{
	DEFER(buf_done) struct buf least = BUF_INIT(ERR_TEXT_BYTES), most = BUF_INIT(ERR_TEXT_BYTES);
	uint64_t *ms = member, n;

	if (text_duration(conf_text(node), key->max, &n) == 0 && (n == 0 || n >= key->min)) {
		*ms = n;
		return 0;
	}
	if (text_add_duration(&least, key->min) || text_add_duration(&most, key->max))
		return err_nomem(err);
	return conf_error(node, err,
			  "a duration from %s to %s was expected, such as 30s, 5m, 1h, 7d or 6y, or 0 for never",
			  least.ptr, most.ptr);
}

int config_read_seconds(struct config_reading *, const struct conf_node *node, const struct config_key *key,
			void *member, struct err *err)
{
	uint64_t *ms = member;

	if (conf_u64(node, key->min, key->max, ms, err))
		return -1;
	*ms *= MS_PER_S;
	return 0;
}

int config_read_size(struct config_reading *, const struct conf_node *node, const struct config_key *key, void *member,
		     struct err *err)
{
	uint64_t *bytes = member, n;

	if (conf_size(node, key->max, &n, err))
		return -1;
	if (n < key->min)
		return conf_error(node, err, "a size of at least %llu bytes was expected",
				  (unsigned long long)key->min);
	*bytes = n;
	return 0;
}

int config_read_number(struct config_reading *, const struct conf_node *node, const struct config_key *key,
		       void *member, struct err *err)
{
	unsigned *number = member;
	uint64_t n;

	if (conf_u64(node, key->min, key->max, &n, err))
		return -1;
	*number = (unsigned)n;
	return 0;
}

int config_read_number64(struct config_reading *, const struct conf_node *node, const struct config_key *key,
			 void *member, struct err *err)
{
	uint64_t *number = member;

	return conf_u64(node, key->min, key->max, number, err);
}

int config_read_bool(struct config_reading *, const struct conf_node *node, const struct config_key *, void *member,
		     struct err *err)
{
	bool *is_on = member;

	return conf_bool(node, is_on, err);
}

/* --- other values --- */

int config_read_credential(struct config_reading *r, const struct conf_node *node, const struct config_key *,
			   void *member, struct err *err)
{
	return profile_read_source(node, r->file, member, err);
}

int config_read_known(struct config_reading *, const struct conf_node *, const struct config_key *, void *,
		      struct err *)
{
	return 0;
}

int config_take_start(const struct conf_node *node, enum settings_start *ret, int64_t *ret_unix_s, struct err *err)
{
	struct view text = conf_text(node);
	int64_t days;

	if (text_eq(text, VIEW("now"))) {
		*ret = SETTINGS_NOW;
		return 0;
	}
	if (text_eq(text, VIEW("beginning"))) {
		*ret = SETTINGS_BEGINNING;
		return 0;
	}
	*ret = SETTINGS_TIME;
	if (clock_parse_date(text, &days) == 0) {
		*ret_unix_s = days * (INT64_C(24) * 60 * 60);
		return 0;
	}
	if (clock_parse_rfc3339(text, ret_unix_s) == 0)
		return 0;
	return conf_error(node, err,
			  "now, beginning, a date such as 2027-01-31 or a time such as 2027-01-31T13:49:09Z was "
			  "expected");
}
