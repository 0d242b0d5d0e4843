/* SPDX-License-Identifier: MIT */
#include "http/http.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/limit.h"
#include "base/mem.h"
#include "http/reply.h"
#include "loop/log.h"
#include "mhd.h"
#include "visitors.h"

/*
 * Seconds without an octet until a connection is ended.  PowerDNS keeps its
 * own, and makes another when it finds it ended; but if that happens while it
 * is asking, the question is lost.  So idle ones stay for long.
 */
enum { IDLE = 600 };

struct http {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct loop_io io; /* the library's own epoll(7) */
	struct loop_timer timer;
	struct visitors visitors;
	server_answer_fn *answer;
	void *arg;
	http_look_fn *look; /* NULL: there is nothing to look at */
	void *look_arg;
	struct exchange *waiting; /* the first of those */
	bool is_ending;
};

/* A request that is being received, and answered. */
struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	struct buf body;
	char *path;      /* that he looks at, or NULL: it is a question */
	bool is_waiting; /* for the first snapshot, or a page */
	struct exchange *next;
	struct exchange *previous;
};

static const char wants_json[] =
    "asks for something else than post_json; PowerDNS needs "
    "remote-connection-string=http:url=...,post=1,post_json=1";

/* ---- who asks ---- */

/* His address, or what stands for none. */
static const struct sockaddr *
peer_of(const struct exchange *exchange)
{
	static const struct sockaddr none = { .sa_family = AF_UNIX };
	const union MHD_ConnectionInfo *info = mhd()->MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info != NULL && info->client_addr != NULL ? info->client_addr
							 : &none;
}

static void
exchange_log(
    const struct exchange *exchange, enum log_level level, const char *text)
{
	char peer[VISITORS_TEXT];

	visitors_text(peer_of(exchange), peer);
	log_line(level, "request of %s: %s", peer, text);
}

static enum MHD_Result
peer_may(void *arg, const struct sockaddr *peer, socklen_t len)
{
	const struct http *http = arg;

	(void)len;
	return visitors_hold(&http->visitors, peer) ? MHD_YES : MHD_NO;
}

static const char *
header(const struct exchange *exchange, const char *name)
{
	return mhd()->MHD_lookup_connection_value(
	    exchange->connection, MHD_HEADER_KIND, name);
}

/* ---- a reply ---- */

static struct reply
reply_of(const struct exchange *exchange, unsigned status, const char *type)
{
	return (struct reply){ .status = status,
		.type = type,
		.is_page = exchange->path != NULL };
}

static enum MHD_Result
refuse_with(struct exchange *exchange, unsigned status, const char *text,
    const char *allow)
{
	struct reply reply = reply_of(
	    exchange, status, "text/plain; charset=utf-8");
	struct buf line = { 0 };
	enum MHD_Result result;

	reply.allow = allow;
	buf_add_format(&line, "%s\n", text);
	result = reply_send(exchange->connection, &reply, &line);
	buf_fini(&line);
	return result;
}

static enum MHD_Result
refuse(struct exchange *exchange, unsigned status, const char *text)
{
	return refuse_with(exchange, status, text, NULL);
}

/* ---- those that wait ---- */

static void
exchange_wait(struct exchange *exchange)
{
	struct http *http = exchange->http;

	exchange->is_waiting = true;
	exchange->next = http->waiting;
	if (http->waiting != NULL)
		http->waiting->previous = exchange;
	http->waiting = exchange;
	mhd()->MHD_suspend_connection(exchange->connection);
}

static void
exchange_go_on(struct exchange *exchange)
{
	if (exchange->previous != NULL)
		exchange->previous->next = exchange->next;
	else
		exchange->http->waiting = exchange->next;
	if (exchange->next != NULL)
		exchange->next->previous = exchange->previous;
	exchange->next = exchange->previous = NULL;
	exchange->is_waiting = false;
}

/* ---- a request ---- */

/* With post=1 alone: the method in the URL, and a form. */
static bool
is_form(struct buf *body)
{
	static const char begin[] = "parameters=";

	return strncmp(buf_text(body), begin, sizeof(begin) - 1) == 0;
}

