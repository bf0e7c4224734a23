/* lockout.c — see lockout.h. SPDX-License-Identifier: Apache-2.0 */
#include "lockout.h"

enum { FORGET_MS = 15 * 60 * 1000 }; /* wrong passwords further apart don't add up */

struct lockout {
	int64_t failures, failed_ms, until_ms;
};

static struct lockout lockout_read(struct pl_turn *turn, const char *username)
{
	struct pl_rows *rows = pl_query(
		turn, "select failures, failed_ms, until_ms from lockout where username = $1", "s",
		username);
	struct lockout l = { 0 };

	if (pl_rows_next(rows)) {
		l.failures = pl_rows_int(rows, 0);
		l.failed_ms = pl_rows_int(rows, 1);
		l.until_ms = pl_rows_int(rows, 2);
	}
	pl_rows_free(rows);
	return l;
}

int64_t lockout_left_s(struct pl_turn *turn, const char *username)
{
	struct lockout l = lockout_read(turn, username);
	int64_t left_ms = l.until_ms - pl_turn_now_ms(turn);

	return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

bool lockout_failed(struct pl_turn *turn, const char *username)
{
	struct pl_service *service = pl_turn_service(turn);
	struct lockout l = lockout_read(turn, username);
	int64_t now = pl_turn_now_ms(turn);

	if (now - l.failed_ms > FORGET_MS || (l.until_ms && l.until_ms <= now))
		l.failures = l.until_ms = 0;
	l.failures++;
	if (l.failures >= pl_attribute_get(service, "lock_after"))
		l.until_ms = now + pl_attribute_get(service, "lock_time") * 1000;
	pl_exec(turn,
		"insert into lockout (username, failures, failed_ms, until_ms) values ($1, $2, $3, $4) "
		"on conflict (username) do update set failures = excluded.failures, "
		"failed_ms = excluded.failed_ms, until_ms = excluded.until_ms",
		"siii", username, l.failures, now, l.until_ms);
	return l.until_ms > 0;
}

void lockout_clear(struct pl_turn *turn, const char *username)
{
	pl_exec(turn, "delete from lockout where username = $1", "s", username);
}
