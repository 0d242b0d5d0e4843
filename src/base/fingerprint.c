/* SPDX-License-Identifier: MIT */
#include "base/fingerprint.h"

bool
fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->modified == b->modified &&
	       a->changed == b->changed;
}

void
fingerprint_join(struct fingerprint *print, const struct fingerprint *other)
{
	print->device ^= other->device << 1;
	print->inode = print->inode * 31 + other->inode;
	print->size += other->size;
	if (other->modified > print->modified)
		print->modified = other->modified;
	print->changed = (int64_t)((uint64_t)print->changed * 31 +
				   (uint64_t)other->changed);
}
