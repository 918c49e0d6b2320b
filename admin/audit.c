/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/audit.h"

static const char *const titles[KEYAUDIT_VIOLATIONS] = {
	[KEYNAME_FORMAT] = "The key's name has not the parts of the convention, in its order",
	[KEYNAME_CASE] = "The key's name has upper-case letters",
	[KEYNAME_CHARACTER] = "The key's name has a character that no name may have",
	[KEYNAME_LENGTH] = "The key's name is too long",
	[KEYNAME_TEAM] = "The key's name has no listed team",
	[KEYNAME_ENVIRONMENT] = "The key's name has no listed environment",
	[KEYNAME_PURPOSE] = "The key's name has no listed purpose",
	[KEYNAME_EMPTY_PART] = "The key's name has an empty part",
	[KEYAUDIT_AGE] = "The key is older than the policy allows",
	[KEYAUDIT_AGE_WARN] = "The key is soon older than the policy allows",
	[KEYAUDIT_UNUSED] = "The key is not used",
	[KEYAUDIT_DEFAULT_WORKSPACE] = "The key is in the default workspace",
	[KEYAUDIT_ORG_SCOPE] = "The key reaches the whole organisation",
	[KEYAUDIT_CREATOR_GONE] = "Whose key it is, is not in the organisation any more",
	[KEYAUDIT_DUPLICATE_PURPOSE] = "Another active key is for the same purpose",
	[KEYAUDIT_NO_EXPIRY] = "The key does not expire",
};

const char *audit_title(unsigned violation)
{
	return titles[violation];
}
