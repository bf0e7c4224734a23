/*
 * orphan_judge.c — see orphan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "orphan.h"

#include <string.h>

#include "pelago/json.h"

/* What UCMService says of the contact, and what it means for an offer that is its latest, or isn't.
 */
static const struct {
	const char *state;
	enum orphan_verdict latest, other;
} verdicts[] = {
	{ "opened", ORPHAN_STAYS, ORPHAN_STAYS },
	{ "queued", ORPHAN_REQUEUE, ORPHAN_STAYS }, /* the match may not have come there yet */
	{ "offered", ORPHAN_STAYS, ORPHAN_RELEASE },
	{ "active", ORPHAN_STAYS, ORPHAN_RELEASE },
	{ "wrapup", ORPHAN_STAYS, ORPHAN_RELEASE },
	{ "ended", ORPHAN_RELEASE, ORPHAN_RELEASE },
};

enum orphan_verdict orphan_judge(const json_t *contact, const char *offer_id)
{
	const char *state = pl_json_get_text(contact, "state");
	bool latest = strcmp(pl_json_get_text(contact, "offerId"), offer_id) == 0;

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdicts[i].state, state) == 0)
			return latest ? verdicts[i].latest : verdicts[i].other;
	return ORPHAN_STAYS;
}
