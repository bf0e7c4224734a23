/*
 * contact_ops.h — contacts and histories to read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CONTACT_OPS_H
#define OCPDATA_CONTACT_OPS_H

#include "pelago/service.h"

pl_op_fn op_contact, op_contacts, op_history;
pl_op_fn http_contact, http_contacts, http_transcript, http_history;

#endif
