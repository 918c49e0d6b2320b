/* SPDX-License-Identifier: Apache-2.0 */
/* skant hook: installs skant as a hook of git or of a coding agent, takes it away, or says what is there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/hook_agent.h"
#include "scanner/hook_git.h"
#include "scanner/source/gitdir.h"

#define AGENT_TYPE "claude-code"
#define AGENT_FOLDER ".claude"
#define AGENT_SETTINGS AGENT_FOLDER "/settings.json"
#define STATUS_BYTES (1u << 20)
#define EXIT_NOT_INSTALLED 1

enum verb { VERB_INSTALL, VERB_UNINSTALL, VERB_STATUS };

static const char *const verbs[] = {
	[VERB_INSTALL] = "install", [VERB_UNINSTALL] = "uninstall", [VERB_STATUS] = "status"
};

/* Says how it stands with one hook. */
static void say(const char *type, const char *what, const char *path)
{
	DEFER(buf_done) struct buf line = BUF_INIT(STATUS_BYTES);

	if (buf_addf(&line, "%-17s %s", type, what) ||
	    (path && (buf_add_text(&line, ": ") || text_add_clean(&line, view_of(path)))) || buf_add_byte(&line, '\n'))
		return;
	(void)file_write_full(STDOUT_FILENO, buf_view(&line));
}

static const char *state_text(const struct hook_place *p)
{
	switch (p->state) {
	case HOOK_NONE:
		return p->has_kept ? "not installed, but a hook is kept for it" : "not installed";
	case HOOK_OTHER:
		return "not installed, another hook is there";
	case HOOK_ALTERED:
		return "installed, and changed since";
	case HOOK_IDLE:
		return "installed, but git does not run it: it is not executable";
	case HOOK_OUTDATED:
		return "installed by another skant";
	default:
		return p->has_kept ? "installed, behind the hook that was there" : "installed";
	}
}

static int git_status(const struct hook_place *p)
{
	say(p->type->name, state_text(p), p->state == HOOK_NONE ? NULL : p->path);
	return p->state == HOOK_INSTALLED || p->state == HOOK_OUTDATED || p->state == HOOK_ALTERED ? EXIT_CLEAN
												   : EXIT_NOT_INSTALLED;
}

static void say_installed(const struct hook_place *p)
{
	if (p->state == HOOK_INSTALLED)
		log_info("the %s hook is installed already: %s", p->type->name, p->path);
	else
		log_info("the %s hook is installed: %s", p->type->name, p->path);
	if (p->state == HOOK_OTHER || p->has_kept)
		log_info("the hook that was there runs first: %s", p->kept);
	if (p->shared)
		log_info("core.hooksPath is set: it counts for every repository whose hooks are in '%s'", p->shared);
}

static void say_uninstalled(const struct hook_place *p)
{
	if (p->state == HOOK_NONE && !p->has_kept)
		log_info("there is no %s hook: nothing to do", p->type->name);
	else if (p->has_kept)
		log_info("the hook that was there before skant's is back: %s", p->path);
	else
		log_info("the %s hook is gone: %s", p->type->name, p->path);
}

static int run_git(const struct hook_type *type, enum verb verb)
{
	DEFER(hook_git_done) struct hook_place place;
	struct err err = ERR_INIT;
	int failed = hook_git_find(type, &place, &err);

	if (!failed && verb == VERB_STATUS)
		return git_status(&place);
	if (!failed)
		failed = verb == VERB_INSTALL ? hook_git_install(&place, &err) : hook_git_uninstall(&place, &err);
	if (failed) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	if (verb == VERB_INSTALL)
		say_installed(&place);
	else
		say_uninstalled(&place);
	return EXIT_CLEAN;
}

/* The path of the settings: of the work tree, or of the current folder when it is in none. NULL with err. */
static char *settings_path(struct err *err)
{
	DEFER(freep) char *here = realpath(".", NULL);
	struct gitdir dir;
	char *path;

	if (!here) {
		(void)err_set(err, ERR_IO, errno, "cannot find the current folder");
		return NULL;
	}
	if (gitdir_find(here, false, &dir, err))
		return NULL;
	path = gitdir_path(dir.root ? dir.root : here, AGENT_SETTINGS);
	gitdir_done(&dir);
	if (!path)
		(void)err_nomem(err);
	return path;
}

static int read_settings(const char *path, struct buf *ret, struct err *err)
{
	bool exists;

	if (file_is_regular(path, &exists))
		return file_read(path, ret, err);
	return exists ? err_set(err, ERR_USAGE, 0, "'%s' is no regular file", path) : 0;
}

static int write_settings(const char *path, struct view text, struct err *err)
{
	DEFER(freep) char *folder = strndup(path, strlen(path) - strlen(AGENT_SETTINGS) + strlen(AGENT_FOLDER));
	struct file_replace file;

	if (!folder)
		return err_nomem(err);
	if (mkdir(folder, 0777) && errno != EEXIST)
		return err_set(err, ERR_IO, errno, "cannot make the folder '%s'", folder);
	if (file_replace_open(&file, path, 0644, err))
		return -1;
	if (file_write_full(file.fd, text) == 0)
		return file_replace_commit(&file, err);
	(void)err_set(err, ERR_IO, errno, "cannot write '%s'", path);
	file_replace_abort(&file);
	return -1;
}

