/* SPDX-License-Identifier: MIT */
#ifndef WORLD_H
#define WORLD_H

/*
 * The smallest world that answers: a configuration in memory, chains from
 * memory, a store and its snapshot.  No files, no clock.  In a header, for the
 * fuzzers link no library of the tests.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/snapshot.h"
#include "answer/tlsa.h"
#include "config/config.h"
#include "pki/chain.h"
#include "remote/notified.h"
#include "store/store.h"

/*
 * Two generations of mail.example.com, the same as in tests/transcripts/, and
 * what the openssl command says of them: 3 1 1 of the leaf, 2 1 1 of its
 * issuer.
 */
static const char world_mail_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB5DCCAYmgAwIBAgIUTPa+2rxvQsi1UMMX22wG6HgIRVAwCgYIKoZIzj0EAwIw\n"
    "MDEWMBQGA1UECgwNVHJhbnNjcmlwdCBDQTEWMBQGA1UEAwwNVHJhbnNjcmlwdCBF\n"
    "MTAgFw0yNjExMjMxNTMwMDJaGA8yMDU2MTExNTE1MzAwMlowGzEZMBcGA1UEAwwQ\n"
    "bWFpbC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBQh3JDh\n"
    "zwStNSL++4u3pZNyKkmgjwx3NUi7cs3Ndr6gaGxzeOHv5zcxyPUP3tiqdsGtmeKo\n"
    "eJ6uOtCgjTCi3CujgZMwgZAwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4Aw\n"
    "EwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFMCiqw7rStVoQSS0PnteoAgX\n"
    "SJHEMB8GA1UdIwQYMBaAFMgS3iYzDBqIns3lJx7P/FablVtoMBsGA1UdEQQUMBKC\n"
    "EG1haWwuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSQAwRgIhAJz8S06O7UXO2LM9\n"
    "hqzN27jvm14ZSQbMLDSV/VDcX/drAiEA02DwbIyIvL7w+uaMom47pmqmkG3QIV98\n"
    "+HmlNyrffDw=\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB7DCCAZOgAwIBAgIUCj4ROWsOjhlgKrxFd0dCEGJ8k9swCgYIKoZIzj0EAwIw\n"
    "MjEWMBQGA1UECgwNVHJhbnNjcmlwdCBDQTEYMBYGA1UEAwwPVHJhbnNjcmlwdCBy\n"
    "b290MCAXDTI2MTEyMzE1MzAwMVoYDzIwNTYxMTE1MTUzMDAxWjAwMRYwFAYDVQQK\n"
    "DA1UcmFuc2NyaXB0IENBMRYwFAYDVQQDDA1UcmFuc2NyaXB0IEUxMFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAEQ2FIfTFIXRxDyAD+5L1G+fDXKms3XXs2qDoQ/glV\n"
    "kF4z1st+K1gPoidPjbw2w0gSNNQuslmX4ykvmJQHCCg5waOBhjCBgzASBgNVHRMB\n"
    "Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBhjAdBgNVHSUEFjAUBggrBgEFBQcD\n"
    "AQYIKwYBBQUHAwIwHQYDVR0OBBYEFMgS3iYzDBqIns3lJx7P/FablVtoMB8GA1Ud\n"
    "IwQYMBaAFAbfzjTqSHSnOZovle8OQYHMOIgGMAoGCCqGSM49BAMCA0cAMEQCIAor\n"
    "d2AILtN1Z50tGHq+lK0qaIhdn8A5AWSbd3Doy/BEAiBGH/4QjntNXOgv9EMa3QOn\n"
    "6Ux15kUIG3O2YzsWcNt2iQ==\n"
    "-----END CERTIFICATE-----\n";
#define WORLD_MAIL_LEAF                                                        \
	"12a0dec7fd873c9e17cf6c3967a79067367cdd52857053c44ecedfee1a804db0"
#define WORLD_MAIL_CA                                                          \
	"0687a660c51625964bcf52f3f7306320b03b1def4c6ce5a3dafde7d890163eef"
