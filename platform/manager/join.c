/*
 * join.c — hosts that join (PLT-3).
 *
 * A token is good once and for a while: the address of an edge, a secret, and the fingerprint of
 * the authority, by which the host knows that it speaks to us before it says the secret. The
 * secret's hash is kept. The host brings the public halves of its keys and a request for a
 * certificate; it gets a name, the certificate, and the addresses of bus and databases. One that
 * asks again with the same token and keys, as the answer was lost, gets the same again.
 *
 * Keys of joined hosts' processes become users of the bus by bus/members.json, which is written
 * from the table `member` after the commit; the root supervisor has the bus read it, which drops
 * nobody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/nkey.h"
#include "pelago/version.h"
#include "plans.h"
#include "rights.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

enum {
	SECRET_BYTES = 32,
	TOKEN_MINUTES = 60,
	TOKEN_MINUTES_MOST = 1440,
	KEYS_MOST = 200,
	NODES_MOST = 35, /* PLT-9: as many are tried */
};

static bool are_written;
static json_t *known;	/* {NODE: {PROCESS: public key}} of joined hosts, as in the table */
static json_t *refused; /* {KEY: true} of those that were told of */

void members_changed(void)
{
	are_written = false;
}

static enum pl_err settings(struct setup **setupp, struct pl_turn *turn)
{
	return setup_read(setupp, pl_service_data(pl_turn_service(turn)));
}

static void hash_text(char hex[2 * crypto_hash_sha256_BYTES + 1], const char *text)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(hex, 2 * crypto_hash_sha256_BYTES + 1, hash, sizeof(hash));
}

/* ---- tokens ---- */

static enum pl_err read_authority(char **pemp, struct pl_turn *turn)
{
	char *path = NULL;
	enum pl_err err =
		asprintf(&path, "%s/tls/ca.pem", pl_service_data(pl_turn_service(turn))) < 0
			? PL_NOMEM
			: file_read(pemp, NULL, path);

	free(path);
	return err;
}

