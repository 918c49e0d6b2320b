/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/chart.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/chart_axis.h"
#include "common/html/table.h"

/* In the units of the viewBox. */
#define WIDTH 720
#define HEIGHT 250
#define LEFT 58
#define RIGHT 14
#define TOP 16
#define BOTTOM 26
#define RANK_HEIGHT 26
#define RANK_LEFT 190
#define RANK_RIGHT 90
#define RANK_CHARACTERS 26
#define LABELS_MAX 14 /* below the axis */
#define LIMIT_LINE 12 /* a line of the names of limits */

struct plot {
	struct html *h;
	const struct html_chart *c;
	struct axis axis;
};

static struct decimal value_of(const struct html_chart *c, size_t series, size_t label)
{
	return c->values[series * c->label_count + label];
}

static int64_t drawn_of(const struct html_chart *c, size_t series, size_t label)
{
	return axis_value(value_of(c, series, label));
}

static int64_t highest(const struct html_chart *c)
{
	int64_t max = 0;

	for (size_t l = 0; l < c->label_count; l++) {
		int64_t sum = 0;

		for (size_t s = 0; s < c->series_count; s++) {
			int64_t v = drawn_of(c, s, l);

			sum = c->kind == HTML_BARS ? axis_sum(sum, v) : (v > sum ? v : sum);
		}
		max = sum > max ? sum : max;
	}
	for (size_t i = 0; i < c->limit_count; i++)
		if (axis_value(c->limits[i].value) > max)
			max = axis_value(c->limits[i].value);
	return max;
}

/* ` name="12.3"`, of tenths. */
static void add_place(struct html *h, const char *name, int64_t tenths)
{
	html_markupf(h, " %s=\"%lld.%lld\"", name, (long long)(tenths / 10), (long long)(tenths % 10));
}

static const char *series_class(const struct html_chart *c, size_t series)
{
	static const char *const classes[] = { "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7" };

	if (c->has_rest && series + 1 == c->series_count)
		return "rest";
	return classes[series % ARRAY_LEN(classes)];
}

static void add_amount(struct html *h, const struct html_chart *c, struct decimal value)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	uint64_t n;

	if (c->is_money ? decimal_write_money(&text, value)
			: (decimal_u64(value, &n) ? decimal_write(&text, value) : text_add_grouped(&text, n)))
		h->failed = true;
	html_text(h, buf_view(&text));
}

/* What a pointer that rests on a shape is told. */
static void add_hint(const struct plot *p, size_t series, size_t label)
{
	html_markup(p->h, "<title>");
	html_text(p->h, p->c->labels[label]);
	if (p->c->series_count > 1) {
		html_markup(p->h, " · ");
		html_text(p->h, p->c->series[series]);
	}
	html_markup(p->h, ": ");
	add_amount(p->h, p->c, value_of(p->c, series, label));
	html_markup(p->h, "</title>");
}

static int64_t across(const struct plot *p, size_t label) /* the middle of its slot */
{
	return LEFT * 10 +
	       (int64_t)(WIDTH - LEFT - RIGHT) * 10 * (2 * (int64_t)label + 1) / (2 * (int64_t)p->c->label_count);
}

static int64_t up(const struct plot *p, int64_t value)
{
	return (HEIGHT - BOTTOM) * 10 - axis_part(&p->axis, value, (HEIGHT - TOP - BOTTOM) * 10);
}

static void add_grid(const struct plot *p)
{
	for (int64_t v = 0; v <= p->axis.top; v += p->axis.step) {
		html_markupf(p->h, "<line class=\"%s\" x1=\"%d\" x2=\"%d\"", v ? "grid" : "base", LEFT, WIDTH - RIGHT);
		add_place(p->h, "y1", up(p, v));
		add_place(p->h, "y2", up(p, v));
		html_markupf(p->h, "/><text class=\"tick\" text-anchor=\"end\" x=\"%d\"", LEFT - 6);
		add_place(p->h, "y", up(p, v) + 40);
		html_markup(p->h, ">");
		axis_add_tick(p->h, v);
		html_markup(p->h, "</text>");
	}
}

static void add_labels(const struct plot *p)
{
	size_t every = (p->c->label_count + LABELS_MAX - 1) / LABELS_MAX;

	for (size_t l = 0; l < p->c->label_count; l++) {
		if ((p->c->label_count - 1 - l) % every)
			continue;
		html_markupf(p->h, "<text class=\"tick\" text-anchor=\"middle\" y=\"%d\"", HEIGHT - 8);
		add_place(p->h, "x", across(p, l));
		html_markup(p->h, ">");
		html_text(p->h, p->c->labels[l]);
		html_markup(p->h, "</text>");
	}
}

