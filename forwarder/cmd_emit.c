/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forwarder/cmd.h"
#include "forwarder/config.h"
#include "forwarder/emit.h"

static void refused(void *, uint64_t line, const char *why)
{
	log_error("line %" PRIu64 ": %s", line, why);
}

/* The socket of the configuration's only ingest feed. */
static int find_socket(const struct options *o, char **ret, struct err *err)
{
	struct settings settings;
	size_t found = 0;
	int status = 0;

	if (cmd_load(o, CONFIG_TO_ASK, &settings, err))
		return -1;
	for (size_t i = 0; i < settings.feed_count && !status; i++)
		if (settings.feeds[i].type == SETTINGS_INGEST && found++ == 0) {
			*ret = strdup(settings.feeds[i].socket);
			status = *ret ? 0 : err_nomem(err);
		}
	if (!status && found != 1)
		status = err_set(err, ERR_USAGE, 0,
				 "the configuration has %zu feeds of type ingest: --socket PATH tells which", found);
	settings_done(&settings);
	return status;
}

static int emit(const struct options *o, int fd, const char *socket, struct err *err)
{
	const struct emit_options options = { .socket = socket, .fd = fd, .refused = refused };
	struct emit_result result;
	int status = emit_run(&options, &result, err);

	(void)o;
	log_info("%" PRIu64 " stored, %" PRIu64 " known already, %" PRIu64 " refused, %" PRIu64 " left out",
		 result.stored, result.known, result.refused, result.ignored);
	if (status)
		return -1;
	return result.refused ? 1 : 0;
}

int cmd_emit(const struct options *o, const char *file, struct err *err)
{
	DEFER(closep) int fd = -1;
	DEFER(freep) char *found = NULL;

	if (!o->socket && find_socket(o, &found, err))
		return -1;
	if (file && strcmp(file, "-") != 0) {
		fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return err_set(err, ERR_USAGE, errno, "cannot open '%s'", file);
	}
	return emit(o, fd < 0 ? STDIN_FILENO : fd, o->socket ? o->socket : found, err);
}