enum pl_err op_token(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	unsigned char bytes[SECRET_BYTES];
	char secret[sodium_base64_ENCODED_LEN(SECRET_BYTES,
					      sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	char hash[2 * crypto_hash_sha256_BYTES + 1], fingerprint[TLS_FINGERPRINT_SIZE], *pem = NULL;
	int64_t minutes = TOKEN_MINUTES, expires_ms;
	struct cluster *cluster = NULL;
	struct setup *setup = NULL;
	enum pl_err err = cluster_asked(&cluster, body);

	if (!err)
		err = pl_json_int(&minutes, body, "body.minutes", 1, TOKEN_MINUTES_MOST, false);
	if (!err)
		err = settings(&setup, turn);
	if (!err)
		err = read_authority(&pem, turn);
	if (!err)
		err = tls_fingerprint(fingerprint, pem);
	if (err)
		goto out;
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(secret, sizeof(secret), bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	hash_text(hash, secret);
	expires_ms = pl_turn_now_ms(turn) + minutes * 60000;
	pl_exec(turn, "delete from join_token where expires_ms < $1", "i", pl_turn_now_ms(turn));
	pl_exec(turn,
		"insert into join_token (hash, cluster, who, expires_ms, node) "
		"values ($1, $2, $3, $4, '')",
		"sssi", hash, cluster->name, asked_by(body), expires_ms);
	audit_add(turn, body, "node.token", cluster->name, "", "");
	*replyp = json_pack("{s:i,s:{s:o,s:s,s:I}}", "status", 200, "body", "token",
			    json_sprintf("%s:%d,%s,%s", setup->listen ? setup->listen : "127.0.0.1",
					 setup->https_port, secret, fingerprint),
			    "cluster", cluster->name, "expiresMs", (json_int_t)expires_ms);
	err = *replyp ? PL_OK : PL_NOMEM;
out:
	sodium_memzero(secret, sizeof(secret));
	setup_free(setup);
	free(pem);
	return err;
}

/* The authority's certificate, which is no secret: whoever has a token compares its fingerprint. */
enum pl_err op_authority(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	char *pem = NULL;
	enum pl_err err = read_authority(&pem, turn);

	if (!err)
		*replyp = json_pack("{s:i,s:{s:s}}", "status", 200, "body", "pem", pem);
	free(pem);
	return !err && !*replyp ? PL_NOMEM : err;
}

/* ---- joining ---- */

static bool has_twice(json_t *keys, const char *text)
{
	const char *process;
	unsigned count = 0;
	json_t *key;

	json_object_foreach(keys, process, key) {
		count += json_is_string(key) && strcmp(json_string_value(key), text) == 0;
	}
	return count > 1;
}

/* The bus takes no file in which a key is there twice, and what it doesn't take nobody can use:
 * each must be one, and nobody else's. others: text in which the keys are that there are; or NULL.
 */
static enum pl_err check_each(json_t *keys, const char *others)
{
	const char *process;
	json_t *key;

	if (json_object_size(keys) > KEYS_MOST)
		return pl_fail(PL_INVALID, "keys: at most %d", KEYS_MOST);
	json_object_foreach(keys, process, key) {
		const char *text = json_is_string(key) ? json_string_value(key) : "";

		if (!setup_is_name(process) || !pl_nkey_is_public(text))
			return pl_fail(PL_INVALID, "keys.%.64s is no public key of a bus user",
				       process);
		if (others && strstr(others, text))
			return pl_fail(PL_STATE, "keys.%.64s is another process's key", process);
		if (has_twice(keys, text))
			return pl_fail(PL_INVALID, "keys.%.64s is there twice", process);
	}
	return PL_OK;
}

static enum pl_err check_keys(json_t *keys)
{
	enum pl_err err = check_each(keys, NULL);

	if (!err && !json_object_get(keys, "node"))
		err = pl_fail(PL_INVALID, "keys.node is missing");
	return err;
}

/* Keys of this host are in the bus's file, those of others in the table. */
static enum pl_err check_others(struct pl_turn *turn, json_t *keys)
{
	struct pl_rows *rows = pl_query(turn, "select keys from member", "");
	char *path = NULL, *conf = NULL;
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows))
		err = check_each(keys, pl_rows_text(rows, 0));
	pl_rows_free(rows);
	if (!err && asprintf(&path, "%s/bus/nats.conf", pl_service_data(pl_turn_service(turn))) < 0)
		err = PL_NOMEM;
	if (!err)
		err = file_read(&conf, NULL, path);
	if (!err)
		err = check_each(keys, conf);
	free(path);
	free(conf);
	return err;
}

/* A later version may know what this one doesn't. */
static enum pl_err check_version(const char *version)
{
	if (strcmp(version, pl_version) == 0)
		return PL_OK;
	return pl_fail(PL_STATE, "this host has Pelago %s, the solution %s: install the same",
		       version, pl_version);
}

/* Where the databases are, as the joining host sees them. */
static enum pl_err store_for(char **storep, const struct setup *setup, const char *boot_id)
{
	char own[64] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f && !fgets(own, sizeof(own), f))
		own[0] = '\0';
	if (f)
		fclose(f);
	own[strcspn(own, "\n")] = '\0';
	if (strncmp(setup->store, "sqlite:", 7) == 0 && strcmp(own, boot_id) != 0)
		return pl_fail(
			PL_STATE,
			"the solution's databases are SQLite's files, which other hosts can't "
			"share: its first start needs --store postgresql://…");
	*storep = setup_store_url(setup->store, setup->data, "{service}");
	return *storep ? PL_OK : PL_NOMEM;
}

/* node-common-2: after the cluster's first node, with the first number that is free. */
static void name_node(char name[81], const struct cluster *cluster)
{
	const char *first = "node";
	int number = 2;

	for (const struct node *n = model.nodes; n; n = n->next)
		if (n->cluster == cluster && !n->is_joined)
			first = n->name;
	do {
		snprintf(name, 81, "%.60s-%d", first, number++);
	} while (node_find(name));
}

