/*
 * setup_test.c — the data folder: certificates that verify, a nats.conf that nats-server takes,
 * refusals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "platform/setup/file.h"
#include "platform/setup/setup_impl.h"

static char data[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(data, sizeof(data), "/tmp/pelago-setup-XXXXXX");
	return mkdtemp(data) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *in_data(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", data, name);
	return path;
}

static void write_text(const char *name, const char *text)
{
	assert_int_equal(file_replace(in_data(name), text, strlen(text), 0600), PL_OK);
}

static struct setup *open_setup(const struct setup_wish *wish)
{
	struct setup_wish copy = *wish;
	struct setup *setup = NULL;

	copy.data = data;
	assert_int_equal(setup_open(&setup, &copy), PL_OK);
	return setup;
}

static X509 *certificate(const char *name)
{
	FILE *f = fopen(in_data(name), "re");
	X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	assert_non_null(x);
	fclose(f);
	return x;
}

/* ---- certificates ---- */

static void certificates_verify(void **state)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509 *authority, *leaf;

	(void)state;
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	authority = certificate("tls/ca.pem");
	leaf = certificate("tls/edge.pem");
	X509_STORE_add_cert(store, authority);
	X509_STORE_CTX_init(context, store, leaf, NULL);
	X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
	assert_int_equal(X509_verify_cert(context), 1);
	assert_int_equal(X509_check_host(leaf, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(leaf, "::1", 0), 1);
	assert_int_equal(X509_check_host(leaf, "example.org", 0, 0, NULL), 0);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	X509_free(authority);
	X509_free(leaf);
}

/* UPG-1: an installation trusts only whom its administrator lists. */
static void only_a_demo_trusts_the_development_key(void **state)
{
	char *line;

	(void)state;
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	assert_int_not_equal(access(in_data("trust/development.pub"), F_OK), 0);
	setup_free(open_setup(&(struct setup_wish){ .wants_demo = true }));
	assert_int_equal(file_read(&line, NULL, in_data("trust/development.pub")), PL_OK);
	assert_string_equal(line, setup_development_key);
	free(line);
	assert_int_equal(file_read(&line, NULL, SOURCES "/bundles/development.pub"), PL_OK);
	line[strcspn(line, "\n")] = '\0';
	assert_string_equal(line, setup_development_key);
	free(line);
}

/* UPG-9 */
static void a_newer_program_is_followed_by_an_older_one_until_the_level_rises(void **state)
{
	struct setup *setup = NULL;

	(void)state;
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	assert_int_equal(setup_level(data), pl_version_minor(pl_version));
	setup = open_setup(&(struct setup_wish){ 0 });
	assert_int_equal(json_object_set_new(setup->settings, "version", json_string("0.99.0")), 0);
	assert_int_equal(file_replace_json(in_data("pelago.json"), setup->settings, 0600), PL_OK);
	setup_free(setup);
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	assert_int_equal(setup_level_set(data, 99), PL_OK);
	assert_int_equal(setup_read(&setup, data), PL_NEWER);
	assert_non_null(strstr(pl_err_detail(PL_NEWER), "level 99"));
	assert_non_null(strstr(pl_err_detail(PL_NEWER), pl_version));
}

static void good_certificates_stay_bad_ones_go(void **state)
{
	char *first, *second, *authority;

	(void)state;
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	assert_int_equal(file_read(&first, NULL, in_data("tls/edge.pem")), PL_OK);
	assert_int_equal(tls_certificate(data, "edge", NULL), PL_OK);
	assert_int_equal(file_read(&second, NULL, in_data("tls/edge.pem")), PL_OK);
	assert_string_equal(first, second);
	free(second);
	/* another's certificate, and then none that can be read */
	assert_int_equal(file_read(&authority, NULL, in_data("tls/ca.pem")), PL_OK);
	write_text("tls/edge.pem", authority);
	assert_int_equal(tls_certificate(data, "edge", NULL), PL_OK);
	assert_int_equal(file_read(&second, NULL, in_data("tls/edge.pem")), PL_OK);
	assert_string_not_equal(second, authority);
	free(second);
	write_text("tls/edge.key", "nonsense");
	assert_int_equal(tls_certificate(data, "edge", NULL), PL_OK);
	assert_int_equal(file_read(&second, NULL, in_data("tls/edge.key")), PL_OK);
	assert_string_not_equal(second, "nonsense");
	/* an authority without its key is told, not replaced: all that trust it would be lost */
	unlink(in_data("tls/ca.key"));
	assert_int_equal(tls_authority(data), PL_IO);
	free(first);
	free(second);
	free(authority);
}