static const char world_next_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB4zCCAYmgAwIBAgIUG5P/MMHSMfwgeMtK5bCh77NmvqEwCgYIKoZIzj0EAwIw\n"
    "MDEWMBQGA1UECgwNVHJhbnNjcmlwdCBDQTEWMBQGA1UEAwwNVHJhbnNjcmlwdCBF\n"
    "MjAgFw0yNjExMjMxNTMwMDJaGA8yMDU2MTExNTE1MzAwMlowGzEZMBcGA1UEAwwQ\n"
    "bWFpbC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABL15vSwN\n"
    "QwEmtNIWCyarEIrWgrLGOS4b98erw7YmEtU+CCliKylbc9LfOWTmYbxi7WmKiiYT\n"
    "xjadVNGIRVPFPOOjgZMwgZAwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4Aw\n"
    "EwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFEJD0n24DS5wI/vraUQTCFw9\n"
    "chqoMB8GA1UdIwQYMBaAFDaA+ToGB7hQRdkFicUT5leTAbueMBsGA1UdEQQUMBKC\n"
    "EG1haWwuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhAKJghjSVelpSBeN8\n"
    "hhN5E359SNDP3DYo+k85W8xmHtrMAiBBB7JJMD0D9+NVH+doNJ6d0uqDSWJ9Kb+W\n"
    "6wWD4qm6lw==\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB7TCCAZOgAwIBAgIUCyc5dCaE4OtzK8rZ4SG21XZ7NE8wCgYIKoZIzj0EAwIw\n"
    "MjEWMBQGA1UECgwNVHJhbnNjcmlwdCBDQTEYMBYGA1UEAwwPVHJhbnNjcmlwdCBy\n"
    "b290MCAXDTI2MTEyMzE1MzAwMVoYDzIwNTYxMTE1MTUzMDAxWjAwMRYwFAYDVQQK\n"
    "DA1UcmFuc2NyaXB0IENBMRYwFAYDVQQDDA1UcmFuc2NyaXB0IEUyMFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAERnfiUikatDSaWHoBEBKWirdV52GyE+RSn9+AKRKG\n"
    "hKmLtyhG8KT/DkTDhFmxF8QPAxvd0mybcYd/lJMG7MQKNaOBhjCBgzASBgNVHRMB\n"
    "Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBhjAdBgNVHSUEFjAUBggrBgEFBQcD\n"
    "AQYIKwYBBQUHAwIwHQYDVR0OBBYEFDaA+ToGB7hQRdkFicUT5leTAbueMB8GA1Ud\n"
    "IwQYMBaAFAbfzjTqSHSnOZovle8OQYHMOIgGMAoGCCqGSM49BAMCA0gAMEUCIQC0\n"
    "xioP7fcrrXZbLwQ8bBecr8LCnFNv+PlyqQJyoOcg7QIgKHWpimJ/oyBd0P0kdvM4\n"
    "ELDkCythYSrfdszxg1r/lhE=\n"
    "-----END CERTIFICATE-----\n";
#define WORLD_NEXT_LEAF                                                        \
	"d8ae2becfaad534c0bc9e9c18030ceabb72db9ec657a1cd6cb611fdca438f7a7"
#define WORLD_NEXT_CA                                                          \
	"631e14324bd644c544df4a90765dc7f339a4e06f1d26bbdd3c341cd0f44fbc73"

struct world {
	struct config *config;
	struct tlsa_pool tlsas;
	struct ca_pool cas;
	struct store *store;
	struct snapshot *snapshot; /* NULL until world_publish() */
	struct notified notified;
};

static inline void
world_init(struct world *world, const char *yaml)
{
	struct problem problem;

	*world = (struct world){ 0 };
	if (config_parse("world.yaml", yaml, strlen(yaml), &world->config,
		&problem) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", problem.text);
		abort();
	}
	tlsa_pool_init(&world->tlsas);
	ca_pool_init(&world->cas);
	notified_init(&world->notified);
	world->store = store_new(world->config, &world->tlsas, NULL);
}

/* The generation of a lineage of the first source that is current at `now`. */
static inline void
world_renew(
    struct world *world, const char *lineage, const char *pem, int64_t now)
{
	const struct fingerprint print = { .size = (int64_t)strlen(pem) };
	struct chain *chain = NULL;
	enum status status = chain_parse(
	    &world->cas, pem, strlen(pem), true, &chain, NULL, NULL);

	assert(status == STATUS_OK);
	(void)status;
	(void)store_set_chain(
	    world->store, 0, lineage, chain, "/nowhere/x.pem", &print, now);
}

/* The snapshot of the moment `now` replaces the one before. */
static inline void
world_publish(struct world *world, int64_t now)
{
	struct snapshot *last = world->snapshot;

	world->snapshot = store_publish(world->store, now, NULL);
	snapshot_unref(last);
}

static inline void
world_fini(struct world *world)
{
	snapshot_unref(world->snapshot);
	store_free(world->store);
	notified_fini(&world->notified);
	ca_pool_fini(&world->cas);
	tlsa_pool_fini(&world->tlsas);
	config_free(world->config);
}

#endif
