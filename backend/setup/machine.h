/* SPDX-License-Identifier: MIT */
#ifndef SETUP_MACHINE_H
#define SETUP_MACHINE_H

/* Around PowerDNS.  Threads: one at a time. */

#include "composition.h"

/* Print: packages, rights, and the start of the daemon. */
void setup_print_machine(const struct setup *setup);

#endif
