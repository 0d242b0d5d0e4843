/* SPDX-License-Identifier: MIT */
/*
 * The time from the flip of a link to the answer:
 *	flip STORE CHAINS RENEWALS SOCKET|PORT [OWNER [PAUSE]]
 * renews the lineage "mail" of a store as certbot does, from CHAINS/a to
 * CHAINS/b and back, while a daemon has it.  It asks that one at its SOCKET, or
 * a name server on a PORT of 127.0.0.1, without pause from the flip on until
 * the answer is the new one, whole, at OWNER: the flat alias of
 *mail.example.com. PAUSE milliseconds (20) lie between the chain's file and its
 *link.  Prints the median.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "certbot.h"
#include "client.h"

#define OWNER "_25_tcp_mail_example_com.tlsa.example.net."

enum {
	HANGS = 30000, /* milliseconds; nothing more to wait for */
	DIGEST = 32,   /* octets */
	MESSAGE = 4096,
	TLSA = 52, /* RFC 6698 */
};

struct probe {
	struct client client; /* or, with fd -1, ... */
	int udp;
	const char *owner;
	const char *rrset; /* that is waited for */
	long pause;
	double took; /* milliseconds */
};

static double
milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
pause_us(long us)
{
	const struct timespec pause = { us / 1000000, us % 1000000 * 1000 };

	(void)nanosleep(&pause, NULL);
}

static size_t
query_make(const char *owner, unsigned char *query)
{
	static const unsigned char head[12] = { 0, 1, 0, 0, 0, 1 };
	size_t at = sizeof(head);

	memcpy(query, head, sizeof(head));
	for (const char *name = owner; *name != '\0';) {
		size_t len = strcspn(name, ".");

		query[at++] = (unsigned char)len;
		memcpy(query + at, name, len);
		at += len;
		name += len + 1;
	}
	query[at++] = 0;
	query[at++] = 0;
	query[at++] = TLSA;
	query[at++] = 0;
	query[at++] = 1;
	return at;
}

/* Whether the message has the digests of all lines, and no other record. */
static bool
message_has(const unsigned char *message, size_t len, const char *rrset)
{
	unsigned lines = 0;

	for (const char *line = rrset; *line != '\0'; lines++) {
		const char *end = strchr(line, '\n');
		unsigned char digest[DIGEST];

		for (int i = 0; i < DIGEST; i++) {
			unsigned octet = 0;

			(void)sscanf(
			    end - 2 * (ptrdiff_t)(DIGEST - i), "%2x", &octet);
			digest[i] = (unsigned char)octet;
		}
		if (memmem(message, len, digest, DIGEST) == NULL)
			return false;
		line = end + 1;
	}
	return len > 8 && message[6] << 8 == 0 && message[7] == lines;
}

static bool
ask_server(const struct probe *probe)
{
	static unsigned short id;
	unsigned char message[MESSAGE];
	size_t len = query_make(probe->owner, message);
	ssize_t got;

	message[0] = (unsigned char)(++id >> 8);
	message[1] = (unsigned char)id;
	if (send(probe->udp, message, len, 0) < 0)
		return false;
	do {
		got = recv(probe->udp, message, sizeof(message), 0);
	} while (got > 2 && (message[0] << 8 | message[1]) != id);
	return got > 0 && message_has(message, (size_t)got, probe->rrset);
}

static bool
ask(struct probe *probe)
{
	struct buf rrset = { 0 };
	bool has;

	if (probe->udp >= 0)
		return ask_server(probe);
	has = client_lookup(&probe->client, probe->owner, &rrset) ==
		  ANSWER_RRSET &&
	      strcmp(buf_text(&rrset), probe->rrset) == 0;
	buf_fini(&rrset);
	return has;
}

static void
await(struct probe *probe)
{
	double flipped = milliseconds();

	while (!ask(probe)) {
		if (milliseconds() - flipped > HANGS) {
			(void)fputs("flip: the new one never came\n", stderr);
			exit(EXIT_FAILURE);
		}
		pause_us(50);
	}
	probe->took = milliseconds() - flipped;
}

static void
step(void *arg, const char *what)
{
	struct probe *probe = arg;

	if (strcmp(what, "rename to renewal/mail.conf") == 0) {
		pause_us(probe->pause * 1000);
		/* Whoever keeps answers has the old one. */
		(void)ask(probe);
	} else if (strcmp(what, "symlink live/mail/fullchain.pem") == 0) {
		await(probe);
	}
}

static int
server_open(const char *port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval limit = { .tv_usec = 500000 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) !=
		0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
		0) {
		perror(port);
		exit(EXIT_FAILURE);
	}
	return fd;
}

static int
by_size(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

int
main(int argc, char **argv)
{
	size_t count = argc > 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct certbot certbot = { .lineage = "mail" };
	struct probe probe = { .client.fd = -1,
		.udp = -1,
		.owner = argc > 5 ? argv[5] : OWNER,
		.pause = argc > 6 ? atol(argv[6]) : 20 };
	struct pems pems[2];
	double *took;

	if (count == 0)
		return EXIT_FAILURE;
	for (int i = 0; i < 2; i++) {
		char *path = mem_format("%s/%c", argv[2], 'a' + i);

		pems_load(path, &pems[i]);
		free(path);
	}
	if (argv[4][0] != '/')
		probe.udp = server_open(argv[4]);
	else if (!client_open(&probe.client, argv[4]))
		return EXIT_FAILURE;
	took = mem_array(count, sizeof(*took));
	certbot.hand = (struct hand){ argv[1], step, &probe };
	certbot.number = certbot_live_number(&certbot);
	probe.rrset = pems[0].rrset;
	certbot_renew(&certbot, &pems[0]);
	for (size_t i = 0; i < count; i++) {
		const struct pems *next = &pems[(i + 1) % 2];

		/* What the last one left behind is over. */
		pause_us(30000);
		probe.rrset = next->rrset;
		certbot_renew(&certbot, next);
		took[i] = probe.took;
	}
	qsort(took, count, sizeof(*took), by_size);
	(void)printf("# %zu renewals: 10 %% %.2f, median %.2f, 90 %% %.2f, "
		     "longest %.2f ms\n",
	    count, took[count / 10], took[count / 2], took[count * 9 / 10],
	    took[count - 1]);
	(void)printf("flip-ms %.2f\n", took[count / 2]);
	free(took);
	for (int i = 0; i < 2; i++)
		pems_fini(&pems[i]);
	client_close(&probe.client);
	return EXIT_SUCCESS;
}
