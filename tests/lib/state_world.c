/* SPDX-License-Identifier: MIT */
#include "state_world.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

void
add_line(struct buf *text, const char *rest, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	must(EVP_Digest(rest, len, digest, NULL, EVP_sha256(), NULL) == 1,
	    "SHA-256");
	buf_add_string(text, "{\"sum\":\"");
	buf_add_hex(text, digest, 8);
	buf_add_string(text, "\",");
	buf_add(text, rest, len);
	buf_add_string(text, "\n");
}

char *
temporary_new(void)
{
	const char *parent = getenv("TMPDIR");
	char *directory = mem_format(
	    "%s/tlsa.XXXXXX", parent != NULL ? parent : "/tmp");

	must(mkdtemp(directory) != NULL, directory);
	return directory;
}

void
temporary_remove(char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;

	must(stream != NULL, directory);
	while ((entry = readdir(stream)) != NULL)
		if (entry->d_name[0] != '.')
			must(unlinkat(dirfd(stream), entry->d_name, 0) == 0,
			    entry->d_name);
	(void)closedir(stream);
	must(rmdir(directory) == 0, directory);
	free(directory);
}

char *
file_content(const char *directory, const char *name, size_t *ret_len)
{
	char *path = mem_format("%s/%s", directory, name);
	FILE *stream = fopen(path, "r");
	struct buf text = { 0 };
	int c;

	must(stream != NULL, path);
	while ((c = getc(stream)) != EOF) {
		char octet = (char)c;

		buf_add(&text, &octet, 1);
	}
	must(fclose(stream) == 0, path);
	free(path);
	(void)buf_text(&text);
	if (ret_len != NULL)
		*ret_len = text.len;
	return text.data;
}

void
file_fill(const char *directory, const char *name, const char *data, size_t len)
{
	char *path = mem_format("%s/%s", directory, name);
	FILE *stream = fopen(path, "w");

	must(stream != NULL, path);
	must(fwrite(data, 1, len, stream) == len, path);
	must(fclose(stream) == 0, path);
	free(path);
}

struct state *
state_opened(const char *directory, struct ledger *ledger)
{
	struct state_hooks hooks = { 0 };
	struct state *state = NULL;
	struct problem problem = { "" };
	char *warning = NULL;

	if (ledger != NULL)
		hooks = ledger_hooks(ledger);
	must(state_open(directory, &hooks, &state, &warning, &problem) ==
		 STATUS_OK,
	    problem.text);
	must(warning == NULL, "no damage");
	return state;
}

void
state_begun(struct state *state)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct problem problem = { "" };
	enum status status;

	for (int i = 0; i < 10000; i++) {
		status = state_begin(state, &problem);
		if (status == STATUS_OK)
			return;
		must(status == STATUS_BUSY, problem.text);
		(void)nanosleep(&pause, NULL);
	}
	must(false, "not busy for ten seconds");
}

void
state_committed(struct state *state)
{
	struct problem problem = { "" };

	must(state_commit(state, &problem) == STATUS_OK, problem.text);
}

void
put_serial(struct state *state, const char *name, uint32_t serial)
{
	const struct state_zone zone = {
		.name = name,
		.id = 0x40000000,
		.serial = serial,
	};

	state_put_zone(state, &zone);
}

void
put_owner(struct state *state, const char *name, const char *rdata)
{
	const struct state_association association = { rdata, 1795435200, 0 };
	const struct state_owner owner = {
		.name = name,
		.ttl = 3600,
		.list = &association,
		.count = 1,
	};

	state_put_owner(state, &owner);
}

int
state_world_setup(void **state)
{
	struct state_world *world = mem_new(sizeof(*world));

	world->directory = temporary_new();
	ledger_init(&world->expected);
	for (size_t i = 0; i < 2; i++) {
		ledger_init(&world->told[i]);
		world->state[i] = state_opened(
		    world->directory, &world->told[i]);
	}
	*state = world;
	return 0;
}

int
state_world_teardown(void **state)
{
	struct state_world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		state_close(world->state[i]);
		ledger_fini(&world->told[i]);
	}
	ledger_fini(&world->expected);
	temporary_remove(world->directory);
	free(world);
	return 0;
}

void
state_world_hear(struct state_world *world, size_t who)
{
	state_begun(world->state[who]);
	state_committed(world->state[who]);
}

void
state_world_check(const struct state_world *world)
{
	struct ledger ledger;
	struct state *state;

	ledger_init(&ledger);
	state = state_opened(world->directory, &ledger);
	ledger_must_equal(&ledger, &world->expected);
	must(ledger.told == world->expected.lines.count, "each thing once");
	state_close(state);
	ledger_fini(&ledger);
}

ino_t
journal_inode(const struct state_world *world)
{
	char *path = mem_format("%s/state.jsonl", world->directory);
	struct stat st;

	must(stat(path, &st) == 0, path);
	free(path);
	return st.st_ino;
}

size_t
journal_size(const struct state_world *world)
{
	size_t len = 0;

	free(file_content(world->directory, "state.jsonl", &len));
	return len;
}

void
state_world_outdate(struct state_world *world, size_t who)
{
	ino_t before = journal_inode(world);

	for (uint32_t i = 0; journal_inode(world) == before; i++) {
		state_begun(world->state[who]);
		for (uint32_t k = 0; k < 100; k++)
			put_serial(world->state[who], "much.example",
			    1000 * i + k % 2);
		put_owner(world->state[who], "_25._tcp.much.example",
		    i % 2 == 0 ? "3 1 1 00" : "3 1 1 01");
		state_committed(world->state[who]);
		must(i < 100000, "rewritten some time");
	}
	state_begun(world->state[who]);
	put_serial(world->state[who], "much.example", 1);
	put_owner(world->state[who], "_25._tcp.much.example", "3 1 1 02");
	state_committed(world->state[who]);
}

void
state_world_expect_outdated(struct state_world *world)
{
	const struct state_association association = { "3 1 1 02", 1795435200,
		0 };

	ledger_zone(
	    &(struct state_zone){
		.name = "much.example", .id = 0x40000000, .serial = 1 },
	    &world->expected);
	ledger_owner(&(struct state_owner){ .name = "_25._tcp.much.example",
			 .ttl = 3600,
			 .list = &association,
			 .count = 1 },
	    &world->expected);
}
