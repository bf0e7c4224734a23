/*
 * operations.c — what is served, and by whom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "operations.h"

#include "blob.h"
#include "contact_ops.h"
#include "customer_ops.h"
#include "file.h"
#include "gather.h"

const struct pl_op operations[] = {
	{ "contact", op_contact, PL_OP_READ },
	{ "contacts", op_contacts, PL_OP_READ },
	{ "history", op_history, PL_OP_READ },
	{ "http-contact", http_contact, PL_OP_READ },
	{ "http-contacts", http_contacts, PL_OP_READ },
	{ "http-transcript", http_transcript, PL_OP_READ },
	{ "http-file", http_file, PL_OP_READ },
	{ "http-history", http_history, PL_OP_READ },
	{ "http-customers", http_customers, PL_OP_READ },
	{ "http-customer", http_customer, PL_OP_READ },
	{ "http-make-customer", http_make_customer, 0 },
	{ "http-change-customer", http_change_customer, 0 },
	{ "http-customer-history", http_customer_history, PL_OP_READ },
	{ "http-merge", http_merge, 0 },
	{ "http-split", http_split, 0 },
	{ "http-export", http_export, PL_OP_READ },
	{ "http-erase", http_erase, 0 },
	{ "http-erasure", http_erasure, PL_OP_READ },
	{ "blob-put", op_blob_put, PL_OP_FILLS },
	{ "blob-commit", op_blob_commit, PL_OP_FILLS },
	{ "blob-keep", op_blob_keep, 0 },
	{ "blob-get", op_blob_get, PL_OP_READ },
	{ "blob-drop", op_blob_drop, 0 },
	{ 0 },
};
