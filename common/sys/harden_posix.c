/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/harden.h"

void harden_runs_nothing(void)
{
}
