/* SPDX-License-Identifier: MIT */
#include "fingerprint.h"

bool
fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->modified == b->modified &&
	       a->changed == b->changed;
}
