/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "config_row.h"

/* What is good about the texts; the fault is in the line that follows. */
#define SOURCES "sources:\n- {type: certbot, path: /a}\n" /* lines 1, 2 */
#define ZONE    SOURCES "zones:\n- name: t.example\n  nameservers: [ns.example]\n"
#define SERVICE ZONE "services:\n- host: mail.example.com\n" /* 6, 7 */

#define TEN     "abcdefghij"
#define FIFTY   TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

/* Four labels: 204 octets and a dot. */
#define LONG FIFTY "." FIFTY "." FIFTY "." FIFTY

static const struct config_row values[] = {
	{ "relative path", SOURCES "state-directory: var\n",
	    "3:18: ", "'var' is not an absolute path" },
	{ "home", SOURCES "state-directory: ~/x\n",
	    "3:18: ", "not an absolute path" },
	{ "socket of 108 octets", SOURCES "listen: /" HUNDRED "1234567\n",
	    "3:9: ", "2 to 107 octets" },
	{ "control of 108 octets", SOURCES "control: /" HUNDRED "1234567\n",
	    "3:10: ", "2 to 107 octets" },
	{ "relative socket of PowerDNS",
	    SOURCES "powerdns:\n  control-socket: p\n",
	    "4:19: ", "not an absolute path" },
	{ "decimal mode", SOURCES "listen-mode: 0680\n",
	    "3:14: ", "'0680' is not a mode" },
	{ "mode with set-user-ID", SOURCES "listen-mode: 4660\n",
	    "3:14: ", "not a mode" },
	{ "mode of five digits", SOURCES "listen-mode: 00660\n",
	    "3:14: ", "not a mode" },
	{ "group with a blank", SOURCES "listen-group: a b\n",
	    "3:15: ", "cannot be the name of a group" },
	{ "unknown source type", "sources:\n- {type: acme, path: /a}\n",
	    "2:10: ", "unknown source type 'acme'" },
	{ "later: lego", "sources:\n- {type: lego, path: /a}\n",
	    "2:10: ", "source type 'lego' is not supported yet" },
	{ "later: acme.sh", "sources:\n- {type: acme.sh, path: /a}\n",
	    "2:10: ", "source type 'acme.sh' is not supported yet" },
	{ "relative source", "sources:\n- {type: files, path: a}\n",
	    "2:23: ", "not an absolute path" },
	{ "later: self", ZONE "  dnssec: self\n",
	    "6:11: ", "dnssec 'self' is not supported yet" },
	{ "unknown dnssec", ZONE "  dnssec: yes\n",
	    "6:11: ", "unknown dnssec 'yes'" },
	{ "mail address", ZONE "  hostmaster: a@b.example\n",
	    "6:15: ", "write '.' instead of '@'" },
	{ "mailbox of one label", ZONE "  hostmaster: a\n",
	    "6:15: ", "it needs a domain" },
	{ "bad escape", ZONE "  hostmaster: a\\999.b\n",
	    "6:15: ", "not a domain name" },
	{ "address", SERVICE "- host: 192.0.2.1\n", "8:9: ", "write its name" },
	{ "IPv6 address", SERVICE "- host: '2001:db8::1'\n",
	    "8:9: ", "write its name" },
	{ "almost an address", SERVICE "- host: 192.0.2.256\n",
	    "8:9: ", "must not be a number" },
	{ "wildcard", SERVICE "- host: '*.example.com'\n",
	    "8:9: ", "a wildcard" },
	{ "with its port", SERVICE "- host: mail.example.com:25\n",
	    "8:9: ", "without scheme, port or path" },
	{ "owner name", SERVICE "- host: _25._tcp.mail.example.com\n",
	    "8:9: ", "write the name of the host alone" },
	{ "umlaut", SERVICE "- host: m\xc3\xbcnchen.example\n",
	    "8:9: ", "xn--" },
	{ "escape in a host", SERVICE "- host: a\\046b.example\n",
	    "8:9: ", "only letters" },
	{ "blank in a host", SERVICE "- host: a b\n", "8:9: ", "only letters" },
	{ "empty label", SERVICE "- host: a..b\n", "8:9: ", "two dots" },
	{ "leading dot", SERVICE "- host: .b\n", "8:9: ", "two dots" },
	{ "root", SERVICE "- host: .\n", "8:9: ", "at least one label" },
	{ "two final dots", SERVICE "- host: a..\n",
	    "8:9: ", "not a domain name" },
	{ "leading hyphen", SERVICE "- host: a.-b.example\n",
	    "8:9: ", "begin or end with '-'" },
	{ "trailing hyphen", SERVICE "- host: a-.example\n",
	    "8:9: ", "begin or end with '-'" },
	{ "label of 64", SERVICE "- host: " FIFTY "12345678901234.b\n",
	    "8:9: ", "a label has at most 63" },
	{ "name of 257", SERVICE "- host: " LONG "." FIFTY "\n",
	    "8:9: ", "a name 255" },
	{ "wildcard zone", SOURCES "overlay: ['*.b']\n",
	    "3:11: ", "a wildcard" },
	{ "bad nameserver",
	    SOURCES "zones: [{name: a, nameservers: [b, 192.0.2.1]}]\n",
	    "3:36: ", "an address, not a name" },
	{ "lineage as path", SERVICE "  lineages: [a, /etc/b]\n",
	    "8:17: ", "not the name of a lineage" },
	{ "relative directory of issuers", SOURCES "issuers: [/a, b]\n",
	    "3:15: ", "'b' is not an absolute path" },
	{ "next of a relative path",
	    SOURCES "lineages: [{name: a, next: [/a, b]}]\n",
	    "3:33: ", "'b' is not an absolute path" },
	{ "next of a path", SOURCES "lineages: [{name: a/b, next: [/a]}]\n",
	    "3:19: ", "not the name of a lineage" },
	{ "braces in a pattern", ZONE "discover: {hosts: [a, 'b{c}']}\n",
	    "6:23: ", "'b{c}' is not a pattern of names: only letters" },
	{ "class in a pattern", ZONE "discover: {hosts: ['[ab].c']}\n",
	    "6:20: ", "only letters" },
	{ "umlaut in a pattern", ZONE "discover: {hosts: [m\xc3\xbc*]}\n",
	    "6:20: ", "only letters" },
	{ "pattern of a root", ZONE "discover: {hosts: ['.']}\n",
	    "6:20: ", "has an empty label" },
	{ "pattern with two dots", ZONE "discover: {hosts: ['*..a']}\n",
	    "6:20: ", "has an empty label" },
	{ "pattern with two final dots", ZONE "discover: {hosts: [a..]}\n",
	    "6:20: ", "has an empty label" },
	{ "pattern of a suffix", ZONE "discover: {hosts: [.a]}\n",
	    "6:20: ", "has an empty label" },
	{ "pattern of an owner", ZONE "discover: {hosts: ['_25._tcp.*']}\n",
	    "6:20: ", "write the host alone" },
	{ "long pattern", ZONE "discover: {hosts: [" LONG "." FIFTY "12]}\n",
	    "6:20: ", "longer than any name" },
	{ "lineage above", SERVICE "  lineages: [..]\n",
	    "8:14: ", "not the name of a lineage" },
};

