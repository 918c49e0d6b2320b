/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "scanner/unpack/level.h"

#define OWN_NAME_BYTES 4096 /* of a member's own path: PATH_MAX */
#define SPARE_NAME_BYTES 512
#define BAD_HEADERS 100 /* members in a row whose headers cannot be read */

struct unpack {
	struct unpack_run run;
	const struct unpack_ops *ops;
	struct buf path; /* of the member at hand */
};

/* What the walk knows of a level: where the paths of its members start in the path at hand. */
struct place {
	struct level level;
	size_t prefix; /* length of what stands before its members' own paths */
	size_t own;    /* length of the container's own path before the `!` */
	bool has_data; /* a deb has met its data.tar */
};

static void walk(struct unpack *u, struct place *p);
static void walk_bundle(struct unpack *u, struct place *p, struct view bundle);

static void tell(struct unpack *u, const struct place *p, enum unpack_trouble trouble, struct view text)
{
	u->ops->unread(u->ops->context, buf_view(&u->path), u->path.len - p->prefix, trouble,
		       view_sub(text, 0, UNPACK_TEXT_BYTES));
}

/* The same of the container that a level is. */
static void tell_container(struct unpack *u, struct place *p, enum unpack_trouble trouble, struct view text)
{
	struct view path = view_sub(buf_view(&u->path), 0, p->prefix ? p->prefix - 1 : 0);

	u->ops->unread(u->ops->context, path, p->own, trouble, view_sub(text, 0, UNPACK_TEXT_BYTES));
}

/* What went wrong in it, unless that is a limit: that is told once, when all has ended. */
static void tell_failure(struct unpack *u, struct place *p, bool is_container)
{
	struct view text;
	enum unpack_trouble trouble = level_trouble(&p->level, &text);

	if (u->run.over)
		return;
	if (is_container)
		tell_container(u, p, trouble, text);
	else
		tell(u, p, trouble, text);
}

/* Appends a path that is only to be shown: without what leads to the root, and `.` or empty parts. */
static int add_path(struct buf *out, struct view path)
{
	size_t start = out->len;

	while (path.len) {
		size_t slash = text_find_byte(path, '/');
		struct view part = view_sub(path, 0, slash);

		path = slash == SIZE_MAX ? VIEW_NONE : view_sub(path, slash + 1, path.len);
		if (part.len == 0 || text_eq(part, VIEW(".")))
			continue;
		if ((out->len > start && buf_add_byte(out, '/')) || buf_add(out, part))
			return -1;
	}
	return out->len > start ? 0 : buf_add_text(out, "unnamed");
}

/* What is in a compressed file: its own name, which stands before the `!` at the end, says it. */
static int add_inner_name(struct buf *path)
{
	size_t end = path->len - 1, start = end;

	while (start > 0 && path->ptr[start - 1] != '/' && path->ptr[start - 1] != '!')
		start--;
	if (buf_reserve(path, end - start)) /* what is added stands in it: it must not move meanwhile */
		return -1;
	return buf_add(path, container_inner_name(view_sub(buf_view(path), start, end - start)));
}

/* Puts the member's own path behind the prefix; of one that is too long its end. */
static int set_name(struct unpack *u, struct place *p)
{
	const char *given = archive_entry_pathname(p->level.entry);
	struct view name = view_of(given ? given : archive_entry_pathname_utf8(p->level.entry));

	buf_cut(&u->path, p->prefix);
	if (level_is_nameless(&p->level))
		return p->prefix ? add_inner_name(&u->path) : 0; /* that of the container itself is not known here */
	if (name.len > OWN_NAME_BYTES)
		name = view_sub(name, name.len - OWN_NAME_BYTES, name.len);
	return add_path(&u->path, name);
}

/* Hands the member on as it is; taken is what was read of it already. */
static void emit(struct unpack *u, struct place *p, struct view taken)
{
	struct view bytes;
	int status;

	u->ops->entry(u->ops->context, buf_view(&u->path), u->path.len - p->prefix);
	if (taken.len)
		u->ops->data(u->ops->context, taken);
	while ((status = level_read(&p->level, &bytes)) > 0)
		u->ops->data(u->ops->context, bytes);
	u->ops->end(u->ops->context);
	if (status < 0)
		tell_failure(u, p, false);
}

static bool is_hex(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (text_hex_value(v.ptr[i]) < 0)
			return false;
	return true;
}

