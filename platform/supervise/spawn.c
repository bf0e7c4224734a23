/*
 * spawn.c — starts a program that holds its instance lock.
 *
 * The supervisor may have threads (the bus client's), so between fork and exec only calls that are
 * safe in a signal handler are made: all texts are ready before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/supervise/impl.h"

extern char **environ;

/* The supervisor's environment and what the spec adds. The texts are borrowed. */
static char **environment(const struct process *p)
{
	size_t ours = 0, added = 0, len = 0;
	char **env;

	while (environ && environ[ours])
		ours++;
	while (p->env && p->env[added])
		added++;
	env = calloc(ours + added + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < ours; i++) {
		size_t name = strcspn(environ[i], "=") + 1;
		bool replaced = false;

		for (size_t k = 0; k < added && !replaced; k++)
			replaced = strncmp(environ[i], p->env[k], name) == 0;
		if (!replaced)
			env[len++] = environ[i];
	}
	for (size_t k = 0; k < added; k++)
		env[len++] = p->env[k];
	return env;
}

static void limits(void)
{
	struct rlimit core = { 0, 0 }, files;

	setrlimit(RLIMIT_CORE, &core);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void __attribute__((noreturn))
child(const struct process *p, char **env, int lock_fd, int log_fd, int null_fd)
{
	static const char failed[] = "could not be executed\n";
	sigset_t none;

	for (int signal_number = 1; signal_number < 32; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(null_fd, 0);
	dup2(log_fd, 1);
	dup2(log_fd, 2);
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	fcntl(lock_fd, F_SETFD, 0);
	lock_write(lock_fd, p->tag);
	limits();
	execve(p->argv[0], p->argv, env);
	if (write(2, failed, sizeof(failed) - 1) < 0)
		_exit(126);
	_exit(127);
}

enum pl_err spawn(struct process *p)
{
	int lock_fd = -1, log_fd = -1, null_fd = -1;
	enum pl_err err = PL_NOMEM; /* what the bare gotos below mean */
	sigset_t all, before;
	char **env = NULL;
	pid_t pid;

	if (access(p->argv[0], X_OK) != 0)
		return pl_fail(PL_NOTFOUND, "%s: %s", p->argv[0], strerror(errno));
	env = environment(p);
	if (!env)
		goto out;
	err = lock_take(&lock_fd, p->lock_path);
	if (err)
		goto out;
	log_fd = open(p->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (log_fd < 0 || null_fd < 0) {
		err = pl_fail(PL_IO, "%s: %s", p->log_path, strerror(errno));
		goto out;
	}
	sigfillset(&all); /* a handler of ours must not run in the child */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		child(p, env, lock_fd, log_fd, null_fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid < 0) {
		err = pl_fail(PL_AGAIN, "fork: %s", strerror(errno));
		goto out;
	}
	p->pid = pid;
	p->pidfd =
		(int)syscall(SYS_pidfd_open, pid, 0); /* ours, not waited for: can't be another's */
	if (p->pidfd < 0) {
		err = pl_fail(PL_IO, "pidfd: %s", strerror(errno));
		kill(pid, SIGKILL);
		p->pid = 0;
	}
out:
	if (lock_fd >= 0)
		close(lock_fd);
	if (log_fd >= 0)
		close(log_fd);
	if (null_fd >= 0)
		close(null_fd);
	free(env);
	return err;
}
