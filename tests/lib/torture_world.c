/* SPDX-License-Identifier: MIT */
#include "torture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "damages.h"
#include "loop/loop.h"
#include "tap.h"

enum { DAY = 86400 };

unsigned
torture_random(struct torture *torture, unsigned below)
{
	return (unsigned)rand_r(&torture->random) % below;
}

/* ---- certificates ---- */

static void
ca_make(
    const char *name, const struct pki *issuer, int64_t now, struct pki *ret_ca)
{
	const struct pki_wish wish = { .subject = name,
		.constraints = "critical,CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.not_before = now - 300 * DAY,
		.not_after = now + 900 * DAY };

	pki_make(&wish, issuer, ret_ca);
}

static char *
text_of(struct buf *text)
{
	char *copy = mem_string(buf_text(text));

	buf_fini(text);
	return copy;
}

static void
pems_make(const struct pki *leaf, const struct pki *ca, struct pems *ret_pems)
{
	struct buf text[PEMS_FILES] = { 0 };

	pki_add_pem(leaf, &text[PEMS_CERT]);
	pki_add_key(leaf, &text[PEMS_PRIVKEY]);
	pki_add_pem(ca, &text[PEMS_CHAIN]);
	buf_add_format(&text[PEMS_FULLCHAIN], "%s%s",
	    buf_text(&text[PEMS_CERT]), buf_text(&text[PEMS_CHAIN]));
	for (int i = 0; i < PEMS_FILES; i++)
		ret_pems->text[i] = text_of(&text[i]);
	ret_pems->rrset = NULL;
}

/*
 * The generations begin in the same second, for it goes back and forth between
 * them, and to go back to an older certificate is another matter.
 */
static void
host_certify(struct torture *torture, struct host *host, int64_t now)
{
	char *names = mem_format("DNS:%s.example.com", host->name);

	for (int i = 0; i <= TORTURE_GENERATIONS; i++) {
		int ca = i % TORTURE_CAS;
		struct pki_wish wish = { .names = names,
			.not_before = now - 2 * DAY,
			.not_after = now + 88 * DAY };
		struct pki leaf;

		if (i == LINE_EXPIRED)
			wish.not_after = now - DAY;
		pki_make(&wish, &torture->cas[ca], &leaf);
		pems_make(&leaf, &torture->cas[ca], &host->generations[i].pems);
		host->subject->lines[i] = pki_tlsa(&leaf, 3, 1, 1);
		host->generations[i].set = UINT32_C(1) << i |
					   UINT32_C(1) << (LINE_CA + ca);
		pki_fini(&leaf);
	}
	for (int i = 0; i < TORTURE_CAS; i++)
		host->subject->lines[LINE_CA + i] = pki_tlsa(
		    &torture->cas[i], 2, 1, 1);
	host->subject->lines[LINE_ROOT] = pki_tlsa(&torture->root, 2, 1, 1);
	free(names);
}

/* ---- stores ---- */

void
host_may(struct host *host, uint32_t set)
{
	(void)atomic_fetch_or(&host->subject->may, set);
}

/* `text` takes the place of the file, whole. */
static void
file_put(const struct host *host, const char *name, const char *text)
{
	char *path = mem_format("%s/%s", host->directory, name);
	char *aside = mem_format("%s.new", path);

	damage_write_text(aside, text);
	damage_clear(path);
	if (rename(aside, path) != 0)
		tap_bail(path);
	free(aside);
	free(path);
}

static void
host_put(const struct host *host)
{
	const struct pems *pems = &host->generations[host->current].pems;

	file_put(host, "privkey.pem", pems->text[PEMS_PRIVKEY]);
	file_put(host, "fullchain.pem", pems->text[PEMS_FULLCHAIN]);
}

void
host_mend(struct host *host)
{
	char *target;

	if (host->is_file) {
		host_put(host);
		return;
	}
	target = mem_format("../../archive/%s/fullchain%u.pem", host->name,
	    host->certbot.number);
	damage_clear(host->path);
	if (symlink(target, host->path) != 0)
		tap_bail(host->path);
	free(target);
}

