/* list.h - intrusive doubly linked list with a head node
 *
 * Layer: base.  Memory: nodes live in their objects.  Threads: one owner.
 */
#ifndef OC_BASE_LIST_H
#define OC_BASE_LIST_H

#include "base/defs.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }
/* A node that is in no list is zeroed or self-linked. */
static inline bool list_linked(const struct list *n) { return n->next && n->next != n; }

static inline void list_add_tail(struct list *head, struct list *n)
{
	n->prev = head->prev;
	n->next = head;
	head->prev->next = n;
	head->prev = n;
}

static inline void list_add_head(struct list *head, struct list *n)
{
	list_add_tail(head->next, n);
}

/* Safe on a node that is in no list. */
static inline void list_del(struct list *n)
{
	if (!n->next)
		return;
	n->next->prev = n->prev;
	n->prev->next = n->next;
	n->next = n->prev = n;
}

#define LIST_FIRST(head, T, M) (list_empty(head) ? (T *)NULL : container_of((head)->next, T, M))
/* The body may remove the current node, nothing else. */
#define LIST_EACH(it, nx, head) \
	for (struct list *it = (head)->next, *nx = it->next; it != (head); it = nx, nx = it->next)

#endif
