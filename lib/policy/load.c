/* load.c - rule files -> one compiled, immutable rule set, or the reason why not
 *
 * Layer: policy.  Input: hostile (submitted rule files).  Memory: three arenas: the tree of one
 * file, what the load needs, what the set keeps.  Threads: control thread.
 * Spec: S003-FR-002, -003, -006, -014 to -016, -028, -030, -032, -038, -041; section 5.
 *
 * Theory of operation: file by file, rule by rule, everything is read, judged, expanded and
 * compiled into the arena of the new set; the first thing that is wrong ends the load, and nothing
 * of a live set was touched.  Only when all files are through are the rules sorted, copied into
 * evaluation order and sealed.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/utf8.h"
#include "policy/expand.h"
#include "policy/load.h"
#include "policy/rulefile.h"
#include "policy/trial.h"

#define SET_MEMORY_MAX ((size_t)2 << 30)	/* of one compiled set */
#define LOAD_MEMORY_MAX ((size_t)1 << 30)	/* while loading: largest tree is about 100 MiB */
#define SUBMISSION_EXPANDED_MAX 1048576		/* of all conditions of a proposed file */
#define SUBMISSION_MEMORY_MAX ((size_t)64 << 20)
#define SUBMISSION_MS 1000	/* of the control thread; an honest file takes 20 ms */
#define RULE_BYTES_MIN 24			/* no rule can be written shorter */
#define MAX_WARNINGS 1000
#define SHOWN_ID_LEN 128
#define TRIAL_SCRATCH ((size_t)256 * 1024)	/* as a worker has */
#define TRIAL_UNITS (UINT64_C(10) * CEL_UNITS_PER_EVALUATION)	/* for the trials of all rules */

struct warning {
	struct str text;
	struct unused_def unused;	/* file.p NULL: it is about something else */
	struct warning *next;
};

struct load {
	const struct load_opts *opts;
	struct err *e;
	struct arena tree;		/* of the current file */
	struct arena tmp;		/* until the load ends */
	struct arena set;		/* what the rule set keeps */
	struct map ids;			/* rule id -> index in rules */
	struct rule *rules;		/* in the order of files and positions */
	uint32_t count, cap;
	struct warning *warnings, **warning_tail;
	uint32_t warning_cnt;
	size_t expanded_total;
	uint64_t start_ms;
	struct buf expanded;		/* condition being built */
	/* current file */
	const char *file;
	struct str file_kept;		/* its name in the set */
	struct defs defs;
};

/* --- messages --------------------------------------------------------------------------------- */

/* Puts "<file>:<line>: " in front of an error that names no position itself. Returns -1. */
static int locate(struct load *l, uint32_t line)
{
	if (l->opts->submission)
		return -1;
	return err_ctx(l->e, "%s:%u", l->file, line);
}

static int fail_nomem(struct load *l)
{
	return err_set(l->e, ERR_NOMEM, "out of memory while loading rules");
}

/* Returns the warning, or NULL when there are too many. */
PRINTF(2, 3) static struct warning *warn(struct load *l, const char *fmt, ...)
{
	struct warning *w;
	char text[1024];
	struct buf b = BUF_OF(text);
	va_list ap;

	if (l->warning_cnt == MAX_WARNINGS)
		return NULL;
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	w = ARENA_NEW(&l->tmp, struct warning);
	if (!w)
		return NULL;
	w->text = arena_str(&l->set, str_of(buf_c(&b)));
	*l->warning_tail = w;
	l->warning_tail = &w->next;
	l->warning_cnt++;
	return w;
}

/* --- one rule --------------------------------------------------------------------------------- */

