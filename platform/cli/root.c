/*
 * root.c — the root supervisor: what runs on this machine (parts.c), kept alive, and stopped in
 * order.
 *
 * Parts start at once, as each waits for the bus by itself; they stop a group at a time, the last
 * that others need. Nodes stop their own services.
 *
 * A nats-server that once met a full disk takes events no more, without a word, until it is
 * restarted (2.9.10: tried; acknowledgements just stop). So it is restarted once there is room
 * again: by SIGKILL, as its orderly end mostly hangs then, and what it has acknowledged is in the
 * files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/cli/alarms.h"
#include "platform/cli/pulse.h"
#include "platform/cli/renew.h"
#include "platform/cli/root_metrics.h"
#include "platform/cli/switch.h"

enum group { BUS, MANAGER, LEFT_OVER, NODES, EDGE, GROUPS };
enum {
	STOP_ALL_MS = 40000,
	ROTATE_MS = 10000,
	LOG_BYTES = 10 << 20,
	LOG_COPIES = 3,
	DISK_MS = 1000,
	HEALTHY_MS = 10000,
	FOLLOW_MS = 200,
	FOLLOW_AGAIN_MS = 10000, /* after a file that can't be read or written */
	DISK_FULL = 16 << 20,	 /* bytes free below which a write may have failed */
	DISK_ROOM = 64 << 20,
};

struct root {
	struct setup *setup;
	struct supervisor *supervisor;
	struct parts parts;
	struct switches *switches;
	struct pulse *pulse;	      /* of the bus; NULL while things are stopped */
	struct root_metrics *metrics; /* NULL until the bus was there once */
	bool is_stopping, is_stopped;
	enum group group; /* that is being stopped */
	int64_t rotate_ms, disk_ms, follow_ms;
	struct bus_follow follow;
	struct renew renew;
	bool was_full;
	struct alarms alarms;
};

/* A bus that is ended for its silence was frozen. */
static void note_state(struct root *root, const struct process_view *view)
{
	if (view->state == PROCESS_FAILED)
		alarms_set(&root->alarms, "process.failed", view->name, view->why);
	if (strcmp(view->name, "nats-server") == 0 && strstr(view->why, "no heartbeat")) {
		alarms_set(&root->alarms, "bus.frozen", "", view->why);
		root->alarms.frozen_ms = supervisor_now_ms();
	}
}

static void on_change(const struct process_view *view, void *arg)
{
	struct root *root = arg;

	note_state(root, view);
	if (root->switches)
		switches_note(root->switches, view);
	if (view->state == PROCESS_FAILED)
		pl_log(ERROR, "process.state", NULL, "%s is %s: %s", view->name,
		       process_state_text(view->state), view->why);
	else if (view->state == PROCESS_WAITING)
		pl_log(WARN, "process.state", NULL, "%s is %s: %s", view->name,
		       process_state_text(view->state), view->why);
	else
		pl_log(INFO, "process.state", NULL, "%s is %s: %s pid=%d", view->name,
		       process_state_text(view->state), view->why, (int)view->pid);
}

/* ---- parts ---- */

static enum group group_of(const char *name)
{
	if (strcmp(name, "nats-server") == 0)
		return BUS;
	if (strcmp(name, "Manager") == 0)
		return MANAGER;
	if (strcmp(name, "edge") == 0 || strcmp(name, "edge.2") == 0)
		return EDGE;
	return strncmp(name, "node-", 5) == 0 ? NODES : LEFT_OVER;
}

