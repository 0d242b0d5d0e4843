/* SPDX-License-Identifier: MIT */
/*
 * damage PROGRAM DIRECTORY CHAINS
 *
 * One daemon, one lineage for each kind of damage that a file can take.  Each
 * is damaged, damaged in another way, and mended with a new generation; the
 * answers are those of the last good generation until then, and the log has
 * one line about the damage and one about its end.  CHAINS as for renewals.
 * Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "certbot.h"
#include "daemon.h"
#include "damages.h"
#include "loop/loop.h"
#include "tap.h"

enum {
	GRACE_OVER = 1600, /* ms: a failure is believed after a second */
	AFTERWARDS = 100,  /* ms */
	LATE = 500,        /* looks at all, of two milliseconds */
	HANGS = 60000,     /* ms: nothing more to wait for */
};

struct generations {
	struct pems a, b;
};

struct patient {
	char name[16]; /* of the lineage */
	struct certbot certbot;
	const struct generations *generations;
	char *path;   /* live/NAME/fullchain.pem */
	char *owner;  /* name of its RRset */
	unsigned bad; /* answers */
};

static void
patient_init(struct patient *patient, const char *store, size_t number,
    const struct generations *generations)
{
	(void)snprintf(patient->name, sizeof(patient->name), "d%zu", number);
	patient->certbot = (struct certbot){ .hand.store = store,
		.lineage = patient->name };
	patient->path = mem_format(
	    "%s/live/%s/fullchain.pem", store, patient->name);
	patient->generations = generations;
	patient->owner = mem_format(
	    "_25_tcp_%s_example_com.tlsa.example.net.", patient->name);
	patient->bad = 0;
	certbot_issue(&patient->certbot, &generations->a);
}

static void
patient_fini(struct patient *patient)
{
	free(patient->path);
	free(patient->owner);
}

static void
patient_damage(const struct patient *patient, size_t kind)
{
	const struct material material = { &patient->generations->b,
		patient->path };

	damage_do(&damages[kind], &material);
}

/* Ask for all; is every answer `rrset`?  Blames those that are not. */
static bool
patients_look(struct patient *patients, struct client *client,
    const char *rrset, unsigned blame)
{
	struct buf got = { 0 };
	bool good = true;

	for (size_t i = 0; i < DAMAGES; i++) {
		if (client_lookup(client, patients[i].owner, &got) ==
			ANSWER_RRSET &&
		    strcmp(buf_text(&got), rrset) == 0)
			continue;
		patients[i].bad += blame;
		good = false;
	}
	buf_fini(&got);
	return good;
}

/* Ask for all until `ms` are over; every answer must be `rrset`. */
static void
patients_ask(struct patient *patients, const struct daemon *daemon,
    const char *rrset, int ms)
{
	int64_t until = loop_now() + ms;
	struct client client;

	daemon_connect(daemon, &client);
	do
		(void)patients_look(patients, &client, rrset, 1);
	while (loop_now() < until);
	client_close(&client);
}

/* Wait until all give `rrset`, but for no more than LATE looks. */
static void
patients_follow(
    struct patient *patients, const struct daemon *daemon, const char *rrset)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct client client;
	int looks = 0;

	daemon_connect(daemon, &client);
	while (!patients_look(patients, &client, rrset, 0) && looks++ < LATE)
		(void)nanosleep(&pause, NULL);
	client_close(&client);
}

/* Count the lines that say "`before`lineage 'NAME': `behind`". */
static unsigned
patient_logged(const struct patient *patient, const struct daemon *daemon,
    const char *before, const char *behind)
{
	char *text = mem_format(
	    "%slineage '%s': %s", before, patient->name, behind);
	unsigned count = daemon_log_count(daemon, text);

	free(text);
	return count;
}

/* Until each has its line in the log. */
static void
patients_await_log(const struct patient *patients, const struct daemon *daemon)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int64_t until = loop_now() + HANGS;

	for (size_t i = 0; i < DAMAGES && loop_now() < until;)
		if (patient_logged(&patients[i], daemon, "warning: ", "") > 0)
			i++;
		else
			(void)nanosleep(&pause, NULL);
}

