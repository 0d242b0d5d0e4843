/* SPDX-License-Identifier: MIT */
#ifndef SETUP_KEYS_H
#define SETUP_KEYS_H

/* The database and the DNSSEC keys.  Threads: one at a time. */

#include "composition.h"

/* Print: the database, its zones and their keys; and then their DS. */
void setup_print_keys(const struct setup *setup);
void setup_print_ds(const struct setup *setup);

#endif