/* Processes that live though neither root nor a node is there for them: their locks are held. */
static void add_left_over(struct root *root)
{
	char *folder = setup_path(root->setup, "procs");
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *argv[] = { "/nonexistent", NULL };
		struct process_spec spec = { .name = entry->d_name, .argv = argv, .stop_ms = 5000 };
		char *dot = strrchr(entry->d_name, '.');
		struct process *p;

		if (!dot || strcmp(dot, ".lock") != 0)
			continue;
		*dot = '\0';
		if (!process_find(root->supervisor, entry->d_name) &&
		    process_add(&p, root->supervisor, &spec) == PL_OK && !process_adopt(p))
			process_remove(p);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

static enum pl_err root_new(struct root *root, struct setup *setup)
{
	struct supervisor_options options = { .data = setup->data,
					      .on_change = on_change,
					      .arg = root };
	struct parts *parts = &root->parts;
	enum pl_err err;

	memset(root, 0, sizeof(*root));
	root->setup = parts->setup = setup;
	alarms_init(&root->alarms, setup);
	parts->bus_url = setup_bus_url(setup);
	if (root_nats_server(&parts->nats_server)) /* to stop, it isn't needed */
		parts->nats_server = strdup("/usr/sbin/nats-server");
	err = parts->bus_url && parts->nats_server ? supervisor_new(&root->supervisor, &options)
						   : PL_NOMEM;
	if (!err) {
		parts->supervisor = root->supervisor;
		err = switches_new(&root->switches, parts);
	}
	return err;
}

static void root_fini(struct root *root)
{
	root_metrics_free(root->metrics);
	root->metrics = NULL;
	pulse_free(root->pulse);
	switches_free(root->switches);
	free(root->parts.bus_url);
	free(root->parts.nats_server);
	supervisor_free(root->supervisor);
	alarms_fini(&root->alarms);
}

/* ---- stopping ---- */

/* Stops the group whose turn it is; goes on to the next when all of it is off. */
static void stop_on(struct root *root)
{
	struct process_view view;
	bool all_off;

	do {
		all_off = true;
		if (root->group == LEFT_OVER)
			add_left_over(root);
		for (struct process *p = NULL; (p = process_next(root->supervisor, p));) {
			process_view_get(&view, p);
			if (group_of(view.name) != root->group)
				continue;
			if (view.state != PROCESS_OFF)
				process_stop(p);
			process_view_get(&view, p);
			all_off &= view.state == PROCESS_OFF;
		}
		if (all_off && root->group == BUS)
			root->is_stopped = true;
		else if (all_off)
			root->group--;
	} while (all_off && !root->is_stopped);
}

static void stop_begin(struct root *root)
{
	if (root->is_stopping)
		return;
	pl_log(INFO, "root.stop", NULL, "stopping everything of %s", root->setup->data);
	root->is_stopping = true;
	root->group = EDGE;
	switches_stop(root->switches);
	root_metrics_free(root->metrics);
	root->metrics = NULL;
	pulse_free(root->pulse);
	root->pulse = NULL;
}

/* ---- running ---- */

/* An adopted bus may have users of before: it reads its file anew, which drops nobody. */
static void bus_reload(struct root *root)
{
	struct process *bus = process_find(root->supervisor, "nats-server");
	struct process_view view;

	if (!bus)
		return; /* a joined host has none */
	process_view_get(&view, bus);
	if (view.adopted && root->setup->bus_changed)
		process_signal(bus, SIGHUP);
}

static void rotate_own(struct root *root)
{
	const char *path = getenv("PELAGO_LOG");

	root->rotate_ms = supervisor_now_ms();
	if (path && log_rotate(path, LOG_BYTES, LOG_COPIES))
		pl_log_reopen();
}

/* What stays up for a while is well again. */
static void look_at_parts(struct root *root)
{
	struct process_view view;

	for (struct process *p = NULL; (p = process_next(root->supervisor, p));) {
		process_view_get(&view, p);
		if (view.state == PROCESS_RUNNING && view.uptime_ms > HEALTHY_MS)
			alarms_drop(&root->alarms, "process.failed", view.name);
	}
	alarms_beat(&root->alarms, supervisor_now_ms());
}

/* Restarts a bus that has met a full disk, once there is room. */
static void watch_disk(struct root *root)
{
	struct process *bus = process_find(root->supervisor, "nats-server");
	struct statvfs disk;
	int64_t left;

	root->disk_ms = supervisor_now_ms();
	if (!bus || statvfs(root->setup->data, &disk) != 0)
		return;
	left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	if (left < DISK_FULL && !root->was_full) {
		root->was_full = true;
		pl_log(ERROR, "disk.full", NULL, "%s: %lld bytes left", root->setup->data,
		       (long long)left);
	} else if (left >= DISK_ROOM && root->was_full) {
		root->was_full = false;
		pl_log(WARN, "disk.room", NULL, "there is room again: nats-server starts anew");
		process_stop(bus);
		process_signal(bus, SIGKILL);
		process_start(bus);
	}
}

/* Hosts join and go, bundles come and go: the manager writes who there is and what they name, and
 * the bus reads its file anew, which drops nobody else. */
static void follow_manager(struct root *root)
{
	struct process *bus = process_find(root->supervisor, "nats-server");
	bool changed = false;
	enum pl_err err;

	root->follow_ms = supervisor_now_ms();
	if (!bus)
		return;
	err = bus_follow(&root->follow, root->setup, &changed);
	if (err) {
		pl_log(ERROR, "bus.users", NULL, "%s", pl_err_detail(err));
		root->follow_ms += FOLLOW_AGAIN_MS;
	} else if (changed && process_signal(bus, SIGHUP) == PL_OK) {
		pl_log(INFO, "bus.users", NULL, "the bus has other users or rights");
	}
}

static void tell_metrics(struct root *root)
{
	struct pl_bus *bus = pulse_bus(root->pulse);
	enum pl_err err = PL_OK;

	if (bus && !root->metrics)
		err = root_metrics_new(&root->metrics, bus, root->supervisor);
	if (err)
		pl_log(ERROR, "root.metrics", NULL, "%s", pl_err_detail(err)); /* tried again */
	if (root->metrics)
		root_metrics_beat(root->metrics);
}

static void turn(struct root *root, int signal_fd)
{
	struct pollfd fds[3] = { { .fd = supervisor_fd(root->supervisor), .events = POLLIN },
				 { .fd = signal_fd, .events = POLLIN },
				 { .fd = root->pulse ? pulse_fd(root->pulse) : -1,
				   .events = POLLIN } };
	struct signalfd_siginfo info;

	poll(fds, 3, supervisor_wait_ms(root->supervisor));
	if (root->pulse) {
		pulse_turn(root->pulse); /* what has come counts before it is judged */
		tell_metrics(root);
	}
	supervisor_turn(root->supervisor);
	while (signal_fd >= 0 && read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			supervisor_reap(root->supervisor);
		else if (info.ssi_signo == SIGHUP)
			pl_log_reopen();
		else
			stop_begin(root);
	}
	if (root->is_stopping)
		stop_on(root);
	else
		switches_beat(root->switches);
	if (supervisor_now_ms() - root->rotate_ms >= ROTATE_MS)
		rotate_own(root);
	if (!root->is_stopping && supervisor_now_ms() - root->disk_ms >= DISK_MS) {
		watch_disk(root);
		look_at_parts(root);
	}
	if (!root->is_stopping && supervisor_now_ms() - root->renew.looked_ms >= RENEW_LOOK_MS)
		renew_look(&root->renew, root->setup,
			   process_find(root->supervisor, "nats-server"));
	if (!root->is_stopping && supervisor_now_ms() - root->follow_ms >= FOLLOW_MS)
		follow_manager(root);
}

static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Returns only if there is no successor. */
static void succeed(struct root *root, int lock_fd)
{
	enum pl_err err = root_succeed(root->switches, root->switches->wants_root, lock_fd);

	pl_log(ERROR, "root.succeed", NULL, "%s", pl_err_detail(err));
	switches_keep_root(root->switches, pl_err_detail(err));
}

int root_run(struct setup *setup, int lock_fd)
{
	int signal_fd = signals_open();
	struct root root;
	enum pl_err err;

	pl_log_open("pelago");
	umask(077);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0,
	      0); /* services of a node that died become ours to wait for */
	err = signal_fd < 0 ? pl_fail(PL_IO, "signalfd: %s", strerror(errno))
			    : root_new(&root, setup);
	if (err) {
		pl_log(ERROR, "root.start", NULL, "%s", pl_err_detail(err));
		return cli_fail(err);
	}
	pl_log(INFO, "root.start", NULL, "Pelago %s in %s", pl_version, setup->data);
	switches_start(root.switches);
	bus_reload(&root);
	if (!setup->node)
		err = pulse_new(&root.pulse, setup, process_find(root.supervisor, "nats-server"));
	if (err)
		pl_log(ERROR, "bus.pulse", NULL, "the bus isn't watched: %s", pl_err_detail(err));
	while (!root.is_stopped) {
		turn(&root, signal_fd);
		if (root.switches->wants_root && !root.is_stopping)
			succeed(&root, lock_fd);
	}
	pl_log(INFO, "root.stop", NULL, "stopped");
	root_fini(&root);
	close(signal_fd);
	close(lock_fd);
	return EXIT_DONE;
}

enum pl_err root_stop(struct setup *setup)
{
	int64_t deadline_ms = supervisor_now_ms() + STOP_ALL_MS;
	struct root root;
	enum pl_err err = root_new(&root, setup);

	if (err)
		return err;
	switches_adopt(root.switches);
	root.is_stopping = true;
	root.group = EDGE;
	stop_on(&root);
	while (!root.is_stopped && supervisor_now_ms() < deadline_ms)
		turn(&root, -1);
	err = root.is_stopped ? PL_OK : pl_fail(PL_TIMEOUT, "not everything stopped in time");
	root_fini(&root);
	return err;
}
