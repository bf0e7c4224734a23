/*
 * customer_ops.h — customers: looked for, read, changed, merged, split.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_CUSTOMER_OPS_H
#define OCPDATA_CUSTOMER_OPS_H

#include "pelago/service.h"

pl_op_fn http_customers, http_customer, http_make_customer, http_change_customer;
pl_op_fn http_customer_history, http_merge, http_split, http_erase, http_erasure;

#endif
