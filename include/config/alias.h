/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_ALIAS_H
#define CONFIG_ALIAS_H

/*
 * The alias of an owner name that lies in none of our zones, as `aliases` of
 * the configuration has it.  Pure.
 */

#include <stdbool.h>

#include "config/config.h"
#include "dns/dname.h"

/*
 * Make the alias of `owner`, as flat or as deep, in the first of the zones.
 * Returns false if there is no zone, or the alias would be too long.
 */
bool alias_make(const struct config *config, enum aliases form,
    const struct dname *owner, struct dname *ret_alias);

/* Return what `aliases` is in the end, ALIASES_FLAT or ALIASES_DEEP. */
enum aliases alias_form(const struct config *config);

/* Return the one of both that it is not: what it was before, or will be. */
enum aliases alias_other_form(const struct config *config);

#endif
