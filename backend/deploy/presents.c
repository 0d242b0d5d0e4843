/* SPDX-License-Identifier: MIT */
#include "deploy/presents.h"

#include <netdb.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/deadline.h"
#include "net/dane_verify.h"
#include "net/probe.h"

enum {
	ADDRESSES = 32, /* of one host */
	PAUSE_MS = 500, /* between two looks */
	LOOK_MS = PROBE_TALK_MS + 3 * PROBE_STEP_MS,
};

/* An address can be bound to if it is one of this machine's. */
static bool
is_local(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_bound = fd >= 0 &&
			bind(fd, address->ai_addr, address->ai_addrlen) == 0;

	if (fd >= 0)
		(void)close(fd);
	return is_bound;
}

/* Find the addresses that count; returns how many. */
static size_t
probes_make(const char *host, uint16_t port, enum key_algorithm algorithm,
    bool is_anywhere, struct probe *probes)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	size_t count = 0;

	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return 0;
	for (const struct addrinfo *at = list; at != NULL && count < ADDRESSES;
	     at = at->ai_next) {
		struct probe *probe = &probes[count];

		if (!is_anywhere && !is_local(at))
			continue;
		*probe = (struct probe){ .protocol = starttls_of_port(port),
			.name = host,
			.algorithm = algorithm };
		probe->server.port = port;
		if (getnameinfo(at->ai_addr, at->ai_addrlen,
			probe->server.address, sizeof(probe->server.address),
			NULL, 0, NI_NUMERICHOST) == 0)
			count++;
	}
	freeaddrinfo(list);
	return count;
}

static bool
has_leaf(const struct probe *probe, const uint8_t *leaf)
{
	uint8_t digest[32];

	dane_digest(sk_X509_value(probe->chain, 0), digest);
	return memcmp(digest, leaf, sizeof(digest)) == 0;
}

/* What one conversation shows. */
static enum presents
probe_judge(
    const struct probe *probe, const uint8_t *leaf, struct problem *problem)
{
	switch (probe->outcome) {
	case PROBE_PRESENTED:
		if (has_leaf(probe, leaf))
			return PRESENTS_LEAF;
		problem_set(problem, "%s presents another certificate",
		    probe->server.address);
		return PRESENTS_OTHER;
	case PROBE_BROKEN:
	case PROBE_NO_STARTTLS:
	case PROBE_NO_TLS:
		problem_set(problem, "%s presents no certificate: %s",
		    probe->server.address, probe->reason.text);
		return PRESENTS_BROKEN;
	case PROBE_UNTRIED:
	case PROBE_NO_ROUTE:
	case PROBE_UNREACHED:
		break;
	}
	problem_set(
	    problem, "%s: %s", probe->server.address, probe->reason.text);
	return PRESENTS_NOTHING;
}

/* Look once. */
static enum presents
look(struct probe *probes, size_t count, const uint8_t *leaf,
    struct problem *problem)
{
	/* Each step has its own time; that of all is longer than theirs. */
	const struct deadline deadline = deadline_in(LOOK_MS);
	enum presents seen = PRESENTS_NOTHING;

	probe_run(probes, count, &deadline);
	for (size_t i = 0; i < count; i++) {
		struct problem why = { "" };
		enum presents one = probe_judge(&probes[i], leaf, &why);

		if (i == 0 || one > seen) {
			seen = one;
			if (problem != NULL)
				*problem = why;
		}
		probe_fini(&probes[i]);
	}
	return seen;
}

enum presents
probe_presents(const char *host, uint16_t port, const uint8_t *leaf,
    enum key_algorithm algorithm, bool is_anywhere, struct problem *problem)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	struct probe probes[ADDRESSES];
	const struct deadline deadline = deadline_in(PRESENTS_WAIT_MS);
	size_t count = probes_make(host, port, algorithm, is_anywhere, probes);
	enum presents seen = PRESENTS_NOTHING;

	if (count == 0) {
		problem_set(problem, "%s",
		    is_anywhere ? "the host has no address"
				: "the host has no address of this machine");
		return is_anywhere ? PRESENTS_NOTHING : PRESENTS_ELSEWHERE;
	}
	for (;;) {
		seen = look(probes, count, leaf, problem);
		if ((seen != PRESENTS_OTHER && seen != PRESENTS_BROKEN) ||
		    deadline_is_over(&deadline))
			break;
		(void)nanosleep(&pause, NULL);
	}
	problem_prefix(problem, "%s port %u", host, port);
	return seen;
}
