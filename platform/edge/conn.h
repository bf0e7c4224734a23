/*
 * conn.h — a WebSocket connection: what came in piece by piece, what waits to go out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_CONN_H
#define EDGE_CONN_H

#include <jansson.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>

#include "edge.h"
#include "id.h"
#include "lane.h"
#include "peer.h"
#include "text.h"
#include "use.h"

enum {
	CONN_OUT_MAX = 1024 * 1024, /* waiting bytes over which a connection is closed */
	CONN_OUT_FULL = 256 * 1024, /* over which its streams wait */
	CONN_OUT_LOW = 64 * 1024,   /* under which they go on */
	CONN_STALLED_MS = 15000,    /* without a byte taken it is closed */
	CONN_PING_S = 25,
	CONN_DEAD_S = 60,
};

struct conn_out;
struct call;
struct watch;

struct conn {
	struct conn *prev, *next; /* of edge->conns */
	struct edge *edge;
	struct lws *wsi;
	struct peer *peer; /* borrowed */
	char *path;	   /* of its route */
	struct client client;
	json_t *session; /* or NULL */
	struct watch *watches;
	struct call *calls; /* under way */
	struct lanes lanes;
	struct conn_out *out_head, **out_tail;
	size_t out_bytes;
	int64_t out_ms;	   /* when something was last taken, or began to wait */
	int64_t alive_ms;  /* when the library was last told that it lives */
	bool is_behind;	   /* streams wait for room */
	unsigned char *in; /* a frame that isn't whole yet */
	size_t in_len, in_size;
	struct bucket frames, errors;
	unsigned short close_code; /* 0: stays open */
	int64_t leave_ms;	   /* when it is told to connect anew; 0: not, -1: it was told */
	bool is_closing;	   /* the close frame is sent */
	bool is_skipping;	   /* the rest of a frame that was refused */
	char id[ID_SIZE];
};

/* conn_new makes the connection of a WebSocket that was accepted for path; NULL without memory. */
struct conn *conn_new(struct edge *edge, struct lws *wsi, struct peer *peer, const char *path);
/* conn_free ends it: unwatches, forgets calls, says gone. Takes NULL. */
void conn_free(struct conn *conn);

/* conn_receive takes a piece of a frame; -1: close now. */
int conn_receive(struct conn *conn, const void *data, size_t len);
/* conn_writeable sends one frame, or closes when all is sent; -1: close now. */
int conn_writeable(struct conn *conn);

/* conn_is_full tells that streams should wait; watches_go_on is called once there is room. */
bool conn_is_full(const struct conn *conn);
/* conns_cut_stalled closes those that read nothing any more, though something waits. */
void conns_cut_stalled(struct edge *edge, int64_t now_ms);

/* conn_send queues a text (takes a reference of its own); a reader that is too slow is closed. */
void conn_send(struct conn *conn, struct text *text);
void conn_send_json(struct conn *conn, const json_t *frame);
void conn_error(struct conn *conn, const char *code, const char *message, const char *client_id,
		const char *contact_id);
/* conn_close closes it with a code of RFC 6455 §7.4 once all is sent. */
void conn_close(struct conn *conn, unsigned short code);

#endif
