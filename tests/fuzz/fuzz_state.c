/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a journal, as they are, and with the checksums of their lines
 * made right: it is used, or repaired and said so once, or refused and left
 * alone; after that it has no damage, and what is put then is there.
 *
 * Mostly by a handle that is open all the while, for closing one waits some
 * milliseconds for inotify(7).
 */
#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "state/index.h"
#include "state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[32];
static char journal[64];

/* What was told, in a form that does not depend on the order. */
struct told {
	size_t count;
	uint64_t sum;
};

static void
tell(struct told *told, const struct buf *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text->len; i++)
		hash = (hash ^ (uint8_t)text->data[i]) *
		       UINT64_C(1099511628211);
	told->count++;
	told->sum += hash;
}

static void
tell_zone(const struct state_zone *zone, void *arg)
{
	struct buf text = { 0 };

	buf_add_format(&text, "z %s %" PRId32 " %" PRIu32 " %" PRIu32,
	    zone->name, zone->id, zone->serial, zone->notified);
	tell(arg, &text);
	buf_fini(&text);
}

static void
tell_owner(const struct state_owner *owner, void *arg)
{
	struct buf text = { 0 };

	buf_add_format(&text, "o %s %" PRIu32, owner->name, owner->ttl);
	for (size_t i = 0; i < owner->count; i++)
		buf_add_format(&text, " %s %" PRId64, owner->list[i].rdata,
		    owner->list[i].since);
	tell(arg, &text);
	buf_fini(&text);
}

static void
add_cert(struct buf *text, const struct cert *cert)
{
	buf_add_format(text, " %s %s %" PRId64, cert->subject, cert->issuer,
	    cert->not_after);
	for (size_t i = 0; i < cert->name_count; i++)
		buf_add_string(text, cert->names[i]);
	for (size_t i = 0; i < CERT_SELECTORS; i++) {
		const struct cert_part *part = &cert->part[i];

		buf_add(text, part->sha256, sizeof(part->sha256));
		buf_add(text, part->der, part->der_len);
		if (part->sha512 != NULL)
			buf_add(text, part->sha512, 64);
	}
}

static void
tell_lineage(const struct state_lineage *lineage, void *arg)
{
	struct buf text = { 0 };

	buf_add_format(&text, "l %s %s %s %" PRId64, lineage->source,
	    lineage->name, lineage->file, lineage->deleted);
	for (size_t i = 0; i < lineage->count; i++) {
		const struct chain *chain = lineage->list[i].chain;

		add_cert(&text, chain->leaf);
		for (size_t k = 0; k < chain->ca_count; k++)
			add_cert(&text, chain->ca[k]);
	}
	tell(arg, &text);
	buf_fini(&text);
}

static void
remove_directory(void)
{
	char lock[64];

	(void)snprintf(lock, sizeof(lock), "%s/state.lock", directory);
	(void)unlink(lock);
	(void)unlink(journal);
	(void)rmdir(directory);
}

/* In memory, if possible: fsync(2) is called often. */
static void
make_directory(void)
{
	static const char *const parents[] = { "/dev/shm", "/tmp" };

	for (size_t i = 0; i < 2 && journal[0] == '\0'; i++) {
		(void)snprintf(directory, sizeof(directory),
		    "%s/fuzz_state.XXXXXX", parents[i]);
		if (mkdtemp(directory) != NULL)
			(void)snprintf(journal, sizeof(journal),
			    "%s/state.jsonl", directory);
	}
	assert(journal[0] != '\0');
	(void)atexit(remove_directory);
}

/* Remove the journals that were set aside; returns how many there were. */
static size_t
remove_aside(void)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	size_t count = 0;

	assert(stream != NULL);
	while ((entry = readdir(stream)) != NULL) {
		assert(strcmp(entry->d_name, "state.jsonl.new") != 0);
		if (strncmp(entry->d_name, "state.jsonl.damaged-", 20) != 0)
			continue;
		(void)unlinkat(dirfd(stream), entry->d_name, 0);
		count++;
	}
	(void)closedir(stream);
	return count;
}