static bool id_is_valid(struct str id)	/* S003 1.2 */
{
	if (id.len == 0 || id.len > RULE_ID_MAX || !ascii_is_alnum(id.p[0]))
		return false;
	for (size_t i = 1; i < id.len; i++) {
		char c = id.p[i];

		if (!ascii_is_alnum(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static int check_id(struct load *l, const struct raw_rule *raw)
{
	char shown[4 * SHOWN_ID_LEN + 1];
	struct buf b = BUF_OF(shown);
	uint32_t first;

	if (!id_is_valid(raw->id)) {
		buf_add_escaped(&b, raw->id, SHOWN_ID_LEN);
		err_set(l->e, ERR_INVALID,
			"rule ID \"%s\" in %s must contain 1-128 ASCII letters, numbers, dots, "
			"underscores, or hyphens and start with a letter or number",
			buf_c(&b), l->file);
		return locate(l, raw->line);
	}
	if (!map_get(&l->ids, raw->id, &first))
		return 0;
	err_set(l->e, ERR_EXISTS, "duplicate rule ID \"%s\"", raw->id.p);
	if (!l->opts->submission)
		err_set(l->e, ERR_EXISTS, "duplicate rule ID \"%s\" in %s (first seen in %s)",
			raw->id.p, l->file, l->rules[first].file.p);
	return locate(l, raw->line);
}

/* rule "<id>" (<file>)<text>. Returns -1. */
static int refuse(struct load *l, const struct raw_rule *raw, const char *text)
{
	err_set(l->e, ERR_INVALID, "rule \"%s\" (%s)%s", raw->id.p, l->file, text);
	return locate(l, raw->line);
}

static int check_action(struct load *l, const struct raw_rule *raw, enum verdict_kind *action)
{
	if (str_eq_c(raw->action, "enrich"))	/* S003-FR-041 */
		return refuse(l, raw, " uses unsupported action: enrich; host-side execution must "
				      "be declared through the host resource broker");
	if (raw->enrich)
		return refuse(l, raw, " declares enrich settings without action: enrich");
	if (str_eq_c(raw->action, "allow"))
		*action = VERDICT_ALLOW;
	else if (str_eq_c(raw->action, "block"))
		*action = VERDICT_BLOCK;
	else
		return refuse(l, raw, ": action must be allow or block");
	return 0;
}

static int check_egress(struct load *l, const struct raw_rule *raw, enum verdict_kind action)
{
	const struct rule_egress *eg = &raw->egress;

	if (!eg->set)
		return 0;
	if (action != VERDICT_ALLOW)
		return refuse(l, raw, " declares egress settings but is not an allow rule");
	if (eg->mode == EGRESS_INTERCEPT && !l->opts->ca_loaded)	/* D7 */
		return refuse(l, raw, " uses egress.mode: intercept but no CA is loaded; start "
				      "outcalld with --ca-cert and --ca-key");
	if (eg->match_body && eg->mode != EGRESS_INTERCEPT)
		return refuse(l, raw, " sets egress.match_body without egress.mode: intercept");
	if (eg->mode == EGRESS_DIRECT_IP || !l->opts->no_proxy)
		return 0;
	err_set(l->e, ERR_CONFLICT,
		"--no-proxy cannot be used while active rules require egress.mode: %s; remove "
		"those rules or run the proxy",
		eg->mode == EGRESS_INTERCEPT ? "intercept" : "proxy");
	return locate(l, raw->line);
}

/* The condition with its definitions put in; a view that lives until the next rule. */
static int expand_condition(struct load *l, const struct raw_rule *raw, struct str *out)
{
	size_t max = l->opts->submission ? SUBMISSION_EXPANDED_MAX : MAX_RULES_TOTAL_BYTES;
	struct str literal = defs_in_literal(&l->defs, raw->condition);

	if (defs_check(&l->defs, raw->condition, true, l->e) < 0) {
		err_ctx(l->e, "expanding definitions in rule \"%s\" (%s)", raw->id.p, l->file);
		return locate(l, raw->condition_line);
	}
	buf_reset(&l->expanded);
	if (defs_expand(&l->defs, raw->condition, &l->expanded) < 0) {
		err_set(l->e, ERR_LIMIT, "expanded condition exceeds %d bytes in %s",
			MAX_EXPANDED_CONDITION_BYTES, l->file);
		err_ctx(l->e, "expanding definitions in rule \"%s\" (%s)", raw->id.p, l->file);
		return locate(l, raw->condition_line);
	}
	*out = buf_str(&l->expanded);
	if (out->len > max - l->expanded_total) {
		err_set(l->e, ERR_LIMIT, "expanded conditions exceed %zu bytes in total", max);
		return locate(l, raw->condition_line);
	}
	l->expanded_total += out->len;
	if (literal.len > 0)
		warn(l,
		     "definition reference \"$" STR_FMT "\" inside a string literal is not "
		     "expanded in rule \"%s\" (%s)",
		     STR_ARG(literal), raw->id.p, l->file);
	return 0;
}

/* "CEL parse error in rule "r" (f): 1:5: <detail>", then the source line and a caret. */
static int fail_compile(struct load *l, const struct raw_rule *raw, struct str source,
			const struct cel_diag *d)
{
	char caret[ERR_MSG_LEN];
	struct buf b = BUF_OF(caret);

	cel_caret(source, d->offset, &b);
	if (l->opts->submission)
		return err_set(l->e, ERR_INVALID, "CEL compile error in rule \"%s\": %u:%u: %s\n%s",
			       raw->id.p, d->line, d->col, d->msg, buf_c(&b));
	err_set(l->e, ERR_INVALID, "CEL %s error in rule \"%s\" (%s): %u:%u: %s\n%s",
		d->stage == CEL_STAGE_PARSE ? "parse" : "check", raw->id.p, l->file, d->line,
		d->col, d->msg, buf_c(&b));
	return locate(l, raw->condition_line);
}

static int compile(struct load *l, const struct raw_rule *raw, struct rule *r)
{
	struct str source;
	struct cel_diag d = { 0 };

	if (expand_condition(l, raw, &source) < 0)
		return -1;
	if (cel_compile_diag(&l->set, cel_env_facts(), source, &r->prog, &d) < 0)
		return fail_compile(l, raw, source, &d);
	r->condition = cel_prog_source(r->prog);
	r->fields = cel_prog_fields(r->prog);
	r->namespaces = cel_prog_namespaces(r->prog);
	if (r->fields & (UINT32_C(1) << FACT_FIELD_HTTP_BODY) && !raw->egress.match_body)
		return refuse(l, raw, " uses http.body but does not set egress.match_body: true");
	return 0;
}

static int add_rule(struct load *l, const struct raw_rule *raw)
{
	struct rule r = { .line = raw->line, .priority = raw->priority, .log = raw->log,
			  .egress = raw->egress, .file = l->file_kept };

	if (l->count == MAX_RULES)
		return err_set(l->e, ERR_LIMIT, "rule set exceeds %d rules", MAX_RULES);
	if (l->opts->submission && clock_mono_ms() - l->start_ms > SUBMISSION_MS)
		return err_set(l->e, ERR_LIMIT, "rule file takes more than %d ms to check",
			       SUBMISSION_MS);
	CHECK(l->count < l->cap);
	if (check_id(l, raw) < 0 || check_action(l, raw, &r.action) < 0 ||
	    check_egress(l, raw, r.action) < 0 || compile(l, raw, &r) < 0)
		return -1;
	r.id = arena_str(&l->set, raw->id);
	if (!r.id.p || !map_put(&l->ids, r.id, l->count))
		return fail_nomem(l);
	if (raw->description.p) {
		r.description = arena_str(&l->set, raw->description);
		if (!r.description.p)
			return fail_nomem(l);
	}
	if (r.egress.match_body && l->opts->body_cap_zero)
		warn(l, "rule \"%s\" (%s) sets egress.match_body but the body cap is 0", r.id.p,
		     l->file);
	l->rules[l->count++] = r;
	return 0;
}

/* --- one file --------------------------------------------------------------------------------- */

static int check_source(struct load *l, const struct rule_source *src)
{
	if (src->text.len > MAX_RULE_FILE_BYTES)
		return err_set(l->e, ERR_LIMIT, "%s exceeds %d bytes", l->file,
			       MAX_RULE_FILE_BYTES);
	if (!utf8_valid(src->text))
		return err_set(l->e, ERR_INVALID, "%s must contain valid UTF-8", l->file);
	return 0;
}

static int check_version(struct load *l, const struct rulefile *f)
{
	char shown[4 * 32 + 1];
	struct buf b = BUF_OF(shown);

	if (str_eq_c(f->version, "1"))
		return 0;
	buf_add_escaped(&b, f->version, 32);
	err_set(l->e, ERR_INVALID, "unsupported version \"%s\" in %s (only \"1\" is supported)",
		buf_c(&b), l->file);
	return locate(l, 1);
}

static int open_definitions(struct load *l, const struct rulefile *f)
{
	l->defs = (struct defs){ .file = l->file };
	if (!f->definitions)
		return 0;
	return defs_init(&l->defs, l->file, f->definitions, &l->tree, l->e);
}

static void warn_unused(struct load *l, const struct def *d)
{
	struct str name = str_first(d->name, SHOWN_ID_LEN);
	struct warning *w;

	w = warn(l, "unused definition \"" STR_FMT "\" in %s", STR_ARG(name), l->file);
	if (w)
		w->unused = (struct unused_def){ l->file_kept, arena_str(&l->set, name), d->line };
}

static int close_definitions(struct load *l, const struct rulefile *f)
{
	uint32_t line;

	if (defs_check_rest(&l->defs, &line, l->e) < 0)
		return locate(l, line);
	for (uint32_t i = 0; i < l->defs.cnt; i++) {	/* S003-FR-016: in file order */
		if (!l->defs.v[i].used)
			warn_unused(l, &l->defs.v[i]);
	}
	if (l->defs.cnt > 0 && f->rule_cnt == 0)	/* S003-EC-011 */
		warn(l, "definitions section present but no rules in %s", l->file);
	return 0;
}

static int load_file(struct load *l, const struct rule_source *src)
{
	const char *name = l->opts->submission ? NULL : src->name;
	struct rulefile f;

	l->file = l->opts->submission ? "<input>" : src->name;
	if (check_source(l, src) < 0)
		return -1;
	l->file_kept = arena_str(&l->set, str_of(l->file));
	if (!l->file_kept.p)
		return fail_nomem(l);
	arena_reset(&l->tree);
	if (rulefile_parse(src->text, name, &l->tree, &f, l->e) < 0 ||
	    check_version(l, &f) < 0 || open_definitions(l, &f) < 0)
		return -1;
	for (uint32_t i = 0; i < f.rule_cnt; i++) {
		if (add_rule(l, &f.rules[i]) < 0)
			return -1;
	}
	return close_definitions(l, &f);
}

/* --- the whole set ---------------------------------------------------------------------------- */

/* By priority; the index keeps the order of files and positions among equals (S003-FR-032). */
static int rule_cmp(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a;
	const struct rule *y = *(const struct rule *const *)b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return (x > y) - (x < y);
}

static const struct rule *sorted_rules(struct load *l)
{
	struct rule *out = ARENA_NEW_N(&l->set, struct rule, l->count + (size_t)1);
	const struct rule **by = ARENA_NEW_N(&l->tmp, const struct rule *, l->count + (size_t)1);

	if (!out || !by)
		return NULL;
	for (uint32_t i = 0; i < l->count; i++)
		by[i] = &l->rules[i];
	qsort(by, l->count, sizeof(*by), rule_cmp);
	for (uint32_t i = 0; i < l->count; i++)
		out[i] = *by[i];
	return out;
}

static const struct rule_warnings *kept_warnings(struct load *l)
{
	struct rule_warnings *out = ARENA_NEW(&l->set, struct rule_warnings);
	struct str *v = ARENA_NEW_N(&l->set, struct str, l->warning_cnt + (size_t)1);
	struct unused_def *unused =
		ARENA_NEW_N(&l->set, struct unused_def, l->warning_cnt + (size_t)1);

	if (!out || !v || !unused)
		return NULL;
	out->v = v;
	out->unused = unused;
	for (const struct warning *w = l->warnings; w; w = w->next) {
		v[out->cnt++] = w->text;
		if (w->unused.file.p)
			unused[out->unused_cnt++] = w->unused;
	}
	return out;
}

static void try_rule(struct load *l, const struct rule *r, struct arena *scratch,
		     struct cel_budget *budget)
{
	for (unsigned i = 0; i < TRIAL_LAYER_COUNT; i++) {
		enum trial_layer layer = (enum trial_layer)i;
		char expr[160];
		struct buf b = BUF_OF(expr);

		if (trial_fails(r, layer, scratch, budget, &b))
			warn(l,
			     "rule \"%s\" (%s): block rule cannot match when %s is absent in %s "
			     "request",
			     r->id.p, r->file.p, buf_c(&b), trial_layer_text(layer));
	}
}

static int warn_about_trials(struct load *l)
{
	struct cel_budget budget = { TRIAL_UNITS };
	struct arena scratch;

	if (arena_init_fixed(&scratch, TRIAL_SCRATCH) < 0)
		return fail_nomem(l);
	for (uint32_t i = 0; i < l->count && budget.units > 0; i++)
		try_rule(l, &l->rules[i], &scratch, &budget);
	arena_fini(&scratch);
	return 0;
}

static int finish(struct load *l, uint32_t files, struct ruleset **out)
{
	const struct rule *rules;
	const struct rule_warnings *warnings;

	if (warn_about_trials(l) < 0)
		return -1;
	if (l->count == 0)	/* S003-FR-038 */
		warn(l, "no rules loaded; everything is blocked");
	rules = sorted_rules(l);
	warnings = kept_warnings(l);
	if (!rules || !warnings)
		return fail_nomem(l);
	*out = ruleset_new(&l->set, rules, l->count, files, warnings);
	return *out ? 0 : fail_nomem(l);
}

/* Memory for the load: tables are sized by what the texts can hold at most. */
static int prepare(struct load *l, const struct rule_source *files, size_t cnt)
{
	size_t total = 0;
	char *expanded;

	if (cnt > MAX_RULE_FILES)
		return err_set(l->e, ERR_LIMIT, "rules directory exceeds %d rule files",
			       MAX_RULE_FILES);
	for (size_t i = 0; i < cnt; i++) {
		if (files[i].text.len > MAX_RULES_TOTAL_BYTES - total)
			return err_set(l->e, ERR_LIMIT, "rule files exceed %d bytes in total",
				       MAX_RULES_TOTAL_BYTES);
		total += files[i].text.len;
	}
	l->cap = (uint32_t)MIN(total / RULE_BYTES_MIN + 1, (size_t)MAX_RULES);
	l->rules = ARENA_NEW_N(&l->tmp, struct rule, l->cap);
	expanded = ARENA_NEW_N(&l->tmp, char, MAX_EXPANDED_CONDITION_BYTES);
	if (!l->rules || !expanded || map_init(&l->ids, l->cap) < 0)
		return fail_nomem(l);
	l->expanded = buf_on(expanded, MAX_EXPANDED_CONDITION_BYTES);
	return 0;
}

int ruleset_load(const struct rule_source *files, size_t cnt, const struct load_opts *opts,
		 struct ruleset **out, struct err *e)
{
	struct load l = { .opts = opts, .e = e, .start_ms = clock_mono_ms() };
	int rc;

	arena_init(&l.tree, LOAD_MEMORY_MAX);
	arena_init(&l.tmp, LOAD_MEMORY_MAX);
	arena_init(&l.set, opts->submission ? SUBMISSION_MEMORY_MAX : SET_MEMORY_MAX);
	l.warning_tail = &l.warnings;
	if (opts->note)
		warn(&l, "%s", opts->note);
	rc = prepare(&l, files, cnt);
	for (size_t i = 0; rc == 0 && i < cnt; i++)
		rc = load_file(&l, &files[i]);
	if (rc == 0)
		rc = finish(&l, (uint32_t)cnt, out);
	map_fini(&l.ids);
	arena_fini(&l.tree);
	arena_fini(&l.tmp);
	if (rc < 0)
		arena_fini(&l.set);
	return rc;
}
