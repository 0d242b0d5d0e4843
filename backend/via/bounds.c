/* SPDX-License-Identifier: MIT */
#include "via/bounds.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/plain.h"

static enum status
pattern_add(struct bounds *bounds, const char *text, size_t len,
    struct problem *problem)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_*?";
	enum status status = STATUS_MALFORMED;
	char *pattern;

	/* Names in certificates have no final dot. */
	if (len > 1 && text[len - 1] == '.')
		len--;
	pattern = mem_copy(text, len);
	if (len == 0 || strspn(pattern, signs) != len)
		problem_set(problem,
		    "'%.64s' is no pattern of hosts, as mx1.example.com or "
		    "mx1.*",
		    plain_of(pattern).text);
	else if (bounds->hosts.count == LIMIT_VIA_PATTERNS)
		problem_set(problem, "there are more than %d patterns",
		    LIMIT_VIA_PATTERNS);
	else
		status = STATUS_OK;
	if (status == STATUS_OK)
		paths_add(&bounds->hosts, pattern);
	free(pattern);
	return status;
}

static char *
hosts_text(const struct paths *hosts)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < hosts->count; i++)
		buf_add_format(&text, "%s%s", i > 0 ? "," : "", hosts->list[i]);
	(void)buf_text(&text);
	return text.data;
}

/* The order of the patterns says nothing. */
static char *
sender_make(struct paths *hosts)
{
	paths_sort(hosts, 0);
	return hosts_text(hosts);
}

/* It is a line of a file. */
static bool
is_name(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len > 0 && len <= LIMIT_VIA_NAME;
}

enum status
bounds_parse(const char *hosts, const char *as, struct bounds *ret_bounds,
    struct problem *problem)
{
	struct bounds bounds = { .sender = NULL };
	enum status status = STATUS_OK;

	while (status == STATUS_OK) {
		size_t len = strcspn(hosts, ",");

		status = pattern_add(&bounds, hosts, len, problem);
		if (hosts[len] == '\0')
			break;
		hosts += len + 1;
	}
	if (status == STATUS_OK && as != NULL && !is_name(as)) {
		problem_set(problem,
		    "'%.64s' is no name: printable characters without a "
		    "blank, %d at most",
		    plain_of(as).text, LIMIT_VIA_NAME);
		status = STATUS_MALFORMED;
	}
	if (status == STATUS_OK) {
		bounds.sender = as != NULL ? mem_string(as)
					   : sender_make(&bounds.hosts);
		*ret_bounds = bounds;
	} else {
		bounds_fini(&bounds);
	}
	return status;
}

static bool
is_matched(const struct bounds *bounds, const char *name)
{
	for (size_t i = 0; i < bounds->hosts.count; i++)
		if (glob_match(bounds->hosts.list[i], name, strlen(name)))
			return true;
	return false;
}

/* Any label: none that a pattern was made for, and not a single character. */
static bool
is_allowed(const struct bounds *bounds, const char *name)
{
	char *any;
	bool is_good = is_matched(bounds, name);

	if (is_good && strchr(name, '*') != NULL) {
		const char *dot = strchr(name, '.');

		any = mem_format("--any--%s", dot != NULL ? dot : "");
		is_good = is_matched(bounds, any);
		free(any);
	}
	return is_good;
}

bool
bounds_allow(const struct bounds *bounds, const struct cert *leaf,
    struct problem *problem)
{
	for (size_t i = 0; i < leaf->name_count; i++) {
		char *hosts;

		if (is_allowed(bounds, leaf->names[i]))
			continue;
		hosts = hosts_text(&bounds->hosts);
		problem_set(problem,
		    "the certificate names '%.100s', and this key may speak "
		    "for '%.200s' only; see --hosts in its line of "
		    "authorized_keys",
		    plain_of(leaf->names[i]).text, hosts);
		free(hosts);
		return false;
	}
	if (leaf->name_count == 0)
		problem_set(problem, "the certificate names no host");
	return leaf->name_count > 0;
}

void
bounds_fini(struct bounds *bounds)
{
	paths_fini(&bounds->hosts);
	free(bounds->sender);
	*bounds = (struct bounds){ .sender = NULL };
}
