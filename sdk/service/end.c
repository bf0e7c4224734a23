/*
 * end.c — a service ends so that whoever waits for its database goes on at once.
 *
 * What it still does is what nobody else could do as soon: it handles the requests that the server
 * had sent it before it said that it takes no more, since who asked them waits a second before
 * asking again. All else is stored, and the next owner's: events are read again from the stored
 * position, and those without the log's acknowledgement published again; commands are sent again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <stdio.h>

enum {
	END_MS = 2000, /* for what has come */
	HELD_MS = 250, /* for requests that wait for others' answers: they will be asked again */
	WAIT_MS = 5
};

static void on_marker(const struct pl_message *m, void *arg)
{
	struct pl_service *s = arg;

	(void)m;
	s->has_all = true;
}

/* No more requests, and a message to itself, which comes behind the last one. */
static void take_no_more(struct pl_service *s)
{
	char subject[120];
	struct pl_message marker = { .subject = subject };

	snprintf(subject, sizeof(subject), "%s.end", s->inbox);
	s->has_all = pl_bus_state(s->bus) != PL_BUS_UP ||
		     pl_bus_subscribe(&s->subs[5], s->bus, subject, NULL, on_marker, s);
	pl_subscription_end(s->subs[0]);
	reader_end_all(s);
	if (!s->has_all)
		s->has_all = pl_bus_publish(s->bus, &marker) != PL_OK;
}

static bool has_work(const struct pl_service *s, int64_t since_ms)
{
	int64_t for_ms = mono_ms() - since_ms;

	if (for_ms >= END_MS)
		return false;
	if (pl_bus_state(s->bus) == PL_BUS_UP && (!s->has_all || pl_bus_waiting(s->bus) > 0))
		return true;
	return s->queue.len > 0 || (s->held && for_ms < HELD_MS);
}

void service_end(struct pl_service *s)
{
	int64_t since_ms = mono_ms();

	if (s->is_loaded) {
		take_no_more(s);
		while (has_work(s, since_ms))
			service_turn(s, WAIT_MS);
		if (s->def->stop)
			s->def->stop(s);
		pl_bus_flush(s->bus);
	}
	pl_store_close(s->store);
	pl_bus_close(s->bus);
}
