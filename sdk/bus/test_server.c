/* test_server.c — see test_server.h. SPDX-License-Identifier: Apache-2.0 */
#include "test_server.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pelago/nkey.h"

static pid_t spawn(const char *dir, const char *const argv[])
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || chdir(dir) < 0)
		_exit(126);
	int fd = open("output", O_WRONLY | O_CREAT | O_APPEND, 0600);

	dup2(fd, 1);
	dup2(fd, 2);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static void run(const char *dir, const char *const argv[])
{
	int status;
	pid_t pid = spawn(dir, argv);

	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "%s failed: see %s/output", argv[0], dir);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int test_free_port(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		err(1, "port");
	close(fd);
	return ntohs(address.sin_port);
}

static FILE *create(const struct test_server *server, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", server->dir, name);
	file = fopen(path, "we");
	if (!file)
		err(1, "%s", path);
	return file;
}

static void make_authority(const struct test_server *server, const char *key, const char *cert)
{
	run(server->dir,
	    (const char *[]){ "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
			      "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
			      cert, "-subj", "/CN=test authority", "-days", "2", NULL });
}

static void make_certificates(struct test_server *server)
{
	make_authority(server, "ca.key", "ca.pem");
	make_authority(server, "other.key", "other.pem");
	run(server->dir, (const char *[]){ "openssl",
					   "req",
					   "-x509",
					   "-CA",
					   "ca.pem",
					   "-CAkey",
					   "ca.key",
					   "-newkey",
					   "ec",
					   "-pkeyopt",
					   "ec_paramgen_curve:prime256v1",
					   "-nodes",
					   "-keyout",
					   "server.key",
					   "-out",
					   "server.pem",
					   "-subj",
					   "/CN=nats",
					   "-days",
					   "2",
					   "-addext",
					   "subjectAltName=IP:127.0.0.1,DNS:localhost",
					   "-addext",
					   "basicConstraints=critical,CA:FALSE",
					   NULL });
	snprintf(server->ca, sizeof(server->ca), "%s/ca.pem", server->dir);
	snprintf(server->other_ca, sizeof(server->other_ca), "%s/other.pem", server->dir);
}

static void make_user(struct test_server *server, char path[96], const char *name,
		      char public_key[PL_NKEY_PUBLIC_SIZE])
{
	char seed[PL_NKEY_SEED_SIZE];
	FILE *file = create(server, name);

	if (pl_nkey_make(seed, public_key))
		errx(1, "%s", pl_err_detail(PL_INTERNAL));
	fprintf(file, "%s\n", seed);
	fclose(file);
	snprintf(path, 96, "%s/%s", server->dir, name);
}

void test_server_make(struct test_server *server)
{
	char alpha[PL_NKEY_PUBLIC_SIZE], beta[PL_NKEY_PUBLIC_SIZE], stranger[PL_NKEY_PUBLIC_SIZE];
	FILE *file;

	memset(server, 0, sizeof(*server));
	snprintf(server->dir, sizeof(server->dir), "/tmp/bus-test-XXXXXX");
	if (!mkdtemp(server->dir))
		err(1, "%s", server->dir);
	make_certificates(server);
	make_user(server, server->alpha, "alpha.seed", alpha);
	make_user(server, server->beta, "beta.seed", beta);
	make_user(server, server->stranger, "stranger.seed", stranger);
	server->port = test_free_port();
	snprintf(server->url, sizeof(server->url), "tls://127.0.0.1:%d", server->port);
	file = create(server, "nats.conf");
	fprintf(file,
		"host: 127.0.0.1\nport: %d\nmax_payload: 1114112\nwrite_deadline: \"10s\"\n"
		"tls { cert_file: server.pem, key_file: server.key, timeout: 5 }\n"
		"accounts { P { users = [\n"
		"  { nkey: %s, permissions { publish { deny: \"secret.>\" }, subscribe { deny: \"secret.>\" } } }\n"
		"  { nkey: %s }\n] } }\n",
		server->port, alpha, beta);
	fclose(file);
}

void test_server_start(struct test_server *server)
{
	struct sockaddr_in address = loopback(server->port);
	struct timespec pause = { 0, 2000000 };

	server->pid =
		spawn(server->dir, (const char *[]){ "nats-server", "-c", "nats.conf", NULL });
	for (int i = 0; i < 5000; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int got = connect(fd, (struct sockaddr *)&address, sizeof(address));

		close(fd);
		if (got == 0)
			return;
		if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
			break;
		nanosleep(&pause, NULL);
	}
	errx(1, "nats-server doesn't start: see %s/output", server->dir);
}

void test_server_kill(struct test_server *server)
{
	if (server->pid <= 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void test_server_remove(struct test_server *server)
{
	test_server_kill(server);
	nftw(server->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