static enum pl_err add_node(struct pl_turn *turn, const char *name, struct cluster *cluster)
{
	struct node *node = calloc(1, sizeof(*node)), **last = &model.nodes;

	if (!node)
		return PL_NOMEM;
	node->name = strdup(name);
	node->restart_why = strdup("");
	if (!node->name || !node->restart_why) {
		free(node->name);
		free(node->restart_why);
		free(node);
		return PL_NOMEM;
	}
	node->cluster = cluster;
	node->is_joined = true;
	/* as the table is read: clusters in their order, then names */
	while (*last && (*last)->cluster->place <= cluster->place)
		last = &(*last)->next;
	node->next = *last;
	*last = node;
	pl_exec(turn, "insert into node (name, cluster, joined) values ($1, $2, 1)", "ss", name,
		cluster->name);
	return PL_OK;
}

struct token {
	char cluster[129], who[129], node[81];
};

static enum pl_err find_token(struct token *token, struct pl_turn *turn, const char *hash)
{
	struct pl_rows *rows = pl_query(turn,
					"select cluster, who, node from join_token "
					"where hash = $1 and expires_ms > $2",
					"si", hash, pl_turn_now_ms(turn));
	bool found = pl_rows_next(rows);

	if (found) {
		snprintf(token->cluster, sizeof(token->cluster), "%s", pl_rows_text(rows, 0));
		snprintf(token->who, sizeof(token->who), "%s", pl_rows_text(rows, 1));
		snprintf(token->node, sizeof(token->node), "%s", pl_rows_text(rows, 2));
	}
	pl_rows_free(rows);
	return found ? PL_OK
		     : pl_fail(PL_FORBIDDEN,
			       "the token isn't known, or has expired: make another by 'pelago node "
			       "join-token'");
}

static bool has_keys(struct pl_turn *turn, const char *node, const char *keys)
{
	struct pl_rows *rows = pl_query(turn, "select keys from member where node = $1", "s", node);
	bool same = pl_rows_next(rows) && strcmp(pl_rows_text(rows, 0), keys) == 0;

	pl_rows_free(rows);
	return same;
}

static unsigned nodes_count(void)
{
	unsigned count = 0;

	for (const struct node *n = model.nodes; n; n = n->next)
		count++;
	return count;
}

/* Everything that may be refused, before the first write. */
static enum pl_err check_token(struct token *token, struct pl_turn *turn, const char *hash,
			       const char *keys)
{
	enum pl_err err = find_token(token, turn, hash);

	if (!err && *token->node && !has_keys(turn, token->node, keys))
		err = pl_fail(
			PL_FORBIDDEN,
			"the token was used by %s: each joins one host; make another by 'pelago "
			"node join-token'",
			token->node);
	if (!err && !*token->node && nodes_count() >= NODES_MOST)
		err = pl_fail(PL_STATE, "there are %d nodes already", NODES_MOST);
	if (!err && !cluster_find(token->cluster))
		err = pl_fail(PL_STATE, "the token's cluster is gone");
	return err;
}

static enum pl_err keep_member(struct pl_turn *turn, const json_t *body, const struct token *token,
			       const char *name, const char *hash, const char *keys)
{
	enum pl_err err = add_node(turn, name, cluster_find(token->cluster));

	if (err)
		return err;
	pl_exec(turn,
		"insert into member (node, keys) values ($1, $2) on conflict (node) do update set "
		"keys = excluded.keys",
		"ss", name, keys);
	pl_exec(turn, "update join_token set node = $1 where hash = $2", "ss", name, hash);
	audit_add(turn, body, "node.join", name, "", token->cluster);
	pl_log(INFO, "node.joined", NULL, "node=%s cluster=%s from=%s token of %s", name,
	       token->cluster, pl_json_get_text(body, "from"), token->who);
	members_changed();
	model_raise(turn);
	return PL_OK;
}