/* Whether a member is of the same depth as the container it is in: layers of an image (OCI image layout, `docker
 * save`), and what a deb is made of. Of such a part nothing is a part again. */
static bool is_part(const struct place *p, struct view own)
{
	if (p->level.is_part)
		return false;
	if (p->level.kind == CONTAINER_DEB)
		return text_starts(own, VIEW("data.tar")) || text_starts(own, VIEW("control.tar"));
	if (text_ends(own, VIEW("/layer.tar")) || text_eq(own, VIEW("layer.tar")))
		return true;
	return text_starts(own, VIEW("blobs/sha256/")) && own.len == 13 + 64 && is_hex(view_sub(own, 13, 64));
}

/* Whether it was taken apart; else nothing was read of it but what stands in inner's level. */
static bool open_inner(struct unpack *u, struct place *p, struct place *inner, enum container kind)
{
	bool is_bundle = kind == CONTAINER_BUNDLE;
	int held = is_bundle || kind == CONTAINER_7Z ? level_hold(&inner->level, &p->level) : 0;

	if (held) {
		if (p->level.state >= 0)
			tell(u, p, UNPACK_INNER, VIEW_NONE);
		return false;
	}
	if ((!is_bundle && level_open(&inner->level, &u->run, &p->level, kind)) || buf_add_byte(&u->path, '!'))
		return false;
	if (is_bundle)
		walk_bundle(u, inner, buf_view(&inner->level.held));
	else
		walk(u, inner);
	buf_cut(&u->path, inner->prefix - 1);
	return inner->level.is_open;
}

/* A member that is a container itself. */
static void take_container(struct unpack *u, struct place *p, enum container kind)
{
	struct view own = view_sub(buf_view(&u->path), p->prefix, u->path.len);
	bool is_same_depth = is_part(p, own);
	struct place *inner;

	if ((!is_same_depth && p->level.depth >= u->run.limits->depth) ||
	    u->path.len + OWN_NAME_BYTES + SPARE_NAME_BYTES > UNPACK_NAME_BYTES) {
		tell(u, p, UNPACK_DEPTH, VIEW_NONE);
		emit(u, p, VIEW_NONE);
		return;
	}
	inner = calloc(1, sizeof(*inner));
	if (!inner) {
		tell(u, p, UNPACK_MEMORY, VIEW_NONE);
		return;
	}
	inner->level.depth = p->level.depth + !is_same_depth;
	inner->level.is_part = is_same_depth;
	inner->prefix = u->path.len + 1;
	inner->own = own.len;
	if (!open_inner(u, p, inner, kind) && !u->run.over) {
		if (!container_is_text(view_from(p->level.head, p->level.head_len)) && !inner->level.is_held)
			tell(u, p, UNPACK_CORRUPT, VIEW_NONE);
		emit(u, p, buf_view(inner->level.is_held ? &inner->level.held : &inner->level.seen));
	}
	level_close(&inner->level);
	free(inner);
}

static void take_file(struct unpack *u, struct place *p)
{
	enum container kind = container_detect(level_peek(&p->level));

	if (kind == CONTAINER_NONE || u->run.over)
		emit(u, p, VIEW_NONE);
	else
		take_container(u, p, kind);
}

static void take_member(struct unpack *u, struct place *p)
{
	struct archive_entry *e = p->level.entry;
	unsigned type = archive_entry_filetype(e);

	if (set_name(u, p)) {
		tell_container(u, p, UNPACK_MEMORY, VIEW_NONE);
		return;
	}
	if (p->level.kind == CONTAINER_DEB)
		p->has_data |= text_starts(view_sub(buf_view(&u->path), p->prefix, SIZE_MAX), VIEW("data.tar"));
	if (archive_entry_hardlink(e) || type == AE_IFLNK)
		tell(u, p, UNPACK_LINK, VIEW_NONE);
	else if (archive_entry_is_encrypted(e) && (type == AE_IFREG || type == 0))
		tell(u, p, UNPACK_ENCRYPTED, VIEW_NONE);
	else if (type == AE_IFREG || type == 0)
		take_file(u, p);
	else if (type != AE_IFDIR)
		tell(u, p, UNPACK_SPECIAL, VIEW_NONE);
}

/* The container's members have come to their end. */
static void check_end(struct unpack *u, struct place *p)
{
	bool is_deb = p->level.kind == CONTAINER_DEB, is_rpm = p->level.kind == CONTAINER_RPM;

	/* an rpm without files has an empty archive all the same */
	if (level_has_no_end(&p->level) || (is_deb && !p->has_data) || (is_rpm && level_is_empty(&p->level)))
		tell_container(u, p, UNPACK_NO_END, VIEW_NONE);
}

