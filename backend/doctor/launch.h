/* SPDX-License-Identifier: MIT */
#ifndef DOCTOR_LAUNCH_H
#define DOCTOR_LAUNCH_H

#include "doctor/doctor.h"
#include "pdns/launched.h"

/*
 * Look at launch= of pdns.conf: is 'remote' there, and last, and each backend
 * once and installed; note the backend that is asked first in `doctor`.
 */
void doctor_launch(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched);

#endif
