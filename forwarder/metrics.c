/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

#define OTHER "other"

static const struct info {
	const char *name, *type, *labels[2], *help;
} infos[METRIC_COUNT] = {
#define METRIC_INFO(id, name, type, first, second, help) { name, type, { first, second }, help },
	METRICS(METRIC_INFO)
#undef METRIC_INFO
};

struct series {
	char *labels[2]; /* NULL: it has none */
	double value;    /* of a summary: the sum */
	uint64_t count;  /* of a summary; of a counter its value */
	double *values;  /* of a summary: the last METRICS_VALUES, in a ring */
};

struct metrics {
	pthread_mutex_t mutex;
	struct {
		struct series *items;
		size_t count, cap;
	} all[METRIC_COUNT];
};

struct metrics *metrics_new(struct err *err)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m) {
		err_nomem(err);
		return NULL;
	}
	pthread_mutex_init(&m->mutex, NULL);
	return m;
}

static void series_done(struct series *s)
{
	free(s->labels[0]);
	free(s->labels[1]);
	free(s->values);
}

static void forget(struct metrics *m, enum metric metric)
{
	for (size_t i = 0; i < m->all[metric].count; i++)
		series_done(&m->all[metric].items[i]);
	m->all[metric].count = 0;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		forget(m, (enum metric)i);
		free(m->all[i].items);
	}
	pthread_mutex_destroy(&m->mutex);
	free(m);
}

static int compare(const struct series *s, const char *first, const char *second)
{
	int order = first && s->labels[0] ? strcmp(s->labels[0], first) : 0;

	return order || !second || !s->labels[1] ? order : strcmp(s->labels[1], second);
}

/* What of a label is told; NULL stays NULL. Two series that would look the same may not be two. */
static int clean_label(const char *label, struct buf *ret)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(METRICS_TEXT_BYTES);
	struct view rest;

	if (!label)
		return 0;
	if (text_add_clean(&clean, view_sub(view_of(label), 0, METRICS_LABEL_BYTES)) || buf_add_text(ret, ""))
		return -1;
	rest = buf_view(&clean);
	while (rest.len) {
		size_t len = text_utf8_len(rest);

		if (ret->len + len > METRICS_LABEL_BYTES)
			return 0;
		if (buf_add(ret, view_sub(rest, 0, len)))
			return -1;
		rest = view_sub(rest, len, rest.len);
	}
	return 0;
}

static int copy_label(char **ret, const char *label)
{
	*ret = label ? strdup(label) : NULL;
	return label && !*ret ? -1 : 0;
}

/* The series, made when it is new; NULL without memory. They are kept in the order of their labels. */
static struct series *series_of(struct metrics *m, enum metric metric, const char *first, const char *second)
{
	struct series *items = m->all[metric].items, new = { .labels = { NULL } };
	const char *last = second ? second : first;
	size_t low = 0, high = m->all[metric].count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&items[middle], first, second);

		if (order == 0)
			return &items[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (last && m->all[metric].count >= METRICS_SERIES_MAX && strcmp(last, OTHER) != 0)
		return second ? series_of(m, metric, first, OTHER) : series_of(m, metric, OTHER, NULL);
	if (m->all[metric].count >= 2 * METRICS_SERIES_MAX)
		return NULL;
	items = grow_items(items, m->all[metric].count, &m->all[metric].cap, sizeof(*items));
	if (!items)
		return NULL;
	m->all[metric].items = items;
	if (copy_label(&new.labels[0], first) || copy_label(&new.labels[1], second)) {
		series_done(&new);
		return NULL;
	}
	memmove(items + low + 1, items + low, (m->all[metric].count - low) * sizeof(*items));
	items[low] = new;
	m->all[metric].count++;
	return &items[low];
}

static struct series *find(struct metrics *m, enum metric metric, const char *first, const char *second)
{
	DEFER(buf_done)
	struct buf clean_first = BUF_INIT(METRICS_LABEL_BYTES), clean_second = BUF_INIT(METRICS_LABEL_BYTES);

	if (clean_label(first, &clean_first) || clean_label(second, &clean_second))
		return NULL;
	return series_of(m, metric, clean_first.ptr, clean_second.ptr);
}

static void lose(struct metrics *m)
{
	struct series *lost = series_of(m, METRIC_LOST, NULL, NULL);

	if (lost)
		lost->count++;
}

