/*
 * grant.h — the token end-point (RFC 6749 §3.2).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_GRANT_H
#define AUTHORIZATION_GRANT_H

#include "login.h"

pl_op_fn op_token;

login_finish_fn finish_password, finish_client, finish_refresh, finish_code;
json_t *grant_wrong(void);
json_t *client_wrong(void);

#endif
