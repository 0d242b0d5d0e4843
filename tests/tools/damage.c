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
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "certbot.h"
#include "daemon.h"
#include "loop.h"
#include "mem.h"
#include "tap.h"

enum {
	GRACE_OVER = 1600, /* ms: a failure is believed after a second */
	AFTERWARDS = 100,  /* ms */
	LATE = 500,        /* looks at all, of two milliseconds */
	HANGS = 60000,     /* ms: nothing more to wait for */
};

/* What there is to make damage of. */
struct material {
	struct pems a, b;
	const char *path; /* of the file to be damaged, or a good one */
};

static void
file_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
		tap_bail(path);
}

static void
text_write(const char *path, const char *text)
{
	file_write(path, text, strlen(text));
}

static void
damage_absent(const struct material *material)
{
	(void)material;
}

static void
damage_empty(const struct material *material)
{
	text_write(material->path, "");
}

static void
damage_garbage(const struct material *material)
{
	text_write(material->path, "this is not PEM\n");
}

static void
damage_zeros(const struct material *material)
{
	static const char zeros[4096];

	file_write(material->path, zeros, sizeof(zeros));
}

/* In the middle of the leaf, or of the certificate behind it. */
static void
damage_half_leaf(const struct material *material)
{
	file_write(material->path, material->b.text[PEMS_FULLCHAIN],
	    strlen(material->b.text[PEMS_CERT]) / 2);
}

static void
damage_half_issuer(const struct material *material)
{
	const char *text = material->b.text[PEMS_FULLCHAIN];

	file_write(
	    material->path, text, strlen(material->b.text[PEMS_CERT]) + 300);
}

static void
damage_one_octet(const struct material *material)
{
	char *text = mem_string(material->b.text[PEMS_FULLCHAIN]);
	char *octet = text + strlen(material->b.text[PEMS_CERT]) + 200;

	*octet = '*';
	text_write(material->path, text);
	free(text);
}

static void
damage_issuer_first(const struct material *material)
{
	char *text = mem_format(
	    "%s%s", material->b.text[PEMS_CHAIN], material->b.text[PEMS_CERT]);

	text_write(material->path, text);
	free(text);
}

static void
damage_private_key(const struct material *material)
{
	text_write(material->path, material->b.text[PEMS_PRIVKEY]);
}

/* Some servers want both in one file; we never want to hold a key. */
static void
damage_key_behind(const struct material *material)
{
	char *text = mem_format("%s%s", material->b.text[PEMS_FULLCHAIN],
	    material->b.text[PEMS_PRIVKEY]);

	text_write(material->path, text);
	free(text);
}

static void
damage_link_to_key(const struct material *material)
{
	if (symlink("privkey.pem", material->path) != 0)
		tap_bail(material->path);
}

/* In one piece: its first half alone would be a chain to take. */
static void
damage_oversized(const struct material *material)
{
	size_t len = 300 * 1024;
	char *text = mem_new(len + 1);
	char *aside = mem_format("%s.new", material->path);

	memset(text, '\n', len);
	memcpy(text, material->b.text[PEMS_FULLCHAIN],
	    strlen(material->b.text[PEMS_FULLCHAIN]));
	text_write(aside, text);
	if (rename(aside, material->path) != 0)
		tap_bail(material->path);
	free(aside);
	free(text);
}

static void
damage_directory(const struct material *material)
{
	if (mkdir(material->path, 0755) != 0)
		tap_bail(material->path);
}

static void
damage_fifo(const struct material *material)
{
	if (mkfifo(material->path, 0644) != 0)
		tap_bail(material->path);
}

static void
damage_socket(const struct material *material)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)strncpy(
	    address.sun_path, material->path, sizeof(address.sun_path) - 1);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		tap_bail(material->path);
	(void)close(fd);
}

static void
damage_dangling(const struct material *material)
{
	if (symlink("../../archive/nowhere/fullchain9.pem", material->path) !=
	    0)
		tap_bail(material->path);
}

static void
damage_loop(const struct material *material)
{
	if (symlink("fullchain.pem", material->path) != 0)
		tap_bail(material->path);
}

static void
damage_device(const struct material *material)
{
	if (symlink("/dev/zero", material->path) != 0)
		tap_bail(material->path);
}

