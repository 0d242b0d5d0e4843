/* SPDX-License-Identifier: MIT */
#ifndef VIA_OFFER_H
#define VIA_OFFER_H

/*
 * What another host is to know of a lineage: what the daemon would read of it,
 * certificate by certificate as they were decoded, so that nothing else that is
 * in the files can cross.  Read with the rights of the lineage's owner.
 * Threads: one at a time, for rights are those of the process.
 */

#include "base/status.h"
#include "config/config.h"
#include "deploy/newest.h"
#include "protocol.h"

/*
 * Make the offer of what newest_find() found.  Returns STATUS_OK, and what is
 * to be ended with via_question_fini(); or what reading it returned, with
 * `problem`.
 */
enum status offer_make(const struct config *config, const struct newest *newest,
    struct via_question *ret_offer, struct problem *problem);

#endif
