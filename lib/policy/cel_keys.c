/* cel_keys.c - finds the tests of fields without which a condition is surely false
 *
 * Layer: policy.  Input: trusted (checked trees).  Memory: the caller's arena.
 * Threads: pure functions.
 * Spec: S003 section 2 (evaluation cost does not grow with the number of rules), S003-EC-019.
 *
 * Errors cannot hide behind a key: a false operand makes && false whatever the others are, and ||
 * is false only when each operand is, so each must have its keys.  exists() over literals is an ||
 * with the variable replaced by each literal.
 */
#include "policy/cel_keys.h"

#include <string.h>

#include "policy/cel_ast.h"

#define KEYS_MAX 100000		/* of one condition; with more it is always evaluated */
#define NO_KEYS SIZE_MAX	/* as weight: must always be evaluated */

struct found {
	struct found *next;
	struct cel_key key;
};

struct list {
	struct found *first;
	size_t weight;		/* how many requests pass, roughly; NO_KEYS */
	size_t cnt;
};

struct search {
	struct arena *a;
	const struct cel_known *vars;	/* of an exists() over literals; NULL: none */
};

static struct list keys_of(struct search *s, const struct cel_node *n);

static struct list none(void)
{
	return (struct list){ NULL, NO_KEYS, 0 };
}

/* How little a test on that field says; 0: the field is not indexed. */
static size_t weight_of(enum fact_field_id field, enum cel_key_kind kind)
{
	switch ((unsigned)field) {
	case FACT_FIELD_HTTP_HOST:
	case FACT_FIELD_DNS_QUERY:
	case FACT_FIELD_NETWORK_HOSTNAME:
	case FACT_FIELD_NETWORK_IP:
		return kind == CEL_KEY_EQUAL ? 1 : 2;
	case FACT_FIELD_AGENT_NAME:
		return 1000000;		/* more than any list of hosts */
	case FACT_FIELD_NETWORK_PORT:
		return 100000000;
	}
	return 0;
}

static struct list one(struct search *s, const struct cel_node *fact, struct cel_key key)
{
	struct found *f;

	key.field = (enum fact_field_id)fact->b.ref;
	if (!weight_of(key.field, key.kind))
		return none();
	f = ARENA_NEW(s->a, struct found);
	if (!f)
		return none();
	f->key = key;
	return (struct list){ f, weight_of(key.field, key.kind), 1 };
}

static struct list both(struct list a, struct list b)
{
	struct found *last = b.first;

	if (a.weight == NO_KEYS || b.weight == NO_KEYS || a.cnt + b.cnt > KEYS_MAX)
		return none();
	if (!last)
		return a;
	while (last->next)
		last = last->next;
	last->next = a.first;
	return (struct list){ b.first, a.weight + b.weight, a.cnt + b.cnt };
}

bool cel_constant(const struct cel_node *n, const struct cel_known *vars, struct arena *a,
		  struct cel_value *out)
{
	struct cel_value left, right;
	char *p;

	if (n->op == CEL_N_LIT) {
		*out = n->a.val;
		return true;
	}
	for (; vars && n->op == CEL_N_LOCAL; vars = vars->outer) {
		if (vars->number != n->b.ref)
			continue;
		*out = vars->value;
		return true;
	}
	if (n->op != CEL_N_ADD || !cel_constant(n->kid, vars, a, &left) ||
	    !cel_constant(n->kid->next, vars, a, &right) || left.kind != CEL_STRING ||
	    right.kind != CEL_STRING)
		return false;
	p = arena_alloc(a, (size_t)left.n + right.n + 1);
	if (!p)
		return false;
	memcpy(p, left.u.s ? left.u.s : "", left.n);
	memcpy(p + left.n, right.u.s ? right.u.s : "", right.n);
	*out = cel_string(str_n(p, (size_t)left.n + right.n));
	return true;
}

static bool constant(const struct search *s, const struct cel_node *n, struct cel_value *out)
{
	return cel_constant(n, s->vars, s->a, out);
}

static struct list key_of_value(struct search *s, const struct cel_node *fact, struct cel_value v)
{
	if (v.kind == CEL_STRING)
		return one(s, fact, (struct cel_key){ .kind = CEL_KEY_EQUAL, .text = cel_str(v) });
	if (v.kind == CEL_INT)
		return one(s, fact, (struct cel_key){ .kind = CEL_KEY_NUMBER, .number = v.u.i });
	return none();
}

static struct list keys_of_equal(struct search *s, const struct cel_node *n)
{
	const struct cel_node *fact = n->kid, *other = n->kid->next;
	struct cel_value v;