/* ---- bus ---- */

static int run_nats_server(const char *conf)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
			_exit(126);
		execlp("nats-server", "nats-server", "-t", "-c", conf, NULL);
		execl("/usr/sbin/nats-server", "nats-server", "-t", "-c", conf, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char manifests[] =
	"[{\"name\":\"Manager\",\"version\":\"1\",\"pushes\":[\"node\"]},"
	" {\"name\":\"Maker\",\"version\":\"1\",\"publishes\":[\"thing\"]},"
	" {\"name\":\"Reader\",\"version\":\"1\",\"reads\":[\"thing\"],\"calls\":[\"Maker\"],\"pushes\":[\"agent\"]}]";

/* The lines of one user in nats.conf. */
static char *user_of(const char *conf, const char *name)
{
	char comment[64], *from, *to, *text;

	snprintf(comment, sizeof(comment), "{ # %s\n", name);
	from = strstr(conf, comment);
	assert_non_null(from);
	to = strstr(from, "\n\t\t}\n");
	assert_non_null(to);
	text = strndup(from, (size_t)(to - from));
	assert_non_null(text);
	return text;
}

/* docs/protocol.md, "Subjects" */
static void rights_come_from_manifests(void **state)
{
	struct setup *setup = open_setup(&(struct setup_wish){ 0 });
	char *conf, *user;
	bool changed = false;

	(void)state;
	assert_int_equal(run_nats_server(in_data("bus/nats.conf")), 0);
	json_decref(setup->manifests);
	setup->manifests = json_loads(manifests, 0, NULL);
	assert_non_null(setup->manifests);
	assert_int_equal(bus_setup(setup, &changed), PL_OK);
	assert_true(changed);
	assert_int_equal(bus_setup(setup, &changed), PL_OK);
	assert_false(changed);
	assert_int_equal(run_nats_server(in_data("bus/nats.conf")), 0);
	assert_int_equal(file_read(&conf, NULL, in_data("bus/nats.conf")), PL_OK);

	user = user_of(conf, "Reader");
	assert_non_null(strstr(user, "\"svc.Maker.>\""));
	assert_non_null(strstr(user, "\"svc.Maker.events\""));
	assert_non_null(strstr(user, "\"svc.Maker.snapshot\""));
	assert_non_null(strstr(user, "\"svc.Maker.keys\""));
	assert_non_null(strstr(user, "\"usr.agent.>\""));
	assert_non_null(strstr(user, "\"node.*.reader.Reader\""));
	assert_null(strstr(user, "$JS.API"));
	assert_null(strstr(user, "evt."));
	free(user);
	user = user_of(conf, "Maker");
	assert_non_null(strstr(user, "\"evt.*.thing.>\""));
	assert_null(strstr(user, "svc.Reader"));
	free(user);
	user = user_of(conf, "Manager");
	assert_non_null(strstr(user, "\"ctl.config\""));
	free(user);
	user = user_of(conf, "node-common");
	assert_non_null(strstr(user, "$JS.API.CONSUMER.CREATE.EVT"));
	free(user);
	free(conf);
	setup_free(setup);
}

static void a_strange_folder_makes_a_good_conf(void **state)
{
	char strange[300], *conf;
	struct setup *setup = NULL;

	(void)state;
	snprintf(strange, sizeof(strange), "%s", in_data("a \"b\" $c 'd' \\n #{é}"));
	assert_int_equal(setup_open(&setup, &(struct setup_wish){ .data = strange }), PL_OK);
	conf = setup_path(setup, "bus/nats.conf");
	assert_int_equal(run_nats_server(conf), 0);
	free(conf);
	setup_free(setup);
}

static void names_that_widen_rights_are_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"name\":\"A\"}",
		"{\"name\":\"A.B\",\"version\":\"1\"}",
		"{\"name\":\"../A\",\"version\":\"1\"}",
		"{\"name\":\"A\",\"version\":\"1\",\"calls\":[\">\"]}",
		"{\"name\":\"A\",\"version\":\"1\",\"publishes\":[\"*\"]}",
		"{\"name\":\"A\",\"version\":\"1\",\"reads\":[\"a b\"]}",
		"{\"name\":\"A\",\"version\":\"1\",\"pushes\":[\"a\\\"\"]}",
		"{\"name\":\"A\",\"version\":\"1\",\"reads\":\"contact\"}",
		"{\"name\":\"A\",\"version\":\"1\",\"reads\":[7]}",
		"{\"name\":\"A\",\"version\":\"1\",\"cluster\":6}",
		"{\"name\":\"A\",\"version\":\"1\",\"cluster\":\"two\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *manifest = json_loads(bad[i], 0, NULL);

		assert_non_null(manifest);
		assert_int_equal(manifest_check(manifest, "manifest.json"), PL_INVALID);
		json_decref(manifest);
	}
}