/* What install makes out of nothing is nothing again. */
static int remove_settings(const char *path, struct err *err)
{
	DEFER(freep) char *folder = strndup(path, strlen(path) - strlen(AGENT_SETTINGS) + strlen(AGENT_FOLDER));

	if (!folder)
		return err_nomem(err);
	if (unlink(path))
		return err_set(err, ERR_IO, errno, "cannot remove '%s'", path);
	(void)rmdir(folder); /* unless there is more in it */
	return 0;
}

static bool is_in_path(const char *program)
{
	struct view rest = view_of(getenv("PATH"));

	while (rest.len) {
		DEFER(buf_done) struct buf path = BUF_INIT(STATUS_BYTES);
		size_t colon = text_find_byte(rest, ':');

		if (buf_add(&path, view_sub(rest, 0, colon)) || buf_addf(&path, "/%s", program))
			return false;
		if (path.ptr[0] == '/' && access(path.ptr, X_OK) == 0)
			return true;
		rest = colon == SIZE_MAX ? VIEW_NONE : view_sub(rest, colon + 1, rest.len);
	}
	return false;
}

static int agent_status(const char *path, const struct buf *text, struct err *err)
{
	int count = text_trim(buf_view(text)).len ? hook_agent_count(text, err) : 0;

	if (count < 0)
		return -1;
	if (count == 0)
		say(AGENT_TYPE, "not installed", NULL);
	else
		say(AGENT_TYPE, count == HOOK_AGENT_EVENTS ? "installed" : "installed, but not for all events", path);
	return count == HOOK_AGENT_EVENTS ? EXIT_CLEAN : EXIT_NOT_INSTALLED;
}

static int change_settings(const char *path, enum verb verb, struct buf *text, struct err *err)
{
	DEFER(buf_done) struct buf before = BUF_INIT(HOOK_SETTINGS_BYTES);
	bool is_install = verb == VERB_INSTALL;

	if (buf_add(&before, buf_view(text)))
		return err_nomem(err);
	if (is_install ? hook_agent_add(text, err) : hook_agent_remove(text, err))
		return err_prefix(err, "'%s' is not as settings are", path);
	if (is_install && !is_in_path("skant")) /* the file may be shared: no path of this machine belongs into it */
		log_warn("there is no skant in PATH: the agent's hooks block everything until it is there");
	if (text_eq(buf_view(&before), buf_view(text))) {
		log_info("%s: %s", is_install ? "the hooks are installed already" : "there are no hooks: nothing to do",
			 path);
		return 0;
	}
	if (!is_install && text_eq(buf_view(text), VIEW(HOOK_AGENT_NOTHING))
		    ? remove_settings(path, err)
		    : write_settings(path, buf_view(text), err))
		return -1;
	log_info("the hooks for prompts and tools are %s: %s", is_install ? "installed" : "gone", path);
	return 0;
}

static int run_agent(enum verb verb)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HOOK_SETTINGS_BYTES);
	struct err err = ERR_INIT;
	DEFER(freep) char *path = settings_path(&err);
	int ret = -1;

	if (path && read_settings(path, &text, &err) == 0)
		ret = verb == VERB_STATUS ? agent_status(path, &text, &err) : change_settings(path, verb, &text, &err);
	if (ret >= 0)
		return ret;
	log_error("%s", err.text);
	return EXIT_USAGE;
}

static int run_type(const char *type, enum verb verb)
{
	const struct hook_type *git = hook_type_find(view_of(type));

	if (git)
		return run_git(git, verb);
	if (text_eq(view_of(type), VIEW("claude-code")))
		return run_agent(verb);
	log_error("--type takes one of pre-commit, pre-merge-commit, pre-push, pre-receive, claude-code, not '%s'",
		  type);
	return EXIT_USAGE;
}

/* Without a type: of each that can be here, and whether any is installed. */
static int status_of_all(void)
{
	int ret = run_agent(VERB_STATUS);

	for (size_t i = 0; i < hook_type_count && ret != EXIT_USAGE; i++) {
		int status = run_git(&hook_types[i], VERB_STATUS);

		if (status == EXIT_USAGE || ret == EXIT_NOT_INSTALLED)
			ret = status;
	}
	return ret;
}

int cmd_hook(const struct options *o, char **args, size_t count)
{
	for (size_t i = 0; count == 1 && i < ARRAY_LEN(verbs); i++)
		if (text_eq(view_of(args[0]), view_of(verbs[i])))
			return i == VERB_STATUS && !o->hook_type
				       ? status_of_all()
				       : run_type(o->hook_type ? o->hook_type : "pre-commit", (enum verb)i);
	log_error("install, uninstall or status was expected; see `skant hook --help`");
	return EXIT_USAGE;
}
