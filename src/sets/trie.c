/* SPDX-License-Identifier: MIT */
#include "sets/trie.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "slots.h"

/*
 * Each octet of a key is two places, numbered from the front.  What a key has
 * at a place is a *slot*: 0 behind the end of the key, else one of the two of
 * sets/slots.h, so that slots sort like keys.  Equal keys "differ" behind
 * every place.
 */
enum { SLOT_END = 0, KEY_LEN_MAX = 65535 };
enum { PLACE_NONE = 2 * 65536, PLACE_LEAF };

/* The head of a leaf or of a branch. */
struct trie_node {
	uint32_t refs;  /* parents and versions that point here */
	uint32_t place; /* where the keys below differ; or PLACE_LEAF */
};

struct leaf {
	struct trie_node head;
	void *value;
	uint16_t len;
	uint8_t key[];
};

/* All keys below are alike before its place, but not there. */
struct branch {
	struct trie_node head;
	uint64_t bitmap;           /* of the slots that have a child */
	struct trie_node *child[]; /* one for each bit, in its order */
};

static bool
is_branch(const struct trie_node *node)
{
	return node != NULL && node->place != PLACE_LEAF;
}

static struct branch *
as_branch(struct trie_node *node)
{
	assert(is_branch(node));
	return (struct branch *)node;
}

static unsigned int
key_slot(const uint8_t *key, size_t len, uint32_t place)
{
	size_t at = place / 2;

	if (at >= len)
		return SLOT_END;
	return place % 2 == 0 ? trie_slot_first[key[at]]
			      : trie_slot_second[key[at]];
}

static struct trie_node *
leaf_new(const void *key, size_t len, void *value)
{
	struct leaf *leaf = mem_new(offsetof(struct leaf, key) + len);

	assert(len <= KEY_LEN_MAX && value != NULL);
	leaf->head = (struct trie_node){ 1, PLACE_LEAF };
	leaf->value = value;
	leaf->len = (uint16_t)len;
	if (len > 0)
		memcpy(leaf->key, key, len);
	return &leaf->head;
}

/* Return the first place in which the leaf's key and `key` differ. */
static uint32_t
leaf_difference(const struct leaf *leaf, const uint8_t *key, size_t len)
{
	uint32_t at = 0;

	while (at < leaf->len && at < len && leaf->key[at] == key[at])
		at++;
	for (uint32_t place = 2 * at; place <= 2 * len; place++)
		if (key_slot(leaf->key, leaf->len, place) !=
		    key_slot(key, len, place))
			return place;
	return PLACE_NONE;
}

/* Describe a leaf to the reader; return false if there is none. */
static bool
leaf_entry(const struct leaf *leaf, struct trie_entry *ret)
{
	if (leaf == NULL)
		return false;
	*ret = (struct trie_entry){ leaf->key, leaf->len, leaf->value };
	return true;
}

static size_t
branch_children(const struct branch *branch)
{
	return (size_t)__builtin_popcountll(branch->bitmap);
}

static size_t
branch_size(size_t children)
{
	return sizeof(struct branch) + children * sizeof(struct trie_node *);
}

static bool
branch_has(const struct branch *branch, unsigned int slot)
{
	return (branch->bitmap >> slot & 1) != 0;
}

/* Return how many children lie before `slot`. */
static size_t
branch_index(const struct branch *branch, unsigned int slot)
{
	return (size_t)__builtin_popcountll(
	    branch->bitmap & ((UINT64_C(1) << slot) - 1));
}

/* Return the leaf with the smallest key, or NULL if there is no node. */
static struct leaf *
node_first(struct trie_node *node)
{
	while (is_branch(node))
		node = as_branch(node)->child[0];
	return (struct leaf *)node;
}

/* Return the leaf with the greatest key, or NULL if there is no node. */
static struct leaf *
node_last(struct trie_node *node)
{
	while (is_branch(node)) {
		struct branch *branch = as_branch(node);

		node = branch->child[branch_children(branch) - 1];
	}
	return (struct leaf *)node;
}

/* Drop one reference; the recursion is two branches for an octet at most. */
static void
node_unref(struct trie_node *node, void (*value_free)(void *value))
{
	if (--node->refs > 0)
		return;
	if (is_branch(node))
		for (size_t i = 0; i < branch_children(as_branch(node)); i++)
			node_unref(as_branch(node)->child[i], value_free);
	else if (value_free != NULL)
		value_free(node_first(node)->value);
	free(node);
}

/* Return the child on the way to `key`; NULL if there is none. */
static struct trie_node *
node_towards(struct trie_node *node, const uint8_t *key, size_t len)
{
	struct branch *branch;
	unsigned int slot;

	if (!is_branch(node))
		return NULL;
	branch = as_branch(node);
	slot = key_slot(key, len, branch->head.place);
	if (!branch_has(branch, slot))
		return NULL;
	return branch->child[branch_index(branch, slot)];
}

