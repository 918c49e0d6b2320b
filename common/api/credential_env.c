/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/credential_env.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"
#include "common/base/text.h"

struct taken {
	struct taken *next;
	char *name;
	struct buf value;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct taken *all;

static void free_taken(struct taken *t)
{
	buf_wipe(&t->value);
	free(t->name);
	free(t);
}

/* When the process ends. */
[[gnu::destructor]] static void forget(void)
{
	while (all) {
		struct taken *t = all;

		all = t->next;
		free_taken(t);
	}
}

/* Where the one of that name hangs, or the end of the list. */
static struct taken **find(const char *name)
{
	struct taken **at = &all;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

/* Copies value to *at, in place of what is there. 0, or -1 when there is no memory. */
static int keep(struct taken **at, const char *name, struct view value)
{
	struct taken *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	t->name = strdup(name);
	t->value = (struct buf)BUF_INIT(value.len);
	if (!t->name || buf_add(&t->value, value)) {
		free_taken(t);
		return -1;
	}
	if (*at) {
		t->next = (*at)->next;
		free_taken(*at);
	}
	*at = t;
	return 0;
}

static int take(const char *name, struct buf *ret)
{
	char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
	struct taken **at = find(name);
	size_t len = value ? strlen(value) : 0;

	if (len) {
		if (keep(at, name, view_sub(view_from(value, len), 0, ret->max)))
			return -1;
		secret_wipe(value, len);
	} else if (!value && *at) {
		struct taken *t = *at;

		*at = t->next;
		free_taken(t);
	}
	return *at ? buf_add(ret, view_sub(buf_view(&(*at)->value), 0, ret->max - ret->len)) : 0;
}

int credential_take_env(const char *name, struct buf *ret, struct err *err)
{
	int status;

	(void)pthread_mutex_lock(&lock);
	status = take(name, ret);
	(void)pthread_mutex_unlock(&lock);
	return status ? err_nomem(err) : 0;
}
