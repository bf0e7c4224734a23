/*
 * renew.c — see renew.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/renew.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/log.h"

enum { JUDGE_MS = 3600 * 1000, AGAIN_MS = 5 * 1000 };

extern char **environ;

static const char *const names[] = { "identity", "edge", "nats-server" };

static int64_t written_ns(const struct setup *setup, const char *name)
{
	char *path = setup_path(setup, "tls/%s.pem", name);
	struct stat st;
	int64_t ns = path && stat(path, &st) == 0
			     ? (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec
			     : 0;

	free(path);
	return ns;
}

/* ---- the host with the authority ---- */

static enum pl_err renew_here(const struct setup *setup, const char *name, bool is_wished)
{
	const char *const addresses[] = { setup->listen, setup->floating, NULL };

	return is_wished ? tls_renew(setup->data, name, addresses)
			 : tls_certificate(setup->data, name, addresses);
}

/* ---- a joined host ---- */

static bool is_due_there(const struct setup *setup, const char *name)
{
	return tls_wishes(setup->data, name) || tls_days_left(setup->data, name) < TLS_RENEW_DAYS;
}

/* Asking waits for the manager: a process of its own does it. */
static enum pl_err ask(const struct setup *setup)
{
	const char *argv[] = { "pelago", "certificate", "fetch", "--data", setup->data, NULL };
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int error;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawn(&pid, "/proc/self/exe", NULL, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	return error ? pl_fail(PL_IO, "pelago certificate fetch: %s", strerror(error)) : PL_OK;
}

/* Its certificates are one: whoever asks does it for both. */
static enum pl_err renew_there(struct renew *renew, const struct setup *setup, const char *name)
{
	int64_t now_ms = supervisor_now_ms();

	if (!is_due_there(setup, name) || (renew->asked_ms && now_ms - renew->asked_ms < AGAIN_MS))
		return PL_OK;
	renew->asked_ms = now_ms;
	pl_log(INFO, "certificate.ask", NULL, "certificate=%s", name);
	return ask(setup);
}

/* ---- each ---- */

/* The bus goes on showing what it has read, until it is told. */
static void tell_bus(struct renew *renew, struct process *bus, int64_t written_ns)
{
	if (renew->told_ns && renew->told_ns != written_ns)
		process_signal(bus, SIGHUP);
	renew->told_ns = written_ns;
}

static void look_at(struct renew *renew, const struct setup *setup, size_t i, bool judges,
		    struct process *bus)
{
	bool is_wished = tls_wishes(setup->data, names[i]);
	int64_t before = written_ns(setup, names[i]), after, now_ms = supervisor_now_ms();
	enum pl_err err;

	if (now_ms < renew->again_ms[i] || (!is_wished && !judges && before == renew->seen_ns[i]))
		return;
	err = setup->node ? renew_there(renew, setup, names[i])
			  : renew_here(setup, names[i], is_wished);
	if (err)
		pl_log(ERROR, "certificate.renew", NULL, "%s: %s", names[i], pl_err_detail(err));
	after = written_ns(setup, names[i]);
	if (after != before)
		pl_log(INFO, "certificate.renew", NULL, "certificate=%s", names[i]);
	if (bus && strcmp(names[i], "nats-server") == 0)
		tell_bus(renew, bus, after);
	renew->seen_ns[i] = after;
	renew->again_ms[i] = 0;
	if (err ||
	    (setup->node && is_due_there(setup, names[i]))) { /* look again, though not soon */
		renew->seen_ns[i] = 0;
		renew->again_ms[i] = now_ms + AGAIN_MS;
	}
}

void renew_look(struct renew *renew, const struct setup *setup, struct process *bus)
{
	int64_t now_ms = supervisor_now_ms();
	bool judges = now_ms - renew->judged_ms >= JUDGE_MS;

	renew->looked_ms = now_ms;
	if (judges)
		renew->judged_ms = now_ms;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!setup->node || written_ns(setup, names[i]))
			look_at(renew, setup, i, judges, bus);
}
