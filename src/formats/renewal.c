/* SPDX-License-Identifier: MIT */
#include "formats/renewal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "configobj.h"

typedef enum status take_value(
    const struct configobj_entry *entry, void *field, struct problem *problem);

/* Return true if the value is `word`, in upper or lower case. */
static bool
value_is(const struct configobj_entry *entry, const char *word)
{
	return entry->value_len == strlen(word) &&
	       strncasecmp(entry->value, word, entry->value_len) == 0;
}

/* Keep a text.  As in certbot, None is what nobody has set. */
static enum status
take_text(
    const struct configobj_entry *entry, void *field, struct problem *problem)
{
	char **text = field;

	if (entry->is_list) {
		problem_set(problem, "%s is a list", entry->key);
		return STATUS_MALFORMED;
	}
	if (entry->value_len > 0 && !value_is(entry, "None"))
		*text = mem_copy(entry->value, entry->value_len);
	return STATUS_OK;
}

/* Keep a boolean, in the spellings of ConfigObj. */
static enum status
take_bool(
    const struct configobj_entry *entry, void *field, struct problem *problem)
{
	static const struct {
		const char *word;
		bool is_true;
	} words[] = {
		{ "true", true },
		{ "yes", true },
		{ "on", true },
		{ "1", true },
		{ "false", false },
		{ "no", false },
		{ "off", false },
		{ "0", false },
	};
	bool *truth = field;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!entry->is_list && value_is(entry, words[i].word)) {
			*truth = words[i].is_true;
			return STATUS_OK;
		}
	problem_set(problem, "%s is neither True nor False", entry->key);
	return STATUS_MALFORMED;
}

/* The keys that matter, each with the path of its section. */
static const struct {
	const char *path;
	size_t path_len;
	take_value *take;
	size_t offset;
} keys[] = {
#define KEY(path, take, member)                                                \
	{                                                                      \
		path, sizeof(path) - 1, take, offsetof(struct renewal, member) \
	}
	KEY("archive_dir", take_text, archive_dir),
	KEY("fullchain", take_text, fullchain),
	KEY("renewalparams\0server", take_text, server),
	KEY("renewalparams\0key_type", take_text, key_type),
	KEY("renewalparams\0preferred_chain", take_text, preferred_chain),
	KEY("renewalparams\0preferred_profile", take_text, preferred_profile),
	KEY("renewalparams\0reuse_key", take_bool, reuse_key),
#undef KEY
};

static enum status
renewal_take(
    const struct configobj_entry *entry, void *arg, struct problem *problem)
{
	char *renewal = arg;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (entry->path_len == keys[i].path_len &&
		    memcmp(entry->path, keys[i].path, entry->path_len) == 0)
			return keys[i].take(
			    entry, renewal + keys[i].offset, problem);
	return STATUS_OK;
}

enum status
renewal_parse(const char *text, size_t len, struct renewal *ret_renewal,
    struct problem *problem)
{
	struct renewal renewal = { .reuse_key = false };
	enum status status;

	status = configobj_read(text, len, renewal_take, &renewal, problem);
	if (status == STATUS_OK)
		*ret_renewal = renewal;
	else
		renewal_fini(&renewal);
	return status;
}

void
renewal_fini(struct renewal *renewal)
{
	free(renewal->archive_dir);
	free(renewal->fullchain);
	free(renewal->server);
	free(renewal->key_type);
	free(renewal->preferred_chain);
	free(renewal->preferred_profile);
	*renewal = (struct renewal){ .reuse_key = false };
}
