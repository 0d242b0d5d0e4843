/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "caches.h"
#include "log.h"
#include "mem.h"
#include "tree.h"
#include "world.h"

/*
 * A control socket as PowerDNS has it: one command a connection, a reply, and
 * the end; what it hears, and what the log says when it does not work.
 */

struct bench {
	struct tree tree;
	struct loop loop;
	struct pdns_control *control;
	char *path;
	int listen_fd;
	FILE *log;
	int stderr_fd;
};

static void
bench_listen(struct bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)unlink(bench->path);
	(void)strcpy(address.sun_path, bench->path);
	bench->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(bench->listen_fd >= 0);
	assert_int_equal(bind(bench->listen_fd, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(bench->listen_fd, 5), 0);
}

static int
begin(void **state)
{
	struct bench *bench = mem_new(sizeof(*bench));

	tree_init(&bench->tree);
	bench->path = tree_path(&bench->tree, "control");
	loop_init(&bench->loop);
	bench_listen(bench);
	bench->control = pdns_control_new(&bench->loop, bench->path);
	/* The log is standard error. */
	bench->log = tmpfile();
	bench->stderr_fd = dup(STDERR_FILENO);
	assert_non_null(bench->log);
	(void)dup2(fileno(bench->log), STDERR_FILENO);
	*state = bench;
	return 0;
}

static int
end(void **state)
{
	struct bench *bench = *state;

	(void)dup2(bench->stderr_fd, STDERR_FILENO);
	(void)close(bench->stderr_fd);
	(void)fclose(bench->log);
	pdns_control_free(bench->control);
	(void)close(bench->listen_fd);
	loop_fini(&bench->loop);
	free(bench->path);
	tree_fini(&bench->tree);
	free(bench);
	return 0;
}

/* How many lines of the log have this in them. */
static unsigned
logged(const struct bench *bench, const char *text)
{
	char line[512];
	unsigned count = 0;

	rewind(bench->log);
	while (fgets(line, sizeof(line), bench->log) != NULL)
		count += strstr(line, text) != NULL;
	(void)fseek(bench->log, 0, SEEK_END);
	return count;
}

static int
bench_accept(struct bench *bench)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < 100; i++) {
		loop_turn(&bench->loop, 1);
		fd = accept(bench->listen_fd, NULL, NULL);
	}
	assert_true(fd >= 0);
	return fd;
}

/* Take a command and reply; free() it. */
static char *
bench_serve(struct bench *bench, const char *reply)
{
	int fd = bench_accept(bench);
	struct buf command = { 0 };
	char *text;

	while (command.len == 0 || command.data[command.len - 1] != '\n') {
		char octets[1024];
		ssize_t got = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

		if (got > 0)
			buf_add(&command, octets, (size_t)got);
		loop_turn(&bench->loop, 0);
	}
	assert_int_equal(send(fd, reply, strlen(reply), 0), strlen(reply));
	assert_int_equal(close(fd), 0);
	/* The reply, and its end. */
	loop_turn(&bench->loop, 10);
	loop_turn(&bench->loop, 10);
	text = mem_string(buf_text(&command));
	buf_fini(&command);
	return text;
}

static void
expect(struct bench *bench, const char *command, const char *reply)
{
	char *got = bench_serve(bench, reply);

	assert_string_equal(got, command);
	free(got);
}

static void
expect_quiet(struct bench *bench)
{
	for (int i = 0; i < 5; i++)
		loop_turn(&bench->loop, 1);
	assert_int_equal(accept(bench->listen_fd, NULL, NULL), -1);
}

/* Names go together, each once, and before the notification. */
static void
test_commands(void **state)
{
	struct bench *bench = *state;

	pdns_control_notify(bench->control, "example.net");
	pdns_control_purge(bench->control, "b.example.net");
	pdns_control_purge(bench->control, "a.example.net");
	pdns_control_purge(bench->control, "b.example.net");
	expect(bench, "PURGE a.example.net b.example.net\n", "2\n");
	expect(bench, "NOTIFY example.net\n", "Added to queue\n");
	pdns_control_purge(bench->control, "c.example.net$");
	expect(bench, "PURGE c.example.net$\n", "0\n");
	expect_quiet(bench);
	assert_int_equal(logged(bench, ""), 0);
}

/* Thousands of names are several commands, and none is lost. */
static void
test_many(void **state)
{
	struct bench *bench = *state;
	size_t commands = 0;
	size_t names = 0;

	for (int i = 0; i < 2000; i++) {
		char *name = mem_format("_25._tcp.mail%d.example.net", i);

		pdns_control_purge(bench->control, name);
		free(name);
	}
	for (; names < 2000; commands++) {
		char *command = bench_serve(bench, "1\n");

		assert_in_range(strlen(command), 1, 8192 + 256);
		for (const char *at = command; *at != '\0'; at++)
			names += *at == ' ';
		free(command);
	}
	assert_int_equal(names, 2000);
	assert_in_range(commands, 2, 20);
	expect_quiet(bench);
}

