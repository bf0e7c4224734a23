/*
 * root.c — the root supervisor: what runs on this machine, kept alive, and stopped in order.
 *
 * Parts are rows in the order of their start; they stop in the opposite one, a group at a time. Nodes
 * stop their own services. A part that was adopted but was started differently (another version, other
 * ports: its tag tells) is replaced.
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
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/cli/cli.h"
#include "platform/supervise/supervise.h"

enum group { BUS, MANAGER, LEFT_OVER, NODES, EDGE, GROUPS };
enum { STOP_ALL_MS = 40000, TAG_MAX = 64, ROTATE_MS = 10000, LOG_BYTES = 10 << 20, LOG_COPIES = 3 };

struct root {
	struct setup *setup;
	struct supervisor *supervisor;
	char *nats_server, *bus_url;
	bool is_stopping, is_stopped;
	enum group group; /* that is being stopped */
	int64_t rotate_ms;
};

enum pl_err root_nats_server(char **pathp)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin" };
	const char *path = getenv("PATH");
	char *copy = path ? strdup(path) : NULL, *rest = copy, *file = NULL, *folder;

	while (copy && (folder = strsep(&rest, ":"))) {
		if (*folder == '/' && asprintf(&file, "%s/nats-server", folder) >= 0 &&
		    access(file, X_OK) == 0) {
			free(copy);
			*pathp = file;
			return PL_OK;
		}
		free(file);
		file = NULL;
	}
	free(copy);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (asprintf(&file, "%s/nats-server", folders[i]) >= 0 && access(file, X_OK) == 0) {
			*pathp = file;
			return PL_OK;
		}
		free(file);
		file = NULL;
	}
	return pl_fail(PL_STATE, "nats-server isn't installed: apt-get install nats-server");
}

static void on_change(const struct process_view *view, void *arg)
{
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
	if (strcmp(name, "edge") == 0)
		return EDGE;
	return strncmp(name, "node-", 5) == 0 ? NODES : LEFT_OVER;
}

/* extra: NAME=VALUE for its environment, or NULL */
static enum pl_err add(struct root *root, struct process_spec *spec, const char *extra)
{
	struct process *p;
	enum pl_err err;
	char *log = setup_path(root->setup, "log/%s.log", spec->name), *log_env = NULL;
	const char *env[] = { NULL, extra, NULL };

	if (!log || asprintf(&log_env, "PELAGO_LOG=%s", log) < 0) {
		free(log);
		return PL_NOMEM;
	}
	env[0] = log_env;
	spec->env = env;
	if (!spec->stop_ms)
		spec->stop_ms = 5000;
	err = process_add(&p, root->supervisor, spec);
	spec->env = NULL;
	free(log);
	free(log_env);
	return err;
}

/* What a part must have been started with to be adopted as it is. */
static void tag_of(char tag[TAG_MAX], const struct setup *setup)
{
	snprintf(tag, TAG_MAX, "%s,%d", PELAGO_VERSION, setup->bus_port);
}

static enum pl_err add_bus(struct root *root)
{
	char *conf = setup_path(root->setup, "bus/nats.conf"), tag[TAG_MAX];
	const char *argv[] = { root->nats_server, "-c", conf, NULL };
	struct process_spec spec = { .name = "nats-server", .tag = tag, .argv = argv, .keeps_log = true };
	enum pl_err err;

	tag_of(tag, root->setup);
	err = conf ? add(root, &spec, NULL) : PL_NOMEM;
	free(conf);
	return err;
}

static enum pl_err add_manager(struct root *root)
{
	const struct setup *s = root->setup;
	char *program = NULL, *store = setup_store_url(s->store, s->data, "Manager");
	char *heartbeat = setup_path(s, "services/Manager/heartbeat");
	char *password = store ? setup_store_password(store) : NULL, *extra = NULL, tag[TAG_MAX];
	enum pl_err err = PL_NOMEM;

	tag_of(tag, s);
	if (store && heartbeat && asprintf(&program, "%s/pelago-manager", s->programs) >= 0 &&
	    (!password || asprintf(&extra, "PGPASSWORD=%s", password) >= 0)) {
		const char *argv[] = { program, "--data", s->data, "--node", "manager", "--bus",
				       root->bus_url, "--store", store, NULL };
		struct process_spec spec = { .name = "Manager",
					     .tag = tag,
					     .argv = argv,
					     .heartbeat = heartbeat };

		err = add(root, &spec, extra);
	}
	free(program);
	free(store);
	free(heartbeat);
	free(password);
	free(extra);
	return err;
}

static enum pl_err add_node(struct root *root, const char *name)
{
	char *program = NULL, *store = NULL, *heartbeat = setup_path(root->setup, "nodes/%s/heartbeat", name);
	enum pl_err err = PL_NOMEM;
	char tag[TAG_MAX];

	tag_of(tag, root->setup);
	if (heartbeat && asprintf(&program, "%s/pelago-node", root->setup->programs) >= 0 &&
	    asprintf(&store, "PELAGO_STORE_URL=%s", root->setup->store) >= 0) {
		const char *argv[] = { program, "--data", root->setup->data, "--node",
				       name,	"--bus",  root->bus_url,     NULL };
		struct process_spec spec = { .name = name,
					     .tag = tag,
					     .argv = argv,
					     .heartbeat = heartbeat,
					     .stop_ms = 10000 };

		err = add(root, &spec, store);
	}
	free(program);
	free(store);
	free(heartbeat);
	return err;
}

