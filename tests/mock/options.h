/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MOCK_OPTIONS_H
#define TESTS_MOCK_OPTIONS_H

#include "common/sys/opt.h"
#include "tests/mock/settings.h"

extern const struct opt_program options_program;

void options_init(struct settings *s);
opt_handler options_take;                                             /* context: struct settings */
[[nodiscard]] int options_check(struct settings *s, struct err *err); /* what only all of them together show */

#endif
