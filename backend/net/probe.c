/* SPDX-License-Identifier: MIT */
#include "net/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "signatures.h"

/*
 * Security level 0: whether a key is long enough is not our question, but
 * what is presented.  TLS 1.2 chooses by the cipher, 1.3 by the signature.
 */
static const char *const ciphers[] = {
	[KEY_RSA] = "aRSA:@SECLEVEL=0",
	[KEY_ECDSA] = "aECDSA:@SECLEVEL=0",
	/* Ed25519 and Ed448 as well (RFC 8422 s5.4) */
	[KEY_OTHER] = "aECDSA:@SECLEVEL=0",
};

/* Of one conversation, before the others have their turn: two TLS records. */
enum { TURN_OCTETS = 2 * 16384 };

enum step {
	STEP_CONNECT,
	STEP_TALK,
	STEP_SHAKE,
	STEP_DONE,
};

/* One conversation on its way. */
struct talk {
	struct probe *probe;
	int fd;
	enum step step;
	short events;             /* what it waits for */
	struct deadline deadline; /* of the step */
	struct starttls starttls;
	SSL *ssl;
	size_t octets;      /* that came in the handshake */
	size_t turn_octets; /* and in this turn */
};

static void
talk_end(struct talk *talk, enum probe_outcome outcome, const char *reason)
{
	talk->probe->outcome = outcome;
	if (reason != NULL)
		problem_set(&talk->probe->reason, "%s", reason);
	SSL_free(talk->ssl);
	talk->ssl = NULL;
	starttls_fini(&talk->starttls);
	if (talk->fd >= 0)
		(void)close(talk->fd);
	talk->fd = -1;
	talk->step = STEP_DONE;
}

/* Say that the step takes too long. */
static void
talk_late(struct talk *talk)
{
	static const struct {
		enum probe_outcome outcome;
		const char *reason;
	} late[] = {
		[STEP_CONNECT] = { PROBE_UNREACHED, "no answer within 5 s" },
		[STEP_TALK] = { PROBE_BROKEN,
		    "the server does not come to TLS within 10 s" },
		[STEP_SHAKE] = { PROBE_NO_TLS,
		    "the handshake does not end within 5 s" },
	};

	talk_end(talk, late[talk->step].outcome, late[talk->step].reason);
}

static void
step_begin(struct talk *talk, enum step step, short events)
{
	talk->step = step;
	talk->events = events;
	talk->deadline = deadline_in(
	    step == STEP_TALK ? PROBE_TALK_MS : PROBE_STEP_MS);
}

static int
connect_begin(const struct dnsserver *server)
{
	struct sockaddr_storage address;
	socklen_t len;
	int fd = dnsserver_socket(
	    server, SOCK_STREAM | SOCK_NONBLOCK, &address, &len);
	int error;

	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&address, len) != 0 &&
	    errno != EINPROGRESS) {
		error = errno;
		(void)close(fd);
		fd = -1;
		errno = error;
	}
	return fd;
}

static void
talk_begin(struct talk *talk, struct probe *probe)
{
	*talk = (struct talk){ .probe = probe, .fd = -1 };
	if (!dnsserver_has_route(&probe->server)) {
		talk_end(talk, PROBE_NO_ROUTE,
		    "this machine has no route to its address family");
		return;
	}
	talk->fd = connect_begin(&probe->server);
	if (talk->fd < 0) {
		talk_end(talk, PROBE_UNREACHED, strerror(errno));
		return;
	}
	starttls_init(&talk->starttls, probe->protocol, probe->name);
	step_begin(talk, STEP_CONNECT, POLLOUT);
}

/* What libssl says of the last failure. */
static const char *
ssl_reason(int error)
{
	const char *reason = NULL;

	if (error == SSL_ERROR_SSL)
		reason = ERR_reason_error_string(ERR_peek_last_error());
	if (reason == NULL && error == SSL_ERROR_SYSCALL && errno != 0)
		reason = strerror(errno);
	return reason != NULL ? reason : "the server ends the connection";
}

/* It has what the server sends, and nothing else has a reference. */
static void
chain_take(struct talk *talk)
{
	struct probe *probe = talk->probe;

	probe->version = SSL_get_version(talk->ssl);
	probe->chain = X509_chain_up_ref(SSL_get_peer_cert_chain(talk->ssl));
	if (probe->chain != NULL && sk_X509_num(probe->chain) > 0)
		talk_end(talk, PROBE_PRESENTED, NULL);
	else
		talk_end(
		    talk, PROBE_NO_TLS, "the server presents no certificate");
}

