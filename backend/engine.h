/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_H
#define ENGINE_H

/*
 * What answers: configuration, store, scanner and the current snapshot, which
 * is exchanged between two turns of the loop.  The same for every connector
 * and for the commands that only look.
 */

#include <stdbool.h>

#include "config.h"
#include "loop.h"
#include "method.h"
#include "store.h"

struct engine;

/*
 * Make an engine for `config` (ownership passes) and begin the first scan.
 * `ready` is called once, when the first snapshot is there.  An `observer`
 * only looks: it leaves the state directory as it is.
 *
 * Returns NULL with `problem` if the system gives no inotify.
 */
struct engine *engine_new(struct loop *loop, struct config *config,
    bool observer, void (*ready)(void *arg), void *arg,
    struct problem *problem);

void engine_free(struct engine *engine);

/* Answer one line; see method_answer(). */
enum outcome engine_answer(struct engine *engine, const char *line, size_t len,
    struct buf *reply, struct problem *problem);

/* Return true when the first snapshot is there. */
bool engine_is_ready(const struct engine *engine);

/*
 * Read the configuration file again and look at all files.  A bad file is
 * logged, and everything stays as it is.
 */
void engine_reload(struct engine *engine);

const struct config *engine_config(const struct engine *engine);
const struct store *engine_store(const struct engine *engine);

#endif