static void
patients_damage(struct patient *patients, const struct daemon *daemon,
    const struct generations *generations, size_t shift)
{
	for (size_t i = 0; i < DAMAGES; i++)
		patient_damage(&patients[i], (i + shift) % DAMAGES);
	patients_ask(patients, daemon, generations->a.rrset, GRACE_OVER);
	patients_await_log(patients, daemon);
}

/* What is good again is answered within LATE. */
static void
patients_mend(struct patient *patients, const struct daemon *daemon,
    const struct generations *generations)
{
	for (size_t i = 0; i < DAMAGES; i++) {
		const char *path = patients[i].path;
		char *target = mem_format(
		    "../../archive/%s/fullchain2.pem", patients[i].name);
		char *file = mem_format("%s/live/%s/%s",
		    patients[i].certbot.hand.store, patients[i].name, target);

		if (unlink(path) != 0)
			(void)rmdir(path);
		/* A link, as it was before. */
		damage_write_text(file, generations->b.text[PEMS_FULLCHAIN]);
		if (symlink(target, path) != 0)
			tap_bail(path);
		free(target);
		free(file);
	}
	patients_follow(patients, daemon, generations->b.rrset);
	patients_ask(patients, daemon, generations->b.rrset, AFTERWARDS);
}

static void
patients_report(const struct patient *patients, const struct daemon *daemon)
{
	for (size_t i = 0; i < DAMAGES; i++) {
		const struct patient *patient = &patients[i];
		unsigned warnings = patient_logged(
		    patient, daemon, "warning: ", "");
		unsigned good = patient_logged(
		    patient, daemon, "", "is good again");

		if (!tap_ok(patient->bad == 0 && warnings == 1 && good == 1,
			"%s: answers stay, logged once, and once when mended",
			damages[i].name))
			tap_note("lineage '%s': %u bad answers, %u warnings, "
				 "%u times good again",
			    patient->name, patient->bad, warnings, good);
	}
}

static void
services_configure(const char *directory)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < DAMAGES; i++)
		buf_add_format(&text,
		    "  - {host: d%zu.example.com, lineages: [d%zu], retain: "
		    "0}\n",
		    i, i);
	daemon_configure(directory, "certbot", buf_text(&text));
	buf_fini(&text);
}

/* All patients through all stages. */
static void
patients_run(struct patient *patients, const struct generations *generations,
    const char *program, const char *directory)
{
	struct daemon daemon;
	int status;

	daemon_start(&daemon, program, directory);
	patients_ask(patients, &daemon, generations->a.rrset, 0);
	patients_damage(patients, &daemon, generations, 0);
	/* Another damage in its place is not worth another line. */
	patients_damage(patients, &daemon, generations, 7);
	patients_mend(patients, &daemon, generations);
	patients_report(patients, &daemon);
	status = daemon_stop(&daemon);
	(void)tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "the daemon ended well");
}

int
main(int argc, char **argv)
{
	static struct patient patients[DAMAGES];
	struct generations generations;
	char *a, *b, *store;

	if (argc != 4) {
		(void)fprintf(
		    stderr, "usage: damage PROGRAM DIRECTORY CHAINS\n");
		return 2;
	}
	a = mem_format("%s/a", argv[3]);
	b = mem_format("%s/b", argv[3]);
	store = mem_format("%s/le", argv[2]);
	pems_load(a, &generations.a);
	pems_load(b, &generations.b);
	for (size_t i = 0; i < DAMAGES; i++)
		patient_init(&patients[i], store, i, &generations);
	services_configure(argv[2]);
	patients_run(patients, &generations, argv[1], argv[2]);
	for (size_t i = 0; i < DAMAGES; i++)
		patient_fini(&patients[i]);
	pems_fini(&generations.a);
	pems_fini(&generations.b);
	free(store);
	free(b);
	free(a);
	return tap_end();
}
