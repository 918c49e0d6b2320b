/* SPDX-License-Identifier: Apache-2.0 */
/* Where the results of a queue go: a file that says which prompts have one already, or standard output.
 *
 * A result is one line of JSON ("schema":"skant-result/1", docs/messages.md), written as a whole and synced before the
 * next one begins. A line that was not written to its end (kill -9, a full disk) is taken off the next time. */
#ifndef ADMIN_MESSAGE_RESULTS_H
#define ADMIN_MESSAGE_RESULTS_H

#include "admin/message_ids.h"

#define RESULT_SCHEMA "skant-result/1"

struct message_results {
	const char *path; /* NULL: standard output */
	int fd;
	bool is_regular;
	uint64_t size; /* of a regular file: where the next result goes */
	bool was_torn; /* a line was taken off */
	struct message_ids answered;
};

/* Opens the file (made with mode 0600), learns which prompts have an answer there, and keeps other processes from
 * writing to it. path NULL: standard output. 0; -1 with err: ERR_USAGE (it cannot be opened, holds something else than
 * results: nothing of it is changed; another process has it), ERR_IO, ERR_NOMEM, ERR_LIMIT. */
[[nodiscard]] int message_results_open(struct message_results *r, const char *path, struct err *err);

/* For a dry run: learns the same, and changes nothing. No file is made, no torn line is taken off, and other processes
 * may write on; results go to standard output. 0 or -1 as message_results_open. */
[[nodiscard]] int message_results_look(struct message_results *r, const char *path, struct err *err);

/* Writes one result: a line with its newline. 0; -1 with ERR_IO: nothing of it is there. */
[[nodiscard]] int message_results_add(struct message_results *r, struct view line, struct err *err);

void message_results_done(struct message_results *r);

/* Reads a line of a results file. 1: the prompt with these digests has its answer; 0: it is a result, but no answer;
 * -1: it is no result; -2: there is no memory. */
[[nodiscard]] int message_result_read(struct view line, unsigned char ret_id[static PROMPT_DIGEST_BYTES],
				      unsigned char ret_prompt[static PROMPT_DIGEST_BYTES]);

#endif
