/* SPDX-License-Identifier: MIT */
/* Files of a chain that were damaged, or that hold what they must not. */
#include "unit.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "pem_file.h"
#include "pki/chain.h"

static int
parts_make(void **state)
{
	(void)state;
	pem_parts_make();
	return 0;
}

static int
parts_free(void **state)
{
	(void)state;
	pem_parts_free();
	return 0;
}

/* Parse; a failure must leave the output alone and give a reason. */
static enum status
parse(struct ca_pool *pool, const char *text, size_t len,
    struct chain **ret_chain, struct problem *problem)
{
	enum status status;

	*ret_chain = NULL;
	*problem = (struct problem){ "" };
	status = chain_parse(pool, text, len, false, ret_chain, NULL, problem);
	assert_int_equal(*ret_chain != NULL, status == STATUS_OK);
	assert_int_equal(problem->text[0] == '\0', status == STATUS_OK);
	return status;
}

/* Count the blocks if the last line is the end of one, else return 0. */
static size_t
whole_blocks(const char *text, size_t len)
{
	static const char end[] = "-----END CERTIFICATE-----";
	size_t size = sizeof(end) - 1;
	size_t count = 0;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len < size || memcmp(text + len - size, end, size) != 0)
		return 0;
	for (size_t i = 0; i + size <= len; i++)
		count += memcmp(text + i, end, size) == 0;
	return count;
}

/*
 * A file that is being written may be seen cut at any octet.  Each cut but
 * those right behind a block is noticed, and those give a shorter chain, for
 * nothing in the file tells more.
 */
static void
test_cut_anywhere(void **state)
{
	static const char *const files[] = { "lIR", "nlI" };

	(void)state;
	for (size_t f = 0; f < LENGTH(files); f++) {
		struct buf text = { 0 };
		struct ca_pool pool;

		ca_pool_init(&pool);
		pem_file_add(files[f], &text);
		for (size_t len = 0; len < text.len; len++) {
			size_t blocks = whole_blocks(text.data, len);
			struct problem problem;
			struct chain *chain = NULL;
			enum status status = parse(
			    &pool, text.data, len, &chain, &problem);

			if ((status == STATUS_OK) != (blocks > 0))
				fail_msg("cut at %zu: %s", len, problem.text);
			if (chain != NULL)
				assert_int_equal(chain->ca_count + 1, blocks);
			chain_unref(chain);
		}
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
}

/*
 * An octet of the leaf that changed on the way: a server may take it, but
 * nothing that its issuer did not sign has that issuer's records.
 */
static void
test_leaf_flipped_anywhere(void **state)
{
	struct problem problem;
	struct buf text = { 0 };
	struct chain *whole = NULL;
	struct ca_pool pool;
	size_t leaf;

	(void)state;
	ca_pool_init(&pool);
	pem_file_add("l", &text);
	leaf = text.len - 1;
	pem_file_add("I", &text);
	assert_int_equal(
	    parse(&pool, text.data, text.len, &whole, &problem), STATUS_OK);
	for (size_t i = 0; i < leaf; i++) {
		struct chain *chain = NULL;
		char was = text.data[i];

		text.data[i] = was == 'A' ? 'B' : 'A';
		if (parse(&pool, text.data, text.len, &chain, &problem) ==
		    STATUS_OK) {
			/* Bits that only fill up base64 mean nothing. */
			assert_true(
			    chain->ca_count == 0 || chain_equal(chain, whole));
			chain_unref(chain);
		}
		text.data[i] = was;
	}
	chain_unref(whole);
	ca_pool_fini(&pool);
	buf_fini(&text);
}

/* What must not be found in memory that libcrypto gives back; 0: no watch. */
static const unsigned char *secret;
static size_t secret_len;
static size_t secrets_freed;

static void
secret_look(const void *memory)
{
	/* Reading what was never written is the point of it. */
	if (secret_len > 0 && memory != NULL &&
	    memmem(memory, malloc_usable_size((void *)(uintptr_t)memory),
		secret, secret_len) != NULL)
		secrets_freed++;
}

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return calloc(1, size > 0 ? size : 1);
}

static void
crypto_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	secret_look(memory);
	free(memory);
}

static void *
crypto_realloc(void *memory, size_t size, const char *file, int line)
{
	void *more = crypto_malloc(size, file, line);
	size_t had = memory != NULL ? malloc_usable_size(memory) : 0;

	if (had > 0)
		memcpy(more, memory, had < size ? had : size);
	crypto_free(memory, file, line);
	return more;
}

/* A key that lies in the file by mistake is not left about in memory. */
static void
test_key_is_wiped(void **state)
{
	static const char *const files[] = { "k", "lk", "lIk", "lkI" };
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(pem_part('l')->key, &der);

	(void)state;
	assert_true(len > 48);
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct problem problem;
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", files[i]);
		ca_pool_init(&pool);
		pem_file_add(files[i], &text);
		/* An EC key's DER holds the 32 octets of the key here. */
		secret = der + 7;
		secret_len = 32;
		assert_int_equal(
		    parse(&pool, text.data, text.len, &chain, &problem),
		    i == 0 ? STATUS_FOREIGN : STATUS_REFUSED);
		secret_len = 0;
		assert_int_equal(secrets_freed, 0);
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
	OPENSSL_clear_free(der, (size_t)len);
}

/* Prove that the watch above would notice. */
static void
test_key_watch_works(void **state)
{
	unsigned char *copy;

	(void)state;
	secret = (const unsigned char *)"it would be noticed";
	secret_len = 19;
	copy = OPENSSL_memdup(secret, secret_len);
	OPENSSL_free(copy);
	secret_len = 0;
	assert_int_equal(secrets_freed, 1);
	secrets_freed = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_leaf_flipped_anywhere),
		cmocka_unit_test(test_key_watch_works),
		cmocka_unit_test(test_key_is_wiped),
	};

	/* Before libcrypto allocates anything. */
	if (CRYPTO_set_mem_functions(
		crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 1;
	return cmocka_run_group_tests_name(
	    "chain_damage", tests, parts_make, parts_free);
}
