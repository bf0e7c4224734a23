/*
 * contact.h — contacts as they are shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CONTACT_H
#define OCPDATA_CONTACT_H

#include "pelago/page.h"
#include "pelago/service.h"

enum { CONTACT_ID_MAX = 255, TRANSCRIPT_MOST = 1000 };

/*
 * contact_read returns all of a contact; of a long transcript (transcript.h) its first page, of
 * TRANSCRIPT_MOST, and "transcriptCursor". PL_NOTFOUND.
 */
enum pl_err contact_read(struct pl_turn *turn, const char *id, json_t **contactp);

/* contact_transcript returns a page of it. PL_NOTFOUND for no such contact. */
enum pl_err contact_transcript(struct pl_turn *turn, const char *id, const struct pl_page *from,
			       json_t **pagep);

/* contact_records returns a new object {ID: record} of those of a JSON array of ids. */
json_t *contact_records(struct pl_turn *turn, const json_t *ids);

#endif
