/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's policy as it is once policy.yaml is read and checked (policy_read.h reads it). Plain data that all
 * programs judge by; everything is owned by the policy. What a section leaves out has the values of policy_standard. */
#ifndef COMMON_POLICY_POLICY_H
#define COMMON_POLICY_POLICY_H

#include "common/base/decimal.h"
#include "common/policy/keyname.h"

/* `rotation:` in seconds; 0 = never. */
struct policy_rotation {
	uint64_t warn_after_s;   /* a key that old is due soon; below max_age_s when both are set */
	uint64_t max_age_s;      /* ... is overdue */
	uint64_t unused_after_s; /* ... without use: is unused */
};

/* What a key is for: of those that agree in all parts of a set, one may be active. */
#define POLICY_KEY_PARTS 4
extern const char *const policy_key_part_names[POLICY_KEY_PARTS]; /* of bit 0, 1, ...: "team", "environment", ... */
enum policy_key_part {
	POLICY_PART_TEAM = 1 << 0,
	POLICY_PART_ENVIRONMENT = 1 << 1,
	POLICY_PART_PURPOSE = 1 << 2,
	POLICY_PART_WORKSPACE = 1 << 3,
};

/* `keys:` */
struct policy_keys {
	bool allow_default_workspace;
	bool require_expiry;
	unsigned one_per; /* set of policy_key_part; 0 = any number */
};

/* `models:`: ids and globs (glob.h) of what may be used. */
struct policy_models {
	const char *workspace;     /* name or id; NULL: all that have none of their own */
	struct keyname_list allow; /* count 0 = any */
	bool pinned_only;          /* an alias that may move to another model is not allowed */
};

#define POLICY_STANDARD_THRESHOLDS 50, 80, 95 /* alert_at of a budget that names none: */
#define POLICY_STANDARD_THRESHOLD_COUNT 3     /* ... so many */

enum policy_scope {
	POLICY_ORGANIZATION,
	POLICY_WORKSPACE,  /* name or id */
	POLICY_TEAM,       /* by the names of keys */
	POLICY_DEPARTMENT, /* its workspaces */
	POLICY_KEY,        /* name or id */
	POLICY_SCOPES,
};
extern const char *const policy_scope_names[POLICY_SCOPES]; /* "organization", "workspace", ... */

enum policy_period { POLICY_DAILY, POLICY_MONTHLY, POLICY_PERIODS }; /* calendar, UTC */
extern const char *const policy_period_names[POLICY_PERIODS];        /* "daily", "monthly" */

#define POLICY_THRESHOLDS_MAX 16

/* One limit: an entry of `budgets:` with both periods is two of these. No two have one scope, name and period. */
struct policy_budget {
	enum policy_scope scope;
	const char *name; /* of the organization: "" */
	enum policy_period period;
	struct decimal limit_usd;                 /* above 0 */
	unsigned alert_at[POLICY_THRESHOLDS_MAX]; /* per cent, rising, 1 to 1000 */
	size_t alert_count;                       /* at least 1: 50, 80, 95 when the file names none */
};

struct policy_department {
	const char *name;
	struct keyname_list workspaces; /* names or ids; no workspace is in two departments */
	bool regulated;                 /* its audit feed has to be on */
};

/* `data:` */
struct policy_data {
	bool is_given; /* the file has the section */
	bool include_content;
	uint64_t retention_s, retention_regulated_s; /* 0 = not said */
	struct keyname_list inference_geos;          /* that are allowed; count 0 = any */
};

/* `access:`; 0 = no limit, never. */
struct policy_access {
	uint64_t max_admins;
	uint64_t invite_max_age_s;
	uint64_t review_every_s;
	struct keyname_list email_domains; /* count 0 = any */
};

struct policy {
	const char *path; /* where it came from; NULL: policy_standard */
	struct keyname_policy names;
	struct policy_rotation rotation;
	struct policy_keys keys;
	const struct policy_models *models; /* the default first, when there is one; the others by the file's order */
	size_t model_count;
	const struct policy_budget *budgets;
	size_t budget_count;
	const struct policy_department *departments;
	size_t department_count;
	struct policy_data data;
	struct policy_access access;
};

/* What holds without a file: names as keyname_standard; rotation 60, 90 and 30 days; no key in the default workspace,
 * one for each purpose of a workspace, with or without expiry; invitations 7 days, a review every 90 days; any model,
 * no budgets, no departments. */
extern const struct policy policy_standard;

/* The models that a workspace may use: its own entry by id or name (either may be VIEW_NONE), else the default, else
 * one that allows any. Never NULL. */
const struct policy_models *policy_models_of(const struct policy *policy, struct view id, struct view name);

/* The department that a workspace belongs to, by id or name; NULL: none. */
const struct policy_department *policy_department_of(const struct policy *policy, struct view id, struct view name);

#endif