/* ---- the plan of a host that joins: it is seen until it serves ---- */

static enum pl_err begin_plan(struct pl_turn *turn, const json_t *body, const char *who,
			      const char *node)
{
	json_t *steps = json_array(),
	       *request = json_pack("{s:{s:s},s:s}", "user", "name", who, "from",
				    pl_json_get_text(body, "from")),
	       *view = NULL;
	static const struct {
		const char *action, *title;
	} list[] = { { "admit", "Gives the bus the keys of" },
		     { "arrive", "Waits for" },
		     { "settle", "Waits until it serves:" } };
	enum pl_err err;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		json_t *after = json_array();

		if (i > 0)
			json_array_append_new(after,
					      json_sprintf("%s:%s", list[i - 1].action, node));
		json_array_append_new(steps, json_pack("{s:o,s:s,s:o,s:{s:s},s:o}", "id",
						       json_sprintf("%s:%s", list[i].action, node),
						       "action", list[i].action, "title",
						       json_sprintf("%s %s", list[i].title, node),
						       "args", "node", node, "after", after));
	}
	err = plans_start(&view, turn, request,
			  json_pack("{s:s,s:o,s:b,s:o}", "kind", "join", "title",
				    json_sprintf("Join %s", node), "undoesItself", 0, "steps",
				    steps));
	json_decref(view);
	json_decref(request);
	return err;
}

enum pl_err admit_apply(void *world, struct plan_step *step)
{
	struct node *node = NULL;

	members_changed(); /* written at the next beat */
	return plans_node(&node, step);
}

enum pl_err admit_verify(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err)
		return err;
	return are_written ? rights_seen(world)
			   : pl_fail(PL_AGAIN, "the bus's members aren't written yet");
}

enum pl_err admit_undo(void *world, struct plan_step *step)
{
	struct node *node = node_find(pl_json_get_text(step->args, "node"));

	if (!node)
		return PL_OK;
	if (report_get(node->name, NULL))
		return pl_fail(PL_AGAIN, "%s is running: stop it, by 'pelago down' on its host",
			       node->name);
	return node_remove(world, node);
}

enum pl_err arrive_verify(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err || report_get(node->name, NULL))
		return err;
	return pl_fail(PL_AGAIN, "%s isn't heard yet; 'pelago up' on its host starts it",
		       node->name);
}

enum pl_err settle_verify(void *world, struct plan_step *step)
{
	struct node *node = NULL;
	enum pl_err err = plans_node(&node, step);

	if (err || node_is_stable(node))
		return err;
	return pl_fail(PL_AGAIN, "%s isn't stable yet; see 'pelago service list' and its log",
		       node->name);
}

