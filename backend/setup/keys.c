/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#include "word.h"

#define PDNSUTIL "runuser -u pdns -- pdnsutil "

/* An empty one, only if there is none: whose file it is, is PowerDNS. */
static void
print_database(const struct setup *setup)
{
	const char *path = setup_database(setup);
	const char *schema = setup->backend->schema;

	if (schema == NULL)
		return;
	(void)fputs("\n# Only if there is none.  As PowerDNS's user, which "
		    "could not open what root makes.\ntest -s ",
	    stdout);
	setup_print_word(path);
	(void)fputs(
	    " || {\n    install -o pdns -g pdns -m 0640 /dev/null ", stdout);
	setup_print_word(path);
	(void)fputs(" &&\n    runuser -u pdns -- sqlite3 ", stdout);
	setup_print_word(path);
	(void)printf(" \\\n\t<%s; }\n", schema);
}

static void
print_row(const struct setup *setup, const char *zone)
{
	const struct setup_backend *backend = setup->backend;

	if (backend->row_begin == NULL)
		return;
	(void)printf("# A row without records, to which keys belong; the "
		     "records are ours.  Never\n# create-zone, which would "
		     "make records that hide them.\n%s",
	    backend->row_begin);
	setup_print_word(setup_database(setup));
	(void)printf("%s%.*s%s", backend->row_middle, setup_name_len(zone),
	    zone, backend->row_end);
}

/* ---- with pdnsutil ---- */

static void
print_util(const char *verb, const char *zone, const char *more)
{
	(void)printf(
	    PDNSUTIL "%s %.*s%s\n", verb, setup_name_len(zone), zone, more);
}

/* Make a key where none is: there must not be a second one. */
static void
print_util_key(const struct setup *setup, const char *zone)
{
	bool is_lmdb = strcmp(setup->backend->name, "lmdb") == 0;
	int len = setup_name_len(zone);

	(void)printf("# A key, if it has none.\n" PDNSUTIL
		     "export-zone-ds %.*s >/dev/null 2>&1 ||\n    ",
	    len, zone);
	if (is_lmdb && !setup->wanted[COMPOSITION_OVERLAY])
		(void)printf(PDNSUTIL
		    "add-zone-key %.*s \\\n\tksk active published ecdsa256\n",
		    len, zone);
	else
		print_util("secure-zone", zone, "");
}

/* ---- with SQL ---- */

static void
print_sql_meta(const char *zone, const char *kind, const char *value)
{
	int len = setup_name_len(zone);

	(void)printf("DELETE FROM domainmetadata WHERE domain = '%.*s' AND "
		     "kind = '%s';\n",
	    len, zone, kind);
	if (value != NULL)
		(void)printf("INSERT INTO domainmetadata (domain, kind, "
			     "content) VALUES\n    ('%.*s', '%s', '%s');\n",
		    len, zone, kind, value);
}

/*
 * The key through standard input: arguments of commands are seen by all.
 * pdnsutil of 4.x wants its configuration to make a key, that of 5.1 cannot
 * load its backends.
 */
static void
print_sql_begin(const struct setup *setup, const char *zone)
{
	int len = setup_name_len(zone);

	(void)fputs(
	    "# pdnsutil of PowerDNS 5.1 cannot load the bind backend, but "
	    "makes keys; SQL puts\n"
	    "# one there if the zone has none.\n"
	    "key=$({ pdnsutil --config-dir=/nonexistent generate-zone-key ksk "
	    "ecdsa256 ||\n"
	    "    pdnsutil generate-zone-key ksk ecdsa256; } 2>/dev/null | "
	    "grep -v ^Flags:)\n"
	    "runuser -u pdns -- sqlite3 ",
	    stdout);
	setup_print_word(setup_database(setup));
	(void)printf(" <<END\n"
		     "INSERT INTO cryptokeys (domain, flags, active, "
		     "published, content)\n"
		     "    SELECT '%.*s', 257, 1, 1, '$key'\n"
		     "    WHERE '$key' LIKE 'Private-key-format:%%' AND NOT "
		     "EXISTS\n"
		     "    (SELECT 1 FROM cryptokeys WHERE domain = '%.*s');\n",
	    len, zone, len, zone);
}

static void
print_sql_end(void)
{
	(void)puts("END\nunset key");
}

/* ---- zones ---- */

