/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of rules/prices.yaml and rules/models.yaml, put into a C file by the build. For prices.c and models.c. */
#ifndef COMMON_POLICY_BUILTIN_H
#define COMMON_POLICY_BUILTIN_H

#include "common/base/base.h"

extern const unsigned char builtin_prices[], builtin_models[];
extern const size_t builtin_prices_len, builtin_models_len;

#endif