static void
shake(struct talk *talk)
{
	int result;
	int error;

	ERR_clear_error();
	errno = 0;
	talk->turn_octets = 0;
	result = SSL_connect(talk->ssl);
	error = SSL_get_error(talk->ssl, result);
	if (result == 1) {
		chain_take(talk);
	} else if (error == SSL_ERROR_WANT_READ) {
		talk->events = POLLIN;
	} else if (error == SSL_ERROR_WANT_WRITE) {
		talk->events = POLLOUT;
	} else if (deadline_is_over(&talk->deadline)) {
		talk_late(talk);
	} else if (talk->octets > LIMIT_HANDSHAKE) {
		talk_end(talk, PROBE_NO_TLS,
		    "the server says too much in the handshake");
	} else {
		talk_end(talk, PROBE_NO_TLS, ssl_reason(error));
	}
	ERR_clear_error();
}

/* RFC 6066 s3: a name without its final dot, and no address. */
static bool
name_set(SSL *ssl, const char *name)
{
	struct dnsserver address;
	size_t len = strlen(name);
	char *plain = mem_copy(
	    name, len > 0 && name[len - 1] == '.' ? len - 1 : len);
	bool is_set = dnsserver_parse(name, &address) ||
		      SSL_set_tlsext_host_name(ssl, plain) == 1;

	free(plain);
	return is_set;
}

/* Offer what one kind of key can answer. */
static bool
offer(SSL_CTX *context, enum key_algorithm algorithm)
{
	struct buf list = { 0 };
	bool is_set;

	signatures_list(algorithm, &list);
	/* OpenSSL's macro casts const away */
	is_set = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
		 SSL_CTX_set_cipher_list(context, ciphers[algorithm]) == 1 &&
		 SSL_CTX_set1_sigalgs_list(
		     context, (char *)(uintptr_t)buf_text(&list)) == 1;
	buf_fini(&list);
	return is_set;
}

/*
 * libssl has this called before and after each read and write: one call of
 * SSL_connect() goes on for as long as there are octets that it may pass over,
 * as those of HelloRequest (RFC 5246 s7.4.1.1), while the time of the others
 * runs out as well.
 */
static long
guard(BIO *bio, int what, const char *data, size_t len, int argi, long argl,
    int result, size_t *done)
{
	struct talk *talk = (void *)BIO_get_callback_arg(bio);
	bool is_begin = what == BIO_CB_READ || what == BIO_CB_WRITE;

	(void)data;
	(void)len;
	(void)argi;
	(void)argl;
	if (what == (BIO_CB_READ | BIO_CB_RETURN) && result > 0) {
		talk->octets += *done;
		talk->turn_octets += *done;
	}
	if (!is_begin)
		return result;
	BIO_clear_retry_flags(bio);
	if (deadline_is_over(&talk->deadline) || talk->octets > LIMIT_HANDSHAKE)
		return -1;
	if (what == BIO_CB_READ && talk->turn_octets >= TURN_OCTETS) {
		/* What is there will be there. */
		BIO_set_retry_read(bio);
		return -1;
	}
	return result;
}

static SSL *
ssl_make(struct talk *talk)
{
	const struct probe *probe = talk->probe;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	if (context != NULL && offer(context, probe->algorithm))
		ssl = SSL_new(context);
	SSL_CTX_free(context);
	if (ssl == NULL)
		return NULL;
	SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	SSL_set_max_cert_list(ssl, LIMIT_PEM_FILE);
	if (SSL_set_fd(ssl, talk->fd) == 1 && name_set(ssl, probe->name)) {
		BIO_set_callback_arg(SSL_get_rbio(ssl), (void *)talk);
		BIO_set_callback_ex(SSL_get_rbio(ssl), guard);
		return ssl;
	}
	SSL_free(ssl);
	return NULL;
}

static void
shake_begin(struct talk *talk)
{
	talk->ssl = ssl_make(talk);
	if (talk->ssl == NULL) {
		talk_end(talk, PROBE_NO_TLS, "libssl refuses");
		ERR_clear_error();
		return;
	}
	step_begin(talk, STEP_SHAKE, POLLOUT);
	shake(talk);
}

