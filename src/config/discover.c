/* SPDX-License-Identifier: MIT */
#include "config/discover.h"

#include <string.h>

#include "base/buf.h"
#include "base/glob.h"
#include "base/mem.h"

static bool
is_matched(char *const *globs, size_t count, const char *host, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (glob_match(globs[i], host, len))
			return true;
	return false;
}

bool
discover_allows(const struct config_source *source, const char *host)
{
	size_t len = strlen(host);

	if (len > 1 && host[len - 1] == '.')
		len--;
	return source->host_count == 0 ||
	       is_matched(source->hosts, source->host_count, host, len);
}

char *
discover_host(const struct config_discover *discover, const char *name)
{
	struct buf text = { 0 };
	struct dname dname;
	char *host = NULL;

	if (discover->host_count == 0 ||
	    dname_parse(name, strlen(name), &dname) != STATUS_OK ||
	    dname.len == 0)
		return NULL;
	dname_format(dname.key, dname.len, &text);
	/* What is special in a zone file comes with a backslash. */
	if (strpbrk(buf_text(&text), "*\\") == NULL &&
	    is_matched(discover->hosts, discover->host_count, buf_text(&text),
		text.len - 1))
		host = mem_string(buf_text(&text));
	buf_fini(&text);
	return host;
}
