/*
 * lane.c — lanes of a connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lane.h"

#include <stdlib.h>
#include <string.h>

struct lane {
	struct lane *next;
	struct lane_item *head, **tail;
	unsigned waiting;
	char key[];
};

static struct lane *lane_find(const struct lanes *lanes, const char *key)
{
	struct lane *lane = lanes->first;

	while (lane && strcmp(lane->key, key) != 0)
		lane = lane->next;
	return lane;
}

static struct lane *lane_new(struct lanes *lanes, const char *key)
{
	struct lane *lane = malloc(sizeof(*lane) + strlen(key) + 1);

	if (!lane)
		return NULL;
	lane->head = NULL;
	lane->tail = &lane->head;
	lane->waiting = 0;
	memcpy(lane->key, key, strlen(key) + 1);
	lane->next = lanes->first;
	lanes->first = lane;
	return lane;
}

static void lane_drop(struct lanes *lanes, struct lane *lane)
{
	struct lane **at = &lanes->first;

	while (*at != lane)
		at = &(*at)->next;
	*at = lane->next;
	free(lane);
}

enum lane_verdict lanes_put(struct lanes *lanes, const char *key, struct lane_item *item)
{
	struct lane *lane;

	if (!lanes->split)
		key = "";
	lane = lane_find(lanes, key);
	item->next = NULL;
	if (!lane) {
		if (lanes->running == LANES_RUNNING)
			return LANE_FULL;
		item->lane = lane_new(lanes, key);
		if (!item->lane)
			return LANE_FULL;
		lanes->running++;
		return LANE_RUN;
	}
	if (lane->waiting == LANE_ITEMS || lanes->waiting == LANES_ITEMS ||
	    lanes->bytes + item->bytes > LANES_BYTES)
		return LANE_FULL;
	item->lane = lane;
	*lane->tail = item;
	lane->tail = &item->next;
	lane->waiting++;
	lanes->waiting++;
	lanes->bytes += item->bytes;
	return LANE_WAIT;
}

static struct lane_item *lane_shift(struct lanes *lanes, struct lane *lane)
{
	struct lane_item *item = lane->head;

	if (!item)
		return NULL;
	lane->head = item->next;
	if (!lane->head)
		lane->tail = &lane->head;
	item->next = NULL;
	lane->waiting--;
	lanes->waiting--;
	lanes->bytes -= item->bytes;
	return item;
}

struct lane_item *lanes_next(struct lanes *lanes, struct lane_item *item)
{
	struct lane *lane = item->lane;
	struct lane_item *next = lane_shift(lanes, lane);

	if (!next) {
		lane_drop(lanes, lane);
		lanes->running--;
	}
	if (lanes->wants_split && !lanes->waiting)
		lanes->split = true;
	return next;
}

struct lane_item *lanes_pop(struct lanes *lanes)
{
	for (struct lane *lane = lanes->first; lane; lane = lane->next)
		if (lane->head)
			return lane_shift(lanes, lane);
	return NULL;
}

void lanes_fini(struct lanes *lanes)
{
	while (lanes->first)
		lane_drop(lanes, lanes->first);
	memset(lanes, 0, sizeof(*lanes));
}

void lanes_split(struct lanes *lanes)
{
	lanes->wants_split = true;
	if (!lanes->waiting)
		lanes->split = true;
}
