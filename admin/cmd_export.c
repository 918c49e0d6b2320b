/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl keys export: the inventory of keys, as `skant --inventory` reads it (docs/skantctl.md has the format).
 *
 * Everything is gathered first: what standard output gets is the whole inventory, or nothing. */
#include <unistd.h>

#include "admin/cmd.h"
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_org.h"
#include "common/api/page.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/govern/directory.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"

struct export
{
	struct session *s;
	struct directory *directory; /* of the workspaces, archived ones too: their keys are in the list of keys */
	struct buf text;
	uint64_t keys;
};

static void export_done(struct export *x)
{
	directory_free(x->directory);
	buf_done(&x->text);
}

static const char *name_of(const struct export *x, struct view id)
{
	const struct org_workspace *workspace = organization_workspace(directory_get(x->directory), id);

	return workspace ? workspace->name : NULL;
}

static void member(struct jsonw *w, const char *key, struct view value)
{
	if (!record_is_absent(value) && !record_is_null(value))
		jsonw_member(w, key, value);
}

/* The real id where the API tells it: of the default workspace only newer replies do. */
static void add_place(const struct export *x, struct jsonw *w, const struct api_key *key)
{
	const bool has_id = !record_is_absent(key->workspace_id) && !record_is_null(key->workspace_id);
	struct view id = has_id ? key->workspace_id : key->scope_workspace_id;

	member(w, "workspace_id", id);
	switch (api_key_place(key)) {
	case API_KEY_IN_WORKSPACE:
		jsonw_member_text(w, "workspace", name_of(x, id));
		break;
	case API_KEY_IN_DEFAULT_WORKSPACE:
		jsonw_member_text(w, "workspace", ORG_DEFAULT_WORKSPACE);
		break;
	case API_KEY_PLACE_UNKNOWN:
	case API_KEY_ORGANIZATION_WIDE:
		break;
	}
}

static int add_key(struct export *x, const struct api_key *key)
{
	struct jsonw w;

	jsonw_init(&w, &x->text, 0);
	jsonw_object(&w);
	member(&w, "id", key->id);
	member(&w, "name", key->name);
	member(&w, "hint", key->partial_key_hint);
	member(&w, "status", key->status);
	add_place(x, &w, key);
	member(&w, "created_at", key->created_at.text);
	member(&w, "expires_at", key->expires_at.text);
	member(&w, "created_by", key->created_by_id);
	jsonw_end(&w);
	x->keys++;
	return jsonw_ok(&w) ? buf_add_byte(&x->text, '\n') : -1;
}

static int read_keys(struct export *x, struct page_walk *walk, struct api_reader *reader, struct err *err)
{
	struct api_key key;
	struct view row;
	int status;

	while ((status = page_row(walk, &row, err)) == 1) {
		if (api_key_read(reader, row, &key, err))
			return -1;
		if (add_key(x, &key))
			return err_set(err, ERR_LIMIT, 0, "the inventory does not fit into memory or %u bytes",
				       EXPORT_BYTES);
	}
	return status;
}

static int list_keys(struct export *x, struct err *err)
{
	struct api_reader reader;
	struct page_walk walk;
	int ret;

	if (api_reader_init(&reader, x->s->profile.dialect, API_KEY_LIST, err))
		return -1;
	page_start(&walk, x->s->api, API_KEY_LIST, NULL, 0, 0);
	ret = read_keys(x, &walk, &reader, err);
	page_done(&walk);
	api_reader_done(&reader);
	return ret;
}

static int add_head(struct export *x, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(buf_done) struct buf now = BUF_INIT(ERR_TEXT_BYTES);
	struct api_org org;
	struct jsonw w;

	if (api_org_get(x->s->api, &answer, &org, err))
		return -1;
	if (clock_add_rfc3339(&now, clock_unix_s()))
		return err_nomem(err);
	jsonw_init(&w, &x->text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", "skant-inventory/1");
	member(&w, "organization_id", org.id);
	jsonw_member(&w, "exported_at", buf_view(&now));
	jsonw_end(&w);
	return !jsonw_ok(&w) || buf_add_byte(&x->text, '\n') ? err_nomem(err) : 0;
}

int cmd_keys_export(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(export_done) struct export x = { .s = s, .text = BUF_INIT(EXPORT_BYTES) };

	if (session_args(NULL, 0, count, err) || !session_route(s, API_KEY_LIST, err))
		return -1;
	session_reading(s);
	if (add_head(&x, err))
		return -1;
	x.directory = directory_read(s->api, DIRECTORY_WORKSPACES, err);
	if (!x.directory || list_keys(&x, err))
		return -1;
	session_has_read(s);
	if (output_text(STDOUT_FILENO, buf_view(&x.text), err))
		return -1;
	log_info("%llu key%s", (unsigned long long)x.keys, text_plural(x.keys));
	return 0;
}