static void add_bars(const struct plot *p)
{
	int64_t slot = (int64_t)(WIDTH - LEFT - RIGHT) * 10 / (int64_t)p->c->label_count;
	int64_t width = slot * 7 / 10 > 400 ? 400 : slot * 7 / 10;

	for (size_t l = 0; l < p->c->label_count; l++) {
		int64_t below = 0;

		for (size_t s = 0; s < p->c->series_count; s++) {
			int64_t v = drawn_of(p->c, s, l);
			int64_t top = up(p, axis_sum(below, v));

			if (v <= 0)
				continue;
			html_markupf(p->h, "<rect class=\"%s\"", series_class(p->c, s));
			add_place(p->h, "x", across(p, l) - width / 2);
			add_place(p->h, "y", top);
			add_place(p->h, "width", width);
			add_place(p->h, "height", up(p, below) - top);
			html_markup(p->h, ">");
			add_hint(p, s, l);
			html_markup(p->h, "</rect>");
			below = axis_sum(below, v);
		}
	}
}

static void add_lines(const struct plot *p)
{
	for (size_t s = 0; s < p->c->series_count; s++) {
		html_markupf(p->h, "<polyline class=\"line %s\" points=\"", series_class(p->c, s));
		for (size_t l = 0; l < p->c->label_count; l++) {
			int64_t x = across(p, l), y = up(p, drawn_of(p->c, s, l));

			html_markupf(p->h, "%s%lld.%lld,%lld.%lld", l ? " " : "", (long long)(x / 10),
				     (long long)(x % 10), (long long)(y / 10), (long long)(y % 10));
		}
		html_markup(p->h, "\"/>");
		for (size_t l = 0; l < p->c->label_count; l++) {
			html_markupf(p->h, "<circle class=\"%s\" r=\"3\"", series_class(p->c, s));
			add_place(p->h, "cx", across(p, l));
			add_place(p->h, "cy", up(p, drawn_of(p->c, s, l)));
			html_markup(p->h, ">");
			add_hint(p, s, l);
			html_markup(p->h, "</circle>");
		}
	}
}

static int64_t limit_place(const struct plot *p, size_t limit)
{
	return up(p, axis_value(p->c->limits[limit].value));
}

/* Names of lines that lie that close would be written over each other. */
static bool is_close(const struct plot *p, size_t a, size_t b)
{
	int64_t distance = limit_place(p, a) - limit_place(p, b);

	return distance < LIMIT_LINE * 10 && distance > -LIMIT_LINE * 10;
}

/* The name, unless one that is close to it has told of it already; how many it tells of. */
static void add_limit_name(const struct plot *p, size_t limit, bool told[static HTML_CHART_LIMITS])
{
	size_t more = 0;

	if (told[limit])
		return;
	for (size_t i = limit + 1; i < p->c->limit_count; i++)
		if (!told[i] && is_close(p, limit, i)) {
			told[i] = true;
			more++;
		}
	html_markupf(p->h, "<text class=\"limit\" text-anchor=\"end\" x=\"%d\"", WIDTH - RIGHT);
	add_place(p->h, "y", limit_place(p, limit) - 40);
	html_markup(p->h, ">");
	html_text(p->h, p->c->limits[limit].name);
	if (more)
		html_textf(p->h, ", and %zu more about here", more);
	html_markup(p->h, "</text>");
}

static void add_limits(const struct plot *p)
{
	bool told[HTML_CHART_LIMITS] = { false };

	for (size_t i = 0; i < p->c->limit_count; i++) {
		html_markupf(p->h, "<line class=\"limit\" x1=\"%d\" x2=\"%d\"", LEFT, WIDTH - RIGHT);
		add_place(p->h, "y1", limit_place(p, i));
		add_place(p->h, "y2", limit_place(p, i));
		html_markup(p->h, "><title>");
		html_text(p->h, p->c->limits[i].name);
		html_markup(p->h, "</title></line>");
		add_limit_name(p, i, told);
	}
}

/* A name that is too long for its place is cut: the table has the whole of it. */
static void add_name(struct html *h, struct view name)
{
	size_t at = 0;

	for (size_t n = 0; at < name.len && n < RANK_CHARACTERS; n++) {
		size_t len = text_utf8_len(view_sub(name, at, name.len));

		at += len ? len : 1;
	}
	html_text(h, view_sub(name, 0, at));
	if (at < name.len)
		html_markup(h, "…");
}

static void add_ranks(const struct plot *p)
{
	for (size_t l = 0; l < p->c->label_count; l++) {
		int64_t v = drawn_of(p->c, 0, l), y = (int64_t)l * RANK_HEIGHT;
		int64_t length = axis_part(&p->axis, v > 0 ? v : 0, (WIDTH - RANK_LEFT - RANK_RIGHT) * 10);

		html_markupf(p->h, "<text class=\"name\" text-anchor=\"end\" x=\"%d\" y=\"%lld\">", RANK_LEFT - 8,
			     (long long)y + 17);
		add_name(p->h, p->c->labels[l]);
		html_markupf(p->h, "</text><rect class=\"s0\" x=\"%d\" y=\"%lld\" height=\"%d\"", RANK_LEFT,
			     (long long)y + 4, RANK_HEIGHT - 8);
		add_place(p->h, "width", length);
		html_markup(p->h, ">");
		add_hint(p, 0, l);
		html_markupf(p->h, "</rect><text class=\"tick\" y=\"%lld\"", (long long)y + 17);
		add_place(p->h, "x", RANK_LEFT * 10 + length + 60);
		html_markup(p->h, ">");
		add_amount(p->h, p->c, value_of(p->c, 0, l));
		html_markup(p->h, "</text>");
	}
}