void metrics_add(struct metrics *m, enum metric metric, const char *first, const char *second, uint64_t by)
{
	struct series *s;

	pthread_mutex_lock(&m->mutex);
	s = find(m, metric, first, second);
	if (s)
		s->count += by;
	else
		lose(m);
	pthread_mutex_unlock(&m->mutex);
}

void metrics_set(struct metrics *m, enum metric metric, const char *first, const char *second, double value)
{
	struct series *s;

	pthread_mutex_lock(&m->mutex);
	s = find(m, metric, first, second);
	if (s) {
		s->value = value;
		s->count = value > 0 ? (uint64_t)value : 0;
	} else {
		lose(m);
	}
	pthread_mutex_unlock(&m->mutex);
}

void metrics_observe(struct metrics *m, enum metric metric, const char *first, double value)
{
	struct series *s;

	pthread_mutex_lock(&m->mutex);
	s = find(m, metric, first, NULL);
	if (s && !s->values)
		s->values = calloc(METRICS_VALUES, sizeof(*s->values));
	if (s && s->values) {
		s->values[s->count++ % METRICS_VALUES] = value;
		s->value += value;
	} else {
		lose(m);
	}
	pthread_mutex_unlock(&m->mutex);
}

void metrics_forget(struct metrics *m, enum metric metric)
{
	pthread_mutex_lock(&m->mutex);
	forget(m, metric);
	pthread_mutex_unlock(&m->mutex);
}

/* --- writing --- */

static int add_label(struct buf *out, const char *name, const char *value, bool is_first)
{
	int status = buf_addf(out, "%s%s=\"", is_first ? "" : ",", name);

	for (const char *p = value; *p; p++) {
		if (*p == '\\' || *p == '"')
			status |= buf_add_byte(out, '\\');
		status |= buf_add_byte(out, *p);
	}
	return status | buf_add_byte(out, '"');
}

/* name{labels} and, of a summary, one more label. */
static int add_name(struct buf *out, const struct info *info, const char *suffix, const struct series *s,
		    const char *quantile)
{
	bool is_first = true;
	int status = buf_addf(out, "%s%s", info->name, suffix);

	if (!info->labels[0] && !quantile)
		return status | buf_add_byte(out, ' ');
	status |= buf_add_byte(out, '{');
	for (unsigned i = 0; i < 2; i++)
		if (info->labels[i] && s->labels[i]) {
			status |= add_label(out, info->labels[i], s->labels[i], is_first);
			is_first = false;
		}
	if (quantile)
		status |= add_label(out, "quantile", quantile, is_first);
	return status | buf_add_text(out, "} ");
}

static int compare_values(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int add_summary(struct buf *out, const struct info *info, const struct series *s)
{
	static const struct {
		const char *text;
		double part;
	} quantiles[] = { { "0.5", 0.5 }, { "0.99", 0.99 }, { "1", 1.0 } };
	size_t n = s->count < METRICS_VALUES ? (size_t)s->count : METRICS_VALUES;
	double *sorted = calloc(METRICS_VALUES, sizeof(*sorted));
	int status = 0;

	if (!sorted)
		return -1;
	memcpy(sorted, s->values, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_values);
	for (size_t i = 0; i < ARRAY_LEN(quantiles); i++) {
		size_t at = (size_t)((double)(n - 1) * quantiles[i].part);

		status |= add_name(out, info, "", s, quantiles[i].text);
		status |= buf_addf(out, "%.17g\n", sorted[at]);
	}
	status |= add_name(out, info, "_sum", s, NULL);
	status |= buf_addf(out, "%.17g\n", s->value);
	status |= add_name(out, info, "_count", s, NULL);
	free(sorted);
	return status | buf_addf(out, "%" PRIu64 "\n", s->count);
}

static int add_series(struct buf *out, const struct info *info, const struct series *s)
{
	int status;

	if (info->type[0] == 's')
		return s->values ? add_summary(out, info, s) : 0;
	status = add_name(out, info, "", s, NULL);
	if (info->type[0] == 'c')
		return status | buf_addf(out, "%" PRIu64 "\n", s->count);
	return status | buf_addf(out, "%.17g\n", s->value);
}

int metrics_write(struct metrics *m, struct buf *out)
{
	int status = 0;

	pthread_mutex_lock(&m->mutex);
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		if (!m->all[i].count)
			continue;
		status |= buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", infos[i].name, infos[i].help, infos[i].name,
				   infos[i].type);
		for (size_t j = 0; j < m->all[i].count; j++)
			status |= add_series(out, &infos[i], &m->all[i].items[j]);
	}
	pthread_mutex_unlock(&m->mutex);
	return status ? -1 : 0;
}
