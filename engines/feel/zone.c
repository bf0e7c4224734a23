/*
 * zone.c — reads TZif files and tells offsets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engines/feel/calendar.h"

#define ZONES "/usr/share/zoneinfo/"

enum {
	ZONE_COUNT_MAX = 700, /* tzdata has about 600 names */
	NAME_MAX_LEN = 40,
	TRANSITIONS_MAX = 400,
	TYPES_MAX = 32,
	FILE_MAX = 16384,
	HEADER_LEN = 44,
	DAY_S = 86400,
};

/* When daylight saving begins or ends, each year: day `day` of `kind`, `time_s` after midnight. */
struct change {
	enum { DAY_OF_MONTH_WEEK, DAY_WITHOUT_LEAP, DAY_FROM_ZERO } kind;
	int month, week, day;
	int32_t time_s;
};

struct rule { /* of the years after the last transition */
	int32_t standard_s, daylight_s;
	bool has_daylight;
	struct change begin, end;
};

struct type {
	int32_t offset_s;
	bool is_daylight;
};

struct feel_zone {
	char name[NAME_MAX_LEN + 1];
	bool has_rule;
	struct rule rule;
	size_t transitions, types;
	int64_t at[TRANSITIONS_MAX];
	uint8_t type_at[TRANSITIONS_MAX];
	struct type type[TYPES_MAX];
};

static struct feel_zone zones[ZONE_COUNT_MAX];
static size_t zone_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

struct header {
	size_t utc_flags, std_flags, leaps, transitions, types, name_bytes;
};

static bool read_header(struct header *h, const unsigned char *at, size_t len)
{
	if (len < HEADER_LEN || memcmp(at, "TZif", 4) != 0)
		return false;
	h->utc_flags = be32(at + 20);
	h->std_flags = be32(at + 24);
	h->leaps = be32(at + 28);
	h->transitions = be32(at + 32);
	h->types = be32(at + 36);
	h->name_bytes = be32(at + 40);
	return h->utc_flags <= FILE_MAX && h->std_flags <= FILE_MAX && h->leaps <= FILE_MAX &&
	       h->transitions <= FILE_MAX && h->types <= FILE_MAX && h->name_bytes <= FILE_MAX;
}

static size_t body_len(const struct header *h, size_t time_size)
{
	return h->transitions * (time_size + 1) + h->types * 6 + h->name_bytes +
	       h->leaps * (time_size + 4) + h->std_flags + h->utc_flags;
}

/* The text of a rule: "CET-1CEST,M3.5.0,M10.5.0/3". */

