/* SPDX-License-Identifier: Apache-2.0 */
/* What the foreign schemas ask about an event, and its type or a field tells. */
#include <arpa/inet.h>

#include "common/base/text.h"
#include "forwarder/encode/place.h"

int place_ip_version(struct view text)
{
	char address[INET6_ADDRSTRLEN] = { 0 };
	struct in6_addr out;

	if (text.len == 0 || text.len >= sizeof(address))
		return 0;
	memcpy(address, text.ptr, text.len);
	if (strlen(address) != text.len)
		return 0;
	return inet_pton(AF_INET, address, &out) == 1 ? 4 : inet_pton(AF_INET6, address, &out) == 1 ? 6 : 0;
}

struct ending {
	const char *word;
	int means;
};

/* The meaning of the word behind the last _ or dot; 0 when it is not known. */
static int last_word(struct view type, const struct ending *endings, size_t count)
{
	size_t from = type.len;

	while (from > 0 && type.ptr[from - 1] != '_' && type.ptr[from - 1] != '.')
		from--;
	for (size_t i = 0; i < count; i++)
		if (text_eq(view_sub(type, from, SIZE_MAX), view_of(endings[i].word)))
			return endings[i].means;
	return 0;
}

enum place_verb place_verb_of(const struct event *e)
{
	static const struct ending endings[] = {
		{ "created", PLACE_CREATE },     { "create", PLACE_CREATE },    { "added", PLACE_CREATE },
		{ "uploaded", PLACE_CREATE },    { "upload", PLACE_CREATE },    { "minted", PLACE_CREATE },
		{ "generated", PLACE_CREATE },   { "granted", PLACE_CREATE },   { "assigned", PLACE_CREATE },
		{ "enrolled", PLACE_CREATE },    { "sent", PLACE_CREATE },      { "viewed", PLACE_READ },
		{ "listed", PLACE_READ },        { "accessed", PLACE_READ },    { "downloaded", PLACE_READ },
		{ "download", PLACE_READ },      { "exported", PLACE_READ },    { "revealed", PLACE_READ },
		{ "updated", PLACE_UPDATE },     { "update", PLACE_UPDATE },    { "changed", PLACE_UPDATE },
		{ "rotated", PLACE_UPDATE },     { "enabled", PLACE_UPDATE },   { "disabled", PLACE_UPDATE },
		{ "toggled", PLACE_UPDATE },     { "replaced", PLACE_UPDATE },  { "published", PLACE_UPDATE },
		{ "transferred", PLACE_UPDATE }, { "activated", PLACE_UPDATE }, { "deactivated", PLACE_UPDATE },
		{ "deleted", PLACE_DELETE },     { "removed", PLACE_DELETE },   { "revoked", PLACE_DELETE },
		{ "revoke", PLACE_DELETE },      { "archived", PLACE_DELETE },  { "unassigned", PLACE_DELETE },
		{ "left", PLACE_DELETE },        { "gone", PLACE_DELETE },      { "renamed", PLACE_UPDATE },
		{ "restated", PLACE_UPDATE },
	};

	return (enum place_verb)last_word(e->type, endings, ARRAY_LEN(endings));
}

enum place_outcome place_outcome_of(const struct event *e)
{
	static const struct ending endings[] = {
		{ "failed", PLACE_FAILURE },     { "denied", PLACE_FAILURE },    { "rejected", PLACE_FAILURE },
		{ "blocked", PLACE_FAILURE },    { "invalid", PLACE_FAILURE },   { "succeeded", PLACE_SUCCESS },
		{ "success", PLACE_SUCCESS },    { "completed", PLACE_SUCCESS }, { "accepted", PLACE_SUCCESS },
		{ "approved", PLACE_SUCCESS },   { "verified", PLACE_SUCCESS },  { "created", PLACE_SUCCESS },
		{ "updated", PLACE_SUCCESS },    { "deleted", PLACE_SUCCESS },   { "added", PLACE_SUCCESS },
		{ "removed", PLACE_SUCCESS },    { "revoked", PLACE_SUCCESS },   { "archived", PLACE_SUCCESS },
		{ "viewed", PLACE_SUCCESS },     { "listed", PLACE_SUCCESS },    { "uploaded", PLACE_SUCCESS },
		{ "downloaded", PLACE_SUCCESS },
	};

	return (enum place_outcome)last_word(e->type, endings, ARRAY_LEN(endings));
}