static enum status
open_journal(struct state **ret_state, struct told *told, bool *ret_damaged)
{
	const struct state_hooks hooks = {
		.zone = tell_zone,
		.owner = tell_owner,
		.lineage = tell_lineage,
		.arg = told,
	};
	struct problem problem = { "" };
	char *warning = NULL;
	enum status status;

	*told = (struct told){ 0 };
	status = state_open(directory, &hooks, ret_state, &warning, &problem);
	assert(status == STATUS_OK || status == STATUS_REFUSED);
	assert((problem.text[0] != '\0') == (status != STATUS_OK));
	*ret_damaged = warning != NULL;
	assert(remove_aside() == (warning != NULL ? 1 : 0));
	free(warning);
	return status;
}

static void
put_zone(struct state *state)
{
	const struct state_zone zone = {
		.name = "new.example",
		.serial = 1,
	};

	state_put_zone(state, &zone);
	assert(state_commit(state, NULL) == STATUS_OK);
}

/* The journal is in order: each line of it can be told. */
static void
check_journal(void)
{
	struct state_index index;
	struct state_record record;
	FILE *stream = fopen(journal, "r");

	assert(stream != NULL);
	state_index_init(&index, fileno(stream));
	assert(state_index_read(&index, NULL) == STATUS_OK);
	assert(index.has_version && index.damaged == 0);
	for (size_t i = 0; i < index.changed_count; i++) {
		if (index.changed[i]->kind == STATE_KIND_CA ||
		    index.changed[i]->kind == STATE_KIND_OTHER)
			continue;
		assert(state_index_decode(&index, index.changed[i], &record,
			   NULL) == STATUS_OK);
		state_record_fini(&record);
	}
	state_index_fini(&index);
	(void)fclose(stream);
}

/* Put a file with these octets in the place of the journal. */
static void
fill_journal(const char *data, size_t size)
{
	FILE *stream;

	(void)unlink(journal);
	stream = fopen(journal, "w");
	assert(stream != NULL);
	(void)fwrite(data, 1, size, stream);
	assert(fclose(stream) == 0);
}

/* A process that runs finds this journal. */
static void
try_running(struct state *state, const char *data, size_t size)
{
	struct problem problem = { "" };
	enum status status;

	fill_journal(data, size);
	status = state_begin(state, &problem);
	if (status == STATUS_IO &&
	    strstr(problem.text, "later version") != NULL) {
		assert(remove_aside() == 0);
		return;
	}
	assert(remove_aside() == (status == STATUS_IO ? 1 : 0));
	if (status == STATUS_IO)
		status = state_begin(state, &problem);
	assert(status == STATUS_OK);
	check_journal();
	put_zone(state);
	check_journal();
}

/* A process that starts finds it. */
static void
try_starting(const char *data, size_t size)
{
	struct state *state = NULL;
	struct told first;
	struct told told;
	bool damaged;

	fill_journal(data, size);
	if (open_journal(&state, &first, &damaged) != STATUS_OK)
		return;
	state_close(state);
	assert(open_journal(&state, &told, &damaged) == STATUS_OK);
	assert(!damaged && told.count == first.count && told.sum == first.sum);
	assert(state_begin(state, NULL) == STATUS_OK);
	put_zone(state);
	state_close(state);
	assert(open_journal(&state, &told, &damaged) == STATUS_OK);
	assert(!damaged && told.count >= first.count && told.count > 0);
	state_close(state);
}

/* Give each line that has a place for it the right checksum. */
static void
fix_checksums(char *text, size_t len)
{
	char *end = text + len;
	char *line = text;

	while (line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		uint8_t digest[EVP_MAX_MD_SIZE];
		struct buf hex = { 0 };

		if (newline == NULL)
			newline = end;
		if (newline - line > 26) {
			(void)EVP_Digest(line + 26,
			    (size_t)(newline - line) - 26, digest, NULL,
			    EVP_sha256(), NULL);
			buf_add_hex(&hex, digest, 8);
			memcpy(line, "{\"sum\":\"", 8);
			memcpy(line + 8, hex.data, 16);
			memcpy(line + 24, "\",", 2);
			buf_fini(&hex);
		}
		line = newline + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct told told;
	static struct state *running;
	char *text = malloc(size + 1);
	bool damaged;

	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	if (running == NULL) {
		make_directory();
		assert(open_journal(&running, &told, &damaged) == STATUS_OK);
	}
	try_running(running, text, size);
	if (size % 128 == 0)
		try_starting(text, size);
	fix_checksums(text, size);
	try_running(running, text, size);
	if (size % 128 == 1)
		try_starting(text, size);
	free(text);
	return 0;
}
