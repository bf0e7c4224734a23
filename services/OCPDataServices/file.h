/*
 * file.h — files that were sent in contacts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_FILE_H
#define OCPDATA_FILE_H

#include "pelago/service.h"

/* file_sent keeps that one was sent: message.file. */
pl_event_fn file_sent;

/* files_forget removes those of a line of the transcript. */
void files_forget(struct pl_turn *turn, const char *contact, int64_t seq);
/* files_remove removes a contact's, with their bodies. */
void files_remove(struct pl_turn *turn, const char *contact);

/* http_file gives one out, for who may read the contact. */
pl_op_fn http_file;

#endif