/* The reply, or what stands for none. */
static enum MHD_Result
exchange_answer(struct exchange *exchange)
{
	const struct http *http = exchange->http;
	const struct reply reply = reply_of(
	    exchange, MHD_HTTP_OK, "application/json; charset=utf-8");
	struct buf *body = &exchange->body;
	struct problem problem = { "" };
	struct buf line = { 0 };
	enum MHD_Result result = MHD_YES;

	if (http->is_ending)
		return refuse(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
		    "pdns-tlsa is ending");
	if (is_form(body)) {
		exchange_log(exchange, LOG_LEVEL_WARNING, wants_json);
		return refuse(
		    exchange, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, wants_json);
	}
	switch (http->answer(
	    http->arg, buf_text(body), body->len, &line, &problem)) {
	case OUTCOME_REPLY:
		if (problem.text[0] != '\0')
			exchange_log(exchange, LOG_LEVEL_WARNING, problem.text);
		result = reply_send(exchange->connection, &reply, &line);
		break;
	case OUTCOME_WAIT:
		exchange_wait(exchange);
		break;
	case OUTCOME_CANNOT_TELL:
		exchange_log(exchange, LOG_LEVEL_DEBUG, problem.text);
		result = refuse(
		    exchange, MHD_HTTP_SERVICE_UNAVAILABLE, problem.text);
		break;
	case OUTCOME_MALFORMED:
		exchange_log(exchange, LOG_LEVEL_WARNING, problem.text);
		result = refuse(exchange, MHD_HTTP_BAD_REQUEST, problem.text);
		break;
	}
	buf_fini(&line);
	return result;
}

/* ---- a look ---- */

static bool
is_look(const struct http *http, const char *method)
{
	return http->look != NULL &&
	       (strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
		   strcmp(method, MHD_HTTP_METHOD_HEAD) == 0);
}

/* PowerDNS without post=1 asks by GET for what is no page. */
static enum MHD_Result
refuse_method(struct exchange *exchange)
{
	exchange_log(exchange, LOG_LEVEL_WARNING, wants_json);
	return refuse_with(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, wants_json,
	    exchange->http->look != NULL ? "GET, HEAD, POST" : "POST");
}

/* What there is to see; it is sent whole, or a piece at a time. */
static enum MHD_Result
sight_send(struct exchange *exchange, struct http_sight *sight)
{
	const struct reply reply = reply_of(
	    exchange, sight->status, sight->type);

	return sight->text != NULL
		   ? reply_send_long(exchange->connection, &reply, sight->text)
		   : reply_send(exchange->connection, &reply, &sight->body);
}

static enum MHD_Result
exchange_show(struct exchange *exchange)
{
	const struct http *http = exchange->http;
	const char *host = header(exchange, MHD_HTTP_HEADER_HOST);
	const struct http_wish wish = { exchange->path,
		host != NULL ? host : "",
		mhd()->MHD_lookup_connection_value(
		    exchange->connection, MHD_GET_ARGUMENT_KIND, "page") };
	struct http_sight sight = { .status = MHD_HTTP_OK };
	enum MHD_Result result = MHD_YES;

	if (http->is_ending)
		return refuse(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
		    "pdns-tlsa is ending");
	switch (http->look(http->look_arg, &wish, &sight)) {
	case OUTCOME_REPLY:
		result = sight_send(exchange, &sight);
		break;
	case OUTCOME_WAIT:
		exchange_wait(exchange);
		break;
	case OUTCOME_CANNOT_TELL:
	case OUTCOME_MALFORMED:
		result = refuse_method(exchange);
		break;
	}
	buf_fini(&sight.body);
	return result;
}

/*
 * What is no request of PowerDNS's, by its head.  A browser on this machine
 * may be made to send us what a stranger's page holds; it says so in Origin.
 */
static enum MHD_Result
exchange_begin(struct exchange *exchange, const char *method, const char *path)
{
	const char *length = header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (header(exchange, MHD_HTTP_HEADER_ORIGIN) != NULL) {
		exchange_log(exchange, LOG_LEVEL_WARNING,
		    "a browser was sent here by a page; refused");
		return refuse(
		    exchange, MHD_HTTP_FORBIDDEN, "pages may not ask here");
	}
	if (is_look(exchange->http, method)) {
		exchange->path = mem_string(path);
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		return refuse_method(exchange);
	if (!visitors_may_ask(&exchange->http->visitors, peer_of(exchange))) {
		exchange_log(exchange, LOG_LEVEL_WARNING,
		    "may look, but not ask; if it should, add it to 'allow' "
		    "of 'http'");
		return refuse(
		    exchange, MHD_HTTP_FORBIDDEN, "you may look, but not ask");
	}
	if (length != NULL && strtoull(length, NULL, 10) > LIMIT_LINE) {
		exchange_log(
		    exchange, LOG_LEVEL_WARNING, "a request too large");
		return refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE,
		    "a request too large");
	}
	return MHD_YES;
}

