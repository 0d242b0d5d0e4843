/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/installed.h"
#include "base/limit.h"
#include "base/mem.h"
#include "config/config.h"

/* The least that is accepted: lines 1 and 2 of each text. */
#define SOURCES "sources:\n- {type: certbot, path: /a}\n"
#define ZONE    SOURCES "zones:\n- {name: t.example, nameservers: [ns.example]}\n"
#define SERVICE ZONE "services:\n- host: mail.example.com\n"

#define TEN     "abcdefghij"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* Parse what must be good; free it with config_free(). */
static struct config *
parse(const char *text, size_t len)
{
	struct problem problem = { "" };
	struct config *config = NULL;
	enum status status;

	status = config_parse("t.yaml", text, len, &config, &problem);
	assert_string_equal(problem.text, "");
	assert_int_equal(status, STATUS_OK);
	return config;
}

static char *
written(const struct config *config)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	assert_non_null(stream);
	assert_true(config_write(config, stream));
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* `expected` is a piece of what `config show` prints. */
static const struct {
	const char *why;
	const char *text;
	const char *expected;
} good[] = {
	{ "sources are enough", SOURCES, "path: /a\n" },
	{ "all defaults", SOURCES,
	    "state-directory: /var/lib/pdns-tlsa\n"
	    "listen: /run/pdns-tlsa/pdns.sock\n"
	    "listen-mode: 0660\n"
	    "control: /run/pdns-tlsa/control.sock\n"
	    "powerdns:\n"
	    "  address: 127.0.0.1:53\n"
	    "  config: /etc/powerdns/pdns.conf\n"
	    "defaults:\n"
	    "  ports: [25/tcp]\n"
	    "  ttl: 3600\n"
	    "  records: [3 1 1, 2 1 1]\n"
	    "  max-records: 12\n"
	    "  propagation: 2h\n"
	    "  retain: 7d\n"
	    "  allow-unusual: false\n"
	    "  allow-staging: false\n" },
	{ "defaults of a zone", ZONE,
	    "- name: t.example\n"
	    "  nameservers: [ns.example]\n"
	    "  hostmaster: hostmaster.t.example\n"
	    "  dnssec: powerdns\n" },
	{ "defaults of a service", SERVICE,
	    "- host: mail.example.com\n"
	    "  ports: [25/tcp]\n"
	    "  ttl: 3600\n" },
	{ "byte order mark", "\xef\xbb\xbf" SOURCES, "path: /a\n" },
	{ "each kind of source",
	    "sources:\n- {type: certbot, path: /a}\n"
	    "- {type: files, path: /b}\n- {type: dehydrated, path: /c}\n"
	    "- {type: lego, path: /d}\n- {type: uacme, path: /e}\n"
	    "- {type: acme.sh, path: /f}\n- {type: caddy, path: /g}\n"
	    "- {type: mod_md, path: /h}\n- {type: acmetool, path: /i}\n"
	    "- {type: remote, path: /j}\n",
	    "- type: certbot\n  path: /a\n- type: files\n  path: /b\n"
	    "  match: ['*.pem', '*.crt', '*.cer', '*/fullchain.pem', "
	    "'*/fullchain.cer', '*/tls.crt',\n"
	    "    '*/crt.pem', '*/cert.pem', '*/*.crt']\n"
	    "- type: dehydrated\n  path: /c\n- type: lego\n  path: /d\n"
	    "- type: uacme\n  path: /e\n- type: acme.sh\n  path: /f\n"
	    "- type: caddy\n  path: /g\n- type: mod_md\n  path: /h\n"
	    "- type: acmetool\n  path: /i\n- type: remote\n  path: /j\n" },
	{ "our own store needs no path", "sources: [{type: remote}]\n",
	    "- type: remote\n  path: /var/lib/pdns-tlsa-remote\n" },
	{ "a source with limits",
	    "sources:\n- {type: files, path: /a, match: [\"*.chain\", "
	    "\"x*/y\"], hosts: [\"*.Example.com\"]}\n",
	    "  match: ['*.chain', x*/y]\n  hosts: ['*.example.com']\n" },
	{ "lines of DOS", "sources:\r\n- type: files\r\n  path: /a\r\n",
	    "- type: files\n  path: /a\n" },
	{ "JSON is YAML",
	    "{\"sources\": [{\"type\": \"files\", \"path\": \"/a\"}]}",
	    "- type: files\n  path: /a\n" },
	{ "tab before a comment", SOURCES "listen: /x\t# here\n",
	    "listen: /x\n" },
	{ "one document with its mark", "---\n" SOURCES "...\n", "path: /a\n" },
	{ "empty mappings and lists",
	    SOURCES "powerdns: {}\ndefaults: {}\nzones: []\nservices: []\n",
	    "ttl: 3600\n" },
	{ "slashes too many", SOURCES "state-directory: //x///y//\n",
	    "state-directory: /x/y\n" },
	{ "root directory", SOURCES "state-directory: //\n",
	    "state-directory: /\n" },
	{ "path with a space", SOURCES "state-directory: /x y\n",
	    "state-directory: /x y\n" },
	{ "socket of 107 octets", SOURCES "listen: /" HUNDRED "123456\n",
	    HUNDRED "123456\n" },
	{ "socket of PowerDNS", SOURCES "powerdns:\n  control-socket: /p\n",
	    "powerdns:\n  control-socket: /p\n" },
	{ "HTTP for this machine", SOURCES "http: {listen: '[::1]:8053'}\n",
	    "control: /run/pdns-tlsa/control.sock\n"
	    "http:\n  listen: '[::1]:8053'\npowerdns:\n" },
	{ "HTTP for others, who are named",
	    SOURCES "http: {listen: 0.0.0.0:80, allow: [192.0.2.0/24, "
		    "\"2001:db8::1\"]}\n",
	    "http:\n  listen: 0.0.0.0:80\n"
	    "  allow: [192.0.2.0/24, '2001:db8::1']\n" },
	{ "HTTP for those who look alone",
	    SOURCES "http: {listen: 0.0.0.0:80, viewers: [192.0.2.0/24]}\n",
	    "http:\n  listen: 0.0.0.0:80\n  viewers: [192.0.2.0/24]\n" },
	{ "HTTP at a path", SOURCES "http: {listen: //run/http.sock}\n",
	    "http:\n  listen: /run/http.sock\n" },
	{ "an alarm, and what it is otherwise",
	    SOURCES "alarm: {command: [/bin/tell, a b, '-x']}\n",
	    "alarm:\n  command: [/bin/tell, a b, -x]\n"
	    "  after: 5m\n  timeout: 1m\n" },
	{ "an alarm at once",
	    SOURCES "alarm: {command: [/bin/tell], after: 0, timeout: 1h}\n",
	    "alarm:\n  command: [/bin/tell]\n  after: 0\n  timeout: 1h\n" },
	{ "mode of three digits", SOURCES "listen-mode: 600\n",
	    "listen-mode: 0600\n" },
	{ "everybody may ask where there are no keys",
	    SOURCES "listen-mode: 0666\nzones: [{name: t.example, "
		    "nameservers: [n]}]\n",
	    "listen-mode: 0666\n" },
	{ "group by name", SOURCES "listen-group: root\n",
	    "listen-group: root\n" },
	{ "group by number", SOURCES "listen-group: 101\n",
	    "listen-group: 101\n" },
	{ "every unit",
	    SOURCES "defaults: {ttl: 90s, propagation: 30m, "
		    "retain: 2w}\n",
	    "  ttl: 90\n  records: [3 1 1, 2 1 1]\n  max-records: 12\n"
	    "  propagation: 30m\n  retain: 14d\n" },
	{ "least and most seconds",
	    SOURCES "defaults: {ttl: 1w, retain: 0, "
		    "propagation: 365d}\n",
	    "  ttl: 604800\n  records: [3 1 1, 2 1 1]\n  max-records: 12\n"
	    "  propagation: 365d\n  retain: 0\n" },
	{ "the hold time follows the TTL", SOURCES "defaults: {ttl: 5m}\n",
	    "  propagation: 10m\n" },
	{ "and that of the service", SERVICE "  ttl: 60\n",
	    "  ttl: 60\n  records: [3 1 1, 2 1 1]\n  max-records: 12\n"
	    "  propagation: 2m\n" },
	{ "unless the defaults say",
	    SERVICE "  ttl: 60\ndefaults: {propagation: 1d}\n",
	    "  ttl: 60\n  records: [3 1 1, 2 1 1]\n  max-records: 12\n"
	    "  propagation: 1d\n" },
	{ "or the service", SERVICE "  propagation: 7s\n",
	    "  propagation: 7\n" },
	{ "what has to be seen",
	    SERVICE "  propagation: {hold: 4h, see: servers}\n",
	    "  propagation:\n    hold: 4h\n    see: servers\n" },
	{ "and the hold time of before",
	    SERVICE "  propagation: {see: nothing}\n"
		    "defaults: {propagation: {hold: 1d, see: servers}}\n",
	    "  propagation:\n    hold: 1d\n    see: nothing\n" },
	{ "or one after the TTL",
	    SOURCES "defaults: {ttl: 60, propagation: {see: servers}}\n",
	    "  propagation:\n    hold: 2m\n    see: servers\n" },
	{ "the hold time as a mapping",
	    SOURCES "defaults:\n  propagation:\n    hold: 3h\n",
	    "  propagation: 3h\n" },
	{ "services see what the defaults see",
	    SERVICE "  ttl: 60\n"
		    "defaults: {propagation: {see: servers}}\n",
	    "  propagation:\n    hold: 2m\n    see: servers\n" },
	{ "every transport", SERVICE "  ports: [25, 443/udp, 443/sctp, 443]\n",
	    "  ports: [25/tcp, 443/udp, 443/sctp, 443/tcp]\n" },
	{ "services take the default ports",
	    SERVICE "defaults: {ports: [465]}\n",
	    "- host: mail.example.com\n  ports: [465/tcp]\n" },
	{ "names in any case", SERVICE "overlay: [EXAMPLE.com.]\n",
	    "overlay:\n- example.com\n" },
	{ "a zone that holds one owner name",
	    SOURCES "zones: [{name: _tcp.a.example, nameservers: [b]}]\n"
		    "services:\n- host: a.example\n",
	    "- host: a.example\n" },
	{ "overlay alone",
	    SOURCES "overlay: [example.com]\n"
		    "services: [{host: a.example.com}]\n",
	    "- host: a.example.com\n" },
	{ "host of one label", SERVICE "- host: localhost\n",
	    "- host: localhost\n" },
	{ "same host, other port",
	    SERVICE "- {host: mail.example.com, ports: [465]}\n",
	    "  ports: [465/tcp]\n" },
	{ "mailbox with a dot before the @",
	    SOURCES "zones: [{name: t, nameservers: [n], "
		    "hostmaster: j\\.doe.example}]\n",
	    "  hostmaster: j\\.doe.example\n" },
	{ "zone without keys",
	    SOURCES "zones: [{name: t, nameservers: [n], dnssec: none}]\n",
	    "  dnssec: none\n" },
	{ "keys of our own, and hashes",
	    SOURCES "zones:\n- {name: t, nameservers: [n], dnssec: self,\n"
		    "   nsec3: 1 1 10 AbcD narrow}\n",
	    "  dnssec: self\n  nsec3: 1 0 10 abcd narrow\n" },
	{ "no salt",
	    SOURCES "zones: [{name: t, nameservers: [n], nsec3: 1 0 0 -}]\n",
	    "  nsec3: 1 0 0 -\n" },
	{ "PowerDNS elsewhere",
	    SOURCES "powerdns: {address: \"2001:db8::1\", config: /x}\n",
	    "  address: '[2001:db8::1]:53'\n  config: /x\n" },
	{ "PowerDNS on another port",
	    SOURCES "powerdns: {address: \"192.0.2.1:5300\"}\n",
	    "  address: 192.0.2.1:5300\n" },
	{ "lineages", SERVICE "  lineages: [mail, \"true\", \"a: b\"]\n",
	    "  lineages: [mail, true, 'a: b']\n" },
	{ "usage 1 where it is of use",
	    SERVICE "  ports: [443]\n  records: [1 1 1]\n",
	    "  records: [1 1 1]\n" },
	{ "usage 1 for port 25, on purpose",
	    SERVICE "  records: [1 1 1]\n  allow-unusual: yes\n",
	    "  allow-unusual: true\n" },
	{ "unusual everywhere",
	    SOURCES "defaults: {records: [2 0 1], allow-unusual: true}\n",
	    "  records: [2 0 1]\n" },
	{ "both digests", SERVICE "  records: [3 1 2, 3 1 1]\n",
	    "  records: [3 1 2, 3 1 1]\n" },
	{ "directories of issuers", SOURCES "issuers: [/b//, /a]\n",
	    "issuers: [/b, /a]\n" },
	{ "staged keys",
	    SOURCES "lineages:\n- {name: m, next: [/k.pem, /a//b.csr]}\n"
		    "- {name: n, next: [/k.pem]}\n",
	    "lineages:\n- name: m\n  next: [/k.pem, /a/b.csr]\n"
	    "- name: n\n  next: [/k.pem]\n" },
	{ "keys that stay", SOURCES "lineages: [{name: m, reuse-key: yes}]\n",
	    "lineages:\n- name: m\n  reuse-key: true\n" },
	{ "found by pattern",
	    ZONE "discover: {hosts: [\"MAIL.*.\", \"mx?-*_1\", \"*\"]}\n",
	    "discover:\n  hosts: [mail.*, 'mx?-*_1', '*']\n"
	    "  ports: [25/tcp]\n" },
	{ "on ports of their own",
	    SOURCES "overlay: [a]\n"
		    "discover: {hosts: [b], ports: [25, 443/udp]}\n",
	    "  hosts: [b]\n  ports: [25/tcp, 443/udp]\n" },
	{ "on the default ports",
	    ZONE "discover: {hosts: [b]}\ndefaults: {ports: [465]}\n",
	    "  hosts: [b]\n  ports: [465/tcp]\n" },
	{ "64 records", SERVICE "  max-records: 64\n", "max-records: 64\n" },
};