/* ---- settings ---- */

static void settings_are_kept_and_changed(void **state)
{
	struct setup *setup =
		open_setup(&(struct setup_wish){ .https_port = 4443, .http_port = 4080 });
	int bus_port = setup->bus_port;

	(void)state;
	assert_in_range(bus_port, 1, 65535);
	setup_free(setup);
	setup = open_setup(&(struct setup_wish){ .http_port = 4081, .wants_demo = true });
	assert_int_equal(setup->https_port, 4443);
	assert_int_equal(setup->http_port, 4081);
	assert_int_equal(setup->bus_port, bus_port);
	assert_true(setup->is_demo);
	setup_free(setup);
	assert_int_equal(setup_read(&setup, data), PL_OK);
	assert_true(setup->is_demo);
	setup_free(setup);
}

static void a_newer_folder_is_refused(void **state)
{
	static const char *const texts[] = {
		"{\"format\":2,\"version\":\"0.1.0\"}",
		"{\"format\":1,\"version\":\"99.0.0\"}",
		"{\"format\":1,\"version\":\"0.99.0\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct setup *setup = NULL;

		write_text("pelago.json", texts[i]);
		assert_int_equal(setup_read(&setup, data), PL_NEWER);
		assert_non_null(strstr(pl_err_detail(PL_NEWER), pl_version));
		assert_int_equal(setup_open(&setup, &(struct setup_wish){ .data = data }),
				 PL_NEWER);
		assert_true(access(in_data("tls"), F_OK) != 0);
	}
}

static void broken_settings_are_told(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{\"format\":1",
		"{\"format\":1,\"version\":\"0.1.0\",\"httpsPort\":0}",
		"{\"format\":\"1\",\"version\":\"0.1.0\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct setup *setup = NULL;

		write_text("pelago.json", texts[i]);
		assert_int_equal(setup_read(&setup, data), PL_INVALID);
	}
}

