/* contact_ops.c — see contact_ops.h. SPDX-License-Identifier: Apache-2.0 */
#include "contact_ops.h"

#include <stdlib.h>

#include "ask.h"
#include "contact.h"
#include "customer.h"
#include "list.h"
#include "pelago/json.h"
#include "transcript.h"

static enum pl_err history(struct pl_turn *turn, const char *text, struct contact_filter *filter,
			   json_t **pagep)
{
	char *profile = customer_find(turn, text);
	json_t *parts, *page = NULL;
	enum pl_err err;

	if (!profile)
		return pl_fail(PL_NOTFOUND, "there is no such customer");
	parts = customer_parts(turn, profile);
	filter->customers = parts;
	err = list_contacts(turn, filter, &page);
	if (!err)
		json_object_set_new(page, "customer", customer_summary(turn, profile));
	json_decref(parts);
	free(profile);
	*pagep = page;
	return err;
}

/* ---- the bus ---- */

static enum pl_err read_filter(struct contact_filter *filter, const json_t *body)
{
	enum pl_err err = list_read(filter, body);

	return err ? err : pl_json_int(&filter->since_ms, body, "sinceMs", 0, INT64_MAX, false);
}

/* {contactId} → the contact */
enum pl_err op_contact(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contactId", CONTACT_ID_MAX, true);

	return err ? err : contact_read(turn, id, replyp);
}

/* {state, agent, sinceMs, limit, cursor} → {items:[…], cursor} */
enum pl_err op_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	enum pl_err err = read_filter(&filter, body);

	return err ? err : list_contacts(turn, &filter, replyp);
}

/* {customer, limit, cursor} → {customer:{…}, items:[…], cursor} */
enum pl_err op_history(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	const char *customer = NULL;
	enum pl_err err = pl_json_text(&customer, body, "customer", CUSTOMER_ID_MAX, true);

	if (!err)
		err = read_filter(&filter, body);
	return err ? err : history(turn, customer, &filter, replyp);
}

/* ---- HTTP ---- */

static enum pl_err query_filter(struct contact_filter *filter, const json_t *body)
{
	enum pl_err err = list_read(filter, json_object_get(body, "query"));

	return err ? err : pl_json_digits(&filter->since_ms, body, "query.since", 0, INT64_MAX);
}

enum pl_err http_contact(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *contact = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", CONTACT_ID_MAX, true);

	if (!err)
		err = contact_read(turn, id, &contact);
	return ask_answer(err, 200, contact, replyp);
}

enum pl_err http_transcript(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	struct pl_page from;
	json_t *page = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", CONTACT_ID_MAX, true);

	if (!err)
		err = pl_page_read(&from, json_object_get(body, "query"), TRANSCRIPT);
	if (!err)
		err = contact_transcript(turn, id, &from, &page);
	return ask_answer(err, 200, page, replyp);
}

enum pl_err http_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	json_t *page = NULL;
	enum pl_err err = query_filter(&filter, body);

	if (!err)
		err = list_contacts(turn, &filter, &page);
	return ask_answer(err, 200, page, replyp);
}

enum pl_err http_history(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	const char *customer = NULL;
	json_t *page = NULL;
	enum pl_err err = pl_json_text(&customer, body, "query.customer", CUSTOMER_ID_MAX, true);

	if (!err)
		err = query_filter(&filter, body);
	if (!err)
		err = history(turn, customer, &filter, &page);
	return ask_answer(err, 200, page, replyp);
}
