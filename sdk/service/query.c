/*
 * query.c — what a handler may do with the store and the service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdarg.h>
#include <string.h>
#include <sys/random.h>

enum pl_err pl_turn_exec(struct pl_turn *turn, const char *sql, const char *types, ...)
{
	enum pl_err err;
	va_list ap;

	if (turn->err)
		return turn->err;
	turn->writes++;
	va_start(ap, types);
	err = pl_store_exec_va(turn->service->store, sql, types, ap);
	va_end(ap);
	if (err) {
		pl_log(ERROR, "store.refused", NULL, "error=%s: %s; statement: %.200s",
		       pl_err_row(err)->name, pl_err_detail(err), sql);
		turn_fail(turn, err);
	}
	return err;
}

struct pl_rows *pl_query(struct pl_turn *turn, const char *sql, const char *types, ...)
{
	struct pl_rows *rows = NULL;
	enum pl_err err;
	va_list ap;

	if (turn->err)
		return NULL;
	va_start(ap, types);
	err = pl_store_query_va(&rows, turn->service->store, sql, types, ap);
	va_end(ap);
	if (err) {
		pl_log(ERROR, "store.refused", NULL, "error=%s: %s; statement: %.200s",
		       pl_err_row(err)->name, pl_err_detail(err), sql);
		turn_fail(turn, err);
		return NULL;
	}
	return rows;
}

struct pl_service *pl_turn_service(struct pl_turn *turn)
{
	return turn->service;
}

int64_t pl_turn_now_ms(const struct pl_turn *turn)
{
	return turn->now_ms;
}

int64_t pl_turn_steady_ms(const struct pl_turn *turn)
{
	return steady_ms(turn->service);
}

bool pl_turn_answers(const struct pl_turn *turn, const char *process)
{
	static const char root[] = "_IN.";
	const char *reply = turn->work ? turn->work->reply : NULL;
	size_t len = strlen(process);

	return reply && strncmp(reply, root, strlen(root)) == 0 &&
	       strncmp(reply + strlen(root), process, len) == 0 && reply[strlen(root) + len] == '.';
}

void pl_turn_beat(struct pl_turn *turn)
{
	if (turn->service->heartbeat)
		turn->service->heartbeat->at_ms = mono_ms();
}

const char *pl_service_data(const struct pl_service *service)
{
	return service->data;
}

static _Thread_local char last[27];  /* ids of a thread rise, within a millisecond too */
static _Thread_local bool were_made; /* since the mark was looked at */

void id_after(const char id[27])
{
	if (strcmp(id, last) > 0)
		memcpy(last, id, sizeof(last));
}

/* What can't ride the bus would be tried for ever. */
bool too_large(struct pl_turn *turn, const char *what, const char *text)
{
	if (!text || strlen(text) <= REPLY_MOST)
		return false;
	turn_fail(turn, pl_fail(PL_TOOLARGE, "%s: %zu bytes, at most %d ride the bus", what,
				strlen(text), REPLY_MOST));
	return true;
}

static void id_at(char id[27], uint64_t at_ms)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char random[16];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		pl_assert_failed("getrandom", __FILE__, __LINE__);
	for (int i = 9; i >= 0; i--, at_ms >>= 5)
		id[i] = digits[at_ms & 31];
	for (int i = 0; i < 16; i++)
		id[10 + i] = digits[random[i] & 31];
	id[26] = '\0';
	if (strcmp(id, last) <= 0) {
		memcpy(id, last, sizeof(last));
		for (int i = 25; i >= 0; i--) { /* one more, with its carry */
			const char *digit = strchr(digits, id[i]);

			id[i] = digit[1] ? digit[1] : digits[0];
			if (id[i] != digits[0])
				break;
		}
	}
	memcpy(last, id, sizeof(last));
}

void pl_id(char id[27])
{
	were_made = true;
	id_at(id, (uint64_t)wall_ms());
}

void id_load(struct pl_service *s, int64_t mark_ms)
{
	char id[27];

	s->id_mark_ms = s->id_stored_ms = mark_ms;
	if (wall_ms() >= mark_ms + ID_MARK_MS)
		return;
	s->id_mark_ms += ID_MARK_MS; /* so the next start comes after this one's ids */
	id_at(id, (uint64_t)s->id_mark_ms);
}

int64_t id_mark(struct pl_service *s)
{
	int64_t now_ms = wall_ms();

	if (!were_made)
		return 0;
	were_made = false;
	if (now_ms >= s->id_mark_ms + ID_MARK_MS)
		s->id_mark_ms = now_ms;
	if (s->id_mark_ms == s->id_stored_ms)
		return 0;
	s->id_stored_ms = s->id_mark_ms;
	return s->id_mark_ms;
}

void pl_new_key(struct pl_turn *turn, char id[27])
{
	pl_id(id);
	if (turn->fresh_len < sizeof(turn->fresh) / sizeof(turn->fresh[0]))
		memcpy(turn->fresh[turn->fresh_len++], id, 27);
}

bool is_fresh(const struct pl_turn *turn, const char *id)
{
	for (unsigned i = 0; i < turn->fresh_len; i++)
		if (strcmp(turn->fresh[i], id) == 0)
			return true;
	return false;
}
