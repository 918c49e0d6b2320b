/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: the name $SLOWNAME is not answered while the file $SLOWNAME_FILE is there, and is 127.0.0.1 then.
 * All other names are asked for as ever. */
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int ask_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	ask_fn *ask = __extension__(ask_fn *) dlsym(RTLD_NEXT, "getaddrinfo");
	const char *slow = getenv("SLOWNAME"), *file = getenv("SLOWNAME_FILE");

	if (!slow || !file || !name || strcmp(name, slow) != 0)
		return ask(name, service, hints, ret);
	if (hints && hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	while (access(file, F_OK) == 0)
		(void)poll(NULL, 0, 20);
	return ask("127.0.0.1", service, hints, ret);
}