/* Return a leaf that has as much in common with `key` as any other. */
static struct leaf *
node_nearest(struct trie_node *node, const uint8_t *key, size_t len)
{
	for (struct trie_node *next = node; next != NULL;
	     next = node_towards(node, key, len))
		node = next;
	return node_first(node);
}

/* Return the part of the trie whose keys all have the prefix, or NULL. */
static struct trie_node *
node_with_prefix(struct trie_node *node, const uint8_t *prefix, size_t len)
{
	struct leaf *leaf;

	while (is_branch(node) && node->place < 2 * len)
		node = node_towards(node, prefix, len);
	leaf = node_first(node);
	if (leaf == NULL || leaf_difference(leaf, prefix, len) < 2 * len)
		return NULL;
	return node;
}

/* Return a new branch over `child`: the caller adds a second one. */
static struct trie_node *
branch_new(uint32_t place, unsigned int slot, struct trie_node *child)
{
	struct branch *branch = mem_new(branch_size(1));

	branch->head = (struct trie_node){ 1, place };
	branch->bitmap = UINT64_C(1) << slot;
	branch->child[0] = child;
	return &branch->head;
}

/*
 * Return the branch *at for changing it, after putting a copy in its place if
 * another version has it too.  Its children then have two parents: so what
 * follows on the way down from a copied branch is copied as well.
 */
static struct branch *
branch_own(struct trie_node **at)
{
	struct branch *branch = as_branch(*at);
	size_t children = branch_children(branch);
	struct branch *copy;

	if (branch->head.refs == 1)
		return branch;
	copy = mem_new(branch_size(children));
	memcpy(copy, branch, branch_size(children));
	copy->head.refs = 1;
	for (size_t i = 0; i < children; i++)
		copy->child[i]->refs++;
	branch->head.refs--;
	*at = &copy->head;
	return copy;
}

/* Add a child to the branch *at. */
static void
branch_insert(struct trie_node **at, unsigned int slot, struct trie_node *child)
{
	struct branch *branch = branch_own(at);
	size_t children = branch_children(branch);
	size_t index = branch_index(branch, slot);

	assert(!branch_has(branch, slot));
	branch = mem_resize(branch, branch_size(children + 1), 1);
	memmove(&branch->child[index + 1], &branch->child[index],
	    (children - index) * sizeof(branch->child[0]));
	branch->child[index] = child;
	branch->bitmap |= UINT64_C(1) << slot;
	*at = &branch->head;
}

/* Take a child out of the branch *at; one that is left replaces it. */
static void
branch_remove(struct trie_node **at, unsigned int slot)
{
	struct branch *branch = branch_own(at);
	size_t left = branch_children(branch) - 1;
	size_t index = branch_index(branch, slot);

	memmove(&branch->child[index], &branch->child[index + 1],
	    (left - index) * sizeof(branch->child[0]));
	branch->bitmap &= ~(UINT64_C(1) << slot);
	if (left > 1) {
		*at = mem_resize(branch, branch_size(left), 1);
	} else {
		*at = branch->child[0];
		free(branch);
	}
}

void
trie_init(struct trie *trie, void (*value_free)(void *value))
{
	*trie = (struct trie){ .value_free = value_free };
}

void
trie_fini(struct trie *trie)
{
	if (trie->root != NULL)
		node_unref(trie->root, trie->value_free);
	trie_init(trie, trie->value_free);
}

void
trie_copy(const struct trie *trie, struct trie *ret_copy)
{
	*ret_copy = *trie;
	if (ret_copy->root != NULL)
		ret_copy->root->refs++;
}

/*
 * Go down towards `key` to the place `end`, owning the branches on the way.
 * Return the place of the next node, and of the branch above it (or NULL).
 */
static struct trie_node **
trie_own_path(struct trie *trie, const uint8_t *key, size_t len, uint32_t end,
    struct trie_node ***ret_parent)
{
	struct trie_node **at = &trie->root;

	*ret_parent = NULL;
	while (is_branch(*at) && (*at)->place < end) {
		struct branch *branch = branch_own(at);
		unsigned int slot = key_slot(key, len, branch->head.place);

		assert(branch_has(branch, slot));
		*ret_parent = at;
		at = &branch->child[branch_index(branch, slot)];
	}
	return at;
}

void
trie_set(struct trie *trie, const void *key, size_t len, void *value)
{
	struct trie_node *leaf = leaf_new(key, len, value);
	struct trie_node **parent, **at;
	struct leaf *nearest;
	uint32_t place;

	if (trie->root == NULL) {
		trie->root = leaf;
		trie->count = 1;
		return;
	}
	nearest = node_nearest(trie->root, key, len);
	place = leaf_difference(nearest, key, len);
	at = trie_own_path(trie, key, len, place, &parent);
	if (place == PLACE_NONE) {
		node_unref(*at, trie->value_free);
		*at = leaf;
		return;
	}
	if (!is_branch(*at) || (*at)->place != place)
		*at = branch_new(
		    place, key_slot(nearest->key, nearest->len, place), *at);
	branch_insert(at, key_slot(key, len, place), leaf);
	trie->count++;
}