static enum pl_err add_edge(struct root *root)
{
	const struct setup *s = root->setup;
	char *program = NULL, *heartbeat = setup_path(s, "procs/edge.heartbeat"), https[12], http[12];
	char tag[TAG_MAX];
	enum pl_err err = PL_NOMEM;

	snprintf(https, sizeof(https), "%d", s->https_port);
	snprintf(http, sizeof(http), "%d", s->http_port);
	tag_of(tag, s);
	snprintf(tag + strlen(tag), sizeof(tag) - strlen(tag), ",%s,%s", https, http);
	if (heartbeat && asprintf(&program, "%s/pelago-edge", s->programs) >= 0) {
		const char *argv[] = { program,	       "--data",      s->data, "--bus", root->bus_url,
				       "--https-port", https, "--http-port", http,    NULL };
		struct process_spec spec = {
			.name = "edge", .tag = tag, .argv = argv, .heartbeat = heartbeat
		};

		err = add(root, &spec, NULL);
	}
	free(program);
	free(heartbeat);
	return err;
}

static enum pl_err add_all(struct root *root)
{
	static const char *const nodes[] = {
#define CLUSTER(kind, name, node) node,
#include "platform/setup/clusters.h"
#undef CLUSTER
	};
	enum pl_err err = add_bus(root);

	if (!err)
		err = add_manager(root);
	for (size_t i = 0; !err && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		err = add_node(root, nodes[i]);
	return err ? err : add_edge(root);
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
	struct supervisor_options options = { .data = setup->data, .on_change = on_change };
	enum pl_err err;

	memset(root, 0, sizeof(*root));
	root->setup = setup;
	root->bus_url = setup_bus_url(setup);
	if (!root->bus_url)
		return PL_NOMEM;
	if (root_nats_server(&root->nats_server)) /* to stop, it isn't needed */
		root->nats_server = strdup("/usr/sbin/nats-server");
	err = root->nats_server ? supervisor_new(&root->supervisor, &options) : PL_NOMEM;
	return err ? err : add_all(root);
}

static void root_fini(struct root *root)
{
	supervisor_free(root->supervisor);
	free(root->nats_server);
	free(root->bus_url);
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
			if (view.state != PROCESS_OFF && view.state != PROCESS_STOPPING)
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
}

/* ---- running ---- */

/* Starts a part; replaces an adopted one that was started differently. */
static void start(struct process *p)
{
	struct process_view view;
	char wanted[TAG_MAX];

	process_view_get(&view, p);
	snprintf(wanted, sizeof(wanted), "%s", view.tag);
	process_start(p);
	process_view_get(&view, p);
	if (!view.adopted || strcmp(view.tag, wanted) == 0)
		return;
	pl_log(INFO, "process.replace", NULL, "%s runs as %s, wanted is %s", view.name, view.tag, wanted);
	process_stop(p);
	process_start(p); /* once it has ended */
}

/* An adopted bus may have users of before: it reads its file anew, which drops nobody. */
static void bus_reload(struct root *root)
{
	struct process *bus = process_find(root->supervisor, "nats-server");
	struct process_view view;

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

static void turn(struct root *root, int signal_fd)
{
	struct pollfd fds[2] = { { .fd = supervisor_fd(root->supervisor), .events = POLLIN },
				 { .fd = signal_fd, .events = POLLIN } };
	struct signalfd_siginfo info;

	poll(fds, 2, supervisor_wait_ms(root->supervisor));
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
	if (supervisor_now_ms() - root->rotate_ms >= ROTATE_MS)
		rotate_own(root);
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

int root_run(struct setup *setup, int lock_fd)
{
	int signal_fd = signals_open();
	struct root root;
	enum pl_err err;

	pl_log_open("pelago");
	umask(077);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* services of a node that died become ours to wait for */
	err = signal_fd < 0 ? pl_fail(PL_IO, "signalfd: %s", strerror(errno)) : root_new(&root, setup);
	if (err) {
		pl_log(ERROR, "root.start", NULL, "%s", pl_err_detail(err));
		return cli_fail(err);
	}
	pl_log(INFO, "root.start", NULL, "Pelago %s in %s", PELAGO_VERSION, setup->data);
	for (struct process *p = NULL; (p = process_next(root.supervisor, p));)
		start(p);
	bus_reload(&root);
	while (!root.is_stopped)
		turn(&root, signal_fd);
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
	for (struct process *p = NULL; (p = process_next(root.supervisor, p));)
		process_adopt(p);
	root.is_stopping = true;
	root.group = EDGE;
	stop_on(&root);
	while (!root.is_stopped && supervisor_now_ms() < deadline_ms)
		turn(&root, -1);
	err = root.is_stopped ? PL_OK : pl_fail(PL_TIMEOUT, "not everything stopped in time");
	root_fini(&root);
	return err;
}
