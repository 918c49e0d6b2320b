/* SPDX-License-Identifier: Apache-2.0 */
/* The tree behind conf.h, for conf.c, which builds it, and conf_value.c, which reads it; nobody else looks inside. */
#ifndef COMMON_SYS_CONF_NODE_H
#define COMMON_SYS_CONF_NODE_H

#include "common/sys/conf.h"

enum conf_type { CONF_SCALAR, CONF_LIST, CONF_MAPPING };

struct conf_node {
	enum conf_type type;
	bool is_quoted; /* a scalar in quotes, or a block: text, whatever it reads like */
	unsigned line, column;
	unsigned weight; /* nodes in it, itself included, as if each alias were a copy */
	unsigned height; /* levels in it: 0 for a scalar */
	const char *file;
	struct conf_node *next;    /* of all nodes of the document */
	struct conf_node **values; /* of a list or a mapping; an alias gives one node two parents */
	struct conf_node **keys;   /* of a mapping, as many; scalars */
	size_t count, cap;
	char *text;
	size_t text_len;
};

const struct conf_node *conf_nodes(const struct conf *conf); /* the first of all nodes */

#endif