/* Each row is accepted, shown as expected, and shown so again when read. */
static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct config *config;
		char *again;
		char *text;

		print_message("# %s\n", good[i].why);
		config = parse(good[i].text, strlen(good[i].text));
		text = written(config);
		config_free(config);
		if (strstr(text, good[i].expected) == NULL)
			assert_string_equal(text, good[i].expected);
		config = parse(text, strlen(text));
		again = written(config);
		config_free(config);
		assert_string_equal(again, text);
		free(again);
		free(text);
	}
}

/* They depend on where the program is installed. */
static void
test_default_issuers(void **state)
{
	struct config *config = parse(SOURCES, strlen(SOURCES));
	char *expected = mem_format("issuers: [%s, %s]\n",
	    installed_issuers_shipped, installed_issuers_local);
	char *text = written(config);

	(void)state;
	assert_non_null(strstr(text, expected));
	free(text);
	free(expected);
	config_free(config);
}

/* What other modules read, not only what is shown. */
static void
test_members(void **state)
{
	static const char text[] = SERVICE "  lineages: [mail]\n"
					   "  ports: [25, 443/udp]\n"
					   "listen-mode: 0600\n";
	struct config *config = parse(text, sizeof(text) - 1);
	const struct config_service *service = config->services;

	(void)state;
	assert_string_equal(config->path, "t.yaml");
	assert_int_equal(config->listen_mode, 0600);
	assert_null(config->listen_group);
	assert_null(config->powerdns_control);
	assert_int_equal(config->sources[0].type, SOURCE_CERTBOT);
	assert_string_equal(config->zones[0].name, "t.example.");
	assert_string_equal(config->zones[0].nameservers[0], "ns.example.");
	assert_string_equal(
	    config->zones[0].hostmaster, "hostmaster.t.example.");
	assert_int_equal(config->service_count, 1);
	assert_string_equal(service->host, "mail.example.com.");
	assert_int_equal(service->port_count, 2);
	assert_int_equal(service->ports[1].number, 443);
	assert_int_equal(service->ports[1].transport, TRANSPORT_UDP);
	assert_int_equal(service->lineage_count, 1);
	assert_int_equal(service->policy.record_count, 2);
	assert_int_equal(service->policy.records[1].usage, 2);
	assert_int_equal(service->policy.propagation, 7200);
	config_free(config);
	config_free(NULL);
}

