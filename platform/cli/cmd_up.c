/*
 * cmd_up.c — pelago up, pelago down.
 *
 * `up` checks everything that can be checked first, then divides itself: one process becomes the
 * root supervisor and keeps the folder's lock, the other waits until it is ready and prints where
 * it is. With --detach the waiting one is the command's own process, else the supervisor is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/cli/cli.h"
#include "platform/cli/switch.h"
#include "platform/setup/file.h"
#include "platform/supervise/lock.h"
#include "platform/supervise/supervise.h"

enum { DELIVER_MS = 1000, READY_MS = 60000, LOOK_MS = 50, DOWN_MS = 60000 };

static char *lock_path(const char *data)
{
	char *path = NULL;

	return asprintf(&path, "%s/lock", data) < 0 ? NULL : path;
}

static bool part_is_alive(const struct setup *setup, const char *name)
{
	char *path = setup_path(setup, "procs/%s.lock", name);
	bool alive = path && lock_is_held(path);

	free(path);
	return alive;
}

/* ---- waiting ---- */

static void print_missing(const struct cli_status *status)
{
	json_t *item;
	size_t i;

	json_array_foreach(status->missing, i, item) {
		fprintf(stderr, "  %s\n", json_string_value(item));
	}
}

/* Waits until the instance is ready and prints where it is. root_pidfd: the supervisor, or -1. */
static int wait_ready(struct cli *cli, int root_pidfd)
{
	int64_t deadline_ms = supervisor_now_ms() + READY_MS;
	struct cli_status status;
	enum pl_err err;

	for (;;) {
		struct pollfd root = { .fd = root_pidfd, .events = POLLIN };

		err = cli_status_get(&status, cli);
		if (err)
			return cli_fail(err);
		if (status.is_ready)
			break;
		if (poll(&root, root_pidfd >= 0, LOOK_MS) == 1) {
			fprintf(stderr,
				"pelago: the root supervisor ended; see %s/log/pelago.log\n",
				cli->setup->data);
			cli_status_fini(&status);
			return EXIT_FAILED;
		}
		if (supervisor_now_ms() >= deadline_ms) {
			fprintf(stderr, "pelago: not ready after %d s; logs are in %s/log\n",
				READY_MS / 1000, cli->setup->data);
			print_missing(&status);
			cli_status_fini(&status);
			return EXIT_FAILED;
		}
		cli_status_fini(&status);
	}
	cli_status_fini(&status);
	cli_print_addresses(cli);
	return EXIT_DONE;
}

/* ---- before the start ---- */

static int port_taken(int port, const char *flag)
{
	fprintf(stderr, "pelago: port %d is used by another program; choose another by %s\n", port,
		flag);
	return EXIT_REFUSED;
}

static int check_ports(struct setup *setup)
{
	enum pl_err err;

	if (setup->has_edge && !part_is_alive(setup, "edge") && !part_is_alive(setup, "edge.2")) {
		if (!port_is_free(setup->https_port, false))
			return port_taken(setup->https_port, "--https-port");
		if (!port_is_free(setup->http_port, true))
			return port_taken(setup->http_port, "--http-port");
	}
	if (setup->node || part_is_alive(setup, "nats-server") ||
	    port_is_free(setup->bus_port, true))
		return EXIT_DONE;
	err = setup_bus_port_move(setup); /* nobody is connected: the bus was down */
	return err ? cli_fail(err) : EXIT_DONE;
}

/* The folder is held by a supervisor that runs. */
static int running_already(struct cli *cli, const char *path)
{
	struct lock_holder holder;
	enum pl_err err = cli_setup(cli);
	bool same;

	if (err)
		return cli_fail(err);
	same = (!cli->https_port || cli->https_port == cli->setup->https_port) &&
	       (!cli->http_port || cli->http_port == cli->setup->http_port);
	if (cli->wants_detach && same) {
		json_t *reply = NULL;

		if (cli->setup->node) /* a joined host: the manager is elsewhere */
			return wait_ready(cli, -1);
		/* What was built since is brought; a manager that is just started looks by itself.
		 */
		err = cli_ask(&reply, cli, "Manager.deliver", json_object(), DELIVER_MS);
		json_decref(reply);
		return err && !pl_err_row(err)->retry ? cli_fail(err) : wait_ready(cli, -1);
	}
	if (lock_holder_get(&holder, path) != PL_OK)
		holder.pid = 0;
	fprintf(stderr, "pelago: already running in %s (pid %d)%s\n", cli->setup->data,
		(int)holder.pid, same ? "" : " with other ports; 'pelago down' first");
	return EXIT_REFUSED;
}

/* ---- dividing ---- */

/* Becomes a process of its own session that logs into the data folder. */
static void detach(const struct setup *setup)
{
	char *path = setup_path(setup, "log/pelago.log");
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	setsid();
	if (path)
		setenv("PELAGO_LOG", path, 1);
	dup2(null_fd, 0);
	dup2(log_fd >= 0 ? log_fd : null_fd, 1);
	dup2(log_fd >= 0 ? log_fd : null_fd, 2);
	if (chdir("/") != 0)
		pl_log(WARN, "root.start", NULL, "chdir: %s", strerror(errno));
	free(path);
}

