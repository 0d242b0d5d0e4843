/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a request of PowerDNS: the reply is exactly one line of valid
 * JSON with a "result", or there is none and a reason; the same line asked
 * again gets the same; and what reads plain lines agrees with jansson.
 */
#include <jansson.h>
#include <stdint.h>

#include "remote/method.h"
#include "remote/request.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Own zone, alias, overlay, a second zone, and a name nobody knows about. */
static const char yaml[] =
    "sources: [{type: files, path: /nowhere}]\n"
    "zones:\n"
    "  - name: tlsa.example.net\n"
    "    nameservers: [ns1.example.net, ns2.example.net]\n"
    "    hostmaster: dns\\.admin.example.net\n"
    "  - {name: dane.example.com, nameservers: [ns1.example.net],\n"
    "     dnssec: self, nsec3: 1 0 0 -}\n"
    "overlay: [example.com]\n"
    "services:\n"
    "  - {host: mail.example.org, ports: [25, 465], lineages: [mail]}\n"
    "  - {host: mail.example.com, lineages: [mail, next]}\n"
    "  - {host: mx.dane.example.com, lineages: [next]}\n"
    "  - {host: blind.example.org, lineages: [blind]}\n";

/* Keys that nobody keeps: each request finds the same. */
struct keys {
	struct keyring keyring;
	struct method_keys door;
	const struct zone *hashed;
};

static void
keys_fill(struct keyring *keyring)
{
	static const char *const value = "1 0 0 -";
	struct keyring_zone *zone;
	struct dname apex;

	keyring_init(keyring);
	(void)dname_parse(
	    "dane.example.com.", strlen("dane.example.com."), &apex);
	zone = keyring_zone(keyring, &apex, true);
	(void)keyring_add_key(zone, 257, true, true, "Algorithm: 13\n");
	(void)keyring_set_metadata(zone, "NSEC3PARAM", &value, 1);
}

static bool
keys_begin(void *arg)
{
	struct keys *keys = arg;

	keyring_fini(&keys->keyring);
	keys_fill(&keys->keyring);
	return true;
}

static bool
keys_commit(void *arg)
{
	return keys_begin(arg);
}

static void
keys_cancel(void *arg)
{
	(void)keys_begin(arg);
}

static struct keys *
keys_get(void)
{
	static struct keys keys;

	if (keys.door.arg == NULL) {
		keys_fill(&keys.keyring);
		keys.door = (struct method_keys){ .keyring = &keys.keyring,
			.begin = keys_begin,
			.commit = keys_commit,
			.cancel = keys_cancel,
			.arg = &keys };
	}
	return &keys;
}

static struct world *
world_get(void)
{
	static struct world world;

	if (world.snapshot == NULL) {
		world_init(&world, yaml);
		world_renew(&world, "mail", world_mail_pem, 1795435200);
		world_renew(&world, "next", world_next_pem, 1795435200);
		(void)store_set_problem(world.store, 0, "blind", "is garbage");
		world_publish(&world, 1795435200);
	}
	return &world;
}

static void
check_reply(const struct buf *reply)
{
	json_t *root;

	assert(reply->len > 0 && reply->data[reply->len - 1] == '\n');
	assert(memchr(reply->data, '\n', reply->len - 1) == NULL);
	for (size_t i = 0; i + 1 < reply->len; i++)
		assert(reply->data[i] >= ' ' && reply->data[i] < 0x7f);
	root = json_loadb(
	    reply->data, reply->len, JSON_REJECT_DUPLICATES, NULL);
	assert(json_is_object(root));
	assert(json_object_get(root, "result") != NULL);
	assert(!json_is_null(json_object_get(root, "result")));
	json_decref(root);
}

static void
check_plain(const char *line, size_t len)
{
	static const char *const names[] = { "qname", "qtype", "zone-id",
		"name", "zonename", "id", "serial", "pattern", "maxResults" };
	struct request plain, json;
	enum status status = request_parse(line, len, &plain, NULL);

	assert(status == request_parse_json(line, len, &json, NULL));
	if (status != STATUS_OK)
		return;
	assert(strcmp(plain.method, json.method) == 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *a = request_string(&plain, names[i]);
		const char *b = request_string(&json, names[i]);

		assert((a == NULL) == (b == NULL));
		assert(a == NULL || strcmp(a, b) == 0);
		assert(request_number(&plain, names[i], 42) ==
		       request_number(&json, names[i], 42));
	}
	request_fini(&plain);
	request_fini(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *world = world_get();
	struct keys *kept = keys_get();
	const struct method_context context = { .snapshot = world->snapshot,
		.notified = &world->notified,
		.keys = &kept->door,
		.hashed = &kept->hashed };
	const struct method_context unready = { .notified = &world->notified };
	const char *line = (const char *)data;
	struct problem problem = { "" };
	struct buf first = { 0 };
	struct buf again = { 0 };
	enum outcome outcome = method_answer(
	    &context, line, size, &first, &problem);

	assert(outcome != OUTCOME_WAIT);
	if (outcome == OUTCOME_REPLY)
		check_reply(&first);
	else
		assert(first.len == 0 && problem.text[0] != '\0');
	/* The second time, as setNotified has nothing new to say then. */
	buf_clear(&first);
	(void)method_answer(&context, line, size, &first, &problem);
	assert(
	    method_answer(&context, line, size, &again, &problem) == outcome);
	assert(first.len == again.len);
	assert(
	    first.len == 0 || memcmp(first.data, again.data, first.len) == 0);
	buf_clear(&again);
	if (method_answer(&unready, line, size, &again, &problem) ==
	    OUTCOME_REPLY)
		check_reply(&again);
	check_plain(line, size);
	buf_fini(&first);
	buf_fini(&again);
	return 0;
}
