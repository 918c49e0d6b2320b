/* SPDX-License-Identifier: Apache-2.0 */
/* How a fault of the transport is told to a person. */
#ifndef COMMON_API_TRANSPORT_FAULT_H
#define COMMON_API_TRANSPORT_FAULT_H

#include "common/api/transport.h"

/* Fills err; returns -1. reason: the library's own words, from which credential and keys are masked. */
int transport_tell(enum transport_fault fault, struct view host, struct view reason, struct view credential,
		   struct err *err);

#endif
