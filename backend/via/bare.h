/* SPDX-License-Identifier: MIT */
#ifndef VIA_BARE_H
#define VIA_BARE_H

/*
 * A host without a configuration, which has nothing to serve: where its
 * lineages lie can be seen.  Threads: one at a time.
 */

#include "base/status.h"
#include "config/config.h"

/*
 * Make what the configuration would be: the source is whose directory `lineage`
 * is, by how it lies there, or, if that is only a name, the stores of certbot
 * and dehydrated where they are by default.
 *
 * Returns STATUS_OK and *ret_config, config_free() it; or with `problem`
 * STATUS_ABSENT: there is nothing there.
 */
enum status bare_config(
    const char *lineage, struct config **ret_config, struct problem *problem);

#endif
