/* SPDX-License-Identifier: Apache-2.0 */
/* Where a sink connects to, and where metrics are served. */
#include <arpa/inet.h>
#include <string.h>

#include "common/base/text.h"
#include "forwarder/config_read.h"

#define PORT_MAX 65535

/* inet_pton wants it terminated. */
static bool is_number(struct view host, int family, void *ret)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (!host.len || host.len >= sizeof(text) || memchr(host.ptr, '\0', host.len))
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	return inet_pton(family, text, ret) == 1;
}

/* Only numbers and dots are an address that is none. */
static bool has_letter(struct view host)
{
	for (size_t i = 0; i < host.len; i++)
		if (text_is_alpha(host.ptr[i]) || host.ptr[i] == '_')
			return true;
	return false;
}

bool config_is_host(struct view host)
{
	struct in6_addr six;
	struct in_addr four;

	return is_number(host, AF_INET, &four) || is_number(host, AF_INET6, &six) ||
	       (text_is_host(host) && has_letter(host));
}

bool config_is_loopback(struct view host)
{
	struct in6_addr six;
	struct in_addr four;

	if (is_number(host, AF_INET, &four))
		return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
	return is_number(host, AF_INET6, &six) && IN6_IS_ADDR_LOOPBACK(&six);
}

static const char *split_brackets(struct view address, struct view *ret_host, struct view *ret_port)
{
	size_t end = text_find_byte(address, ']');
	struct in6_addr six;

	if (end == SIZE_MAX || end + 1 >= address.len || address.ptr[end + 1] != ':')
		return "[ADDRESS]:PORT was expected, such as [2001:db8::1]:6514";
	*ret_host = view_sub(address, 1, end - 1);
	*ret_port = view_sub(address, end + 2, address.len);
	return is_number(*ret_host, AF_INET6, &six) ? NULL : "an IPv6 address was expected between the brackets";
}

const char *config_split_address(struct view address, struct view *ret_host, uint16_t *ret_port)
{
	struct view port = VIEW_NONE;
	size_t colon = text_find_byte(address, ':');
	const char *why = NULL;
	uint64_t n;

	if (address.len && address.ptr[0] == '[') {
		why = split_brackets(address, ret_host, &port);
	} else if (text_find(address, VIEW("://")) != SIZE_MAX) {
		why = "HOST:PORT was expected, such as siem.example.com:6514, without a scheme: 'transport' says how";
	} else if (colon == SIZE_MAX) {
		why = "HOST:PORT was expected, such as siem.example.com:6514";
	} else {
		*ret_host = view_sub(address, 0, colon);
		port = view_sub(address, colon + 1, address.len);
		if (text_find_byte(port, ':') != SIZE_MAX)
			why = "an IPv6 address was expected in brackets, such as [2001:db8::1]:6514";
		else if (!config_is_host(*ret_host))
			why = "a host name or an address was expected in front of the colon";
	}
	if (why)
		return why;
	if (text_u64(port, PORT_MAX, &n) || n == 0)
		return "a port from 1 to 65535 was expected";
	*ret_port = (uint16_t)n;
	return NULL;
}
