/*
 * access.c — Enable Tokenless Access: the one switch by which resources are read without a token.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "access.h"

#include "pelago/alarm.h"

static const char tokenless[] = "enable_tokenless_access", alarm[] = "access.tokenless";

/* The edge has checked a token if there was one. */
enum pl_err access_check(struct pl_turn *turn, const json_t *body)
{
	if (json_is_object(json_object_get(body, "user")) ||
	    pl_attribute_get(pl_turn_service(turn), tokenless))
		return PL_OK;
	return pl_fail(PL_UNAUTHORIZED, "a bearer token is needed");
}

enum pl_err access_configured(struct pl_turn *turn)
{
	if (pl_attribute_get(pl_turn_service(turn), tokenless))
		pl_alarm_raise(turn, alarm, "",
			       "anybody can read routing services, reasons, "
			       "dispositions and texts");
	else
		pl_alarm_clear(turn, alarm, "");
	return PL_OK;
}
