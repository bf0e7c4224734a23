/*
 * join.c — this host joins a solution by a token: ADDRESS:PORT,SECRET,FINGERPRINT.
 *
 * The authority is fetched first, and is trusted if it has the fingerprint that the token names;
 * the secret goes only to who has a certificate of that authority for that address.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/nkey.h"
#include "pelago/version.h"
#include "platform/cli/cli.h"

enum { CONNECT_S = 5, CALL_S = 20, ANSWER_MOST = 1 << 20, ADDRESSES_MOST = 6 };

struct token {
	char address[128], secret[128], fingerprint[TLS_FINGERPRINT_SIZE];
};

static enum pl_err token_read(struct token *token, const char *text)
{
	char rest;

	if (sscanf(text, "%127[^,],%127[A-Za-z0-9_-],%64[0-9a-f]%c", token->address, token->secret,
		   token->fingerprint, &rest) != 3 ||
	    strlen(token->fingerprint) != TLS_FINGERPRINT_SIZE - 1 ||
	    !strchr(token->address, ':') ||
	    strspn(token->address, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789.-:") != strlen(token->address))
		return pl_fail(PL_INVALID,
			       "--join: that isn't a whole token; 'pelago node join-token' prints "
			       "ADDRESS:PORT,SECRET,FINGERPRINT");
	return PL_OK;
}

/* ---- HTTPS ---- */

struct answer {
	char *text;
	size_t len;
};

static size_t on_data(char *data, size_t size, size_t count, void *arg)
{
	struct answer *a = arg;
	char *more;

	if (a->len + count > ANSWER_MOST || !(more = realloc(a->text, a->len + count + 1)))
		return 0;
	memcpy(more + a->len, data, count);
	a->text = more;
	a->len += count;
	a->text[a->len] = '\0';
	return count;
}

/* The error that a problem document tells of (RFC 9457). */
static enum pl_err refusal(const json_t *body, long status)
{
	const char *why = pl_json_get_text(body, "detail");

	if (!*why)
		why = pl_json_get_text(body, "title");
	for (int i = 0; i < PL_ERR_COUNT; i++)
		if (i != PL_OK && pl_err_row((enum pl_err)i)->http == status)
			return pl_fail((enum pl_err)i, "%s", *why ? why : "refused");
	return pl_fail(PL_INTERNAL, "the manager answers %ld: %s", status, why);
}

/* authority: PEM, or NULL to trust nobody and say nothing. sent: borrowed, or NULL for GET. */
static enum pl_err https(json_t **bodyp, const char *address, const char *path,
			 const char *authority, const json_t *sent)
{
	struct curl_blob blob = { .data = (void *)authority,
				  .len = authority ? strlen(authority) : 0,
				  .flags = CURL_BLOB_COPY };
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char url[256], why[CURL_ERROR_SIZE] = "", *text = sent ? pl_json_dump(sent) : NULL;
	CURL *curl = curl_easy_init();
	struct answer answer = { 0 };
	enum pl_err err = PL_NOMEM;
	long status = 0;
	CURLcode code;

	if (!curl || !headers || (sent && !text))
		goto out;
	snprintf(url, sizeof(url), "https://%s%s", address, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CALL_S);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	if (authority) {
		curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	} else { /* what comes is looked at by its fingerprint */
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (text) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
	}
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		err = pl_fail(
			PL_STATE,
			"%s isn't who the token says: %s (a certificate that isn't valid yet, or "
			"any more: is this host's clock right?)",
			address, why);
	else if (code)
		err = pl_fail(PL_UNAVAILABLE, "%s can't be reached: %s", address,
			      *why ? why : curl_easy_strerror(code));
	else
		err = pl_json_parse(bodyp, answer.text ? answer.text : "", answer.len);
	if (!code && err)
		err = pl_fail(PL_UNAVAILABLE,
			      "%s answers %ld, and nothing that can be read: it is no "
			      "edge of Pelago, or starts just now",
			      address, status);
	if (!err && status != 200) {
		err = refusal(*bodyp, status);
		json_decref(*bodyp);
		*bodyp = NULL;
	}
out:
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	free(answer.text);
	free(text);
	return err;
}

/* ---- this host ---- */

/* Names by which others may reach this host: its addresses but loopback, and what it calls itself.
 */
static json_t *own_addresses(void)
{
	json_t *addresses = json_array();
	struct ifaddrs *all = NULL;
	char host[256] = "";

	if (getifaddrs(&all) != 0)
		all = NULL;
	for (struct ifaddrs *a = all; a && json_array_size(addresses) < ADDRESSES_MOST;
	     a = a->ifa_next) {
		char text[INET_ADDRSTRLEN];
		struct sockaddr_in *in = (struct sockaddr_in *)(void *)a->ifa_addr;

		if (!in || in->sin_family != AF_INET || (a->ifa_flags & IFF_LOOPBACK))
			continue;
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		json_array_append_new(addresses, json_string(text));
	}
	freeifaddrs(all);
	gethostname(host, sizeof(host) - 1);
	if (*host &&
	    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
		    strlen(host))
		json_array_append_new(addresses, json_string(host));
	return addresses;
}