static const struct config_row numbers[] = {
	{ "port 0", SERVICE "  ports: [25, 0]\n",
	    "8:15: ", "'0' is not a port" },
	{ "port 65536", SERVICE "  ports: [65536]\n", "8:11: ", "not a port" },
	{ "port by name", SERVICE "  ports: [smtp]\n", "8:11: ", "not a port" },
	{ "unknown transport", SERVICE "  ports: [25/quic]\n",
	    "8:11: ", "not a port" },
	{ "transport in capitals", SERVICE "  ports: [25/TCP]\n",
	    "8:11: ", "not a port" },
	{ "transport left out", SERVICE "  ports: [25/]\n",
	    "8:11: ", "not a port" },
	{ "port with a sign", SERVICE "  ports: [+25]\n",
	    "8:11: ", "not a port" },
	{ "port with a zero", SERVICE "  ports: [025]\n",
	    "8:11: ", "not a port" },
	{ "port to discover", ZONE "discover: {hosts: [a], ports: [0]}\n",
	    "6:32: ", "not a port" },
	{ "default port", SOURCES "defaults: {ports: [x]}\n",
	    "3:20: ", "not a port" },
	{ "TTL 0", SERVICE "  ttl: 0\n", "8:8: ", "1 to 604800 seconds" },
	{ "TTL over a week", SERVICE "  ttl: 604801\n",
	    "8:8: ", "1 to 604800 seconds" },
	{ "TTL over a week, in days", SERVICE "  ttl: 8d\n",
	    "8:8: ", "1 to 604800 seconds" },
	{ "negative TTL", SERVICE "  ttl: -1\n",
	    "8:8: ", "'-1' is not a duration" },
	{ "fraction", SERVICE "  ttl: 1.5h\n", "8:8: ", "not a duration" },
	{ "two units", SERVICE "  ttl: 1h30m\n", "8:8: ", "not a duration" },
	{ "unknown unit", SERVICE "  ttl: 1y\n", "8:8: ", "not a duration" },
	{ "blank before the unit", SERVICE "  ttl: 1 h\n",
	    "8:8: ", "not a duration" },
	{ "2^32 + 1", SERVICE "  ttl: 4294967297\n", "8:8: ", "out of range" },
	{ "2^64 + 1", SERVICE "  ttl: 18446744073709551617\n",
	    "8:8: ", "not a duration" },
	{ "product over 2^32", SERVICE "  retain: 7102w\n",
	    "8:11: ", "0 to 31536000" },
	{ "hold time", SOURCES "defaults: {propagation: 366d}\n",
	    "3:25: ", "0 to 31536000 seconds" },
	{ "max-records 0", SERVICE "  max-records: 0\n", "8:16: ", "1..64" },
	{ "max-records 65", SERVICE "  max-records: 65\n", "8:16: ", "1..64" },
	{ "max-records 12.0", SERVICE "  max-records: 12.0\n",
	    "8:16: ", "not a whole number" },
	{ "boolean 1", SERVICE "  allow-staging: 1\n",
	    "8:18: ", "neither 'true' nor 'false'" },
	{ "boolean True", SERVICE "  allow-unusual: True\n",
	    "8:18: ", "neither 'true' nor 'false'" },
	{ "usage 4", SERVICE "  records: [3 1 1, 4 1 1]\n",
	    "8:20: ", "'4 1 1' is not a record type" },
	{ "selector 2", SERVICE "  records: [3 2 1]\n",
	    "8:13: ", "not a record type" },
	{ "matching type 3", SERVICE "  records: [3 1 3]\n",
	    "8:13: ", "not a record type" },
	{ "two numbers", SERVICE "  records: [3 1]\n",
	    "8:13: ", "not a record type" },
	{ "four numbers", SERVICE "  records: [3 1 1 1]\n",
	    "8:13: ", "not a record type" },
	{ "without blanks", SERVICE "  records: [311]\n",
	    "8:13: ", "not a record type" },
	{ "list of numbers", SERVICE "  records: [3, 1, 1]\n",
	    "8:13: ", "'3' is not a record type" },
	{ "record type by name", SERVICE "  records: [DANE-EE]\n",
	    "8:13: ", "not a record type" },
};