/* nsec3: NULL, or of a zone whose records are ours. */
static void
print_own_meta(
    const struct setup *setup, const char *zone, const struct nsec3 *nsec3)
{
	struct buf text = { 0 };
	struct buf quoted = { 0 };
	struct nsec3 plain;

	if (nsec3 != NULL) {
		plain = *nsec3;
		plain.is_narrow = false;
		nsec3_format(&plain, &text);
		buf_add_format(&quoted, " '%s'%s", buf_text(&text),
		    nsec3->is_narrow ? " narrow" : "");
	}
	if (setup_is_sql(setup)) {
		if (nsec3 != NULL)
			print_sql_meta(zone, "NSEC3PARAM", buf_text(&text));
		if (nsec3 != NULL)
			print_sql_meta(
			    zone, "NSEC3NARROW", nsec3->is_narrow ? "1" : NULL);
		print_sql_meta(zone, "SOA-EDIT", "INCEPTION-EPOCH");
		print_sql_end();
	} else {
		if (nsec3 != NULL) {
			(void)puts("# As 'nsec3' of the zone says: both must "
				   "agree.");
			print_util("set-nsec3", zone, buf_text(&quoted));
		}
		(void)puts("# Signatures are made anew each week; secondaries "
			   "see that by the serial.");
		print_util("set-meta", zone, " SOA-EDIT INCEPTION-EPOCH");
	}
	buf_fini(&text);
	buf_fini(&quoted);
}

static void
print_own_zone(const struct setup *setup, const struct config_zone *zone)
{
	if (zone->dnssec == ZONE_DNSSEC_NONE || !setup_has_zone(setup, zone))
		return;
	(void)printf("\n# Zone %.*s: its keys live in the database.\n",
	    setup_name_len(zone->name), zone->name);
	print_row(setup, zone->name);
	if (setup_is_sql(setup))
		print_sql_begin(setup, zone->name);
	else
		print_util_key(setup, zone->name);
	print_own_meta(setup, zone->name, zone->nsec3);
}

static void
print_overlay_zone(const struct setup *setup, const char *name)
{
	(void)printf(
	    "\n# Zone %.*s: any other denial of existence than narrow NSEC3 "
	    "would deny our\n"
	    "# own records, validated.  It cannot be transferred to "
	    "secondaries by AXFR then.\n",
	    setup_name_len(name), name);
	if (setup_is_sql(setup)) {
		print_sql_begin(setup, name);
		print_sql_meta(name, "NSEC3PARAM", "1 0 0 -");
		print_sql_meta(name, "NSEC3NARROW", "1");
		print_sql_end();
		return;
	}
	print_util_key(setup, name);
	print_util("set-nsec3", name, " '1 0 0 -' narrow");
	print_util("rectify-zone", name, "");
}

void
setup_print_keys(const struct setup *setup)
{
	const struct config *config = setup->config;

	if (!setup_needs_database(setup))
		return;
	(void)puts("\n## SHELL");
	print_database(setup);
	for (size_t i = 0; i < config->zone_count; i++)
		if (!setup_is_self(setup, &config->zones[i]))
			print_own_zone(setup, &config->zones[i]);
	for (size_t i = 0;
	     setup->wanted[COMPOSITION_OVERLAY] && i < config->overlay_count;
	     i++)
		print_overlay_zone(setup, config->overlay_names[i]);
}

/* ---- DS ---- */

static void
print_zone_ds(const struct setup *setup, const char *zone)
{
	const struct config *config = setup->config;
	int len = setup_name_len(zone);

	if (!setup_is_sql(setup)) {
		print_util("export-zone-ds", zone, "");
		return;
	}
	(void)printf("dig @%s", config->powerdns_address);
	if (config->powerdns_port != 53)
		(void)printf(" -p %u", (unsigned)config->powerdns_port);
	(void)printf(" +noall +answer %.*s DNSKEY |\n    dnssec-dsfromkey -2 "
		     "-f - %.*s\n",
	    len, zone, len, zone);
}

void
setup_print_ds(const struct setup *setup)
{
	const struct config *config = setup->config;
	bool is_said = false;

	for (size_t i = 0; i < config->zone_count; i++) {
		const struct config_zone *zone = &config->zones[i];

		if (zone->dnssec == ZONE_DNSSEC_NONE ||
		    !setup_has_zone(setup, zone))
			continue;
		if (!is_said)
			(void)puts("# What this prints (digest type 2) goes "
				   "into the zone above, beside the NS\n"
				   "# records below.");
		is_said = true;
		print_zone_ds(setup, zone->name);
	}
}
