/*
 * code.h — the authorization end-point (RFC 6749 §3.1, RFC 7636): codes for pages that sign in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_CODE_H
#define AUTHORIZATION_CODE_H

#include "login.h"
#include "secret.h"

enum { CODE_LIFE_MS = 60000 };

struct code {
	char username[65], client[65], redirect[513], challenge[SECRET_CHARS + 1];
	char family[27]; /* that it gave, or "-" if it was spent for nothing */
	bool is_spent;
	int64_t expires_ms;
};
/* code_read returns false if there is no such code. */
bool code_read(struct pl_turn *turn, struct code *code, const char digest[DIGEST_CHARS + 1]);
void code_spend(struct pl_turn *turn, const char digest[DIGEST_CHARS + 1], const char *family);

pl_op_fn op_authorize_page, op_authorize;

login_finish_fn finish_authorize;
json_t *authorize_wrong(void);

#endif
