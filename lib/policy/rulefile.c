/* rulefile.c - the closed schema of a rule file: YAML tree -> plain structs
 *
 * Layer: policy.  Input: hostile (submitted rule files).  Memory: the caller's arena.  Threads: one
 * owner.
 * Spec: S003 1.2, S003-FR-002, S003-FR-003, S003-FR-018, S003-FR-037.
 *
 * Each mapping has a table of its keys; a key that is not in the table is an error.
 */
#include <inttypes.h>

#include "policy/load.h"
#include "policy/rulefile.h"

#define SHOWN_KEY_LEN 64

enum key_kind {
	KEY_TEXT = 0,	/* struct str: any scalar but null */
	KEY_TEXT_NULL,	/* struct str: null is absent */
	KEY_BOOL,	/* bool */
	KEY_PRIORITY,	/* int32_t; null is absent */
	KEY_SET,	/* bool: present and not null, content ignored */
	KEY_NODE,	/* struct yaml_node *: read later */
	KEY_MODE,	/* enum egress_mode */
	KEY_PORTS,	/* ports of struct rule_egress at the offset of the struct */
};

struct key {
	const char *name;
	enum key_kind kind;
	bool required;
	size_t offset;	/* of the value in the struct that is filled */
};

static const struct key file_keys[] = {
	{ "version", KEY_TEXT, true, offsetof(struct rulefile, version) },
	{ "definitions", KEY_NODE, false, offsetof(struct rulefile, definitions) },
	{ "rules", KEY_NODE, false, offsetof(struct rulefile, rules_node) },
};

static const struct key rule_keys[] = {
	{ "id", KEY_TEXT, true, offsetof(struct raw_rule, id) },
	{ "condition", KEY_TEXT, true, offsetof(struct raw_rule, condition) },
	{ "action", KEY_TEXT, true, offsetof(struct raw_rule, action) },
	{ "log", KEY_BOOL, false, offsetof(struct raw_rule, log) },
	{ "description", KEY_TEXT_NULL, false, offsetof(struct raw_rule, description) },
	{ "priority", KEY_PRIORITY, false, offsetof(struct raw_rule, priority) },
	{ "egress", KEY_NODE, false, offsetof(struct raw_rule, egress_node) },
	{ "enrich", KEY_SET, false, offsetof(struct raw_rule, enrich) },
};

static const struct key egress_keys[] = {
	{ "mode", KEY_MODE, true, offsetof(struct rule_egress, mode) },
	{ "ports", KEY_PORTS, false, 0 },
	{ "allow_private_ips", KEY_BOOL, false, offsetof(struct rule_egress, allow_private_ips) },
	{ "match_body", KEY_BOOL, false, offsetof(struct rule_egress, match_body) },
};

static const char *const mode_names[] = {
	[EGRESS_PROXY] = "proxy",
	[EGRESS_DIRECT_IP] = "direct_ip",
	[EGRESS_INTERCEPT] = "intercept",
};

struct reader {
	const char *name;
	struct arena *arena;
	struct err *e;
};

static int read_text(struct reader *r, const char *key, const struct yaml_node *v, struct str *out)
{
	if (v->kind != YAML_SCALAR || yaml_is_null(v))
		return yaml_fail(r->e, r->name, v, "\"%s\" must be text, not %s", key,
				 yaml_kind_text(v));
	*out = v->text;
	return 0;
}

static int read_priority(struct reader *r, const struct yaml_node *v, int32_t *out)
{
	int64_t n;

	if (yaml_is_null(v))
		return 0;
	if (!yaml_int(v, INT32_MIN, INT32_MAX, &n))
		return yaml_fail(r->e, r->name, v,
				 "\"priority\" must be an integer from -2147483648 to 2147483647");
	*out = (int32_t)n;
	return 0;
}

static int read_mode(struct reader *r, const struct yaml_node *v, enum egress_mode *out)
{
	for (size_t i = 0; i < ARRAY_LEN(mode_names); i++) {
		if (v->kind == YAML_SCALAR && str_eq_c(v->text, mode_names[i])) {
			*out = (enum egress_mode)i;
			return 0;
		}
	}
	return yaml_fail(r->e, r->name, v, "\"mode\" must be proxy, direct_ip or intercept");
}

static bool has_port(const struct rule_egress *eg, uint16_t port)
{
	for (unsigned i = 0; i < eg->port_cnt; i++) {
		if (eg->ports[i] == port)
			return true;
	}
	return false;
}

static int read_ports(struct reader *r, const struct yaml_node *v, struct rule_egress *eg)
{
	if (v->kind != YAML_SEQ)
		return yaml_fail(r->e, r->name, v, "\"ports\" must be a sequence of port numbers");
	for (const struct yaml_node *n = v->child; n; n = n->next) {
		int64_t port;

		if (!yaml_int(n, INT64_MIN, INT64_MAX, &port))
			return yaml_fail(r->e, r->name, n, "port must be an integer");
		if (port < 1 || port > 65535)
			return yaml_fail(r->e, r->name, n, "port must be 1-65535");
		if (has_port(eg, (uint16_t)port))
			continue;
		if (eg->port_cnt == EGRESS_PORTS_MAX)
			return yaml_fail(r->e, r->name, n, "more than %d ports", EGRESS_PORTS_MAX);
		eg->ports[eg->port_cnt++] = (uint16_t)port;
	}
	return 0;
}

