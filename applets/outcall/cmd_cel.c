/* cmd_cel.c - outcall cel eval: evaluates CEL here, without a daemon
 *
 * Layer: applets (outcall).  Input: argv, JSON lines on standard input.  Memory: arenas, reset
 * after each expression.  Threads: one.
 * Spec: S003-IF-011, S003 section 1.9.
 */
#include <sys/types.h>

#include "outcall/cli.h"
#include "policy/cel.h"
#include "policy/cel_tagged.h"
#include "sys/tzfile.h"
#include "wire/jsonw.h"

#define COMPILED_MAX ((size_t)64 << 20)
#define SCRATCH_SIZE ((size_t)16 << 20)
#define ANSWER_MAX ((size_t)8 << 20)

struct bench {			/* everything one evaluation needs; used again for the next */
	struct arena input, compiled, scratch;
	struct buf answer;
};

static int bench_init(struct bench *b, struct arena *a)
{
	char *mem = arena_alloc(a, ANSWER_MAX);

	arena_init(&b->input, COMPILED_MAX);
	arena_init(&b->compiled, COMPILED_MAX);
	b->answer = buf_on(mem, mem ? ANSWER_MAX : 0);
	return mem && arena_init_fixed(&b->scratch, SCRATCH_SIZE) == 0 ? 0 : -1;
}

static int compile_failed(const struct cel_diag *d, struct str source, struct err *e)
{
	char caret[512];
	struct buf b = BUF_OF(caret);

	cel_caret(source, d->offset, &b);
	return err_set(e, ERR_INVALID, "CEL %s error: %u:%u: %s\n%s",
		       d->stage == CEL_STAGE_PARSE ? "parse" : "check", d->line, d->col, d->msg,
		       buf_c(&b));
}

/* The tagged value of source in b->answer, or *e. */
static int evaluate(struct bench *b, struct str source, struct json_val bindings, bool no_check,
		    struct err *e)
{
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct cel_env env = { .no_check = no_check };
	struct jsonw w = jsonw_on(&b->answer);
	const struct cel_prog *prog;
	struct cel_diag diag;
	struct cel_value v;

	buf_reset(&b->answer);
	if (cel_tagged_bindings(bindings, &b->input, &env.vars, &env.var_cnt, e) < 0)
		return err_ctx(e, "bindings");
	if (cel_compile_diag(&b->compiled, &env, source, &prog, &diag) < 0)
		return compile_failed(&diag, source, e);
	v = cel_eval_vars(prog, env.vars, &b->scratch, &budget);
	if (v.kind == CEL_ERROR) {
		char text[512];
		struct buf t = BUF_OF(text);

		cel_outcome_text(prog, v, &t);
		return err_set(e, ERR_INVALID, "evaluation error: %s", buf_c(&t));
	}
	cel_tagged_write(&w, v);
	return buf_ok(&b->answer) ? 0 : err_set(e, ERR_LIMIT, "the value is too large to print");
}

static void bench_clear(struct bench *b)
{
	arena_reset(&b->input);
	arena_reset(&b->compiled);
	arena_reset(&b->scratch);
}

static int evaluate_line(struct bench *b, struct str line, struct err *e)
{
	struct json doc;
	struct json_val root;
	struct str expr;

	if (json_parse(&doc, line, &b->input, e) < 0)
		return -1;
	root = json_root(&doc);
	if (!json_str(json_get(root, "expr"), &b->input, &expr))
		return err_set(e, ERR_INVALID, "member \"expr\" must be a string");
	return evaluate(b, expr, json_get(root, "bindings"),
			json_is_true(json_get(root, "disable_check")), e);
}

static int batch(struct bench *b)
{
	char *line = NULL;	/* getline's, until the process ends */
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) >= 0) {
		struct err e;

		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (n == 0)
			continue;
		if (evaluate_line(b, str_n(line, (size_t)n), &e) < 0) {
			struct jsonw w = jsonw_on(&b->answer);

			buf_reset(&b->answer);
			jsonw_object(&w);
			jsonw_add_c(&w, "error", e.msg);
			jsonw_object_end(&w);
		}
		printf("%.*s\n", (int)b->answer.len, b->answer.p);
		bench_clear(b);
	}
	return 0;
}

int cmd_cel_eval(struct cli *cli)
{
	struct json_val bindings = { NULL, 0 };
	struct bench b;
	struct json doc;
	struct err e;

	if (cli->batch != (cli->operand_cnt == 0)) {
		fprintf(stderr, "Error: cel eval takes either an expression or --batch\n");
		return 2;
	}
	tzfile_use(true);
	if (bench_init(&b, &cli->arena) < 0) {
		(void)err_set(&e, ERR_NOMEM, "no memory");
		return cli_fail(&e);
	}
	if (cli->batch)
		return batch(&b);
	if (cli->bindings && json_parse(&doc, str_of(cli->bindings), &b.input, &e) < 0) {
		(void)err_ctx(&e, "invalid --bindings");
		return cli_fail(&e);
	}
	if (cli->bindings)
		bindings = json_root(&doc);
	if (evaluate(&b, str_of(cli->operands[0]), bindings, false, &e) < 0)
		return cli_fail(&e);
	printf("%.*s\n", (int)b.answer.len, b.answer.p);
	return 0;
}
