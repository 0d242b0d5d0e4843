/* SPDX-License-Identifier: MIT */
#ifndef BULK_H
#define BULK_H

/*
 * Stores of many lineages, for measuring: h<number>.example.com each, leafs of
 * one key, signed by one intermediate, chain of three as Let's Encrypt sends.
 */

#include <openssl/x509.h>
#include <stddef.h>

struct bulk {
	char *path; /* the store; owned */
	EVP_PKEY *leaf_key;
	EVP_PKEY *ca_key;
	X509 *ca;
	char *tail; /* PEM of the CA certificates; owned */
	long serial;
};

/* Begin a certbot store at `path`, which must not exist. */
void bulk_init(struct bulk *bulk, const char *path);

/* Add lineages number `from` to `to` - 1. */
void bulk_add(struct bulk *bulk, size_t from, size_t to);

/*
 * Renew a lineage as certbot does, with generation number `generation`: the
 * archive's file first, the link last.
 */
void bulk_renew(struct bulk *bulk, size_t number, unsigned generation);

/* Write a configuration with one service for each of `count` lineages. */
void bulk_config(
    const struct bulk *bulk, const char *file, const char *run, size_t count);

void bulk_fini(struct bulk *bulk);

#endif
