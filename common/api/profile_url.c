/* SPDX-License-Identifier: Apache-2.0 */
/* The base URL: which ones may be talked to (RFC 3986, less than it allows). */
#include "common/api/profile.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

struct url {
	bool is_https;
	struct view host; /* with its brackets */
	struct view port; /* empty when none is given */
	bool has_port;
	struct view path;
};

/* Cuts the authority off *rest. */
static struct view cut_authority(struct view *rest)
{
	struct view authority = view_sub(*rest, 0, text_find_byte(*rest, '/'));

	*rest = view_sub(*rest, authority.len, rest->len);
	return authority;
}

static bool is_ipv6(struct view host)
{
	if (host.len < 4 || host.ptr[0] != '[' || host.ptr[host.len - 1] != ']')
		return false;
	for (size_t i = 1; i < host.len - 1; i++)
		if (!text_is_digit(host.ptr[i]) && host.ptr[i] != ':' && host.ptr[i] != '.' &&
		    !(text_lower(host.ptr[i]) >= 'a' && text_lower(host.ptr[i]) <= 'f'))
			return false;
	return true;
}

static bool is_path(struct view path)
{
	static const struct view others = { "-._~!$&'()*+,;=:@/", 18 };

	for (size_t i = 0; i < path.len; i++)
		if (!text_is_alnum(path.ptr[i]) && text_find_byte(others, path.ptr[i]) == SIZE_MAX)
			return false;
	return text_find(path, VIEW("/../")) == SIZE_MAX && text_find(path, VIEW("/./")) == SIZE_MAX &&
	       !text_ends(path, VIEW("/..")) && !text_ends(path, VIEW("/."));
}

/* 127.0.0.0/8 in its usual form of four numbers (RFC 6890): others are what resolvers differ about. */
static bool is_loopback_ipv4(struct view host)
{
	struct view rest = host;

	for (unsigned i = 0; i < 4; i++) {
		size_t dot = i < 3 ? text_find_byte(rest, '.') : rest.len;
		struct view part = view_sub(rest, 0, dot);
		uint64_t n;

		if (dot == SIZE_MAX || part.len > 3 || text_u64(part, 255, &n) ||
		    (part.len > 1 && part.ptr[0] == '0') || (i == 0 && n != 127))
			return false;
		rest = view_sub(rest, dot + 1, rest.len);
	}
	return true;
}

static bool is_loopback(struct view host)
{
	return text_eq_nocase(host, VIEW("localhost")) || text_eq(host, VIEW("[::1]")) || is_loopback_ipv4(host);
}

/* Cuts the port off host, which holds both. */
static void cut_port(struct url *url)
{
	struct view both = url->host;
	size_t colon = both.len;

	while (colon > 0 && both.ptr[colon - 1] != ':' && both.ptr[colon - 1] != ']')
		colon--;
	url->has_port = colon > 0 && both.ptr[colon - 1] == ':';
	if (!url->has_port)
		return;
	url->port = view_sub(both, colon, both.len);
	url->host = view_sub(both, 0, colon - 1);
}

static const char *read_authority(struct view authority, struct url *ret)
{
	uint64_t n;

	if (text_find_byte(authority, '@') != SIZE_MAX)
		return "a URL without user and password was expected";
	ret->host = authority;
	cut_port(ret);
	if (!is_ipv6(ret->host) && !text_is_host(ret->host))
		return "a URL with a host name or address was expected";
	if (ret->has_port && (text_u64(ret->port, 65535, &n) || n == 0))
		return "a port from 1 to 65535 was expected";
	return NULL;
}

/* Why base is not to be talked to, or NULL; *ret is filled as far as it was read. */
static const char *read_url(struct view base, struct url *ret)
{
	struct view rest = base;
	const char *why;

	ret->is_https = text_eq_nocase(view_sub(base, 0, 8), VIEW("https://"));
	if (!ret->is_https && !text_eq_nocase(view_sub(base, 0, 7), VIEW("http://")))
		return "a URL that starts with https:// was expected";
	if (base.len > API_URL_BYTES)
		return "a shorter URL was expected";
	rest = view_sub(base, ret->is_https ? 8 : 7, base.len);
	if (text_find_byte(rest, '?') != SIZE_MAX || text_find_byte(rest, '#') != SIZE_MAX)
		return "a URL without query (?) and fragment (#) was expected";
	why = read_authority(cut_authority(&rest), ret);
	ret->path = rest;
	if (why)
		return why;
	return is_path(ret->path) ? NULL : "a path of plain characters without '..' and '%' was expected";
}

int profile_check(struct profile *profile, struct err *err)
{
	struct url url = { .is_https = false };
	struct view base = view_of(profile->base_url);
	const char *why = read_url(base, &url);

	if (!why && !url.is_https && !profile->allow_http_loopback)
		why = "https:// was expected; http:// needs allow_http_loopback (SKANT_ALLOW_HTTP_LOOPBACK=1)";
	if (!why && !url.is_https && !is_loopback(url.host))
		why = "https:// was expected; http:// is for a loopback host alone (127.0.0.1, [::1], localhost)";
	if (why) {
		/* what stands there may be a key, or hold a password */
		return err_set(err, ERR_CONFIG, 0, "the base URL of profile '%s' cannot be used: %s", profile->name,
			       why);
	}
	for (size_t len = base.len; url.path.len > 0 && profile->base_url[len - 1] == '/'; url.path.len--)
		profile->base_url[--len] = '\0';
	return 0;
}

struct view profile_host(const struct profile *profile)
{
	const char *start = strstr(profile->base_url, "://");
	struct view rest = view_of(start ? start + 3 : profile->base_url);

	return cut_authority(&rest);
}
