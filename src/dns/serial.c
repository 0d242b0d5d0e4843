/* SPDX-License-Identifier: MIT */
#include "dns/serial.h"

bool
serial_is_after(uint32_t a, uint32_t b)
{
	uint32_t distance = a - b;

	return distance != 0 && distance < UINT32_C(0x80000000);
}

uint32_t
serial_next(uint32_t last, int64_t now)
{
	uint32_t serial = (uint32_t)now;

	return serial_is_after(serial, last) ? serial : last + 1;
}
