/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_PAIR_H
#define CHANNEL_PAIR_H

#include "wall/channel.h"

/*
 * Begin `loop`, and in it `channel`, whose functions are set; returns the other
 * end of its socket, for the caller to close.
 */
int channel_pair(struct channel *channel, struct loop *loop);

#endif
