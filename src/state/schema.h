/* SPDX-License-Identifier: MIT */
#ifndef STATE_SCHEMA_H
#define STATE_SCHEMA_H

/*
 * The tables of state.db.  Times are seconds since 1970, digests BLOBs, and
 * names TEXT of any octets.  A thing is one row, so that no half of it can be
 * there; what it has a list of is JSON, for which there are views.  `gone`:
 * when it went, so that other processes hear of it, for a day; `stamp`: the
 * number of the commit that wrote the row; `sum`: a digest of what stands
 * before these three, that tells whether it is on record just so, and whether
 * a disk has spoilt it.  Keys have none, but meta has the number of their rows:
 * `keys_lost` is set where a damaged file had more of them than could be read.
 */

#define SCHEMA_VERSION 1

#define SCHEMA_TAIL ", gone INTEGER, stamp INTEGER, sum BLOB"

/* Also for a file that an earlier version made. */
#define SCHEMA_ALARM                                                           \
	"CREATE TABLE IF NOT EXISTS alarm(name TEXT PRIMARY KEY, since,"       \
	" ended, told, facts" SCHEMA_TAIL ") WITHOUT ROWID;"                   \
	"CREATE INDEX IF NOT EXISTS alarm_stamp ON alarm(stamp);"              \
	"CREATE INDEX IF NOT EXISTS alarm_gone ON alarm(gone) WHERE gone > 0;"

/*
 * Forget what went a day ago.  The index is used for no other way to say that
 * there is a time (sqlite.org/partialindex.html, 2): with BETWEEN all rows are
 * read, after each renewal.
 */
#define SCHEMA_FORGET(table)                                                   \
	"DELETE FROM " table " WHERE gone > 0 AND"                             \
	" gone < strftime('%s', 'now') - 86399;"

#define SCHEMA                                                                 \
	"PRAGMA user_version = 1;"                                             \
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"       \
	"INSERT INTO meta VALUES('stamp', 0), ('keys', 0), ('turns', 0),"      \
	" ('key_rows', 0), ('keys_lost', 0);"                                  \
	"CREATE TABLE zone(name TEXT PRIMARY KEY, id, serial, notified,"       \
	" content" SCHEMA_TAIL ") WITHOUT ROWID;"                              \
	"CREATE TABLE owner(name TEXT PRIMARY KEY, ttl, list" SCHEMA_TAIL      \
	") WITHOUT ROWID;"                                                     \
	"CREATE TABLE ca(id TEXT PRIMARY KEY, facts" SCHEMA_TAIL               \
	") WITHOUT ROWID;"                                                     \
	"CREATE TABLE lineage(source TEXT, name TEXT, file, device, inode,"    \
	" size, modified_ns, changed_ns, remark, deleted, deployed,"           \
	" list" SCHEMA_TAIL                                                    \
	", PRIMARY KEY(source, name)) WITHOUT ROWID;" SCHEMA_ALARM             \
	"CREATE INDEX zone_stamp ON zone(stamp);"                              \
	"CREATE INDEX owner_stamp ON owner(stamp);"                            \
	"CREATE INDEX lineage_stamp ON lineage(stamp);"                        \
	"CREATE INDEX owner_gone ON owner(gone) WHERE gone > 0;"               \
	"CREATE INDEX lineage_gone ON lineage(gone) WHERE gone > 0;"           \
	"CREATE TABLE key_zone(name TEXT PRIMARY KEY, content) WITHOUT ROWID;" \
	"CREATE TABLE tsig(name TEXT PRIMARY KEY, algorithm, secret)"          \
	" WITHOUT ROWID;"                                                      \
	"CREATE VIEW key_rows AS SELECT (SELECT count(*) FROM key_zone)"       \
	" + (SELECT count(*) FROM tsig) AS count;"                             \
	"CREATE VIEW key AS SELECT name AS zone,"                              \
	" json_extract(value, '$.id') AS id,"                                  \
	" json_extract(value, '$.flags') AS flags,"                            \
	" json_extract(value, '$.active') AS active,"                          \
	" json_extract(value, '$.published') AS published"                     \
	" FROM key_zone, json_each(content, '$.keys');"                        \
	"CREATE VIEW published AS SELECT name, ttl,"                           \
	" json_extract(value, '$[0]') AS rdata,"                               \
	" datetime(json_extract(value, '$[1]'), 'unixepoch') AS since,"        \
	" datetime(json_extract(value, '$[2]'), 'unixepoch') AS seen"          \
	" FROM owner, json_each(list);"                                        \
	"CREATE VIEW generation AS SELECT source, name,"                       \
	" datetime(json_extract(value, '$.since'), 'unixepoch') AS since,"     \
	" datetime(json_extract(value, '$.replaced'), 'unixepoch')"            \
	" AS replaced, json_extract(value, '$.leaf') AS leaf"                  \
	" FROM lineage, json_each(list);"

#endif
