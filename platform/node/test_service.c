/*
 * test_service.c — a service that does nothing, under the name of its program: for tests of its
 * node. With the attributes of tests/scenario/attribute.test.mjs it tells them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <libgen.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/service.h"

static enum pl_err op_open(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)turn;
	(void)body;
	(void)replyp;
	return PL_OK;
}

/* The secret as its hash (SHA-256): that it has come whole is all that anybody has to know. */
static void put_secret(json_t *shown, const struct pl_service *service)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *secret = NULL, text[2 * sizeof(hash) + 1];
	enum pl_err err = pl_attribute_secret(&secret, service, "pin");

	if (!err) {
		crypto_hash_sha256(hash, (const unsigned char *)secret, strlen(secret));
		sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	}
	json_object_set_new(shown, "pinHash", json_string(err ? pl_err_row(err)->name : text));
	pl_secret_free(secret);
}

static enum pl_err op_settings(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct pl_service *service = pl_turn_service(turn);
	const char *user = pl_json_get_text(body, "query.user");
	json_t *shown = json_pack("{s:I, s:I, s:s, s:s, s:s}", "limit",
				  (json_int_t)pl_attribute_get(service, "limit"), "limitOfUser",
				  (json_int_t)pl_attribute_get_for(service, user, "limit"), "mode",
				  pl_attribute_text(service, "mode"), "greeting",
				  pl_attribute_text(service, "greeting"), "peer",
				  pl_attribute_text(service, "peer"));

	put_secret(shown, service);
	*replyp = json_pack("{s:i, s:o}", "status", 200, "body", shown);
	return PL_OK;
}

int main(int argc, char **argv)
{
	static const struct pl_op ops[] = { { "open", op_open, PL_OP_OPENS },
					    { "settings", op_settings, PL_OP_READ },
					    { 0 } };
	struct pl_service_def def = { .ops = ops };
	char *path = strdup(argv[0]);
	int status;

	if (!path)
		return 1;
	def.name = basename(path);
	status = pl_service_main(argc, argv, &def);
	free(path);
	return status;
}