void
host_know_leaf(struct host *host)
{
	atomic_store(&host->subject->known, UINT32_C(3) << LINE_CA);
}

typedef void renew_fn(struct certbot *certbot, const struct pems *pems);

void
host_renew(struct torture *torture, struct host *host)
{
	/* The latter two pass through what is a shorter chain. */
	static renew_fn *const ways[] = { certbot_renew,
		certbot_renew_by_rename, certbot_rewrite, certbot_append };
	uint32_t old = host->generations[host->current].set;
	const struct generation *next;
	unsigned way = torture_random(torture, host->retains ? 4 : 2);

	host->current = (host->current + 1 +
			    torture_random(torture, TORTURE_GENERATIONS - 1)) %
			TORTURE_GENERATIONS;
	next = &host->generations[host->current];
	host_may(host, next->set);
	if (!host->retains)
		atomic_store(&host->subject->need, need_of(old, next->set));
	host->is_awaited = true;
	host->waited = 0;
	host->renewed = torture->epoch;
	torture->renewals++;
	if (way >= 2)
		host_know_leaf(host);
	if (host->is_file)
		host_put(host);
	else
		ways[way](&host->certbot, &next->pems);
}

/* ---- the process ---- */

/* In the child: no right to read everything, and calls that may fail. */
static void
prepare(void *arg)
{
	const struct torture *torture = arg;
	char *path = mem_format("%s/faulty", torture->directory);

	(void)prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
	(void)prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
	if (torture->preload != NULL) {
		(void)setenv(FAULTY_PAGE, path, 1);
		(void)setenv(FAULTY_BELOW, torture->directory, 1);
		(void)setenv("LD_PRELOAD", torture->preload, 1);
	}
	free(path);
}

void
torture_start(struct torture *torture)
{
	daemon_start_prepared(&torture->daemon, torture->program,
	    torture->directory, prepare, torture);
	torture->judge.socket = torture->daemon.socket;
}

void
torture_restart(struct torture *torture, int signal)
{
	char *socket = torture->daemon.socket;
	int status;

	atomic_fetch_add(&torture->judge.ends, 1);
	/* Others ask at it all the time: its name stays where it is. */
	torture->daemon.socket = NULL;
	status = daemon_end(&torture->daemon, signal);
	if (signal == SIGTERM &&
	    !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		torture->bad_ends++;
	daemon_start_prepared(&torture->daemon, torture->program,
	    torture->directory, prepare, torture);
	free(torture->daemon.socket);
	torture->daemon.socket = socket;
	atomic_fetch_add(&torture->judge.ends, 1);
}

/* Between two system calls of a renewal. */
static void
step(void *arg, const char *what)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	struct torture *torture = arg;

	(void)what;
	if (torture_random(torture, 4) == 0)
		(void)nanosleep(&pause, NULL);
	if (!torture->is_unsafe && torture_random(torture, 300) == 0) {
		torture->kills++;
		torture_restart(torture, SIGKILL);
	}
}

/* ---- all of it ---- */

