/*
 * gather.h — all that is kept on one customer, in pages of at most 1 MB.
 *
 * {"items":[{"kind":"customer"｜"contact"｜"messages"｜"context", …}], "cursor":TEXT|null}: the
 * profile, contexts that know the customer, then contacts, newest first, each twenty after the
 * contexts that have their ids. A transcript that doesn't fit its contact goes on in `messages`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_GATHER_H
#define OCPDATA_GATHER_H

#include "pelago/service.h"

/* GET customers/{id}/export; some pages ask ContextStore, and are answered in a later turn. */
pl_op_fn http_export;

#endif