static void add_legend(struct html *h, const struct html_chart *c)
{
	if (c->series_count < 2)
		return;
	html_markup(h, "<ul class=\"legend\">");
	for (size_t s = 0; s < c->series_count; s++) {
		html_markupf(h, "<li><span class=\"key %s\"></span>", series_class(c, s));
		html_text(h, c->series[s]);
		html_markup(h, "</li>");
	}
	html_markup(h, "</ul>\n");
}

static void add_svg(const struct plot *p)
{
	size_t height = p->c->kind == HTML_RANKS ? p->c->label_count * RANK_HEIGHT : HEIGHT;

	html_markupf(p->h, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s-title\">",
		     p->c->id);
	html_markupf(p->h, "<svg viewBox=\"0 0 %d %zu\" role=\"img\" aria-labelledby=\"%s-title\">\n", WIDTH, height,
		     p->c->id);
	if (p->c->kind == HTML_RANKS) {
		add_ranks(p);
	} else {
		add_grid(p);
		if (p->c->kind == HTML_BARS)
			add_bars(p);
		else
			add_lines(p);
		add_limits(p);
		add_labels(p);
	}
	html_markup(p->h, "\n</svg></div>\n");
}

static struct decimal total_of(const struct html_chart *c, size_t label)
{
	struct decimal sum = decimal_of(0);

	for (size_t s = 0; s < c->series_count; s++)
		if (decimal_add(sum, value_of(c, s, label), &sum)) /* 38 digits: no money is as much */
			return sum;
	return sum;
}

static void add_value(struct html *h, struct html_table *t, struct decimal value, bool is_money)
{
	uint64_t n;

	if (!is_money && !decimal_u64(value, &n))
		html_cell_number(h, t, n);
	else
		html_cell_money(h, t, value);
}

static void add_table(struct html *h, const struct html_chart *c)
{
	DEFER(buf_done) struct buf id = BUF_INIT(ERR_TEXT_BYTES), titles = BUF_INIT(HTML_TEXT_BYTES);
	const enum html_type type = c->is_money ? HTML_MONEY : HTML_NUMBER;
	struct html_column columns[HTML_CHART_SERIES + 2] = {
		{ .title = c->label_title, .type = c->kind == HTML_RANKS ? HTML_TEXT : HTML_DATE }
	};
	bool has_total = c->series_count > 1 && c->kind == HTML_BARS;
	struct html_table t = { .caption = c->title, .columns = columns, .count = 1 + c->series_count + has_total };
	size_t at = 0;

	for (size_t s = 0; s < c->series_count; s++)
		if (buf_add(&titles, c->series[s]) || buf_add_byte(&titles, '\0'))
			h->failed = true;
	if (h->failed || buf_addf(&id, "%s-table", c->id)) {
		h->failed = true;
		return;
	}
	for (size_t s = 0; s < c->series_count; s++) {
		columns[1 + s] = (struct html_column){ .title = titles.ptr + at, .type = type };
		at += c->series[s].len + 1;
	}
	if (has_total)
		columns[1 + c->series_count] = (struct html_column){ .title = "Total", .type = type };
	t.id = id.ptr;
	html_table_begin(h, &t);
	for (size_t l = 0; l < c->label_count; l++) {
		html_row(h, &t);
		html_cell(h, &t, c->labels[l]);
		for (size_t s = 0; s < c->series_count; s++)
			add_value(h, &t, value_of(c, s, l), c->is_money);
		if (has_total)
			add_value(h, &t, total_of(c, l), c->is_money);
	}
	html_table_end(h, &t);
}

void html_chart_begin(struct html *h, const struct html_chart *c)
{
	struct plot plot = { .h = h, .c = c };

	plot.axis = axis_for(highest(c));
	html_markupf(h, "<figure id=\"%s\" class=\"chart\">\n<figcaption id=\"%s-title\">", c->id, c->id);
	html_text(h, view_of(c->title));
	html_markup(h, "</figcaption>\n<div class=\"pair\">\n<div>\n");
	add_svg(&plot);
	add_legend(h, c);
	html_markup(h, "</div>\n");
}

void html_chart_end(struct html *h)
{
	html_markup(h, "</div>\n</figure>\n");
}

void html_chart(struct html *h, const struct html_chart *c)
{
	if (!c->label_count || c->label_count > HTML_CHART_LABELS || !c->series_count ||
	    c->series_count > HTML_CHART_SERIES)
		return;
	html_chart_begin(h, c);
	add_table(h, c);
	html_chart_end(h);
}