static bool skip_abbreviation(const char **atp)
{
	const char *at = *atp;

	if (*at == '<') {
		at += strcspn(at, ">");
		if (*at++ != '>')
			return false;
	} else {
		while ((*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'))
			at++;
	}
	if (at == *atp)
		return false;
	*atp = at;
	return true;
}

static bool take_int(const char **atp, int max, int *outp)
{
	int n = 0;
	const char *at = *atp;

	while (*at >= '0' && *at <= '9' && n <= max)
		n = n * 10 + (*at++ - '0');
	if (at == *atp || n > max)
		return false;
	*atp = at;
	*outp = n;
	return true;
}

static bool take_clock(const char **atp, int hours_max, int32_t *outp)
{
	int sign = **atp == '-' ? -1 : 1, parts[3] = { 0 };

	if (**atp == '-' || **atp == '+')
		++*atp;
	for (int i = 0; i < 3; i++) {
		if (!take_int(atp, i == 0 ? hours_max : 59, &parts[i]))
			return false;
		if (**atp != ':')
			break;
		++*atp;
	}
	*outp = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
	return true;
}

static bool take_change(const char **atp, struct change *change)
{
	*change = (struct change){ .time_s = 2 * 3600 };
	if (*(*atp)++ != ',')
		return false;
	if (**atp == 'M') {
		++*atp;
		if (!take_int(atp, 12, &change->month) || *(*atp)++ != '.' ||
		    !take_int(atp, 5, &change->week) || *(*atp)++ != '.' ||
		    !take_int(atp, 6, &change->day) || change->month < 1 || change->week < 1)
			return false;
	} else {
		change->kind = **atp == 'J' ? DAY_WITHOUT_LEAP : DAY_FROM_ZERO;
		*atp += **atp == 'J';
		if (!take_int(atp, 365, &change->day))
			return false;
	}
	if (**atp != '/')
		return true;
	++*atp;
	return take_clock(atp, 167, &change->time_s);
}

static bool read_rule(struct rule *rule, const char *text)
{
	if (!skip_abbreviation(&text) || !take_clock(&text, 24, &rule->standard_s))
		return false;
	rule->standard_s = -rule->standard_s; /* POSIX counts westward */
	if (!*text)
		return true;
	rule->has_daylight = true;
	rule->daylight_s = rule->standard_s + 3600;
	if (!skip_abbreviation(&text))
		return false;
	if (*text != ',') {
		if (!take_clock(&text, 24, &rule->daylight_s))
			return false;
		rule->daylight_s = -rule->daylight_s;
	}
	return take_change(&text, &rule->begin) && take_change(&text, &rule->end) && !*text;
}

static bool read_zone(struct feel_zone *zone, const unsigned char *file, size_t len)
{
	const unsigned char *at = file;
	struct header h;
	char rule[64];
	size_t rule_len, skipped;

	if (!read_header(&h, at, len) || at[4] < '2') /* version 1 ends in 2038 */
		return false;
	skipped = HEADER_LEN + body_len(&h, 4);
	if (skipped > len)
		return false;
	at += skipped;
	len -= skipped;
	if (!read_header(&h, at, len) || h.types == 0 || h.types > TYPES_MAX ||
	    h.transitions > TRANSITIONS_MAX || len - HEADER_LEN < body_len(&h, 8) + 2)
		return false;
	at += HEADER_LEN;
	zone->transitions = h.transitions;
	zone->types = h.types;
	for (size_t i = 0; i < h.transitions; i++) {
		zone->at[i] = be64(at + i * 8);
		zone->type_at[i] = at[h.transitions * 8 + i];
		if (zone->type_at[i] >= h.types || (i && zone->at[i] <= zone->at[i - 1]))
			return false;
	}
	for (size_t i = 0; i < h.types; i++) {
		const unsigned char *type = at + h.transitions * 9 + i * 6;

		zone->type[i].offset_s = (int32_t)be32(type);
		zone->type[i].is_daylight = type[4];
		if (zone->type[i].offset_s < -DAY_S || zone->type[i].offset_s > DAY_S)
			return false;
	}
	at += body_len(&h, 8);
	rule_len = strcspn((const char *)++at, "\n"); /* the file is ended by a NUL */
	if (rule_len == 0)
		return true;
	if (rule_len >= sizeof(rule))
		return false;
	memcpy(rule, at, rule_len);
	rule[rule_len] = '\0';
	zone->has_rule = true;
	return read_rule(&zone->rule, rule);
}

/* Other names in the folder are of the system (localtime) or count leap seconds (right/). */
static bool is_zone_name(const char *name, size_t len)
{
	static const char *const others[] = { "posix/",	 "right/", "localtime", "posixrules",
					      "Factory", "posix",  "right" };

	if (len == 0 || len > NAME_MAX_LEN || name[0] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		char ch = name[i];

		if (!((ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
		      (ch >= '0' && ch <= '9') || ch == '_' || ch == '+' || ch == '-' ||
		      (ch == '/' && i + 1 < len)))
			return false;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t n = strlen(others[i]);

		if (len >= n && memcmp(name, others[i], n) == 0 &&
		    (others[i][n - 1] == '/' || len == n))
			return false;
	}
	return true;
}

static bool load(struct feel_zone *zone, const char *name, size_t len)
{
	char path[sizeof(ZONES) + NAME_MAX_LEN];
	unsigned char file[FILE_MAX + 1];
	struct stat st;
	size_t got = 0;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), ZONES "%.*s", (int)len, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while (got < FILE_MAX && (n = read(fd, file + got, FILE_MAX - got)) > 0)
			got += (size_t)n;
	close(fd);
	if (n != 0)
		return false;
	file[got] = '\0';
	*zone = (struct feel_zone){ 0 };
	memcpy(zone->name, name, len);
	return read_zone(zone, file, got);
}

const struct feel_zone *feel_zone_find(const char *name, size_t len)
{
	const struct feel_zone *found = NULL;

	if (!is_zone_name(name, len))
		return NULL;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < zone_count && !found; i++)
		if (strlen(zones[i].name) == len && memcmp(zones[i].name, name, len) == 0)
			found = &zones[i];
	if (!found && zone_count < ZONE_COUNT_MAX && load(&zones[zone_count], name, len))
		found = &zones[zone_count++];
	pthread_mutex_unlock(&lock);
	return found;
}

const char *feel_zone_name(const struct feel_zone *zone)
{
	return zone->name;
}

/* Seconds from 1970 of a change in a year, by the clock on the wall before it. */
static int64_t change_at(const struct change *change, int64_t year)
{
	int64_t day, first;
	int weekday, week_day;

	if (change->kind == DAY_OF_MONTH_WEEK) {
		first = feel_calendar_days(year, change->month, 1);
		weekday = feel_calendar_weekday(first) % 7; /* Sunday is 0 */
		week_day = (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
		while (week_day >= feel_calendar_month_days(year, change->month))
			week_day -= 7;
		day = first + week_day;
	} else {
		day = feel_calendar_days(year, 1, 1) + change->day;
		if (change->kind == DAY_WITHOUT_LEAP &&
		    (change->day < 60 || !feel_calendar_is_leap(year)))
			day--;
	}
	return day * DAY_S + change->time_s;
}

static int32_t rule_offset(const struct rule *rule, int64_t seconds)
{
	int64_t days, year, begin, end;

	if (!rule->has_daylight)
		return rule->standard_s;
	days = feel_calendar_floor(seconds + rule->standard_s, DAY_S);
	year = feel_calendar_year(days);
	begin = change_at(&rule->begin, year) - rule->standard_s;
	end = change_at(&rule->end, year) - rule->daylight_s;
	if (begin < end)
		return seconds >= begin && seconds < end ? rule->daylight_s : rule->standard_s;
	return seconds >= end && seconds < begin ? rule->standard_s : rule->daylight_s;
}

int32_t feel_zone_offset_at(const struct feel_zone *zone, int64_t seconds)
{
	size_t low = 0, high = zone->transitions;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (zone->at[middle] <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->transitions && zone->has_rule)
		return rule_offset(&zone->rule, seconds);
	return zone->type[low ? zone->type_at[low - 1] : 0].offset_s;
}

int32_t feel_zone_offset_of(const struct feel_zone *zone, int64_t local_seconds)
{
	int32_t before = feel_zone_offset_at(zone, local_seconds - DAY_S);
	int32_t after = feel_zone_offset_at(zone, local_seconds + DAY_S);

	if (feel_zone_offset_at(zone, local_seconds - before) == before)
		return before;
	if (feel_zone_offset_at(zone, local_seconds - after) == after)
		return after;
	return before;
}

int32_t feel_zone_standard_offset(const struct feel_zone *zone)
{
	size_t i = zone->transitions;

	if (zone->has_rule)
		return zone->rule.standard_s;
	while (i-- > 0)
		if (!zone->type[zone->type_at[i]].is_daylight)
			return zone->type[zone->type_at[i]].offset_s;
	return zone->type[0].offset_s;
}
