/*
 * peer.c — addresses and what they did lately.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "clock.h"
#include "pelago/err.h"

enum { ADDRESSES_MAX = 100000, QUIET_MS = 10 * 60 * 1000, EXCESS = 32 };

/* A network of IPv6 is given out by /64, so that is what counts as one address. */
struct address_key {
	unsigned char bytes[8];
	uint32_t is_v6;
};

struct address {
	struct address_key key;
	unsigned connections, transfers;
	int64_t used_ms;
	struct bucket buckets[LIMIT_COUNT];
	UT_hash_handle hh;
};

struct peers {
	struct address *addresses; /* in order of arrival */
};

enum pl_err peers_new(struct peers **peersp)
{
	*peersp = calloc(1, sizeof(**peersp));
	return *peersp ? PL_OK : PL_NOMEM;
}

static void address_drop(struct peers *peers, struct address *address)
{
	HASH_DEL(peers->addresses, address);
	free(address);
}

void peers_free(struct peers *peers)
{
	struct address *address, *next;

	if (!peers)
		return;
	HASH_ITER(hh, peers->addresses, address, next)
		address_drop(peers, address);
	free(peers);
}

void peers_sweep(struct peers *peers, int64_t now_ms)
{
	struct address *address, *next;

	HASH_ITER(hh, peers->addresses, address, next)
		if (!address->connections && address->used_ms + QUIET_MS < now_ms)
			address_drop(peers, address);
}

static bool read_address(struct peer *peer, struct address_key *key, const struct sockaddr *from)
{
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
	const struct in_addr *v4 = &((const struct sockaddr_in *)(const void *)from)->sin_addr;
	struct in_addr mapped;

	memset(key, 0, sizeof(*key));
	if (from->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6)) {
		memcpy(&mapped, v6->s6_addr + 12, 4);
		v4 = &mapped;
	} else if (from->sa_family == AF_INET6) {
		key->is_v6 = 1;
		memcpy(key->bytes, v6, 8);
		peer->is_local = IN6_IS_ADDR_LOOPBACK(v6);
		return inet_ntop(AF_INET6, v6, peer->name, sizeof(peer->name));
	} else if (from->sa_family != AF_INET) {
		return false;
	}
	memcpy(key->bytes, v4, 4);
	peer->is_local = (ntohl(v4->s_addr) >> 24) == 127;
	return inet_ntop(AF_INET, v4, peer->name, sizeof(peer->name));
}

static struct address *address_of(struct peers *peers, const struct address_key *key)
{
	struct address *address;

	HASH_FIND(hh, peers->addresses, key, sizeof(*key), address);
	if (address)
		return address;
	if (HASH_COUNT(peers->addresses) >= ADDRESSES_MAX)
		return NULL;
	address = calloc(1, sizeof(*address));
	if (!address)
		return NULL;
	address->key = *key;
	HASH_ADD(hh, peers->addresses, key, sizeof(*key), address);
	return address;
}

struct peer *peer_new(struct edge *edge, const struct sockaddr *from, bool is_tls)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	struct address_key key;
	unsigned most;

	if (!peer)
		return NULL;
	peer->is_tls = is_tls;
	if (read_address(peer, &key, from))
		peer->address = address_of(edge->peers, &key);
	most = edge->limits.connections[peer->is_local];
	if (!peer->address || peer->address->connections >= most + EXCESS) {
		free(peer);
		return NULL;
	}
	peer->is_excess = peer->address->connections >= most;
	peer->address->connections++;
	peer->address->used_ms = clock_ms();
	return peer;
}

void peer_free(struct edge *edge, struct peer *peer)
{
	(void)edge;
	if (!peer)
		return;
	peer->address->connections--;
	peer->address->used_ms = clock_ms();
	free(peer);
}

const struct limit *peer_limits(const struct edge *edge, const struct peer *peer)
{
	return edge->limits.rows[peer->is_local];
}

bool peer_take(struct edge *edge, struct peer *peer, enum limit_class class, unsigned *wait_sp)
{
	struct bucket *bucket = &peer->address->buckets[class];
	const struct limit *limit = &peer_limits(edge, peer)[class];
	bool ok = bucket_take(bucket, limit, clock_ms());

	peer->address->used_ms = clock_ms();
	*wait_sp = ok ? 0 : bucket_wait_s(bucket, limit);
	return ok;
}

bool peer_transfer(const struct edge *edge, struct peer *peer)
{
	if (peer->address->transfers >= edge->limits.transfers[peer->is_local])
		return false;
	peer->address->transfers++;
	return true;
}

void peer_transferred(struct peer *peer)
{
	peer->address->transfers--;
}