/* It cannot be read any further. When nothing came of it, it need not be what its first bytes say. */
static void take_failure(struct unpack *u, struct place *p)
{
	struct view text;

	if (!p->level.is_open && level_trouble(&p->level, &text) == UNPACK_CORRUPT)
		return;
	p->level.is_open = true;
	tell_failure(u, p, true);
}

static void walk(struct unpack *u, struct place *p)
{
	unsigned bad = 0;
	int status;

	while (!u->run.over && (status = level_next(&p->level)) != 0) {
		if (status == -1 || (status == -2 && ++bad > BAD_HEADERS)) {
			take_failure(u, p);
			return;
		}
		if (status == 1 && !p->level.is_open && level_is_plain(&p->level))
			return;
		p->level.is_open = true;
		if (!run_take_entry(&u->run))
			return;
		if (status == 1) {
			bad = 0;
			take_member(u, p);
		} else {
			tell_failure(u, p, true);
		}
	}
	p->level.is_open = true;
	if (!u->run.over)
		check_end(u, p);
}

/* What the walk over a bundle knows. */
struct at_bundle {
	struct unpack *unpack;
	struct place *place;
};

static int set_object_name(struct unpack *u, const struct place *p, struct view name)
{
	buf_cut(&u->path, p->prefix);
	return buf_add(&u->path, name);
}

static void take_object(void *context, struct view name, struct bundle_walk *bundle)
{
	const struct at_bundle *b = context;

	level_take_object(&b->place->level, bundle);
	if (set_object_name(b->unpack, b->place, name))
		tell_container(b->unpack, b->place, UNPACK_MEMORY, VIEW_NONE);
	else if (text_eq(name, VIEW(BUNDLE_HEADER))) /* it begins as the bundle does that it is of */
		emit(b->unpack, b->place, VIEW_NONE);
	else
		take_file(b->unpack, b->place);
}

static void tell_object(void *context, struct view name, enum unpack_trouble trouble, struct view text)
{
	const struct at_bundle *b = context;

	if (name.len == 0 || set_object_name(b->unpack, b->place, name))
		tell_container(b->unpack, b->place, trouble, text);
	else
		tell(b->unpack, b->place, trouble, text);
}

static void walk_bundle(struct unpack *u, struct place *p, struct view bundle)
{
	struct at_bundle at = { .unpack = u, .place = p };
	const struct bundle_ops ops = { .object = take_object, .unread = tell_object, .context = &at };

	p->level.kind = CONTAINER_BUNDLE;
	p->level.is_open = bundle_scan(bundle, &u->run, &ops) == 0;
}

/* The container that was handed over. Whether it could be opened, or what is wrong with it has been told. */
static bool walk_outermost(struct unpack *u, struct place *p, enum container kind)
{
	const struct unpack_input *in = u->run.in;
	const char *all;

	if (kind != CONTAINER_BUNDLE) {
		if (level_open(&p->level, &u->run, NULL, kind) == 0)
			walk(u, p);
		return p->level.is_open;
	}
	all = in->map(in->context);
	if (all)
		walk_bundle(u, p, view_from(all, (size_t)in->size));
	else
		tell_container(u, p, UNPACK_MEMORY, VIEW_NONE);
	return true;
}

enum unpack_status unpack_run(const struct unpack_input *in, const struct unpack_request *limits,
			      const struct unpack_ops *ops)
{
	struct unpack u = { .run = { .in = in, .limits = limits }, .ops = ops, .path = BUF_INIT(UNPACK_NAME_BYTES) };
	struct place *p = calloc(1, sizeof(*p));
	char head[CONTAINER_HEAD_BYTES];
	int64_t len = in->read_at(in->context, head, sizeof(head), 0);
	bool is_open = false;

	if (p && len >= 0) {
		p->level.depth = 1;
		is_open = walk_outermost(&u, p, container_detect(view_from(head, (size_t)len)));
		if (u.run.over)
			ops->unread(ops->context, VIEW_NONE, 0, u.run.over, VIEW_NONE);
		level_close(&p->level);
	}
	free(p);
	buf_done(&u.path);
	return is_open || u.run.over ? UNPACK_READ : UNPACK_NOTHING;
}
