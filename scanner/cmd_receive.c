/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/cmd.h"

int cmd_receive(const struct options *, char **, size_t)
{
	return EXIT_USAGE;
}
