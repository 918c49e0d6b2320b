/* SPDX-License-Identifier: Apache-2.0 */
/* Which path belongs to which handler. */
#ifndef TESTS_MOCK_ROUTE_H
#define TESTS_MOCK_ROUTE_H

#include "tests/mock/call.h"

/* The route, with rq->ids filled; NULL: none. *ret_has_path: the path is known for another method. */
const struct route *route_find(struct http_request *rq, bool *ret_has_path);

size_t route_count(void);
size_t route_index(const struct route *route);
const struct route *route_at(size_t index);

/* Reads that leave a record: of the Compliance API, of usage and of cost. */
void route_record_read(struct call *c);

/* Handlers. */
void get_organization(struct call *c);
void get_users(struct call *c);
void get_user(struct call *c);
void post_user(struct call *c);
void delete_user(struct call *c);
void get_invites(struct call *c);
void get_invite(struct call *c);
void post_invites(struct call *c);
void delete_invite(struct call *c);
void get_workspaces(struct call *c);
void get_workspace(struct call *c);
void post_workspaces(struct call *c);
void post_workspace(struct call *c);
void post_archive(struct call *c);
void get_members(struct call *c);
void get_member(struct call *c);
void post_members(struct call *c);
void post_member(struct call *c);
void delete_member(struct call *c);
void get_keys(struct call *c);
void get_key(struct call *c);
void post_key(struct call *c);
void get_rate_limits(struct call *c);
void get_workspace_rate_limits(struct call *c);
void get_compliance_settings(struct call *c);
void get_usage_messages(struct call *c);
void get_usage_claude_code(struct call *c);
void get_cost(struct call *c);
void get_activities(struct call *c);
void get_directory_organizations(struct call *c);
void get_directory_users(struct call *c);
void get_directory_roles(struct call *c);
void get_groups(struct call *c);
void get_group(struct call *c);
void get_group_members(struct call *c);
void post_messages(struct call *c);
void post_count_tokens(struct call *c);
void get_models(struct call *c);
void get_model(struct call *c);

/* Dialect cca. */
void cca_post_invitations(struct call *c);
void cca_get_invitations(struct call *c);
void cca_delete_invitation(struct call *c);
void cca_get_users(struct call *c);
void cca_get_user(struct call *c);
void cca_put_user(struct call *c);
void cca_delete_user(struct call *c);
void cca_post_members(struct call *c);
void cca_delete_member(struct call *c);
void cca_get_usage_messages(struct call *c);
void cca_get_usage_claude_code(struct call *c);
void cca_get_cost(struct call *c);
void cca_post_query(struct call *c);
void cca_get_organizations(struct call *c);
void cca_get_directory_users(struct call *c);
void cca_post_groups(struct call *c);

#endif