static void demo_passwords_are_made_once(void **state)
{
	char *first, *second;
	struct stat st;

	(void)state;
	assert_int_equal(demo_users_make(data), PL_OK);
	assert_int_equal(stat(in_data("demo-users.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read(&first, NULL, in_data("demo-users.json")), PL_OK);
	assert_int_equal(demo_users_make(data), PL_OK);
	assert_int_equal(file_read(&second, NULL, in_data("demo-users.json")), PL_OK);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void store_addresses(void **state)
{
	static const struct {
		const char *typed, *url, *password; /* password NULL: none */
	} rows[] = {
		{ "sqlite:", "sqlite:/d/services/S/store.db", NULL },
		{ "sqlite:/x/{service}.db", "sqlite:/x/S.db", NULL },
		{ "postgresql://u@h/db", "postgresql://u@h/db?schema=S", NULL },
		{ "postgresql://u:p%40%3a@h:5/db?a=b", "postgresql://u@h:5/db?a=b&schema=S",
		  "p@:" },
		{ "postgresql://u:%zz@h/db", "postgresql://u@h/db?schema=S", "%zz" },
		{ "postgresql://h/db?x=a:b@c", "postgresql://h/db?x=a:b@c&schema=S", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup *setup = open_setup(&(struct setup_wish){ .store = rows[i].typed });
		char *url = setup_store_url(setup->store, "/d", "S"), *password;

		assert_non_null(url);
		password = setup_store_password(url);
		assert_string_equal(url, rows[i].url);
		if (rows[i].password)
			assert_string_equal(password, rows[i].password);
		else
			assert_null(password);
		free(url);
		free(password);
		setup_free(setup);
		unlink(in_data("pelago.json"));
	}
	setup_free(open_setup(&(struct setup_wish){ .store = "postgresql://u:old@h/db" }));
	setup_free(open_setup(&(struct setup_wish){ .store = "postgresql://u:new@h/db" }));
	assert_int_equal(
		setup_open(&(struct setup *){ NULL },
			   &(struct setup_wish){ .data = data, .store = "postgresql://u@h/other" }),
		PL_STATE);
	assert_int_equal(setup_open(&(struct setup *){ NULL },
				    &(struct setup_wish){ .data = data, .store = "mysql://h/db" }),
			 PL_INVALID);
	assert_int_equal(
		setup_open(&(struct setup *){ NULL },
			   &(struct setup_wish){ .data = data, .store = "sqlite:/x/one.db" }),
		PL_INVALID);
}

static void files_are_whole_or_not_there(void **state)
{
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(file_replace(in_data("none/a"), "x", 1, 0600), PL_IO);
	write_text("a", "first");
	write_text("a", "second");
	assert_int_equal(file_read(&text, &len, in_data("a")), PL_OK);
	assert_string_equal(text, "second");
	assert_int_equal(len, 6);
	free(text);
	assert_int_equal(file_read(&text, &len, in_data("b")), PL_NOTFOUND);
	assert_int_equal(file_read(&text, &len, data), PL_IO);
	assert_int_equal(folder_make(in_data("x/y/z"), 0700), PL_OK);
	assert_int_equal(folder_make(in_data("x/y/z"), 0700), PL_OK);
	assert_int_equal(folder_make(in_data("a/b"), 0700), PL_IO);
}

/* PLT-3 */
static void a_host_joins(void **state)
{
	struct setup *here = open_setup(&(struct setup_wish){ .listen = "192.0.2.7" }),
		     *joined = NULL;
	char *key = NULL, *request = NULL, *pem = NULL, *ca, *conf, *user, there[96];
	json_t *addresses = json_pack("[s,s]", "192.0.2.9", "host9.example"), *keys = NULL, *all,
	       *members;
	char fingerprint[TLS_FINGERPRINT_SIZE];
	struct setup_joined made;
	X509 *leaf;
	bool changed;

	(void)state;
	leaf = certificate("tls/nats-server.pem");
	assert_int_equal(X509_check_ip_asc(leaf, "192.0.2.7", 0), 1);
	X509_free(leaf);
	assert_int_equal(tls_request(&key, &request), PL_OK);
	assert_int_equal(tls_sign(&pem, data, request, "node-x-2", addresses), PL_OK);
	write_text("tls/signed.pem", pem);
	leaf = certificate("tls/signed.pem");
	assert_int_equal(X509_check_ip_asc(leaf, "192.0.2.9", 0), 1);
	assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_host(leaf, "host9.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(leaf, "192.0.2.7", 0), 0);
	X509_free(leaf);
	assert_int_equal(file_read(&ca, NULL, in_data("tls/ca.pem")), PL_OK);
	assert_int_equal(tls_fingerprint(fingerprint, ca), PL_OK);
	assert_int_equal(strspn(fingerprint, "0123456789abcdef"), 64);
	assert_int_equal(tls_fingerprint(fingerprint, "nonsense"), PL_INVALID);

	snprintf(there, sizeof(there), "%s/there", data);
	json_decref(here->manifests);
	here->manifests = json_loads(manifests, 0, NULL);
	assert_int_equal(setup_join_keys(&keys, there, here->manifests), PL_OK);
	assert_int_equal(json_object_size(keys), 5); /* node, edge, cli, Maker, Reader */
	made = (struct setup_joined){ .data = there,
				      .node = "node-x-2",
				      .bus_url = "tls://192.0.2.7:4222",
				      .store = "postgresql://h/d?schema={service}",
				      .authority = ca,
				      .certificate = pem,
				      .key = key };
	assert_int_equal(setup_join(&made), PL_OK);
	assert_int_equal(setup_read(&joined, there), PL_OK);
	assert_string_equal(joined->node, "node-x-2");
	assert_false(joined->has_edge);
	setup_free(joined);

	/* The bus knows its processes, each with its rights; its command line just asks. */
	members = json_pack("{s:O}", "node-x-2", keys);
	all = json_deep_copy(members);
	assert_int_equal(file_replace_json(in_data("bus/members.json"), members, 0600), PL_OK);
	assert_int_equal(bus_setup(here, &changed), PL_OK);
	assert_true(changed);
	assert_int_equal(run_nats_server(in_data("bus/nats.conf")), 0);
	assert_int_equal(file_read(&conf, NULL, in_data("bus/nats.conf")), PL_OK);
	user = user_of(conf, "Reader on the host of node-x-2");
	assert_non_null(strstr(user, pl_json_get_text(keys, "Reader")));
	assert_non_null(strstr(user, "\"svc.Maker.events\""));
	free(user);
	user = user_of(conf, "cli on the host of node-x-2");
	assert_non_null(strstr(
		user, "publish: { allow: [ \"svc.Manager.member\", \"svc.Manager.certify\" ] }"));
	free(user);
	free(conf);
	/* A key that would widen rights is none. */
	json_object_set_new(json_object_get(all, "node-x-2"), "edge", json_string("U\" } #"));
	assert_int_equal(file_replace_json(in_data("bus/members.json"), all, 0600), PL_OK);
	assert_int_equal(bus_setup(here, &changed), PL_INVALID);

	json_array_append_new(addresses, json_string("a,DNS:evil.example"));
	free(pem);
	assert_int_equal(tls_sign(&pem, data, request, "node-x-2", addresses), PL_INVALID);
	assert_int_equal(tls_sign(&pem, data, "nonsense", "node-x-2", json_array_get(addresses, 9)),
			 PL_INVALID);
	json_decref(addresses);
	json_decref(keys);
	json_decref(all);
	json_decref(members);
	free(key);
	free(request);
	free(ca);
	setup_free(here);
}

static char *serial(void)
{
	json_t *told = NULL;
	char *copy;

	assert_int_equal(tls_describe(&told, data, "edge"), PL_OK);
	assert_int_equal(json_integer_value(json_object_get(told, "expiresMs")) >
				 json_integer_value(json_object_get(told, "beginsMs")) +
					 800LL * 86400000,
			 true);
	copy = strdup(pl_json_get_text(told, "serial"));
	json_decref(told);
	return copy;
}

/* PLT-3: a wish names the certificate that shall go, so it has its effect once. */
static void a_certificate_is_renewed_once_for_a_wish(void **state)
{
	char *before, *after;
	json_t *told = NULL;

	(void)state;
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	assert_int_equal(tls_describe(&told, data, "nobody"), PL_NOTFOUND);
	before = serial();
	assert_false(tls_wishes(data, "edge"));
	assert_int_equal(tls_wish(data, "edge", "1234"), PL_OK); /* there is no such one */
	assert_false(tls_wishes(data, "edge"));
	assert_int_equal(tls_wish(data, "../edge", before), PL_INVALID);
	assert_int_equal(tls_wish(data, "edge", NULL), PL_INVALID);
	assert_int_equal(tls_wish(data, "edge", before), PL_OK);
	assert_true(tls_wishes(data, "edge"));
	assert_int_equal(tls_renew(data, "edge", NULL), PL_OK);
	after = serial();
	assert_string_not_equal(before, after);
	assert_false(tls_wishes(data, "edge"));
	assert_int_equal(tls_wish(data, "edge", before), PL_OK); /* said once more */
	assert_false(tls_wishes(data, "edge"));
	free(before);
	free(after);
}

/* Written twice within a tick of the clock, it is seen though its time is the same. */
static void the_bus_follows_what_the_manager_writes(void **state)
{
	static const char one[] = "{\"name\":\"Late\",\"version\":\"1\",\"publishes\":[\"one\"]}";
	static const char two[] = "{\"name\":\"Late\",\"version\":\"1\",\"publishes\":[\"two\"]}";
	struct setup *setup = open_setup(&(struct setup_wish){ 0 });
	struct bus_follow follow = { 0 };
	struct timespec times[2];
	bool changed = true, has = false;
	struct stat st;
	char *conf, *user;

	(void)state;
	assert_int_equal(bus_follow(&follow, setup, &changed), PL_OK);
	assert_false(changed);
	write_text("bus/manifests/Late.json", one);
	assert_int_equal(bus_has_inputs(&has, setup), PL_OK);
	assert_false(has);
	assert_int_equal(bus_follow(&follow, setup, &changed), PL_OK);
	assert_true(changed);
	assert_int_equal(bus_has_inputs(&has, setup), PL_OK);
	assert_true(has);
	assert_int_equal(stat(in_data("bus/manifests"), &st), 0);
	write_text("bus/manifests/Late.json", two);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, in_data("bus/manifests"), times, 0), 0);
	assert_int_equal(bus_follow(&follow, setup, &changed), PL_OK);
	assert_true(changed);
	assert_int_equal(file_read(&conf, NULL, in_data("bus/nats.conf")), PL_OK);
	user = user_of(conf, "Late");
	assert_non_null(strstr(user, "\"evt.*.two.>\""));
	assert_null(strstr(user, "\"evt.*.one.>\""));
	free(user);
	free(conf);
	/* What was written a while ago isn't read again for nothing. */
	times[1].tv_sec -= 10;
	assert_int_equal(utimensat(AT_FDCWD, in_data("bus/manifests"), times, 0), 0);
	assert_int_equal(bus_follow(&follow, setup, &changed), PL_OK);
	assert_true(follow.is_settled);
	unlink(in_data("bus/manifests/Late.json"));
	assert_int_equal(utimensat(AT_FDCWD, in_data("bus/manifests"), times, 0), 0);
	assert_int_equal(bus_follow(&follow, setup, &changed), PL_OK);
	assert_false(changed);
	assert_int_equal(bus_inputs_touch(setup), PL_OK);
	assert_int_equal(bus_follow(&follow, setup, &changed), PL_OK);
	assert_true(changed);
	setup_free(setup);
}

/* Root supervisor and node may both be the first to need a key. */
static void a_key_that_is_there_stays(void **state)
{
	char first[PL_NKEY_PUBLIC_SIZE], second[PL_NKEY_PUBLIC_SIZE];

	(void)state;
	setup_free(open_setup(&(struct setup_wish){ 0 }));
	assert_int_equal(bus_key_make(first, data, "Late"), PL_OK);
	assert_int_equal(bus_key_make(second, data, "Late"), PL_OK);
	assert_string_equal(first, second);
}

static void strange_addresses_to_listen_at_are_refused(void **state)
{
	static const char *const texts[] = { "", "localhost", "1.2.3", "0.0.0.0", "1.2.3.4\" #" };
	struct setup *setup;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct setup_wish wish = { .data = data, .listen = texts[i] };

		assert_int_equal(setup_open(&setup, &wish), PL_INVALID);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		T(certificates_verify),
		T(good_certificates_stay_bad_ones_go),
		T(only_a_demo_trusts_the_development_key),
		T(a_newer_program_is_followed_by_an_older_one_until_the_level_rises),
		T(rights_come_from_manifests),
		T(a_strange_folder_makes_a_good_conf),
		T(names_that_widen_rights_are_refused),
		T(settings_are_kept_and_changed),
		T(a_newer_folder_is_refused),
		T(broken_settings_are_told),
		T(demo_passwords_are_made_once),
		T(store_addresses),
		T(files_are_whole_or_not_there),
		T(a_host_joins),
		T(the_bus_follows_what_the_manager_writes),
		T(a_key_that_is_there_stays),
		T(a_certificate_is_renewed_once_for_a_wish),
		T(strange_addresses_to_listen_at_are_refused),
	};

	return cmocka_run_group_tests_name("setup", tests, NULL, NULL);
}
