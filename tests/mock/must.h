/* SPDX-License-Identifier: Apache-2.0 */
/* For what fails only when there is no memory, or by a mistake of the mock's own: a peer that goes on with half an
 * answer would accuse the program under test. */
#ifndef TESTS_MOCK_MUST_H
#define TESTS_MOCK_MUST_H

#include <stdio.h>
#include <stdlib.h>

static inline void must(int result)
{
	if (result) {
		(void)fputs("skant-mock: no memory, or a limit of its own was reached\n", stderr);
		abort();
	}
}

static inline void *must_have(void *pointer)
{
	must(!pointer);
	return pointer;
}

#endif
