/* SPDX-License-Identifier: Apache-2.0 */
/* The version of all programs: Semantic Versioning 2.0.0. */
#ifndef COMMON_BASE_VERSION_H
#define COMMON_BASE_VERSION_H

#define SKANT_VERSION "0.1.0"

#endif
