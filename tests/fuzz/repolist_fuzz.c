/* SPDX-License-Identifier: Apache-2.0 */
/* A list of repositories: what it names is sorted and each once; written as a plan, it is read as the same. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/repolist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_plan(const struct repolist *l)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPOSITORY_LIST_BYTES);
	DEFER(repolist_done) struct repolist again;

	check(repolist_add_plan(l, "", &text) == 0);
	check(repolist_parse(&again, buf_view(&text), "plan", NULL) == 0);
	check(again.is_plan && again.count == l->count && (!l->is_plan || strcmp(again.digest, l->digest) == 0));
	for (size_t i = 0; i < l->count; i++)
		check(strcmp(l->entries[i].name, again.entries[i].name) == 0 &&
		      l->entries[i].bytes == again.entries[i].bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(repolist_done) struct repolist l;
	struct err err = ERR_INIT;

	if (repolist_parse(&l, view_from(data, size), "list", &err)) {
		check(err.kind != ERR_NONE && err.text[0]);
		return 0;
	}
	for (size_t i = 0; i < l.count; i++) {
		check(i == 0 || strcmp(l.entries[i - 1].name, l.entries[i].name) < 0);
		check(l.entries[i].name[0] && !strstr(l.entries[i].name, "//"));
	}
	check_plan(&l);
	return 0;
}
