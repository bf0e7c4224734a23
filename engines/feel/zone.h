/*
 * zone.h — time zones by name, with daylight saving, from the system's tzdata.
 *
 * A zone is read once, at its first use, and stays for the life of the process; neither TZ nor any
 * other state of the C library takes part. Room for all zones is set aside, so finding one never
 * runs out of memory. Any thread; the first use of a zone reads a small file.
 *
 * Source: RFC 8536 (TZif), POSIX.1-2017 8.3 (rules after the last transition).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_ZONE_H
#define FEEL_ZONE_H

#include <stddef.h>
#include <stdint.h>

struct feel_zone; /* opaque; two names are two zones, even if one is the other's alias */

/* feel_zone_find returns the zone of a name of tzdata, as "Europe/Berlin"; NULL for any other. */
const struct feel_zone *feel_zone_find(const char *name, size_t len);

const char *feel_zone_name(const struct feel_zone *zone);

/* The offsets are seconds east of UTC. */

/* feel_zone_offset_at is the offset at an instant, in seconds from 1970-01-01T00:00:00Z. */
int32_t feel_zone_offset_at(const struct feel_zone *zone, int64_t seconds);

/*
 * feel_zone_offset_of is the offset of a local time, in seconds from 1970-01-01T00:00:00 there.
 * Of a time that comes twice it is the first one's; of one that is left out, that before the gap.
 */
int32_t feel_zone_offset_of(const struct feel_zone *zone, int64_t local_seconds);

/* feel_zone_standard_offset is the one without daylight saving, now and from now on. */
int32_t feel_zone_standard_offset(const struct feel_zone *zone);

#endif
