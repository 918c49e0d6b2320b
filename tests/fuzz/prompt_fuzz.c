/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a queue or a file of results holds: what is taken for a prompt has what is sent, in views that can be read;
 * and a result of it, written from it, is read back as its. */
#include <stdlib.h>
#include <string.h>

#include "admin/message_record.h"
#include "admin/message_results.h"
#include "common/base/digest.h"
#include "common/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void touch(struct view v)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	digest_sha256(v, hash); /* reads all of it */
}

static void try_prompt(const struct prompt *p)
{
	const struct message_outcome o = { .kind = OUTCOME_DONE, .prompt = p, .is_count = true };
	unsigned char id[PROMPT_DIGEST_BYTES], digest[PROMPT_DIGEST_BYTES];
	DEFER(buf_done) struct buf line = BUF_INIT(64u << 20);

	check(p->model.len > 0 && p->id.len > 0 && p->max_tokens > 0);
	check((p->prompt.len > 0) != (p->messages.len > 0));
	touch(p->prompt);
	touch(p->messages);
	touch(p->system);
	touch(p->team);
	touch(p->feature);
	check(message_add_result(&line, &o) == 0);
	check(text_find_byte(buf_view(&line), '\n') == line.len - 1);
	check(message_result_read(buf_view(&line), id, digest) == 1);
	check(memcmp(digest, p->digest, sizeof(digest)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct prompt_defaults defaults = { .model = "m", .max_tokens = 1 };
	unsigned char id[PROMPT_DIGEST_BYTES], digest[PROMPT_DIGEST_BYTES];
	struct view rest = view_from(data, size), line;
	struct prompt prompt = PROMPT_INIT;
	uint64_t number = 0;

	while (text_next_line(&rest, &line)) {
		struct err err = ERR_INIT;
		int status = message_result_read(line, id, digest);

		check(status >= -1 && status <= 1);
		if (prompt_read(line, ++number, &defaults, &prompt, &err) == 0)
			try_prompt(&prompt);
		else
			check(err.kind == ERR_FORMAT && err.text[0]);
	}
	prompt_done(&prompt);
	return 0;
}