/* Told once that it fails, and once that it works again. */
static void
test_absent(void **state)
{
	struct bench *bench = *state;

	(void)close(bench->listen_fd);
	for (int i = 0; i < 3; i++) {
		pdns_control_purge(bench->control, "a.example.net");
		pdns_control_notify(bench->control, "example.net");
		loop_turn(&bench->loop, 10);
	}
	assert_int_equal(logged(bench, "Connection refused"), 1);
	bench_listen(bench);
	expect_quiet(bench);
	pdns_control_purge(bench->control, "b.example.net");
	expect(bench, "PURGE b.example.net\n", "0\n");
	assert_int_equal(logged(bench, "answers again"), 1);
	assert_int_equal(logged(bench, ""), 2);
}

/* PowerDNS ends in the middle: the next change finds its way. */
static void
test_broken(void **state)
{
	struct bench *bench = *state;
	const struct linger at_once = { 1, 0 };
	int fd;

	pdns_control_purge(bench->control, "a.example.net");
	fd = bench_accept(bench);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)close(fd);
	for (int i = 0; i < 5; i++)
		loop_turn(&bench->loop, 1);
	pdns_control_purge(bench->control, "b.example.net");
	expect(bench, "PURGE b.example.net\n", "0\n");
}

static void
test_hang(void **state)
{
	struct bench *bench = *state;
	int64_t started = loop_now();
	int fd;

	pdns_control_purge(bench->control, "a.example.net");
	fd = bench_accept(bench);
	while (logged(bench, "no answer within 5 seconds") == 0 &&
	       loop_now() - started < 10000)
		loop_turn(&bench->loop, 100);
	assert_int_equal(logged(bench, "no answer within 5 seconds"), 1);
	assert_in_range(loop_now() - started, 4900, 6000);
	(void)close(fd);
	pdns_control_purge(bench->control, "b.example.net");
	expect(bench, "PURGE b.example.net\n", "0\n");
}

static void
test_refused(void **state)
{
	struct bench *bench = *state;

	for (int i = 0; i < 2; i++) {
		pdns_control_notify(bench->control, "example.net");
		expect(bench, "NOTIFY example.net\n",
		    "PowerDNS not configured as primary\n");
	}
	assert_int_equal(logged(bench, "not configured as primary"), 1);
	assert_int_equal(logged(bench, ""), 1);
}

static void
test_none(void **state)
{
	struct bench *bench = *state;
	struct pdns_control *none = pdns_control_new(&bench->loop, NULL);

	pdns_control_purge(none, "a.example.net");
	pdns_control_notify(none, "example.net");
	expect_quiet(bench);
	pdns_control_set_path(none, bench->path);
	expect_quiet(bench);
	pdns_control_purge(none, "b.example.net");
	expect(bench, "PURGE b.example.net\n", "0\n");
	pdns_control_free(none);
	assert_int_equal(logged(bench, ""), 0);
}

static const char yaml[] =
    "sources: [{type: files, path: /nowhere}]\n"
    "zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]\n"
    "services:\n"
    "  - {host: mail.example.com, lineages: [a], retain: 0}\n"
    "  - {host: mail.example.com, ports: [465], lineages: [b], retain: 0}\n";

/* Exactly what has another answer: the RRset, and names that came or went. */
static void
test_names(void **state)
{
	struct bench *bench = *state;
	struct snapshot *last;
	struct caches caches;
	struct world world;

	world_init(&world, yaml);
	caches_init(&caches, &bench->loop, bench->path);
	world_publish(&world, 1000);
	last = snapshot_ref(world.snapshot);
	world_renew(&world, "a", world_mail_pem, 1001);
	world_publish(&world, 1001);
	caches_note_owner(
	    &caches, "_25._tcp.mail.example.com.tlsa.example.net.");
	caches_purge(&caches, last, world.snapshot);
	expect(bench,
	    "PURGE _25._tcp.mail.example.com.tlsa.example.net "
	    "_tcp.mail.example.com.tlsa.example.net com.tlsa.example.net "
	    "example.com.tlsa.example.net mail.example.com.tlsa.example.net\n",
	    "0\n");
	snapshot_unref(last);
	last = snapshot_ref(world.snapshot);
	world_renew(&world, "b", world_mail_pem, 1002);
	world_publish(&world, 1002);
	caches_note_owner(
	    &caches, "_465._tcp.mail.example.com.tlsa.example.net.");
	caches_purge(&caches, last, world.snapshot);
	expect(bench, "PURGE _465._tcp.mail.example.com.tlsa.example.net\n",
	    "0\n");
	caches_purge(&caches, last, world.snapshot);
	expect_quiet(bench);
	snapshot_unref(last);
	caches_fini(&caches);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commands, begin, end),
		cmocka_unit_test_setup_teardown(test_many, begin, end),
		cmocka_unit_test_setup_teardown(test_absent, begin, end),
		cmocka_unit_test_setup_teardown(test_broken, begin, end),
		cmocka_unit_test_setup_teardown(test_hang, begin, end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_none, begin, end),
		cmocka_unit_test_setup_teardown(test_names, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
