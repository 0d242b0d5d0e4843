/* SPDX-License-Identifier: MIT */
#include "state_world.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

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
	must(state_open(directory, true, &hooks, &state, &warning, &problem) ==
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

int64_t
state_number(const char *directory, const char *sql)
{
	char *path = mem_format("%s/state.db", directory);
	struct database database;
	int64_t number;

	must(database_open(&database, path, SQLITE_OPEN_READONLY, NULL) ==
		 SQLITE_OK,
	    path);
	must(sqlite3_busy_timeout(database.handle, 10000) == SQLITE_OK, path);
	number = database_number(&database, sql);
	database_close(&database);
	free(path);
	return number;
}

void
file_copy(const char *directory, const char *from, const char *to)
{
	size_t len = 0;
	char *content = file_content(directory, from, &len);

	file_fill(directory, to, content, len);
	free(content);
}

void
state_remove(const char *directory)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < 3; i++) {
		char *path = mem_format("%s/state.db%s", directory, ends[i]);

		(void)unlink(path);
		free(path);
	}
}