static const struct {
	const char *name;
	void (*make)(const struct material *material);
} kinds[] = {
	{ "absent", damage_absent },
	{ "empty", damage_empty },
	{ "garbage", damage_garbage },
	{ "zeros", damage_zeros },
	{ "half a leaf", damage_half_leaf },
	{ "half an issuer", damage_half_issuer },
	{ "one wrong octet", damage_one_octet },
	{ "issuer first", damage_issuer_first },
	{ "a private key", damage_private_key },
	{ "a private key behind the chain", damage_key_behind },
	{ "a link to the private key", damage_link_to_key },
	{ "oversized", damage_oversized },
	{ "a directory", damage_directory },
	{ "a FIFO", damage_fifo },
	{ "a socket", damage_socket },
	{ "a dangling link", damage_dangling },
	{ "a link to itself", damage_loop },
	{ "a device", damage_device },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct patient {
	char name[16]; /* of the lineage */
	struct certbot certbot;
	struct material material;
	char *path;   /* live/NAME/fullchain.pem */
	char *owner;  /* name of its RRset */
	unsigned bad; /* answers */
};

static void
patient_init(struct patient *patient, const char *store, size_t number,
    const struct material *material)
{
	(void)snprintf(patient->name, sizeof(patient->name), "d%zu", number);
	patient->certbot = (struct certbot){ .hand.store = store,
		.lineage = patient->name };
	patient->path = mem_format(
	    "%s/live/%s/fullchain.pem", store, patient->name);
	patient->material = *material;
	patient->material.path = patient->path;
	patient->owner = mem_format(
	    "_25._tcp.%s.example.com.tlsa.example.net.", patient->name);
	patient->bad = 0;
	certbot_issue(&patient->certbot, &material->a);
}

static void
patient_fini(struct patient *patient)
{
	free(patient->path);
	free(patient->owner);
}

static void
patient_damage(struct patient *patient, size_t kind)
{
	const char *path = patient->path;

	if (unlink(path) != 0 && rmdir(path) != 0 && access(path, F_OK) == 0)
		tap_bail(path);
	kinds[kind].make(&patient->material);
}

/* Ask for all; is every answer `rrset`?  Blames those that are not. */
static bool
patients_look(struct patient *patients, struct client *client,
    const char *rrset, unsigned blame)
{
	struct buf got = { 0 };
	bool good = true;

	for (size_t i = 0; i < KINDS; i++) {
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

	for (size_t i = 0; i < KINDS && loop_now() < until;)
		if (patient_logged(&patients[i], daemon, "warning: ", "") > 0)
			i++;
		else
			(void)nanosleep(&pause, NULL);
}

static void
patients_damage(struct patient *patients, const struct daemon *daemon,
    const struct material *material, size_t shift)
{
	for (size_t i = 0; i < KINDS; i++)
		patient_damage(&patients[i], (i + shift) % KINDS);
	patients_ask(patients, daemon, material->a.rrset, GRACE_OVER);
	patients_await_log(patients, daemon);
}

/* What is good again is answered within LATE. */
static void
patients_mend(struct patient *patients, const struct daemon *daemon,
    const struct material *material)
{
	for (size_t i = 0; i < KINDS; i++) {
		const char *path = patients[i].path;
		char *target = mem_format(
		    "../../archive/%s/fullchain2.pem", patients[i].name);
		char *file = mem_format("%s/live/%s/%s",
		    patients[i].certbot.hand.store, patients[i].name, target);

		if (unlink(path) != 0)
			(void)rmdir(path);
		/* A link, as it was before. */
		text_write(file, material->b.text[PEMS_FULLCHAIN]);
		if (symlink(target, path) != 0)
			tap_bail(path);
		free(target);
		free(file);
	}
	patients_follow(patients, daemon, material->b.rrset);
	patients_ask(patients, daemon, material->b.rrset, AFTERWARDS);
}

static void
patients_report(const struct patient *patients, const struct daemon *daemon)
{
	for (size_t i = 0; i < KINDS; i++) {
		const struct patient *patient = &patients[i];
		unsigned warnings = patient_logged(
		    patient, daemon, "warning: ", "");
		unsigned good = patient_logged(
		    patient, daemon, "", "is good again");

		if (!tap_ok(patient->bad == 0 && warnings == 1 && good == 1,
			"%s: answers stay, logged once, and once when mended",
			kinds[i].name))
			tap_note("lineage '%s': %u bad answers, %u warnings, "
				 "%u times good again",
			    patient->name, patient->bad, warnings, good);
	}
}

static void
services_configure(const char *directory)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < KINDS; i++)
		buf_add_format(&text,
		    "  - {host: d%zu.example.com, lineages: [d%zu], retain: "
		    "0}\n",
		    i, i);
	daemon_configure(directory, "certbot", buf_text(&text));
	buf_fini(&text);
}

/* All patients through all stages. */
static void
patients_run(struct patient *patients, const struct material *material,
    const char *program, const char *directory)
{
	struct daemon daemon;
	int status;

	daemon_start(&daemon, program, directory);
	patients_ask(patients, &daemon, material->a.rrset, 0);
	patients_damage(patients, &daemon, material, 0);
	/* Another damage in its place is not worth another line. */
	patients_damage(patients, &daemon, material, 7);
	patients_mend(patients, &daemon, material);
	patients_report(patients, &daemon);
	status = daemon_stop(&daemon);
	(void)tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "the daemon ended well");
}

int
main(int argc, char **argv)
{
	static struct patient patients[KINDS];
	struct material material;
	char *a, *b, *good, *store;

	if (argc != 4) {
		(void)fprintf(
		    stderr, "usage: damage PROGRAM DIRECTORY CHAINS\n");
		return 2;
	}
	a = mem_format("%s/a", argv[3]);
	b = mem_format("%s/b", argv[3]);
	good = mem_format("%s/fullchain.pem", b);
	store = mem_format("%s/le", argv[2]);
	pems_load(a, &material.a);
	pems_load(b, &material.b);
	material.path = good;
	for (size_t i = 0; i < KINDS; i++)
		patient_init(&patients[i], store, i, &material);
	services_configure(argv[2]);
	patients_run(patients, &material, argv[1], argv[2]);
	for (size_t i = 0; i < KINDS; i++)
		patient_fini(&patients[i]);
	pems_fini(&material.a);
	pems_fini(&material.b);
	free(store);
	free(good);
	free(b);
	free(a);
	return tap_end();
}