/* Send what is to be sent, then wait for the server. */
static void
talk_send(struct talk *talk)
{
	struct buf *out = &talk->starttls.out;
	ssize_t sent = 0;

	if (out->len > 0)
		sent = send(talk->fd, out->data, out->len, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		talk_end(talk, PROBE_BROKEN, strerror(errno));
		return;
	}
	if (sent > 0)
		buf_consume(out, (size_t)sent);
	talk->events = out->len > 0 ? POLLOUT : POLLIN;
}

static void
talk_feed(struct talk *talk, const char *data, size_t len)
{
	struct starttls *starttls = &talk->starttls;

	switch (starttls_feed(starttls, data, len)) {
	case STARTTLS_TALKING:
		talk_send(talk);
		break;
	case STARTTLS_READY:
		shake_begin(talk);
		break;
	case STARTTLS_MISSING:
		talk_end(talk, PROBE_NO_STARTTLS, starttls->reason.text);
		break;
	case STARTTLS_BROKEN:
		talk_end(talk, PROBE_BROKEN, starttls->reason.text);
		break;
	}
}

static void
talk_read(struct talk *talk)
{
	char data[4096];
	ssize_t got = recv(talk->fd, data, sizeof(data), 0);

	if (got > 0)
		talk_feed(talk, data, (size_t)got);
	else if (got == 0)
		talk_end(talk, PROBE_BROKEN, "the server ends the connection");
	else if (errno != EAGAIN && errno != EINTR)
		talk_end(talk, PROBE_BROKEN, strerror(errno));
}

static void
connect_end(struct talk *talk)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		talk_end(talk, PROBE_UNREACHED, strerror(error));
	} else if (talk->starttls.state == STARTTLS_READY) {
		shake_begin(talk);
	} else {
		step_begin(talk, STEP_TALK, POLLIN);
		talk_send(talk);
	}
}

static void
talk_turn(struct talk *talk, bool is_ready)
{
	if (talk->step == STEP_DONE)
		return;
	/* Who has always something to say comes to his end as well. */
	if (deadline_is_over(&talk->deadline)) {
		talk_late(talk);
		return;
	}
	if (!is_ready)
		return;
	switch (talk->step) {
	case STEP_CONNECT:
		connect_end(talk);
		break;
	case STEP_TALK:
		if (talk->events == POLLOUT)
			talk_send(talk);
		else
			talk_read(talk);
		break;
	case STEP_SHAKE:
		shake(talk);
		break;
	case STEP_DONE:
		break;
	}
}

/* One turn of all that are under way; returns how many still are. */
static size_t
talks_turn(struct talk *talks, size_t count, const struct deadline *whole)
{
	struct pollfd fds[PROBE_PARALLEL];
	int wait = deadline_left(whole);
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		int rest = deadline_left(&talks[i].deadline);

		fds[i] = (struct pollfd){ .fd = talks[i].fd,
			.events = talks[i].events };
		if (talks[i].step != STEP_DONE && rest < wait)
			wait = rest;
	}
	(void)poll(fds, (nfds_t)count, wait);
	for (size_t i = 0; i < count; i++) {
		talk_turn(&talks[i], talks[i].fd >= 0 && fds[i].revents != 0);
		left += talks[i].step != STEP_DONE;
	}
	return left;
}

static void
batch_run(struct probe *probes, size_t count, const struct deadline *whole)
{
	struct talk talks[PROBE_PARALLEL];
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		talk_begin(&talks[i], &probes[i]);
		left += talks[i].step != STEP_DONE;
	}
	while (left > 0 && !deadline_is_over(whole))
		left = talks_turn(talks, count, whole);
	for (size_t i = 0; i < count; i++)
		if (talks[i].step != STEP_DONE)
			talk_end(&talks[i], PROBE_UNTRIED,
			    "the time for all of it is up");
}

void
probe_run(struct probe *probes, size_t count, const struct deadline *deadline)
{
	for (size_t at = 0; at < count; at += PROBE_PARALLEL) {
		size_t some = count - at < PROBE_PARALLEL ? count - at
							  : PROBE_PARALLEL;

		batch_run(probes + at, some, deadline);
	}
}

void
probe_fini(struct probe *probe)
{
	sk_X509_pop_free(probe->chain, X509_free);
	probe->chain = NULL;
}
