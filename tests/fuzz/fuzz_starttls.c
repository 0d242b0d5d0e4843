/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/limit.h"
#include "net/starttls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The first octet is the protocol, the second how much comes at a time.  In
 * whatever pieces the rest comes, the end is the same, memory stays bounded,
 * nothing is left over when TLS begins, and a failure has a reason.
 */
static enum starttls_state
feed(enum starttls_protocol protocol, const char *data, size_t size,
    size_t piece)
{
	struct starttls starttls;
	enum starttls_state state;

	starttls_init(&starttls, protocol, "mx.example.");
	for (size_t at = 0; at < size && starttls.state == STARTTLS_TALKING;
	     at += piece) {
		(void)starttls_feed(&starttls, data + at,
		    size - at < piece ? size - at : piece);
		assert(starttls.in.len <= LIMIT_STARTTLS);
		assert(starttls.out.len <= 1024);
	}
	state = starttls.state;
	assert(state != STARTTLS_READY || starttls.in.len == 0);
	assert((state == STARTTLS_MISSING || state == STARTTLS_BROKEN) ==
	       (starttls.reason.text[0] != '\0'));
	for (const char *c = starttls.reason.text; *c != '\0'; c++)
		assert(*c >= ' ' && *c <= '~');
	starttls_fini(&starttls);
	return state;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum starttls_protocol protocol;
	enum starttls_state whole;
	enum starttls_state parts;

	if (size < 2)
		return 0;
	protocol = (enum starttls_protocol)(
	    1 + data[0] % (STARTTLS_PROTOCOLS - 1));
	whole = feed(protocol, (const char *)data + 2, size - 2, size);
	parts = feed(
	    protocol, (const char *)data + 2, size - 2, data[1] % 16 + 1);
	/* What is injected, or too long for a line, is seen only as one. */
	assert(whole == parts || size > LIMIT_STARTTLS_LINE ||
	       (whole == STARTTLS_BROKEN && parts == STARTTLS_READY));
	return 0;
}
