/* SPDX-License-Identifier: MIT */
#include "setup/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/installed.h"
#include "base/mem.h"
#include "word.h"

static const struct config_source *
source_find(const struct config *config)
{
	for (size_t i = 0; i < config->source_count; i++)
		if (config->sources[i].type == SOURCE_REMOTE)
			return &config->sources[i];
	return NULL;
}

static void
print_config(const struct config *config)
{
	(void)printf("\n## FILE %s, here\n\n"
		     "# One more in 'sources'; then: systemctl reload "
		     "pdns-tlsa\n"
		     "#   - {type: remote}\n",
	    config->path);
}

/* What no package made. */
static void
print_user(const char *path)
{
	(void)puts("\n## SHELL, here\n\n"
		   "# The user as whom it comes in, and the store that is his, "
		   "if no package made them.\n"
		   "getent passwd pdns-tlsa-remote >/dev/null || "
		   "systemd-sysusers\n"
		   "systemd-tmpfiles --create");
	if (strcmp(path, CONFIG_REMOTE) == 0)
		return;
	(void)fputs("install -d -o pdns-tlsa-remote -g pdns-tlsa-remote -m "
		    "0755 ",
	    stdout);
	setup_print_word(path);
	(void)puts("");
}

static void
print_key(const struct config *config, const char *host)
{
	bool is_default = strcmp(config->path, installed_config) == 0;
	/* sshd runs it in another directory. */
	char *path = realpath(config->path, NULL);

	if (path == NULL)
		path = mem_string(config->path);
	(void)printf("\n## SHELL, on %s\n\n"
		     "# A key for this alone, if there is none; its second "
		     "half goes into the file below.\n"
		     "[ -e /root/.ssh/id_ed25519 ] || ssh-keygen -t ed25519 "
		     "-N '' -f /root/.ssh/id_ed25519\n"
		     "cat /root/.ssh/id_ed25519.pub\n",
	    host);
	(void)printf("\n## FILE %s, here\n\n"
		     "# In one line, with that key in the place of AAAA...; "
		     "--hosts: what it may speak for.\n"
		     "command=\"%s%s%s receive --as %s --hosts '%s'\",restrict "
		     "ssh-ed25519 AAAA... root@%s\n",
	    installed_remote_keys, installed_program, is_default ? "" : " -c ",
	    is_default ? "" : path, host, host, host);
	free(path);
}

static void
print_sender(const char *host)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0')
		(void)strcpy(name, "dns.example.net");
	(void)printf("\n## SHELL, on %s\n\n"
		     "# Once by hand, which shows the key of this host to be "
		     "confirmed: one line with \"version\".\n"
		     "ssh -T pdns-tlsa-remote@%s </dev/null\n"
		     "# Then, for each lineage; VIA=%s in its settings has the "
		     "hooks do so.\n"
		     "pdns-tlsa deploy /etc/letsencrypt/live/NAME \\\n"
		     "    --via ssh:pdns-tlsa-remote@%s \\\n"
		     "    --to /etc/postfix/tls/NAME --reload 'postfix "
		     "reload'\n",
	    host, name, "ssh:pdns-tlsa-remote@HOST", name);
}

bool
setup_print_remote(const struct config *config, const char *host)
{
	const struct config_source *source = source_find(config);

	(void)printf("# What %s needs to send its certificates here, in this "
		     "order.  Its private keys stay there.\n",
	    host);
	if (source == NULL)
		print_config(config);
	print_user(source != NULL ? source->path : CONFIG_REMOTE);
	print_key(config, host);
	print_sender(host);
	return fflush(stdout) == 0 && ferror(stdout) == 0;
}