static void read_boot_id(char boot_id[64])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || !fgets(boot_id, 64, f))
		snprintf(boot_id, 64, "unknown");
	boot_id[strcspn(boot_id, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* ---- joining ---- */

static enum pl_err fetch_authority(json_t **bodyp, const struct token *token)
{
	char fingerprint[TLS_FINGERPRINT_SIZE];
	enum pl_err err = https(bodyp, token->address, "/api/v1/authority", NULL, NULL);

	if (!err)
		err = tls_fingerprint(fingerprint, pl_json_get_text(*bodyp, "pem"));
	if (!err && strcmp(fingerprint, token->fingerprint) != 0)
		err = pl_fail(
			PL_STATE,
			"%s has another authority than the token names: somebody else answers "
			"there, or the token is of another solution",
			token->address);
	return err;
}

static enum pl_err keep(const struct cli *cli, const char *data, const json_t *answer,
			const char *authority, const char *key)
{
	struct setup_joined joined = { .data = data,
				       .authority = authority,
				       .key = key,
				       .https_port = cli->https_port,
				       .http_port = cli->https_port ? cli->http_port : 0,
				       .is_demo = json_is_true(json_object_get(answer, "demo")) };
	enum pl_err err;

	if ((err = pl_json_text(&joined.node, answer, "node", 64, true)) ||
	    (err = pl_json_text(&joined.bus_url, answer, "bus", 256, true)) ||
	    (err = pl_json_text(&joined.store, answer, "store", 1024, true)) ||
	    (err = pl_json_text(&joined.certificate, answer, "certificate", 16384, true)))
		return err;
	if (!setup_is_name(joined.node))
		return pl_fail(PL_INVALID, "the manager gave a node's name that is none");
	err = setup_join(&joined);
	if (!err)
		printf("This host is node %s of %s\n", joined.node,
		       pl_json_get_text(answer, "cluster"));
	return err;
}

enum pl_err cli_join(const struct cli *cli, const char *data)
{
	json_t *manifests = NULL, *keys = NULL, *authority = NULL, *answer = NULL, *sent = NULL;
	char *programs = setup_programs_path(), *key = NULL, *request = NULL, boot_id[64];
	struct token token;
	enum pl_err err = programs ? token_read(&token, cli->join) : PL_NOMEM;

	if (!err && cli->https_port && !cli->http_port)
		err = pl_fail(PL_INVALID,
			      "--https-port gives this host an edge, which needs --http-port, "
			      "too");
	if (!err)
		err = manifests_load(&manifests, programs);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (!err)
		err = fetch_authority(&authority, &token);
	if (!err)
		err = setup_join_keys(&keys, data, manifests);
	if (!err)
		err = tls_request(&key, &request);
	if (!err) {
		read_boot_id(boot_id);
		sent = json_pack("{s:s,s:s,s:s,s:s,s:o,s:O}", "secret", token.secret, "version",
				 pl_version, "bootId", boot_id, "request", request, "addresses",
				 own_addresses(), "keys", keys);
		err = sent ? https(&answer, token.address, "/api/v1/join",
				   pl_json_get_text(authority, "pem"), sent)
			   : PL_NOMEM;
	}
	if (!err)
		err = keep(cli, data, answer, pl_json_get_text(authority, "pem"), key);
	if (key)
		sodium_memzero(key, strlen(key));
	sodium_memzero(&token, sizeof(token));
	json_decref(manifests);
	json_decref(keys);
	json_decref(authority);
	json_decref(answer);
	json_decref(sent);
	free(programs);
	free(key);
	free(request);
	return err;
}

/* ---- another certificate ---- */

static enum pl_err sign(char signature[128], const struct setup *setup, const char *request)
{
	uint8_t bytes[PL_NKEY_SIGNATURE_LEN];
	char *path = setup_path(setup, "keys/%s.nk", setup->node);
	enum pl_err err = path ? pl_nkey_sign(bytes, path, request, strlen(request)) : PL_NOMEM;

	free(path);
	if (!err)
		sodium_bin2base64(signature, 128, bytes, sizeof(bytes),
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return err;
}

enum pl_err cli_certify_anew(struct cli *cli)
{
	char *key = NULL, *request = NULL, signature[128];
	const char *certificate = NULL;
	json_t *answer = NULL;
	enum pl_err err = tls_request(&key, &request);

	if (!err)
		err = sign(signature, cli->setup, request);
	if (!err)
		err = cli_ask(&answer, cli, "Manager.certify",
			      json_pack("{s:s,s:s,s:s,s:o}", "node", cli->setup->node, "request",
					request, "signature", signature, "addresses",
					own_addresses()),
			      CALL_S * 1000);
	if (!err)
		err = pl_json_text(&certificate, answer, "certificate", 16384, true);
	if (!err)
		err = setup_certify(cli->setup->data, certificate, key);
	if (key)
		sodium_memzero(key, strlen(key));
	json_decref(answer);
	free(key);
	free(request);
	return err;
}

enum pl_err cli_certify(struct cli *cli)
{
	const char *data = cli->setup->data;
	enum pl_err err = setup_certify_resume(data);
	int days = err ? 0 : tls_days_left(data, "identity");

	if (err || days >= TLS_RENEW_DAYS)
		return err;
	if (days < 0)
		return pl_fail(
			PL_STATE,
			"the certificate of this host has ended, or can't be read: join it anew, by "
			"another token, into another folder; then 'pelago node remove %s'",
			cli->setup->node);
	err = cli_certify_anew(cli);
	if (!err)
		printf("This host has a new certificate\n");
	else
		fprintf(stderr,
			"pelago: the certificate of this host ends in %d days, and can't be "
			"renewed now: %s\n",
			days, pl_err_detail(err));
	return PL_OK; /* there are some days left to try again */
}