	if (fact->op != CEL_N_FACT) {
		fact = other;
		other = n->kid;
	}
	if (fact->op != CEL_N_FACT || !constant(s, other, &v))
		return none();
	return key_of_value(s, fact, v);
}

static struct list keys_of_in(struct search *s, const struct cel_node *n)
{
	struct list all = { NULL, 0, 0 };
	struct cel_value v;

	if (n->kid->op != CEL_N_FACT || !constant(s, n->kid->next, &v) || v.kind != CEL_LIST)
		return none();
	for (size_t i = 0; i < v.n && all.weight != NO_KEYS; i++)
		all = both(all, key_of_value(s, n->kid, cel_list_at(v, i)));
	return all;
}

static struct list keys_of_method(struct search *s, const struct cel_node *n)
{
	struct cel_key key = { .kind = CEL_KEY_SUFFIX };
	struct cel_value v;

	if (n->kid_cnt != 2 || !n->b.call.fn || n->kid->op != CEL_N_FACT)
		return none();
	if (str_eq_c(n->a.name, "startsWith"))
		key.kind = CEL_KEY_PREFIX;
	else if (!str_eq_c(n->a.name, "endsWith"))
		return none();
	if (!constant(s, n->kid->next, &v) || v.kind != CEL_STRING || v.n == 0)
		return none();
	key.text = cel_str(v);
	return one(s, n->kid, key);
}

/* [".a", ".b"].exists(x, http.host.endsWith(x)) */
static struct list keys_of_exists(struct search *s, const struct cel_node *n)
{
	const struct cel_value *range = &n->kid->a.val;
	struct cel_known var = { .number = n->var_number };
	struct search inner = { .a = s->a, .vars = &var };
	struct list all = { NULL, 0, 0 };

	if (n->kid->op != CEL_N_LIT || range->kind != CEL_LIST || n->var_cnt != 1 || s->vars)
		return none();
	for (size_t i = 0; i < range->n && all.weight != NO_KEYS; i++) {
		var.value = cel_list_at(*range, i);
		all = both(all, keys_of(&inner, n->kid->next));
	}
	return all;
}

static struct list keys_of_logic(struct search *s, const struct cel_node *n)
{
	bool is_or = n->op == CEL_N_OR;
	struct list result = is_or ? (struct list){ NULL, 0, 0 } : none();

	for (const struct cel_node *k = n->kid; k; k = k->next) {
		struct list l = keys_of(s, k);

		if (is_or)
			result = both(result, l);
		else if (l.weight < result.weight)
			result = l;
		if (is_or && result.weight == NO_KEYS)
			return result;
	}
	return result;
}

static struct list keys_of(struct search *s, const struct cel_node *n)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_LIT && n->a.val.kind == CEL_BOOL && !n->a.val.u.b)
		return (struct list){ NULL, 0, 0 };
	if (op == CEL_N_AND || op == CEL_N_OR)
		return keys_of_logic(s, n);
	if (op == CEL_N_EQ)
		return keys_of_equal(s, n);
	if (op == CEL_N_IN)
		return keys_of_in(s, n);
	if (op == CEL_N_METHOD)
		return keys_of_method(s, n);
	return op == CEL_N_EXISTS ? keys_of_exists(s, n) : none();
}

bool cel_keys_of(const struct cel_prog *p, struct arena *a, struct cel_keys *out)
{
	struct search s = { .a = a };
	struct list l = keys_of(&s, cel_prog_root(p));
	struct cel_key *v;
	size_t cnt = 0;

	if (l.weight == NO_KEYS)
		return false;
	v = ARENA_NEW_N(a, struct cel_key, l.cnt + 1);
	if (!v)
		return false;
	for (const struct found *f = l.first; f; f = f->next)
		v[cnt++] = f->key;
	out->v = v;
	out->cnt = cnt;
	return true;
}

bool cel_key_holds(const struct cel_key *k, const struct facts *f)
{
	const struct fact_desc *d = &fact_table[k->field];
	const char *at = (const char *)f + d->offset;
	struct str s;

	if (k->kind == CEL_KEY_NUMBER)
		return k->field == FACT_FIELD_NETWORK_PORT && f->network.port == k->number;
	if (d->storage != FACT_STR)
		return false;
	memcpy(&s, at, sizeof(s));
	if (k->kind == CEL_KEY_EQUAL)
		return str_eq(s, k->text);
	return k->kind == CEL_KEY_PREFIX ? str_starts(s, k->text) : str_ends(s, k->text);
}
