/*
 * files.h — files that are sent in a chat. Their bodies are in OCPDataServices' blob store, which
 * keeps them for the contact; here is who may send what, and who gets it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_FILES_H
#define CHAT_FILES_H

#include "chat.h"

/* files_allowed returns what may be sent, {"maxBytes","types":[".png"…]}, or NULL: no files. New
 * reference. */
json_t *files_allowed(struct pl_turn *turn);
/* files_drop forgets a chat's; the store keeps them for as long as the contact. */
void files_drop(struct pl_turn *turn, const char *contact_id);

/* from the customer over HTTP; from AgentControllerService */
pl_op_fn op_http_send_file, op_http_file, op_send_file, op_file;

#endif