enum pl_err op_join(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *secret = NULL, *version = NULL, *boot_id = NULL, *request = NULL;
	json_t *addresses = NULL, *keys = NULL, *names;
	char hash[2 * crypto_hash_sha256_BYTES + 1], name[81];
	char *text = NULL, *store = NULL, *pem = NULL, *ca = NULL, *bus = NULL;
	struct setup *setup = NULL;
	struct token token;
	enum pl_err err;

	if ((err = pl_json_text(&secret, body, "body.secret", 100, true)) ||
	    (err = pl_json_text(&version, body, "body.version", 40, true)) ||
	    (err = pl_json_text(&boot_id, body, "body.bootId", 64, true)) ||
	    (err = pl_json_text(&request, body, "body.request", 4096, true)) ||
	    (err = pl_json_array(&addresses, body, "body.addresses", 8, true)) ||
	    (err = pl_json_object(&keys, body, "body.keys", KEYS_MOST, true)) ||
	    (err = check_keys(keys)))
		return err;
	names = json_copy(addresses);
	hash_text(hash, secret);
	text = json_dumps(keys, JSON_COMPACT | JSON_SORT_KEYS);
	err = text ? check_token(&token, turn, hash, text) : PL_NOMEM;
	if (!err && !*token.node)
		err = check_others(turn, keys);
	if (!err)
		err = check_version(version);
	if (!err)
		err = settings(&setup, turn);
	if (!err)
		err = store_for(&store, setup, boot_id);
	if (!err) {
		if (*token.node)
			snprintf(name, sizeof(name), "%s", token.node);
		else
			name_node(name, cluster_find(token.cluster));
		if (setup->floating) /* its edge may have it one day */
			json_array_append_new(names, json_string(setup->floating));
		err = tls_sign(&pem, setup->data, request, name, names);
	}
	if (!err)
		err = read_authority(&ca, turn);
	if (!err)
		err = (bus = setup_bus_url(setup)) ? PL_OK : PL_NOMEM;
	if (!err && !*token.node)
		err = keep_member(turn, body, &token, name, hash, text);
	if (!err && !*token.node)
		err = begin_plan(turn, body, token.who, name);
	if (!err) {
		*replyp = json_pack("{s:i,s:{s:s,s:s,s:s,s:s,s:s,s:s,s:b}}", "status", 200, "body",
				    "node", name, "cluster", token.cluster, "authority", ca,
				    "certificate", pem, "bus", bus, "store", store, "demo",
				    setup->is_demo);
		err = *replyp ? PL_OK : PL_NOMEM;
	}
	json_decref(names);
	setup_free(setup);
	free(text);
	free(store);
	free(pem);
	free(ca);
	free(bus);
	return err;
}

/* ---- another certificate ---- */

/* Whether the request was signed by the node's bus key: any joined host may send this. */
static enum pl_err check_signature(struct pl_turn *turn, const char *node, const char *request,
				   const char *signature)
{
	unsigned char bytes[PL_NKEY_SIGNATURE_LEN];
	struct pl_rows *rows = pl_query(turn, "select keys from member where node = $1", "s", node);
	json_t *keys = pl_rows_next(rows) ? json_loads(pl_rows_text(rows, 0), 0, NULL) : NULL;
	size_t len = 0;
	bool ok;

	pl_rows_free(rows);
	ok = sodium_base642bin(bytes, sizeof(bytes), signature, strlen(signature), NULL, &len, NULL,
			       sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	     len == sizeof(bytes) &&
	     pl_nkey_verify(pl_json_get_text(keys, "node"), bytes, request, strlen(request));
	json_decref(keys);
	return ok ? PL_OK
		  : pl_fail(PL_FORBIDDEN, "the request isn't signed by the key of node %s", node);
}

enum pl_err op_certify(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *node = NULL, *request = NULL, *signature = NULL;
	json_t *addresses = NULL, *names = NULL;
	struct setup *setup = NULL;
	char *pem = NULL;
	enum pl_err err;

	if ((err = pl_json_text(&node, body, "node", 80, true)) ||
	    (err = pl_json_text(&request, body, "request", 4096, true)) ||
	    (err = pl_json_text(&signature, body, "signature", 100, true)) ||
	    (err = pl_json_array(&addresses, body, "addresses", 8, true)) ||
	    (err = check_signature(turn, node, request, signature)) ||
	    (err = settings(&setup, turn)))
		return err;
	names = json_copy(addresses);
	if (setup->floating)
		json_array_append_new(names, json_string(setup->floating));
	err = tls_sign(&pem, setup->data, request, node, names);
	if (!err) {
		audit_add(turn, body, "node.certify", node, "", "");
		*replyp = json_pack("{s:s}", "certificate", pem);
		err = *replyp ? PL_OK : PL_NOMEM;
	}
	json_decref(names);
	setup_free(setup);
	free(pem);
	return err;
}

/* ---- the bus's users ---- */

static enum pl_err learn(struct pl_turn *turn, const char *node, json_t *keys, const char *service,
			 const char *key)
{
	json_t *one = json_pack("{s:s}", service, key), *all = json_copy(keys);
	char *text = NULL;
	enum pl_err err = one && all ? check_others(turn, one) : PL_NOMEM;

	if (!err && json_object_size(keys) >= KEYS_MOST)
		err = pl_fail(PL_INVALID, "keys: at most %d", KEYS_MOST);
	if (!err)
		err = json_object_update(all, one) == 0 &&
				      (text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS))
			      ? PL_OK
			      : PL_NOMEM;
	if (!err) {
		pl_exec(turn, "update member set keys = $2 where node = $1", "ss", node, text);
		json_object_update(keys, one);
		members_changed();
		pl_log(INFO, "node.key", NULL, "node=%s service=%s", node, service);
	}
	free(text);
	json_decref(one);
	json_decref(all);
	return err;
}

