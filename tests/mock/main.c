/* SPDX-License-Identifier: Apache-2.0 */
/* skant-mock: the provider's API for tests. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/version.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "common/sys/term.h"
#include "tests/mock/must.h"
#include "tests/mock/options.h"
#include "tests/mock/server.h"

#define HELP_BYTES (1u << 20)

enum { EXIT_FINE, EXIT_UNEXPECTED, EXIT_USAGE };

static int print_help(void)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HELP_BYTES);

	must(opt_add_help(&options_program, 0, term_width(STDOUT_FILENO), &text));
	must(file_write_full(STDOUT_FILENO, buf_view(&text)));
	return EXIT_FINE;
}

static int write_port(const char *path, unsigned port, struct err *err)
{
	struct file_replace f = { .fd = -1 };
	DEFER(buf_done) struct buf text = BUF_INIT(16);

	must(buf_addf(&text, "%u\n", port));
	if (file_replace_open(&f, path, 0644, err))
		return -1;
	if (file_write_full(f.fd, buf_view(&text)) || file_replace_commit(&f, err)) {
		file_replace_abort(&f);
		return err_set(err, ERR_IO, 0, "cannot write the port to '%s'", path);
	}
	return 0;
}

static int report(const struct mock *m)
{
	for (size_t i = 0; i < MOCK_REASONS && m->reasons[i]; i++)
		log_error("unexpected: %s", m->reasons[i]);
	if (m->unexpected > MOCK_REASONS)
		log_error("and %llu more", (unsigned long long)m->unexpected - MOCK_REASONS);
	return m->unexpected ? EXIT_UNEXPECTED : EXIT_FINE;
}

/* Ends the wait for a signal when whoever holds the other end of standard input has gone. */
static void *wait_for_eof(void *context)
{
	char byte;

	(void)context;
	while (file_read_full(STDIN_FILENO, &byte, 1) > 0)
		;
	(void)kill(getpid(), SIGTERM);
	return NULL;
}

static void watch_input(void)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, wait_for_eof, NULL));
	(void)pthread_detach(thread);
}

/* Serves until a signal of the set comes. 0, or -1 with err. */
static int serve(struct mock *m, const sigset_t *signals, struct err *err)
{
	const struct settings *s = m->settings;
	struct server *server = server_start(m, err);
	int number, ret = 0;

	if (!server)
		return -1;
	if (s->port_file)
		ret = write_port(s->port_file, server_port(server), err);
	if (ret == 0) {
		log_info("listening on %s://%s, port %u", s->tls_dir ? "https" : "http", s->listen,
			 server_port(server));
		if (s->ends_with_input)
			watch_input();
		(void)sigwait(signals, &number);
	}
	server_stop(server);
	return ret;
}

static int run(const struct settings *s)
{
	struct err err = ERR_INIT;
	sigset_t signals;
	struct mock m;
	int ret = EXIT_USAGE;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (mock_init(&m, s, &err) || (s->credentials_dir && mock_write_credentials(&m, s->credentials_dir, &err)) ||
	    serve(&m, &signals, &err))
		log_error("%s", err.text);
	else
		ret = report(&m);
	mock_done(&m);
	return ret;
}

int main(int argc, char **argv)
{
	struct opt_result result = { .command = 0 };
	struct err err = ERR_INIT;
	struct settings settings;
	int ret = EXIT_USAGE;

	log_init("skant-mock", LOG_INFO);
	options_init(&settings);
	if (opt_parse(&options_program, argc, argv, options_take, &settings, &result, &err) ||
	    options_check(&settings, &err)) {
		log_error("%s", err.text);
	} else if (result.wants_version) {
		log_info("of skant " SKANT_VERSION);
		ret = EXIT_FINE;
	} else {
		ret = result.wants_help ? print_help() : run(&settings);
	}
	free(result.args);
	return ret;
}
