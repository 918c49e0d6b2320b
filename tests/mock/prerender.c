/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/prerender.h"

#include "common/sys/jsonw.h"
#include "tests/mock/compress.h"
#include "tests/mock/http.h"
#include "tests/mock/must.h"
#include "tests/mock/page.h"

static struct prerender_page make_page(const struct feed *f, const struct model *m, bool is_asc, uint64_t passed)
{
	struct buf plain = BUF_INIT(HTTP_BODY_BYTES), gzip = BUF_INIT(HTTP_BODY_BYTES);
	DEFER(freep) struct row *rows = must_have(calloc(PRERENDER_ROWS, sizeof(*rows)));
	struct prerender_page page;
	size_t count = 0;
	struct jsonw w;

	for (; count < PRERENDER_ROWS && passed + count < f->count; count++)
		rows[count].index = is_asc ? passed + count : f->count - 1 - passed - count;
	jsonw_init(&w, &plain, 0);
	page_render(&w, f, m, rows, count, passed + count < f->count, false);
	must(!jsonw_ok(&w));
	compress_gzip(buf_view(&plain), &gzip);
	page.plain.len = plain.len;
	page.gzip.len = gzip.len;
	page.plain.ptr = must_have(buf_detach(&plain));
	page.gzip.ptr = must_have(buf_detach(&gzip));
	return page;
}

void prerender_init(struct prerender *p, const struct feed *f, const struct model *m, enum prerender_order order)
{
	*p = (struct prerender){ .count = order == PRERENDER_NONE ? 0
								  : (f->count + PRERENDER_ROWS - 1) / PRERENDER_ROWS };
	for (size_t way = 0; way < 2 && p->count; way++) {
		if (!(order & (way ? PRERENDER_ASC : PRERENDER_DESC)))
			continue;
		p->pages[way] = must_have(calloc(p->count, sizeof(*p->pages[way])));
		for (size_t i = 0; i < p->count; i++)
			p->pages[way][i] = make_page(f, m, way, i * PRERENDER_ROWS);
	}
}

void prerender_done(struct prerender *p)
{
	for (size_t way = 0; way < 2; way++) {
		for (size_t i = 0; p->pages[way] && i < p->count; i++) {
			free((void *)(uintptr_t)p->pages[way][i].plain.ptr);
			free((void *)(uintptr_t)p->pages[way][i].gzip.ptr);
		}
		free(p->pages[way]);
	}
}

const struct prerender_page *prerender_page(const struct prerender *p, bool is_asc, uint64_t passed)
{
	if (!p->pages[is_asc] || passed % PRERENDER_ROWS || passed / PRERENDER_ROWS >= p->count)
		return NULL;
	return &p->pages[is_asc][passed / PRERENDER_ROWS];
}