static struct exchange *
exchange_new(struct http *http, struct MHD_Connection *connection)
{
	struct exchange *exchange = mem_new(sizeof(*exchange));

	exchange->http = http;
	exchange->connection = connection;
	return exchange;
}

/* What comes without saying how much it is has its limit, too. */
static enum MHD_Result
exchange_take(struct exchange *exchange, const char *data, size_t *len)
{
	if (exchange->body.len + *len > LIMIT_LINE) {
		exchange_log(exchange, LOG_LEVEL_WARNING,
		    "a request too large; connection closed");
		return MHD_NO;
	}
	buf_add(&exchange->body, data, *len);
	*len = 0;
	return MHD_YES;
}

/* Is called with the head, each piece of the body, and the end. */
static enum MHD_Result
http_asked(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len,
    void **state)
{
	struct exchange *exchange = *state;

	(void)version;
	if (exchange == NULL) {
		*state = exchange = exchange_new(arg, connection);
		return exchange_begin(exchange, method, url);
	}
	if (*len > 0)
		return exchange_take(exchange, data, len);
	return exchange->path != NULL ? exchange_show(exchange)
				      : exchange_answer(exchange);
}

static void
http_answered(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *state;

	(void)arg;
	(void)connection;
	(void)code;
	if (exchange == NULL)
		return;
	if (exchange->is_waiting)
		exchange_go_on(exchange);
	buf_fini(&exchange->body);
	free(exchange->path);
	free(exchange);
	*state = NULL;
}

/* ---- turns ---- */

static void
http_turn(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait;

	(void)mhd()->MHD_run(http->daemon);
	if (mhd()->MHD_get_timeout(http->daemon, &wait) == MHD_YES)
		loop_timer_set(
		    http->loop, &http->timer, loop_now() + (int64_t)wait);
	else
		loop_timer_clear(http->loop, &http->timer);
}

static void
http_ready(void *arg, uint32_t events)
{
	(void)events;
	http_turn(arg);
}

static void
http_due(void *arg)
{
	http_turn(arg);
}

__attribute__((format(printf, 2, 0))) static void
library_log(void *arg, const char *format, va_list args)
{
	char text[256];

	(void)arg;
	(void)vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_line(LOG_LEVEL_DEBUG, "http: %s", text);
}

static bool
daemon_begin(struct http *http, int fd)
{
	const union MHD_DaemonInfo *info;
	struct problem problem = { "" };

	if (!mhd_load(&problem)) {
		log_line(LOG_LEVEL_ERROR, "http: %s", problem.text);
		return false;
	}
	http->daemon = mhd()->MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
	    peer_may, http, http_asked, http, MHD_OPTION_EXTERNAL_LOGGER,
	    library_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_NOTIFY_COMPLETED, http_answered, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)LIMIT_USER_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)IDLE, MHD_OPTION_END);
	if (http->daemon == NULL)
		return false;
	info = mhd()->MHD_get_daemon_info(
	    http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	http->io = (struct loop_io){ info->epoll_fd, http_ready, http };
	http->timer.due = http_due;
	http->timer.arg = http;
	return loop_add(http->loop, &http->io, EPOLLIN);
}

struct http *
http_new(struct loop *loop, const struct listener *listener,
    const struct config *config, server_answer_fn *answer, void *arg)
{
	struct http *http = mem_new(sizeof(*http));

	http->loop = loop;
	http->answer = answer;
	http->arg = arg;
	visitors_init(&http->visitors, config);
	if (daemon_begin(http, listener->fd))
		return http;
	log_line(LOG_LEVEL_ERROR, "http: the library does not start");
	visitors_fini(&http->visitors);
	free(http);
	return NULL;
}

void
http_show(struct http *http, http_look_fn *look, void *arg)
{
	http->look = look;
	http->look_arg = arg;
}

/* Each is asked for anew when the library has its turn. */
void
http_resume(struct http *http)
{
	while (http->waiting != NULL) {
		struct exchange *exchange = http->waiting;

		exchange_go_on(exchange);
		mhd()->MHD_resume_connection(exchange->connection);
	}
	http_turn(http);
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	http_turn(http);
	/* The library ends none that is suspended. */
	http->is_ending = true;
	http_resume(http);
	loop_timer_clear(http->loop, &http->timer);
	loop_remove(http->loop, &http->io);
	/* The socket stays its owner's. */
	(void)mhd()->MHD_quiesce_daemon(http->daemon);
	mhd()->MHD_stop_daemon(http->daemon);
	visitors_fini(&http->visitors);
	free(http);
}
