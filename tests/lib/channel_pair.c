/* SPDX-License-Identifier: MIT */
#include "channel_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int
channel_pair(struct channel *channel, struct loop *loop)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		perror("socketpair");
		abort();
	}
	loop_init(loop);
	channel_open(channel, loop, pair[0]);
	return pair[1];
}
