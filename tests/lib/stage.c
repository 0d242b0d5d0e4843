/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

static struct config *
config_read(const char *yaml)
{
	struct problem problem = { "" };
	struct config *config = NULL;

	if (config_parse("stage.yaml", yaml, strlen(yaml), &config, &problem) !=
	    STATUS_OK)
		fail_msg("%s", problem.text);
	return config;
}

static struct dname
name_read(const char *text)
{
	struct dname dname;

	assert_int_equal(dname_parse(text, strlen(text), &dname), STATUS_OK);
	return dname;
}

void
stage_init(struct stage *stage, const char *yaml)
{
	*stage = (struct stage){ .now = STAGE_NOW };
	stage->config = config_read(yaml);
	tlsa_pool_init(&stage->tlsas);
	ca_pool_init(&stage->cas);
	stage->store = store_new(stage->config, &stage->tlsas, NULL);
}

void
stage_fini(struct stage *stage)
{
	snapshot_unref(stage->snapshot);
	store_free(stage->store);
	ca_pool_fini(&stage->cas);
	tlsa_pool_fini(&stage->tlsas);
	config_free(stage->config);
	buf_fini(&stage->report);
}

int
stage_end(void **state)
{
	stage_fini(*state);
	return 0;
}

void
stage_reload(struct stage *stage, const char *yaml)
{
	struct config *config = config_read(yaml);
	struct store *store = store_new(config, &stage->tlsas, NULL);

	store_adopt(store, stage->store);
	store_free(stage->store);
	config_free(stage->config);
	stage->store = store;
	stage->config = config;
}

struct chain *
stage_chain(struct stage *stage, const struct pki *leaf, const struct pki *ca)
{
	struct problem problem = { "" };
	struct chain *chain = NULL;
	struct buf text = { 0 };

	pki_add_pem(leaf, &text);
	if (ca != NULL)
		pki_add_pem(ca, &text);
	if (chain_parse(&stage->cas, text.data, text.len, stage->keep_all,
		&chain, NULL, &problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	buf_fini(&text);
	return chain;
}

bool
stage_set(struct stage *stage, unsigned source, const char *name,
    const struct pki *leaf, const struct pki *ca)
{
	static const struct fingerprint print = { .inode = 1 };

	return store_set_chain(stage->store, source, name,
	    stage_chain(stage, leaf, ca), "/fullchain.pem", &print, stage->now);
}

static void
reported(const struct store_change *change, void *arg)
{
	struct stage *stage = arg;

	stage->reports++;
	buf_add_format(&stage->report, "%s\n", change->owner);
}

void
stage_publish(struct stage *stage)
{
	const struct store_report report = { .owner = reported, .arg = stage };
	struct snapshot *last = stage->snapshot;

	stage->reports = 0;
	buf_clear(&stage->report);
	stage->snapshot = store_publish(stage->store, stage->now, &report);
	snapshot_unref(last);
}

size_t
stage_dirty(const struct stage *stage)
{
	size_t dirty = 0;

	for (size_t i = 0; i < store_service_count(stage->store); i++)
		dirty += store_service(stage->store, i)->is_dirty;
	return dirty;
}

static void
owner_add(const struct owner *owner, struct buf *text)
{
	for (size_t i = 0; i < owner->count; i++)
		buf_add_format(
		    text, "%s%s", i > 0 ? "\n" : "", owner->rdata[i]->text);
}

char *
stage_find(const struct stage *stage, const char *owner)
{
	static const char *const words[] = {
		[FOUND_NOTHING] = "nothing",
		[FOUND_APEX] = "apex",
		[FOUND_EMPTY_NON_TERMINAL] = "empty",
		[FOUND_UNKNOWN] = "unknown",
	};
	struct dname dname = name_read(owner);
	const struct zone *zone = snapshot_zone_of(stage->snapshot, &dname);
	const struct owner *found = NULL;
	struct buf text = { 0 };
	char *copy;
	enum found what;

	if (zone == NULL)
		return mem_string("no zone");
	what = zone_find(zone, &dname, &found);
	if (what != FOUND_OWNER)
		return mem_string(words[what]);
	assert_true(found->count > 0);
	owner_add(found, &text);
	copy = mem_string(buf_text(&text));
	buf_fini(&text);
	return copy;
}

void
stage_expect(const struct stage *stage, const char *owner, ...)
{
	char *found = stage_find(stage, owner);
	struct buf expected = { 0 };
	const char *text;
	va_list texts;

	va_start(texts, owner);
	while ((text = va_arg(texts, const char *)) != NULL)
		buf_add_format(
		    &expected, "%s%s", expected.len > 0 ? "\n" : "", text);
	va_end(texts);
	assert_string_equal(found, buf_text(&expected));
	buf_fini(&expected);
	free(found);
}

void
stage_expect_leafs(const struct stage *stage, const char *owner,
    const struct pki *a, const struct pki *b)
{
	char *one = a != NULL ? pki_tlsa(a, 3, 1, 1) : mem_string("nothing");
	char *two = b != NULL ? pki_tlsa(b, 3, 1, 1) : NULL;

	stage_expect(stage, owner, one, two, NULL);
	free(one);
	free(two);
}

void
stage_remember(struct stage *stage, const char *owner, const struct pki *leaf,
    int64_t since, int64_t seen)
{
	char *text = pki_tlsa(leaf, 3, 1, 1);
	const struct remembered_rr rr = { text, since, seen };

	store_remember_owner(stage->store, owner, 100, &(struct lowered){ 0 },
	    &rr, 1, stage->now);
	free(text);
}

const struct zone *
stage_zone(const struct stage *stage, const char *apex)
{
	struct dname dname = name_read(apex);
	const struct zone *zone = snapshot_zone(stage->snapshot, &dname);

	assert_non_null(zone);
	return zone;
}

uint32_t
stage_serial(const struct stage *stage, const char *apex)
{
	return stage_zone(stage, apex)->serial;
}
