/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/notify.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "common/base/clock.h"

#define NS_PER_US 1000u
#define US_PER_MS 1000u
#define STATUS_MS 60'000u

void notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)(clock_mono_ns() / NS_PER_US));
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

uint64_t notify_alive_ms(void)
{
	uint64_t us = 0;

	if (sd_watchdog_enabled(0, &us) > 0)
		return us / 2 / US_PER_MS;
	return secure_getenv("NOTIFY_SOCKET") ? STATUS_MS : 0; /* NOLINT(concurrency-mt-unsafe): nobody sets it */
}

void notify_alive(const char *status)
{
	if (status)
		(void)sd_notifyf(0, "WATCHDOG=1\nSTATUS=%s", status);
	else
		(void)sd_notify(0, "WATCHDOG=1");
}