static const struct config_row rules[] = {
	{ "comma in listen", SOURCES "listen: /a,b\n", "3:9: ", "a comma" },
	{ "two sockets in one", SOURCES "listen: /a\ncontrol: //a/\n",
	    "4:10: ", "'listen' and 'control' are the same" },
	{ "listen is the default control",
	    SOURCES "listen: /run/pdns-tlsa/control.sock\n",
	    "3:9: ", "'listen' and 'control' are the same" },
	{ "socket of PowerDNS is ours",
	    SOURCES "listen: /a\npowerdns: {control-socket: /a}\n",
	    "4:28: ", "the same as our own 'listen'" },
	{ "source twice", SOURCES "- {type: files, path: /a/}\n",
	    "3:23: ", "source '/a' is there twice; the first is in line 2" },
	{ "zone twice", ZONE "- {name: T.example., nameservers: [a]}\n",
	    "6:10: ",
	    "zone 't.example.' is there twice; the first is in "
	    "line 4" },
	{ "overlay twice", SOURCES "overlay:\n- a\n- b\n- a\n",
	    "6:3: ", "overlay 'a.' is there twice; the first is in line 4" },
	{ "zone and overlay", ZONE "overlay: [t.example]\n",
	    "6:11: ", "is an overlay and, in line 4, one of 'zones'" },
	{ "nameserver twice",
	    SOURCES "zones: [{name: a, nameservers: [b, B.]}]\n",
	    "3:36: ", "'b.' is in this list twice; items 1 and 2" },
	{ "lineage twice", SERVICE "  lineages: [a, b, a]\n",
	    "8:20: ", "'a' is in this list twice; items 1 and 3" },
	{ "port twice", SERVICE "  ports: [25, 25/tcp]\n",
	    "8:15: ", "port 25/tcp is in this list twice; items 1 and 2" },
	{ "default port twice", SOURCES "defaults: {ports: [1, 2, 1]}\n",
	    "3:26: ", "port 1/tcp is in this list twice; items 1 and 3" },
	{ "directory of issuers twice", SOURCES "issuers: [/a, /b, /a/]\n",
	    "3:19: ", "'/a' is in this list twice; items 1 and 3" },
	{ "lineage told twice",
	    SOURCES "lineages:\n- {name: a, next: [/a]}\n"
		    "- {name: b, next: [/a]}\n- {name: a, next: [/b]}\n",
	    "6:10: ", "lineage 'a' is there twice; the first is in line 4" },
	{ "next twice", SOURCES "lineages: [{name: a, next: [/a, //a]}]\n",
	    "3:33: ", "'/a' is in this list twice" },
	{ "pattern twice", ZONE "discover: {hosts: [A.*, b, a.*]}\n",
	    "6:28: ", "'a.*' is in this list twice; items 1 and 3" },
	{ "discovered port twice",
	    ZONE "discover: {hosts: [a], ports: [1, 1/tcp]}\n",
	    "6:35: ", "port 1/tcp is in this list twice" },
	{ "discovered but homeless", SOURCES "discover: {hosts: [a]}\n",
	    "3:11: ", "'discover' finds could be served nowhere" },
	{ "usage 1 for a discovered port 25",
	    ZONE "defaults: {records: [1 1 1], ports: [443]}\n"
		 "discover: {hosts: [a], ports: [25]}\n",
	    "6:22: ", "usages 0 and 1 are not for port 25" },
	{ "record type twice", SERVICE "  records: [3 1 1, 2 1 1, 3 1 1]\n",
	    "8:27: ", "\"3 1 1\" is in this list twice" },
	{ "service twice", SERVICE "- host: MAIL.example.com.\n", "8:9: ",
	    "'mail.example.com.' port 25/tcp is there twice; the first is "
	    "the service in line 7" },
	{ "one port of a service twice",
	    SERVICE "- host: mail.example.com\n  ports: [465, 25]\n",
	    "8:9: ", "port 25/tcp is there twice" },
	{ "alias and name meet", SERVICE "- host: mail.example.com.t.example\n",
	    "8:9: ", "port 25/tcp is there twice" },
	{ "served nowhere", SOURCES "services:\n- host: a.example\n",
	    "4:9: ", "'_25._tcp.a.example.' lies below no overlay" },
	{ "zone for another transport",
	    SOURCES "overlay: [_udp.a]\nservices:\n- host: a\n",
	    "5:9: ", "lies below no overlay and there is no own zone" },
	{ "host too long", SERVICE "- host: " LONG "." TEN TEN TEN "12345678\n",
	    "8:9: ", "too long to have '_65535._sctp' in front" },
	{ "alias too long", SERVICE "- host: " LONG "." TEN TEN TEN "12345\n",
	    "8:9: ", "too long for an alias in 't.example.'" },
	{ "zone too long",
	    SOURCES "overlay: [" LONG "." TEN TEN TEN "12345678]\n",
	    "3:11: ", "too long to hold" },
	{ "usage 1 for port 25", SERVICE "  records: [3 1 1, 1 1 1]\n",
	    "8:20: ", "usages 0 and 1 are not for port 25" },
	{ "usage 0 by default", SOURCES "defaults: {records: [0 0 1]}\n",
	    "3:22: ", "usages 0 and 1 are not for port 25" },
	{ "default records, own port",
	    ZONE "defaults: {records: [1 1 1], ports: [443]}\n"
		 "services:\n- {host: a}\n- {host: b, ports: [25]}\n",
	    "9:3: ", "usages 0 and 1 are not for port 25" },
	{ "selector 0 with usage 2", SERVICE "  records: [2 0 1]\n",
	    "8:13: ", "selector 0 fails with usage 2" },
	{ "SHA2-512 alone", SERVICE "  records: [2 1 1, 3 1 2]\n",
	    "8:20: ", "matching type 1 must be there too" },
	{ "SHA2-512, other selector", SERVICE "  records: [3 0 1, 3 1 2]\n",
	    "8:20: ", "matching type 1 must be there too" },
	{ "unusual by default, not here",
	    ZONE "defaults: {records: [2 0 1], allow-unusual: true}\n"
		 "services:\n- {host: a, allow-unusual: false}\n",
	    "8:3: ", "selector 0 fails with usage 2" },
};

static void
test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++)
		config_row_check(&values[i]);
}

static void
test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		config_row_check(&numbers[i]);
}

static void
test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rules); i++)
		config_row_check(&rules[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_rules),
	};
	return cmocka_run_group_tests_name("config_values", tests, NULL, NULL);
}
