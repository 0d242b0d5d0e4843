/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

/*
 * What the commands of pdns-tlsa(8) ask the daemon on its control socket: one
 * JSON object a line, {"method": "...", "parameters": {...}}, and one line
 * back, {"result": ...}.  Lists come in pages, so that no question keeps
 * PowerDNS waiting.  Threads: one at a time.
 *
 *	status				version, times, counters, last errors
 *	lineages, services, zones {from, parts: 0|1, service}
 *					{"edition","total","from","list"}
 *	timelines {host}		[{"port","transport","now","from","to",
 *					  "bars","marks"}]: timeline/wire.h
 *	safety {lineage, see: [OWNER], source, parts: 0|1, service}
 *					[{"edition","source","problem",
 *					  "leaf","safe",
 *					  "published","seen","remaining",
 *					  "services": [{"host","port",
 *					    "transport","owner","former","see",
 *					    "hold","safe","published","seen",
 *					    "remaining"}]}]
 *	deployed {lineage, leaf, unsure: 0|1, source, place}
 *					true, or false: not known; "source" may
 *					be missing: of any path
 *	seen {owner, list: [RDATA]}	true, or false: not published
 *	servers {zone, list: [{"name","address","serial"}]}
 *					true, or false: no zone of ours; without
 *					"serial": it does not serve the zone
 *
 * "edition" is another one after a reload: begin again.  With "parts" a lineage
 * of many services has a "next" (control/parts.h), and the rest is asked for by
 * that as "service": of a list from that lineage on, of safety with its source.
 * Without, all is judged at once, for who was started before this was.
 */

#include "control/item.h"
#include "remote/method.h"

enum { CONTROL_PAGE = 50 };

/* Answer one line, as method_answer() does; `arg` is a struct control. */
enum outcome control_answer(void *arg, const char *line, size_t len,
    struct buf *reply, struct problem *problem);

#endif
