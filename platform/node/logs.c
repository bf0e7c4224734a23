/*
 * logs.c — the lines of this node's logs that tell of one contact, for the manager (PLT-33).
 *
 * Read are the present and the former file of each service here, of the node, and of the parts
 * beside it (edge, manager, root), by a thread: tens of megabytes take longer than a turn may. What
 * several nodes of a machine read alike, the manager shows once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "pelago/json.h"

enum {
	JOBS = 2, /* at once; more are refused */
	ID_MAX = 64,
	LINES_MOST = 2000,
	BYTES_MOST = 700000, /* of an answer */
	LINE_MOST = 9000,    /* as long as one gets */
};

struct job {
	char *reply; /* NULL: free */
	char id[ID_MAX + 1];
	json_t *files; /* paths */
	pthread_t thread;
	atomic_bool is_finished;
	json_t *lines;
	size_t bytes;
	bool has_more;
};

static struct job jobs[JOBS];

/* ---- the thread ---- */

static void add_line(struct job *job, const char *line, size_t len)
{
	json_t *value = len <= LINE_MOST ? json_loadb(line, len, 0, NULL) : NULL;

	if (!json_is_object(value)) {
		json_decref(value);
		return;
	}
	if (json_array_size(job->lines) >= LINES_MOST || job->bytes + len > BYTES_MOST) {
		job->has_more = true;
		json_decref(value);
		return;
	}
	job->bytes += len;
	json_array_append_new(job->lines, value);
}

/* Each line with the id in it, once. */
static void search(struct job *job, const char *text, size_t len)
{
	const char *end = text + len, *at = text, *first, *stop;

	while ((at = memmem(at, (size_t)(end - at), job->id, strlen(job->id)))) {
		first = memrchr(text, '\n', (size_t)(at - text));
		first = first ? first + 1 : text;
		stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			return; /* it is being written */
		add_line(job, first, (size_t)(stop - first));
		at = stop;
	}
}

static void search_file(struct job *job, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *text;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		/* logs are renamed, never cut */
		text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (text != MAP_FAILED) {
			search(job, text, (size_t)st.st_size);
			munmap(text, (size_t)st.st_size);
		}
	}
	close(fd);
}

static void *work(void *arg)
{
	struct job *job = arg;
	json_t *path;
	size_t i;

	json_array_foreach(job->files, i, path)
		search_file(job, json_string_value(path));
	atomic_store(&job->is_finished, true);
	return NULL;
}

/* ---- in the loop ---- */

static void add_files(struct job *job, const struct node *node, const char *name)
{
	json_array_append_new(job->files, json_sprintf("%s/log/%s.log.1", node->data, name));
	json_array_append_new(job->files, json_sprintf("%s/log/%s.log", node->data, name));
}

static enum pl_err check_id(const char *id)
{
	if (strlen(id) < 8 || strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789_-") != strlen(id))
		return pl_fail(PL_INVALID, "contact: not an id");
	return PL_OK;
}

static void job_end(struct job *job)
{
	free(job->reply);
	json_decref(job->files);
	json_decref(job->lines);
	memset(job, 0, sizeof(*job));
}

static enum pl_err begin(struct node *node, const char *reply, const char *id)
{
	static const char *const parts[] = { "edge", "Manager", "pelago" };
	struct job *job = jobs;

	while (job < jobs + JOBS && job->reply)
		job++;
	if (job == jobs + JOBS)
		return pl_fail(PL_RATE, "logs are being read already; try again");
	job->reply = strdup(reply);
	job->files = json_array();
	job->lines = json_array();
	snprintf(job->id, sizeof(job->id), "%s", id);
	if (!job->reply || !job->files || !job->lines) {
		job_end(job);
		return PL_NOMEM;
	}
	add_files(job, node, node->name);
	for (const struct service *s = node->services; s; s = s->next)
		add_files(job, node, s->name);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		add_files(job, node, parts[i]);
	if (pthread_create(&job->thread, NULL, work, job) != 0) {
		job_end(job);
		return pl_fail(PL_UNAVAILABLE, "no thread to read logs");
	}
	return PL_OK;
}

void logs_begin(struct node *node, const char *reply, const json_t *body)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contact", ID_MAX, true);

	if (!err)
		err = check_id(id);
	if (!err)
		err = begin(node, reply, id);
	if (err)
		node_refuse(node, reply, err);
}

void logs_beat(struct node *node)
{
	for (struct job *job = jobs; job < jobs + JOBS; job++) {
		if (!job->reply || !atomic_load(&job->is_finished))
			continue;
		pthread_join(job->thread, NULL);
		node_publish(node, job->reply, NULL,
			     json_pack("{s:s, s:O, s:b}", "node", node->name, "lines", job->lines,
				       "more", job->has_more));
		job_end(job);
	}
}

bool logs_are_read(void)
{
	for (const struct job *job = jobs; job < jobs + JOBS; job++)
		if (job->reply)
			return true;
	return false;
}

void logs_stop(void)
{
	for (struct job *job = jobs; job < jobs + JOBS; job++)
		if (job->reply) {
			pthread_join(job->thread, NULL);
			job_end(job);
		}
}