static void
host_init(struct torture *torture, unsigned number, int64_t now)
{
	struct host *host = &torture->hosts[number];

	host->subject = &torture->subjects[number];
	host->store = torture->store;
	(void)snprintf(host->name, sizeof(host->name), "h%u", number);
	host->is_file = number >= TORTURE_HOSTS - TORTURE_FILES;
	/* Two of either kind of store forget at once. */
	host->retains = number % 4 != 3;
	host->subject->owner = mem_format(
	    "_25_tcp_%s_example_com.tlsa.example.net.", host->name);
	host->directory = mem_format("%s/%s/%s", torture->store,
	    host->is_file ? "files" : "le/live", host->name);
	host->path = mem_format("%s/fullchain.pem", host->directory);
	host_certify(torture, host, now);
	if (host->retains)
		host->subject->lasting = (UINT32_C(1) << LINE_EXPIRED) - 1 +
					 (UINT32_C(3) << LINE_CA);
	host_may(host, host->generations[0].set);
	atomic_store(&host->subject->need,
	    need_of(host->generations[0].set, host->generations[0].set));
	host->is_awaited = true;
	if (host->is_file) {
		if (mkdir(host->directory, 0755) != 0)
			tap_bail(host->directory);
		host_put(host);
	} else {
		host->certbot = (struct certbot){
			.hand = { .store = mem_format(
				      "%s/le", torture->store) },
			.lineage = host->name
		};
		certbot_issue(&host->certbot, &host->generations[0].pems);
		host->certbot.hand.step = step;
		host->certbot.hand.arg = torture;
	}
}

static void
configure(struct torture *torture)
{
	char *sources = mem_format("{type: certbot, path: %s/le}, "
				   "{type: files, path: %s/files}",
	    torture->store, torture->store);
	struct buf services = { 0 };

	for (int i = 0; i < TORTURE_HOSTS; i++) {
		const struct host *host = &torture->hosts[i];

		buf_add_format(
		    &services, "  - {host: %s.example.com", host->name);
		if (!host->is_file)
			buf_add_format(
			    &services, ", lineages: [%s]", host->name);
		buf_add_format(&services, ", max-records: 32, retain: %s}\n",
		    host->retains ? "7d" : "0");
	}
	daemon_configure_at(
	    torture->directory, torture->state, sources, buf_text(&services));
	buf_fini(&services);
	free(sources);
}

static void
directory_make(const char *above, const char *name)
{
	char *path = mem_format("%s/%s", above, name);

	if (mkdir(path, 0755) != 0)
		tap_bail(path);
	free(path);
}

static struct faulty *
page_make(const char *directory)
{
	char *path = mem_format("%s/faulty", directory);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *page = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(struct faulty)) == 0)
		page = mmap(NULL, sizeof(struct faulty), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		tap_bail(path);
	(void)close(fd);
	free(path);
	return page;
}

void
torture_make(struct torture *torture)
{
	int64_t now = (int64_t)time(NULL);

	torture->store = mem_format("%s/store", torture->directory);
	torture->disk = mem_format("%s/disk", torture->directory);
	torture->state = mem_format("%s/state", torture->disk);
	torture->faulty = page_make(torture->directory);
	directory_make(torture->directory, "store");
	directory_make(torture->store, "files");
	ca_make("Torture Root", NULL, now, &torture->root);
	ca_make("Torture A", &torture->root, now, &torture->cas[0]);
	ca_make("Torture B", &torture->root, now, &torture->cas[1]);
	for (unsigned i = 0; i < TORTURE_HOSTS; i++)
		host_init(torture, i, now);
	configure(torture);
	torture->judge.subjects = torture->subjects;
	torture->judge.count = TORTURE_HOSTS;
}

static void
host_fini(struct host *host)
{
	for (int i = 0; i <= TORTURE_GENERATIONS; i++)
		pems_fini(&host->generations[i].pems);
	for (int i = 0; i < JUDGE_LINES; i++)
		free(host->subject->lines[i]);
	free(host->subject->owner);
	free(host->path);
	free(host->directory);
	/* The hand only borrows it, from whoever made it: us. */
	free((void *)(uintptr_t)host->certbot.hand.store);
}

void
torture_fini(struct torture *torture)
{
	client_close(&torture->client);
	for (int i = 0; i < TORTURE_HOSTS; i++)
		host_fini(&torture->hosts[i]);
	for (int i = 0; i < TORTURE_CAS; i++)
		pki_fini(&torture->cas[i]);
	pki_fini(&torture->root);
	(void)munmap(torture->faulty, sizeof(*torture->faulty));
	free(torture->state);
	free(torture->disk);
	free(torture->store);
}
