/* SPDX-License-Identifier: MIT */
#include "daemon.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "tap.h"

static FILE *
file_open(const char *directory, const char *name, const char *mode)
{
	char *path = mem_format("%s/%s", directory, name);
	FILE *file = fopen(path, mode);

	if (file == NULL)
		tap_bail(path);
	free(path);
	return file;
}

void
daemon_configure(const char *directory, const char *type, const char *services)
{
	char *sources = mem_format("{type: %s, path: %s/le}", type, directory);
	char *state = mem_format("%s/state", directory);

	daemon_configure_at(directory, state, sources, services);
	free(state);
	free(sources);
}

void
daemon_configure_at(const char *directory, const char *state,
    const char *sources, const char *services)
{
	FILE *file = file_open(directory, "pdns-tlsa.yaml", "w");

	(void)fprintf(file,
	    "state-directory: %s\n"
	    "listen: %s/pdns.sock\n"
	    "control: %s/control.sock\n"
	    "sources: [%s]\n"
	    "zones:\n"
	    "  - {name: tlsa.example.net, nameservers: [ns1.example.net]}\n"
	    "services:\n%s",
	    state, directory, directory, sources, services);
	(void)fclose(file);
}

/* What the child does until it is the daemon. */
static void
become(const char *program, const char *directory, void (*prepare)(void *arg),
    void *arg)
{
	char *config = mem_format("%s/pdns-tlsa.yaml", directory);
	char *log = mem_format("%s/log", directory);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);

	/* Whatever happens to the test, it leaves no daemon behind. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0)
		_exit(126);
	(void)close(fd);
	(void)unsetenv("JOURNAL_STREAM");
	if (prepare != NULL)
		prepare(arg);
	(void)execl(program, program, "-c", config, "serve", (char *)NULL);
	_exit(127);
}

void
daemon_start(struct daemon *daemon, const char *program, const char *directory)
{
	daemon_start_prepared(daemon, program, directory, NULL, NULL);
}

void
daemon_start_prepared(struct daemon *daemon, const char *program,
    const char *directory, void (*prepare)(void *arg), void *arg)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct client client;
	bool listens = false;

	daemon->directory = directory;
	daemon->socket = mem_format("%s/pdns.sock", directory);
	(void)fflush(stdout);
	daemon->pid = fork();
	if (daemon->pid == 0)
		become(program, directory, prepare, arg);
	for (int i = 0; i < 3000 && !listens; i++) {
		(void)nanosleep(&pause, NULL);
		listens = client_open(&client, daemon->socket);
		client_close(&client);
	}
	if (!listens)
		tap_bail("the daemon does not listen");
}

int
daemon_stop(struct daemon *daemon)
{
	return daemon_end(daemon, SIGTERM);
}

int
daemon_end(struct daemon *daemon, int signal)
{
	int status = -1;

	(void)kill(daemon->pid, signal);
	(void)waitpid(daemon->pid, &status, 0);
	free(daemon->socket);
	daemon->socket = NULL;
	return status;
}

void
daemon_connect(const struct daemon *daemon, struct client *client)
{
	if (!client_open(client, daemon->socket))
		tap_bail("the daemon takes no connection");
}

unsigned
daemon_descriptors(const struct daemon *daemon)
{
	return process_descriptors(daemon->pid);
}

unsigned
process_descriptors(pid_t pid)
{
	char *path = mem_format("/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	const struct dirent *entry;
	unsigned count = 0;

	if (dir == NULL)
		tap_bail(path);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	(void)closedir(dir);
	free(path);
	return count;
}

/* proc_tid_children(5); 0: there is none. */
static pid_t
first_child(pid_t pid)
{
	char *path = mem_format(
	    "/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *file = fopen(path, "r");
	int child = 0;

	if (file != NULL) {
		if (fscanf(file, "%d", &child) != 1)
			child = 0;
		(void)fclose(file);
	}
	free(path);
	return child;
}

pid_t
daemon_reader(const struct daemon *daemon)
{
	pid_t warden = first_child(daemon->pid);

	return warden > 0 ? first_child(warden) : 0;
}

/* In KiB; 0 if it is gone. */
static unsigned long
resident(pid_t pid)
{
	char *path = mem_format("/proc/%d/statm", (int)pid);
	FILE *file = fopen(path, "r");
	unsigned long total = 0;
	unsigned long pages = 0;

	if (file != NULL) {
		if (fscanf(file, "%lu %lu", &total, &pages) != 2)
			pages = 0;
		(void)fclose(file);
	}
	free(path);
	return pages * ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
}

unsigned long
daemon_memory(const struct daemon *daemon)
{
	return resident(daemon->pid) + resident(daemon_reader(daemon));
}

void
daemon_log_note(const struct daemon *daemon, const char *text)
{
	FILE *file = file_open(daemon->directory, "log", "r");
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) >= 0)
		if (strstr(line, text) != NULL)
			tap_note("%s", line);
	free(line);
	(void)fclose(file);
}

unsigned
daemon_log_count(const struct daemon *daemon, const char *text)
{
	FILE *file = file_open(daemon->directory, "log", "r");
	char *line = NULL;
	size_t room = 0;
	unsigned count = 0;

	while (getline(&line, &room, file) >= 0)
		count += strstr(line, text) != NULL &&
			 strstr(line, "is not in any issuer set") == NULL &&
			 strstr(line, "max_user_instances") == NULL;
	free(line);
	(void)fclose(file);
	return count;
}
