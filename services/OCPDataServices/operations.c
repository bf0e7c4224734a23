/*
 * operations.c — contacts and customers to read; the same for the bus and for HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "operations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "contact.h"
#include "customer.h"
#include "pelago/json.h"

static enum pl_err history(struct pl_turn *turn, const char *customer,
			   struct contact_filter *filter, json_t **replyp)
{
	char id[CUSTOMER_ID_MAX + 1];
	json_t *found, *page = NULL;
	enum pl_err err;

	customer_id(id, customer, "");
	found = customer_read(turn, id);
	if (!found)
		found = customer_read(turn, customer);
	if (!found)
		return pl_fail(PL_NOTFOUND, "there is no such customer");
	filter->customer = pl_json_get_text(found, "id");
	err = contact_list(turn, filter, &page);
	if (err) {
		json_decref(found);
		return err;
	}
	json_object_set_new(page, "customer", found);
	*replyp = page;
	return PL_OK;
}

/* ---- the bus ---- */

static enum pl_err read_filter(struct contact_filter *filter, const json_t *body)
{
	enum pl_err err = pl_json_text(&filter->state, body, "state", 20, false);

	if (!err)
		err = pl_json_text(&filter->agent, body, "agent", 100, false);
	if (!err)
		err = pl_json_int(&filter->since_ms, body, "sinceMs", 0, INT64_MAX, false);
	if (!err)
		err = pl_page_read(&filter->page, body, "records");
	return err;
}

/* {contactId} → the contact */
static enum pl_err op_contact(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	enum pl_err err = pl_json_text(&id, body, "contactId", CONTACT_ID_MAX, true);

	return err ? err : contact_read(turn, id, replyp);
}

/* {state, agent, sinceMs, limit, cursor} → {items:[…], cursor} */
static enum pl_err op_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	enum pl_err err = read_filter(&filter, body);

	return err ? err : contact_list(turn, &filter, replyp);
}

/* {customer, limit, cursor} → {customer:{…}, items:[…], cursor} */
static enum pl_err op_history(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	const char *customer = NULL;
	enum pl_err err = pl_json_text(&customer, body, "customer", CUSTOMER_ID_MAX, true);

	if (!err)
		err = read_filter(&filter, body);
	return err ? err : history(turn, customer, &filter, replyp);
}

/* ---- HTTP ---- */

static enum pl_err query_since(int64_t *valuep, const json_t *query)
{
	const char *text = NULL;
	char *end = NULL;
	int64_t value;
	enum pl_err err = pl_json_text(&text, query, "since", 20, false);

	if (err || !text)
		return err;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < 0)
		return pl_fail(PL_INVALID, "since: must be milliseconds since 1970");
	*valuep = value;
	return PL_OK;
}

static enum pl_err query_filter(struct contact_filter *filter, const json_t *query)
{
	enum pl_err err = pl_json_text(&filter->state, query, "state", 20, false);

	if (!err)
		err = pl_json_text(&filter->agent, query, "agent", 100, false);
	if (!err)
		err = query_since(&filter->since_ms, query);
	if (!err)
		err = pl_page_read(&filter->page, query, "records");
	return err;
}

static enum pl_err wrap(enum pl_err err, json_t *answer, json_t **replyp)
{
	if (!err)
		*replyp = json_pack("{s:i, s:o}", "status", 200, "body", answer);
	return err;
}

static enum pl_err http_contact(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *id = NULL;
	json_t *answer = NULL;
	enum pl_err err = pl_json_text(&id, body, "path.id", CONTACT_ID_MAX, true);

	if (!err)
		err = contact_read(turn, id, &answer);
	return wrap(err, answer, replyp);
}

static enum pl_err http_contacts(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	json_t *answer = NULL;
	enum pl_err err = query_filter(&filter, json_object_get(body, "query"));

	if (!err)
		err = contact_list(turn, &filter, &answer);
	return wrap(err, answer, replyp);
}

static enum pl_err http_history(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct contact_filter filter = { 0 };
	const char *customer = NULL;
	json_t *answer = NULL;
	enum pl_err err = pl_json_text(&customer, body, "query.customer", CUSTOMER_ID_MAX, true);

	if (!err)
		err = query_filter(&filter, json_object_get(body, "query"));
	if (!err)
		err = history(turn, customer, &filter, &answer);
	return wrap(err, answer, replyp);
}

const struct pl_op operations[] = {
	{ "contact", op_contact, PL_OP_READ },
	{ "contacts", op_contacts, PL_OP_READ },
	{ "history", op_history, PL_OP_READ },
	{ "http-contact", http_contact, PL_OP_READ },
	{ "http-contacts", http_contacts, PL_OP_READ },
	{ "blob-put", op_blob_put, PL_OP_FILLS },
	{ "blob-commit", op_blob_commit, PL_OP_FILLS },
	{ "blob-keep", op_blob_keep, 0 },
	{ "blob-get", op_blob_get, PL_OP_READ },
	{ "blob-drop", op_blob_drop, 0 },
	{ "http-history", http_history, PL_OP_READ },
	{ 0 },
};