bool
trie_remove(struct trie *trie, const void *key, size_t len)
{
	struct trie_node **parent, **at, *leaf;

	/* The way can be owned only if it is there. */
	if (trie_get(trie, key, len) == NULL)
		return false;
	at = trie_own_path(trie, key, len, PLACE_NONE, &parent);
	assert(*at != NULL); /* the key is in there */
	leaf = *at;
	if (parent == NULL)
		trie->root = NULL;
	else
		branch_remove(parent, key_slot(key, len, (*parent)->place));
	trie->count--;
	/* Not before: `key` may be the one in the leaf. */
	node_unref(leaf, trie->value_free);
	return true;
}

void *
trie_get(const struct trie *trie, const void *key, size_t len)
{
	/* Of all keys with a prefix the prefix itself comes first. */
	struct leaf *leaf = node_first(node_with_prefix(trie->root, key, len));

	return leaf != NULL && leaf->len == len ? leaf->value : NULL;
}

void *
trie_get_longest(const struct trie *trie, const void *key, size_t len)
{
	struct trie_node *node = trie->root;
	void *longest = NULL;
	struct leaf *leaf;

	for (; node != NULL; node = node_towards(node, key, len)) {
		/* A key that ends at a branch begins all keys below it. */
		if (is_branch(node) && !branch_has(as_branch(node), SLOT_END))
			continue;
		leaf = node_first(node);
		if (leaf_difference(leaf, key, len) < 2U * leaf->len)
			break;
		longest = leaf->value;
	}
	return longest;
}

/* What lies next to a key on either side; NULL: nothing. */
struct gap {
	struct trie_node *below;
	struct trie_node *above;
};

/* Narrow the gap to the children beside `slot`. */
static void
gap_narrow(struct gap *gap, struct branch *branch, unsigned int slot)
{
	size_t before = branch_index(branch, slot);
	size_t after = before + (branch_has(branch, slot) ? 1 : 0);

	if (before > 0)
		gap->below = branch->child[before - 1];
	if (after < branch_children(branch))
		gap->above = branch->child[after];
}

static struct gap
trie_gap(const struct trie *trie, const uint8_t *key, size_t len)
{
	struct gap gap = { .below = NULL };
	struct trie_node *node = trie->root;
	struct leaf *leaf = node_nearest(node, key, len);
	uint32_t place;

	if (leaf == NULL)
		return gap;
	place = leaf_difference(leaf, key, len);
	while (is_branch(node) && node->place <= place) {
		gap_narrow(
		    &gap, as_branch(node), key_slot(key, len, node->place));
		node = node_towards(node, key, len);
	}
	if (node == NULL || place == PLACE_NONE)
		return gap;
	/* Nothing branches off where the key does: `node` is on one side. */
	if (key_slot(leaf->key, leaf->len, place) < key_slot(key, len, place))
		gap.below = node;
	else
		gap.above = node;
	return gap;
}

bool
trie_below(const struct trie *trie, const void *key, size_t len,
    struct trie_entry *ret)
{
	return leaf_entry(node_last(trie_gap(trie, key, len).below), ret);
}

bool
trie_above(const struct trie *trie, const void *key, size_t len,
    struct trie_entry *ret)
{
	return leaf_entry(node_first(trie_gap(trie, key, len).above), ret);
}

bool
trie_first(const struct trie *trie, struct trie_entry *ret)
{
	return leaf_entry(node_first(trie->root), ret);
}

bool
trie_last(const struct trie *trie, struct trie_entry *ret)
{
	return leaf_entry(node_last(trie->root), ret);
}

static bool
node_walk(struct trie_node *node,
    bool (*visit)(const struct trie_entry *entry, void *arg), void *arg)
{
	struct trie_entry entry;

	if (!is_branch(node))
		return leaf_entry(node_first(node), &entry) &&
		       visit(&entry, arg);
	for (size_t i = 0; i < branch_children(as_branch(node)); i++)
		if (!node_walk(as_branch(node)->child[i], visit, arg))
			return false;
	return true;
}

bool
trie_walk(const struct trie *trie, const void *prefix, size_t len,
    bool (*visit)(const struct trie_entry *entry, void *arg), void *arg)
{
	struct trie_node *node = node_with_prefix(trie->root, prefix, len);

	return node == NULL || node_walk(node, visit, arg);
}

bool
trie_has_below(const struct trie *trie, const void *prefix, size_t len)
{
	/* The prefix itself comes first: it is the last only if alone. */
	struct leaf *end = node_last(node_with_prefix(trie->root, prefix, len));

	return end != NULL && end->len > len;
}