/* A service that was installed after a host has joined gets its key there, and the node tells it:
 * only for what is placed with it, and never in place of another one. */
static void learn_of(struct pl_turn *turn, const struct node *node)
{
	json_t *keys = json_object_get(known, node->name), *item;
	size_t i;

	json_array_foreach(json_object_get(report_get(node->name, NULL), "services"), i, item) {
		const char *service = pl_json_get_text(item, "name"),
			   *key = pl_json_get_text(item, "key");
		enum pl_err err;

		if (!keys || !*key || json_object_get(keys, service) ||
		    json_object_get(refused, key) || !placed_in(service, node->cluster))
			continue;
		err = learn(turn, node->name, keys, service, key);
		if (!err)
			continue;
		pl_log(ERROR, "node.key", NULL, "node=%s service=%s: %s", node->name, service,
		       pl_err_detail(err));
		if (!refused)
			refused = json_object();
		json_object_set_new(refused, key, json_true());
	}
}

void members_beat(struct pl_turn *turn)
{
	json_t *members = json_object(), *before = NULL;
	struct pl_rows *rows;
	char *path = NULL;
	enum pl_err err;

	if (are_written)
		for (const struct node *n = model.nodes; n; n = n->next)
			if (n->is_joined)
				learn_of(turn, n);
	if (are_written || !members) {
		json_decref(members);
		return;
	}
	rows = pl_query(turn, "select node, keys from member order by node", "");
	while (pl_rows_next(rows))
		json_object_set_new(members, pl_rows_text(rows, 0),
				    json_loads(pl_rows_text(rows, 1), 0, NULL));
	err = rows ? pl_rows_err(rows) : PL_UNAVAILABLE;
	pl_rows_free(rows);
	if (!err &&
	    asprintf(&path, "%s/bus/members.json", pl_service_data(pl_turn_service(turn))) < 0)
		err = PL_NOMEM;
	if (!err && file_read_json(&before, path) == PL_NOTFOUND && json_object_size(members) == 0)
		are_written = true; /* nobody has ever joined */
	else if (!err && !json_equal(before, members))
		err = file_replace_json(path, members, 0600);
	if (err)
		pl_log(ERROR, "bus.members", NULL, "%s", pl_err_detail(err));
	else
		are_written = true;
	json_decref(before);
	json_decref(known);
	known = members;
	free(path);
}

/* ---- how a joined host is ---- */

enum pl_err op_member(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *missing = json_array();
	const char *name = NULL, *state;
	struct node *node = NULL;
	json_t *view;
	enum pl_err err = pl_json_text(&name, body, "node", 80, true);

	if (!err && !(node = node_find(name)))
		err = pl_fail(PL_NOTFOUND,
			      "the manager doesn't know node %s any more: it was removed", name);
	if (err) {
		json_decref(missing);
		return err;
	}
	view = view_node(node);
	state = pl_json_get_text(view, "state");
	if (strcmp(state, "Stable") != 0)
		json_array_append_new(missing, json_sprintf("%s: %s", name, state));
	*replyp = json_pack("{s:b,s:s,s:s,s:o}", "ready", json_array_size(missing) == 0, "state",
			    state, "cluster", node->cluster->name, "missing", missing);
	json_decref(view);
	return *replyp ? PL_OK : PL_NOMEM;
}
