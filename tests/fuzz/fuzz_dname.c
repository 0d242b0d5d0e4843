/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "dns/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted can be written, as plain ASCII, and read again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { 0 };
	struct dname name, again, parent;

	if (dname_parse((const char *)data, size, &name) != STATUS_OK)
		return 0;
	assert(name.len <= DNAME_KEY_MAX);
	dname_format(name.key, name.len, &text);
	for (size_t i = 0; i < text.len; i++)
		assert(text.data[i] > ' ' && text.data[i] < 0x7f);
	assert(dname_parse(text.data, text.len, &again) == STATUS_OK);
	assert(dname_equal(&name, &again));
	if (name.len > 0) {
		parent = name;
		parent.len = (uint16_t)dname_parent_len(name.key, name.len);
		assert(dname_is_within(&name, &parent));
		assert(!dname_is_within(&parent, &name));
		assert(dname_labels(parent.key, parent.len) + 1 ==
		       dname_labels(name.key, name.len));
	}
	buf_fini(&text);
	return 0;
}
