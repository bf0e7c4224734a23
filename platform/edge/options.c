/*
 * options.c — arguments, and where the pages are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "options.h"

#include <getopt.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"usage: pelago-edge --data DIR --bus URL [--https-port N] [--http-port N] [--listen ADDRESS]\n"
	"                   [--web DIR] [--more-web DIR]… [--instance 2]\n";

enum { MORE_MOST = sizeof(((struct options *)0)->more_web) / sizeof(char *) };

static bool read_port(int *portp, const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (*end || end == text || port < 0 || port > 65535) {
		fprintf(stderr, "pelago-edge: %s is not a port\n", text);
		return false;
	}
	*portp = (int)port;
	return true;
}

/* Beside the program: ../web/dist in a checkout, web when installed. */
static char *web_folder(void)
{
	static const char *const places[] = { "../web/dist", "web" };
	char program[PATH_MAX], *folder = NULL;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	struct stat st;

	if (n < 0)
		return NULL;
	program[n] = '\0';
	dirname(program);
	for (size_t i = 0; i < 2; i++) {
		free(folder);
		if (asprintf(&folder, "%s/%s", program, places[i]) < 0)
			return NULL;
		if (stat(folder, &st) == 0)
			break;
	}
	return folder;
}

/* More than there is room for are of versions long gone. */
static void add_web(struct options *options, const char *folder)
{
	for (size_t i = 0; i < MORE_MOST; i++)
		if (!options->more_web[i]) {
			options->more_web[i] = strdup(folder);
			return;
		}
}

static bool read_demo(const char *data)
{
	char file[PATH_MAX];
	json_t *settings;
	bool is_demo;

	snprintf(file, sizeof(file), "%s/pelago.json", data);
	settings = json_load_file(file, 0, NULL);
	is_demo = json_is_true(json_object_get(settings, "demo"));
	json_decref(settings);
	return is_demo;
}

bool options_init(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "bus", required_argument, NULL, 'b' },
		{ "https-port", required_argument, NULL, 's' },
		{ "http-port", required_argument, NULL, 'p' },
		{ "listen", required_argument, NULL, 'l' },
		{ "web", required_argument, NULL, 'w' },
		{ "more-web", required_argument, NULL, 'm' },
		{ "instance", required_argument, NULL, 'i' },
		{ 0 },
	};
	bool ok = true;
	int c;

	memset(options, 0, sizeof(*options));
	while (ok && (c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'd':
			options->data = optarg;
			break;
		case 'b':
			options->bus = optarg;
			break;
		case 's':
			ok = read_port(&options->https_port, optarg);
			break;
		case 'p':
			ok = read_port(&options->http_port, optarg);
			break;
		case 'l':
			options->listen = optarg;
			break;
		case 'w':
			free(options->web);
			options->web = strdup(optarg);
			break;
		case 'm':
			add_web(options, optarg);
			break;
		case 'i':
			options->slot = 1;
			ok = strcmp(optarg, "2") == 0;
			break;
		default:
			ok = false;
		}
	}
	if (!ok || optind < argc || !options->data || !options->bus ||
	    !(options->https_port || options->http_port)) {
		fputs(usage, stderr);
		return false;
	}
	if (!options->web)
		options->web = web_folder();
	options->is_demo = read_demo(options->data);
	return options->web != NULL;
}

void options_fini(struct options *options)
{
	free(options->web);
	for (size_t i = 0; i < MORE_MOST; i++)
		free(options->more_web[i]);
}
