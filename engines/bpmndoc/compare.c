/*
 * compare.c — two documents, node by node.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engines/bpmndoc/impl.h"

static bool same_text(const xmlChar *a, const xmlChar *b)
{
	return strcmp(a ? (const char *)a : "", b ? (const char *)b : "") == 0;
}

static bool same_ns(const xmlNs *a, const xmlNs *b)
{
	return a && b ? same_text(a->href, b->href) && same_text(a->prefix, b->prefix) : a == b;
}

static bool same_declarations(const xmlNs *a, const xmlNs *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (!same_ns(a, b))
			return false;
	return a == b;
}

static bool same_attributes(const xmlAttr *a, const xmlAttr *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (!same_text(a->name, b->name) || !same_ns(a->ns, b->ns) ||
		    !same_text(a->children ? a->children->content : NULL,
			       b->children ? b->children->content : NULL))
			return false;
	return a == b;
}

static bool same_node(const xmlNode *a, const xmlNode *b)
{
	if (a->type != b->type || !same_text(a->name, b->name))
		return false;
	if (a->type != XML_ELEMENT_NODE)
		return same_text(a->content, b->content);
	return same_ns(a->ns, b->ns) && same_declarations(a->nsDef, b->nsDef) &&
	       same_attributes(a->properties, b->properties);
}

/* after returns the node that comes next in the order of the file, NULL at its end, and keeps its
 * depth: `<a><b/></a>` and `<a/><b/>` have the same nodes in the same order. */
static const xmlNode *after(const xmlNode *node, long *depthp)
{
	if (node->type == XML_ELEMENT_NODE && node->children) {
		++*depthp;
		return node->children;
	}
	while (!node->next) {
		node = node->parent;
		if (!node || node->type == XML_DOCUMENT_NODE)
			return NULL;
		--*depthp;
	}
	return node->next;
}

enum pl_err bpmndoc_compare(const struct bpmndoc *a, const struct bpmndoc *b)
{
	const xmlNode *left = a->tree->children, *right = b->tree->children;
	long left_depth = 0, right_depth = 0;

	while (left && right) {
		if (!same_node(left, right) || left_depth != right_depth)
			return pl_fail(PL_STATE, "line %ld, %s: it isn't the same in line %ld",
				       xmlGetLineNo(left), (const char *)left->name,
				       xmlGetLineNo(right));
		left = after(left, &left_depth);
		right = after(right, &right_depth);
	}
	if (left || right)
		return pl_fail(PL_STATE, "one has more than the other");
	return PL_OK;
}