static int run(struct cli *cli, int lock_fd)
{
	struct setup *setup = cli->setup;
	int pidfd, status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		fprintf(stderr, "pelago: fork: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	if (cli->wants_detach != (pid == 0)) { /* this one waits */
		close(lock_fd);
		pidfd = (int)syscall(SYS_pidfd_open, pid ? pid : getppid(), 0);
		status = wait_ready(cli, pidfd);
		if (pidfd >= 0)
			close(pidfd);
		return status;
	}
	if (cli->wants_detach)
		detach(setup);
	lock_write(lock_fd, pl_version);
	return root_run(setup, lock_fd);
}

/* Goes on in the place of another root supervisor. */
static int succeed(struct cli *cli, const struct setup_wish *wish, int lock_fd)
{
	enum pl_err err = setup_open(&cli->setup, wish);

	if (err)
		return cli_fail(err);
	lock_write(lock_fd, pl_version);
	return root_run(cli->setup, lock_fd);
}

static int up(struct cli *cli)
{
	struct setup_wish wish = { .store = cli->store,
				   .listen = cli->listen,
				   .floating = cli->floating,
				   .https_port = cli->https_port,
				   .http_port = cli->http_port,
				   .wants_demo = cli->wants_demo };
	char *data = setup_data_path(cli->data), *path = data ? lock_path(data) : NULL,
	     *nats_server = NULL;
	int lock_fd = -1, status = EXIT_DONE;
	struct setup *before = NULL;
	bool has_bus, is_running = false, is_over = false;
	enum pl_err err = path ? succeed_begin(&lock_fd, &is_over, data) : PL_NOMEM;

	wish.data = data;
	if (!err && (is_over || lock_fd >= 0)) {
		status = is_over ? EXIT_DONE : succeed(cli, &wish, lock_fd);
		free(path);
		free(data);
		return status;
	}
	if (!err && setup_read(&before, data) == PL_NEWER)
		err = PL_NEWER; /* nothing in it is touched */
	has_bus = !cli->join && !(before && before->node);
	if (!err && cli->join && before)
		err = pl_fail(PL_INVALID,
			      "%s is in use already: --join is for a new folder; leave it "
			      "out to start this one",
			      data);
	setup_free(before);
	if (!err && has_bus)
		err = root_nats_server(&nats_server);
	if (!err)
		err = folder_make(data, 0700);
	if (!err) {
		err = lock_take(&lock_fd, path);
		is_running = err == PL_STATE;
	}
	if (!err && cli->join)
		err = cli_join(cli, data);
	if (!err)
		err = setup_open(&cli->setup, &wish);
	if (!err && cli->setup->node)
		err = cli_certify(cli);
	if (is_running)
		status = running_already(cli, path);
	else if (err)
		status = cli_fail(err);
	if (!err)
		status = check_ports(cli->setup);
	if (!err && status == EXIT_DONE)
		status = run(cli, lock_fd);
	if (lock_fd >= 0)
		close(lock_fd);
	free(nats_server);
	free(path);
	free(data);
	return status;
}

/* ---- down ---- */

/* Asks the root supervisor to stop everything; true once it has ended. */
static bool stop_root(const struct lock_holder *holder)
{
	struct pollfd root = { .fd = holder->pidfd, .events = POLLIN };

	syscall(SYS_pidfd_send_signal, holder->pidfd, SIGTERM, NULL, 0);
	return poll(&root, 1, DOWN_MS) == 1;
}

static int down(struct cli *cli)
{
	enum pl_err err = cli_setup(cli);
	struct lock_holder holder;
	int lock_fd = -1;
	char *path;

	if (err == PL_NOTFOUND) {
		fprintf(stderr, "pelago: not running: %s\n", pl_err_detail(err));
		return EXIT_DONE;
	}
	if (err)
		return cli_fail(err);
	path = lock_path(cli->setup->data);
	if (path && lock_holder_get(&holder, path) == PL_OK) {
		bool stopped = stop_root(&holder);

		close(holder.pidfd);
		if (!stopped) {
			fprintf(stderr, "pelago: pid %d didn't stop in %d s\n", (int)holder.pid,
				DOWN_MS / 1000);
			free(path);
			return EXIT_FAILED;
		}
	}
	/* What a supervisor that was killed has left; after an orderly stop there is nothing. */
	err = path ? lock_take(&lock_fd, path) : PL_NOMEM;
	if (!err)
		err = root_stop(cli->setup);
	if (lock_fd >= 0)
		close(lock_fd);
	free(path);
	if (err)
		return cli_fail(err);
	printf("Pelago in %s is stopped\n", cli->setup->data);
	return EXIT_DONE;
}

const struct cli_command up_commands[] = {
	{ "up", NULL, "", 0, 0, "https-port http-port store listen floating join demo detach", up,
	  "Starts everything on this machine and keeps it alive." },
	{ "down", NULL, "", 0, 0, "", down, "Stops it in order; keeps the data." },
	{ 0 },
};
