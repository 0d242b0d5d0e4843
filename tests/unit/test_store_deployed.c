/* SPDX-License-Identifier: MIT */
/* What `deploy` told: how long what it replaced stays. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "stage.h"

enum { TTL = 600, RETAIN = 10 };

static const char yaml[] =
    "sources: [{type: certbot, path: /a}]\n"
    "defaults: {ttl: 600, retain: 10, propagation: 0, records: [\"3 1 1\"]}\n"
    "zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"
    "services: [{host: mail.example.org}]\n";

#define MAIL "_25._tcp.mail.example.org.tlsa.example."

static struct pki ca, first, second;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf("mail.example.org", &ca, &first);
	pki_make_leaf("mail.example.org", &ca, &second);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&first);
	pki_fini(&second);
	return 0;
}

static bool
has(const struct stage *stage, const struct pki *leaf)
{
	char *rrset = stage_find(stage, MAIL);
	char *text = pki_tlsa(leaf, 3, 1, 1);
	bool is_there = strstr(rrset, text) != NULL;

	free(text);
	free(rrset);
	return is_there;
}

static void
later(struct stage *stage, int64_t seconds)
{
	stage->now += seconds;
	stage_publish(stage);
}

/* Servers present it now, as far as `deploy` knows. */
static void
deployed(struct stage *stage, const struct pki *leaf, bool is_unsure)
{
	struct chain *chain = stage_chain(stage, leaf, &ca);

	assert_true(store_set_deployed(stage->store, 0, "one",
	    chain->leaf->part[CERT_SELECTOR_CERT].sha256, is_unsure,
	    stage->now));
	chain_unref(chain);
	stage_publish(stage);
}

static void
renew(struct stage *stage)
{
	(void)stage_set(stage, 0, "one", &second, &ca);
	stage_publish(stage);
}

static void
test_at_once(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, yaml);
	(void)stage_set(&stage, 0, "one", &first, &ca);
	stage_publish(&stage);
	renew(&stage);
	later(&stage, RETAIN - 1);
	assert_true(has(&stage, &first));
	later(&stage, 1);
	assert_false(has(&stage, &first));
	stage_fini(&stage);
}

/* As long as it is deployed, and then `kept` seconds. */
static void
expect_kept(bool is_unsure, int64_t kept)
{
	struct stage stage;

	stage_init(&stage, yaml);
	(void)stage_set(&stage, 0, "one", &first, &ca);
	stage_publish(&stage);
	deployed(&stage, &first, false);
	renew(&stage);
	later(&stage, 100 * TTL);
	assert_true(has(&stage, &first));
	deployed(&stage, &second, is_unsure);
	later(&stage, kept - 1);
	assert_true(has(&stage, &first));
	later(&stage, 1);
	assert_false(has(&stage, &first));
	assert_true(has(&stage, &second));
	stage_fini(&stage);
}

static void
test_deployed(void **state)
{
	(void)state;
	expect_kept(false, RETAIN);
}

/* A run was killed: nobody knows which server was told of what, and when. */
static void
test_unsure(void **state)
{
	(void)state;
	expect_kept(true, TTL + RETAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_deployed),
		cmocka_unit_test(test_unsure),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_free);
}