static int read_value(struct reader *r, const struct key *k, const struct yaml_node *v, void *into)
{
	void *at = (char *)into + k->offset;

	switch (k->kind) {
	case KEY_TEXT:
		return read_text(r, k->name, v, at);
	case KEY_TEXT_NULL:
		return yaml_is_null(v) ? 0 : read_text(r, k->name, v, at);
	case KEY_BOOL:
		if (yaml_bool(v, at))
			return 0;
		return yaml_fail(r->e, r->name, v, "\"%s\" must be true or false", k->name);
	case KEY_PRIORITY:
		return read_priority(r, v, at);
	case KEY_SET:
		*(bool *)at = !yaml_is_null(v);
		return 0;
	case KEY_NODE:
		*(const struct yaml_node **)at = v;
		return 0;
	case KEY_MODE:
		return read_mode(r, v, at);
	case KEY_PORTS:
		return read_ports(r, v, at);
	}
	return yaml_fail(r->e, r->name, v, "unreadable field \"%s\"", k->name);
}

static const struct key *find_key(const struct key *keys, size_t cnt, struct str name)
{
	for (size_t i = 0; i < cnt; i++) {
		if (str_eq_c(name, keys[i].name))
			return &keys[i];
	}
	return NULL;
}

/* Fills *into from a mapping by the table. The tree holds no key twice. */
static int walk(struct reader *r, const struct yaml_node *map, const struct key *keys, size_t cnt,
		void *into)
{
	if (map->kind != YAML_MAP)
		return yaml_fail(r->e, r->name, map, "expected a mapping, not %s",
				 yaml_kind_text(map));
	for (const struct yaml_node *n = map->child; n; n = n->next->next) {
		const struct key *k = find_key(keys, cnt, n->text);
		char shown[4 * SHOWN_KEY_LEN + 1];
		struct buf b = BUF_OF(shown);

		if (!k) {
			buf_add_escaped(&b, n->text, SHOWN_KEY_LEN);
			return yaml_fail(r->e, r->name, n, "unknown field \"%s\"", buf_c(&b));
		}
		if (read_value(r, k, n->next, into) < 0)
			return -1;
	}
	for (size_t i = 0; i < cnt; i++) {
		if (keys[i].required && !yaml_get(map, keys[i].name))
			return yaml_fail(r->e, r->name, map, "missing field \"%s\"", keys[i].name);
	}
	return 0;
}

static int read_egress(struct reader *r, struct raw_rule *rule)
{
	struct rule_egress *eg = &rule->egress;

	if (!rule->egress_node || yaml_is_null(rule->egress_node))
		return 0;
	if (walk(r, rule->egress_node, egress_keys, ARRAY_LEN(egress_keys), eg) < 0)
		return -1;
	eg->set = true;
	if (eg->port_cnt == 0) {
		eg->ports[eg->port_cnt++] = 80;
		eg->ports[eg->port_cnt++] = 443;
	}
	return 0;
}

static int read_rule(struct reader *r, const struct yaml_node *n, struct raw_rule *rule)
{
	const struct yaml_node *condition;

	rule->line = n->line;
	rule->priority = RULE_PRIORITY_DEFAULT;
	if (walk(r, n, rule_keys, ARRAY_LEN(rule_keys), rule) < 0)
		return -1;
	condition = yaml_get(n, "condition");
	rule->condition_line = condition ? condition->line : n->line;
	return read_egress(r, rule);
}

static bool is_empty_plain(const struct yaml_node *n)
{
	return n->kind == YAML_SCALAR && n->plain && n->text.len == 0;
}

static int read_rules(struct reader *r, struct rulefile *f)
{
	const struct yaml_node *list = f->rules_node;

	if (!list || is_empty_plain(list))
		return 0;
	if (list->kind != YAML_SEQ)
		return yaml_fail(r->e, r->name, list, "\"rules\" must be a sequence, not %s",
				 yaml_kind_text(list));
	f->rules = ARENA_NEW_N(r->arena, struct raw_rule, list->count + (size_t)1);
	if (!f->rules)
		return err_set(r->e, ERR_NOMEM, "out of memory while reading rules");
	for (const struct yaml_node *n = list->child; n; n = n->next) {
		if (read_rule(r, n, &f->rules[f->rule_cnt++]) < 0)
			return -1;
	}
	return 0;
}

static int check_definitions(struct reader *r, struct rulefile *f)
{
	const struct yaml_node *map = f->definitions;

	if (!map)
		return 0;
	if (is_empty_plain(map)) {
		f->definitions = NULL;
		return 0;
	}
	if (map->kind != YAML_MAP)
		return yaml_fail(r->e, r->name, map, "\"definitions\" must be a mapping, not %s",
				 yaml_kind_text(map));
	for (const struct yaml_node *k = map->child; k; k = k->next->next) {
		struct str text;
		char shown[4 * SHOWN_KEY_LEN + 1];
		struct buf b = BUF_OF(shown);

		buf_add_escaped(&b, k->text, SHOWN_KEY_LEN);
		if (read_text(r, buf_c(&b), k->next, &text) < 0)
			return -1;
	}
	return 0;
}

int rulefile_parse(struct str text, const char *name, struct arena *a, struct rulefile *out,
		   struct err *e)
{
	struct reader r = { .name = name, .arena = a, .e = e };
	struct rulefile f = { .name = name };
	const struct yaml_node *root;

	if (yaml_parse(text, name, a, &root, e) < 0)
		return -1;
	if (!root || yaml_is_null(root)) {
		if (!name)
			return err_set(e, ERR_INVALID,
				       "YAML parse error: missing field \"version\"");
		return err_set(e, ERR_INVALID, "YAML parse error in %s: missing field \"version\"",
			       name);
	}
	if (walk(&r, root, file_keys, ARRAY_LEN(file_keys), &f) < 0 || read_rules(&r, &f) < 0 ||
	    check_definitions(&r, &f) < 0)
		return -1;
	*out = f;
	return 0;
}
