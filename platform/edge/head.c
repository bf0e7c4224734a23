/*
 * head.c — lengths of heads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "head.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "path.h"

enum { FIELD_MAX = HEAD_BYTES + 1, HEAD_MOST = 32 * 1024 };

const struct lws_token_limits head_limits = { .token_limit = { [0 ... WSI_TOKEN_COUNT - 1] =
								       FIELD_MAX } };

/*
 * What the library has read from a socket: of headers that it doesn't know it tells nothing else.
 * Where the kernel doesn't tell, 0: only what the library knows is counted.
 */
static uint64_t bytes_read(struct lws *wsi)
{
	int fd = lws_get_socket_fd(wsi), unread = 0;
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
	    ioctl(fd, FIONREAD, &unread) != 0 || (uint64_t)unread > info.tcpi_bytes_received)
		return 0;
	return info.tcpi_bytes_received - (uint64_t)unread;
}

static int fields_bytes(struct lws *wsi, int target_len)
{
	int sum = 0;

	for (int token = 0; token < WSI_TOKEN_COUNT; token++)
		sum += lws_hdr_total_length(wsi, (enum lws_token_indexes)token);
	return sum - target_len;
}

static void refuse(struct answer *answer, int status, const char *detail, const char *instance)
{
	answer->closes = true;
	answer_problem(answer, status, "tooLarge", detail, instance);
}

bool head_refuse(struct answer *answer, struct lws *wsi, const struct peer *peer,
		 const char *instance)
{
	int path_len = 0, query_len = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS);
	uint64_t read = bytes_read(wsi);
	char *path;

	if (lws_http_get_uri_and_method(wsi, &path, &path_len) < 0)
		path_len = 0;
	if (path_len > PATH_BYTES || query_len > HEAD_QUERY_BYTES) {
		refuse(answer, 414, "the path has at most 1024 bytes, the query 8192", instance);
		return true;
	}
	if (fields_bytes(wsi, path_len + query_len) > HEAD_BYTES ||
	    (read > peer->read && read - peer->read > HEAD_MOST)) {
		refuse(answer, 431, "the headers have at most 16 KiB", instance);
		return true;
	}
	return false;
}

void head_done(struct lws *wsi, struct peer *peer)
{
	peer->read = bytes_read(wsi);
}

bool head_note(const char *line)
{
	static const char *const starts[] = { "Ran out of header data space",
					      "More hdr frags than we can deal with", "header " };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}
