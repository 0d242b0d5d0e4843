/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/installed.h"
#include "base/mem.h"
#include "files/file.h"
#include "word.h"

/* Rights that are given do not outlast a renewal. */
#define OWNERS_ALONE                                                           \
	"Its files are made anew each time, for its user alone, so that the "  \
	"daemon needs a\n# right of its own."

/*
 * What the daemon's group needs in a store, by its kind, as "SOURCES" in
 * pdns-tlsa.yaml(5) has it.
 */
static const struct right {
	const char *directories[3]; /* below the path of the source */
	bool is_made;      /* by whom it is given to, before the first issue */
	const char *each;  /* directory of one directory for each lineage */
	const char *files; /* pattern of those that others may not read */
	const char *note;
} rights[SOURCE_TYPES] = {
	[SOURCE_CERTBOT] = { .directories = { "/live", "/archive" },
	    .is_made = true },
	[SOURCE_FILES] = { .directories = { "" },
	    .note = "The group must be able to read the certificates in it; "
		    "never the keys." },
	[SOURCE_DEHYDRATED] = { .directories = { "", "/certs" },
	    .each = "/certs",
	    .files = "fullchain*.pem",
	    .note = "New files are for dehydrated's user alone: see 'SOURCES' "
		    "in pdns-tlsa.yaml(5)\n# for the line that its hook "
		    "needs." },
	[SOURCE_LEGO] = { .directories = { "", "/certificates" },
	    .files = "*.crt" },
	[SOURCE_UACME] = { .directories = { "" } },
	[SOURCE_ACMESH] = { .directories = { "" },
	    .each = "",
	    .files = "*.cer" },
	[SOURCE_CADDY] = { .note = OWNERS_ALONE },
	[SOURCE_MOD_MD] = { .note = OWNERS_ALONE },
	[SOURCE_ACMETOOL] = { .directories = { "", "/live", "/certs" } },
	[SOURCE_REMOTE] = { .directories = { "" } },
};

static void
print_packages(const struct setup *setup)
{
	(void)puts("\n## SHELL\n\n"
		   "# Debian's pdns-server brings neither the remote backend "
		   "nor another that keeps\n"
		   "# keys; dns-root-data is what doctor validates from.");
	(void)printf(
	    "apt-get install -y pdns-server pdns-backend-remote dns-root-data "
	    "bind9-dnsutils");
	if (setup_needs_database(setup))
		(void)printf(" %s", setup->backend->packages);
	if (setup_is_sql(setup))
		(void)printf(" bind9-utils");
	(void)puts("");
}

/* Whether everybody may list and search it already. */
static bool
is_open(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	       (st.st_mode & (S_IROTH | S_IXOTH)) == (S_IROTH | S_IXOTH);
}

static bool
is_shut(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IXOTH) == 0;
}

/* A directory above the store through which nobody else comes. */
static void
print_above(const char *path)
{
	char *above = path_directory(path);

	while (strcmp(above, "/") != 0) {
		char *next = path_directory(above);

		if (is_shut(above)) {
			(void)printf("# Only if it leads nowhere else: user "
				     "pdns-tlsa must be able to pass "
				     "through.\n#chmod o+x ");
			setup_print_word(above);
			(void)puts("");
		}
		free(above);
		above = next;
	}
	free(above);
}

static void
print_list(const char *command, const struct paths *paths)
{
	(void)fputs(command, stdout);
	for (size_t i = 0; i < paths->count; i++) {
		(void)fputs(" ", stdout);
		setup_print_word(paths->list[i]);
	}
	(void)puts("");
}

static void
print_find(
    const char *path, const char *below, const char *what, const char *mode)
{
	char *start = mem_format("%s%s", path, below);

	(void)fputs("find ", stdout);
	setup_print_word(start);
	(void)printf(
	    " %s -exec chgrp pdns-tlsa {} + -exec chmod %s {} +\n", what, mode);
	free(start);
}

static void
print_right(const struct config_source *source)
{
	static const char drop_ins[] =
	    "/etc/systemd/system/pdns-tlsa.service.d";
	const struct right *right = &rights[source->type];
	struct paths paths = { 0 };

	(void)printf("\n# Source %s: certificates are read, keys never.\n",
	    source_type_text(source->type));
	if (right->directories[0] != NULL)
		print_above(source->path);
	for (size_t i = 0; i < 3 && right->directories[i] != NULL; i++) {
		char *path = mem_format(
		    "%s%s", source->path, right->directories[i]);

		if (!is_open(path))
			paths_add(&paths, path);
		free(path);
	}
	if (right->note != NULL)
		(void)printf("# %s\n", right->note);
	if (right->directories[0] == NULL) {
		(void)printf(
		    "mkdir -p %s\ncp %s %s/\nsystemctl daemon-reload\n",
		    drop_ins, installed_private_stores, drop_ins);
	} else if (paths.count > 0) {
		if (right->is_made)
			print_list("mkdir -p", &paths);
		print_list("chgrp pdns-tlsa", &paths);
		print_list("chmod 0750", &paths);
	} else {
		(void)puts("# Everybody may look there already.");
	}
	if (right->each != NULL)
		print_find(source->path, right->each,
		    "-mindepth 1 -maxdepth 1 -type d", "0750");
	if (right->files != NULL) {
		char *what = mem_format("-type f -name '%s'", right->files);

		print_find(source->path, "", what, "g+r");
		free(what);
	}
	paths_fini(&paths);
}

/*
 * The daemon's unit may make no socket of the network: systemd makes it, where
 * the configuration says.
 */
static void
print_http(const char *listen)
{
	static const char directory[] =
	    "/etc/systemd/system/pdns-tlsa-http.socket.d";

	(void)puts("\n# Where the http connector asks.");
	if (strcmp(listen, "127.0.0.1:8053") != 0)
		(void)printf("mkdir -p %s\n"
			     "cat >%s/listen.conf <<'END'\n"
			     "[Socket]\n"
			     "ListenStream=\n"
			     "ListenStream=%s\n"
			     "END\n"
			     "systemctl daemon-reload\n",
		    directory, directory, listen);
	(void)puts("systemctl enable pdns-tlsa-http.socket");
}

void
setup_print_machine(const struct setup *setup)
{
	const struct config *config = setup->config;

	print_packages(setup);
	(void)puts("# The daemon's user, if no package made it.\n"
		   "getent passwd pdns-tlsa >/dev/null || systemd-sysusers");
	for (size_t i = 0; i < config->source_count; i++)
		print_right(&config->sources[i]);
	if (setup->is_http)
		print_http(config->http_listen);
	(void)printf(
	    "\n# Before PowerDNS, which exits at start when the socket is "
	    "missing.  One that runs\n"
	    "# already %s.\n",
	    setup->is_http ? "begins again, for the socket that it is given"
			   : "reads its configuration again");
	(void)puts("systemctl enable --now pdns-tlsa.socket pdns-tlsa.service");
	/* A service that runs is not given another socket. */
	(void)puts(setup->is_http ? "systemctl restart pdns-tlsa.service"
				  : "systemctl reload pdns-tlsa.service");
}