/* A million services must not each have a copy of the defaults. */
static void
test_shared(void **state)
{
	static const char text[] = SERVICE
	    "- {host: b, ports: [1], records: [3 1 1]}\n"
	    "discover: {hosts: [c]}\n";
	struct config *config = parse(text, sizeof(text) - 1);
	const struct config_service *services = config->services;

	(void)state;
	assert_ptr_equal(services[0].ports, config->ports);
	assert_ptr_equal(services[0].policy.records, config->defaults.records);
	assert_ptr_not_equal(services[1].ports, config->ports);
	assert_ptr_not_equal(
	    services[1].policy.records, config->defaults.records);
	assert_int_equal(config->defaults.record_count, 2);
	assert_int_equal(services[1].policy.record_count, 1);
	assert_ptr_equal(config->discover.ports, config->ports);
	assert_int_equal(config->discover.port_count, 1);
	config_free(config);
}

static void
test_next(void **state)
{
	static const char text[] = ZONE
	    "lineages: [{name: m, next: [/a, /b]}]\n"
	    "discover: {hosts: [a.*, b]}\n";
	struct config *config = parse(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(config->lineage_count, 1);
	assert_string_equal(config->lineages[0].name, "m");
	assert_int_equal(config->lineages[0].next_count, 2);
	assert_string_equal(config->lineages[0].next[1], "/b");
	assert_int_equal(config->discover.host_count, 2);
	assert_string_equal(config->discover.hosts[0], "a.*");
	assert_int_equal(config->issuer_count, 2);
	assert_string_equal(config->issuers[0], installed_issuers_shipped);
	assert_string_equal(config->issuers[1], installed_issuers_local);
	config_free(config);
}

static struct config *
load_fails(const char *path, enum status expected, const char *piece)
{
	struct config *untouched = NULL;
	struct problem problem = { "" };

	assert_int_equal(
	    config_load(path, NULL, &untouched, &problem), expected);
	if (strstr(problem.text, piece) == NULL)
		assert_string_equal(problem.text, piece);
	return untouched;
}

static void
put_file(const char *path, const char *text, off_t size)
{
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(truncate(path, size), 0);
}

static void
test_files(void **state)
{
	char directory[] = "/tmp/test_config.XXXXXX";
	struct problem problem;
	struct config *config;
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_null(load_fails(directory, STATUS_IO, ": is a directory"));
	(void)snprintf(path, sizeof(path), "%s/t.yaml", directory);
	assert_null(load_fails(path, STATUS_ABSENT, "t.yaml: No such file"));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(load_fails(path, STATUS_IO, ": is not a regular file"));
	assert_int_equal(unlink(path), 0);
	put_file(path, SOURCES, sizeof(SOURCES) - 1);
	assert_int_equal(config_load(path, NULL, &config, &problem), STATUS_OK);
	assert_string_equal(config->path, path);
	config_free(config);
	assert_int_equal(chmod(path, 0), 0);
	if (geteuid() != 0)
		assert_null(load_fails(path, STATUS_IO, "Permission denied"));
	assert_int_equal(chmod(path, 0600), 0);
	put_file(path, SOURCES, (off_t)LIMIT_CONFIG_FILE + 1);
	assert_null(load_fails(path, STATUS_LIMIT, "larger than 67108864"));
	assert_int_equal(unlink(path), 0);
	assert_null(load_fails("/dev/null", STATUS_IO, "not a regular file"));
	assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_default_issuers),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
