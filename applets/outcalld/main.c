/* main.c - outcalld: command line, log settings, run
 *
 * Layer: applets (outcalld).  Input: argv, environment.  Memory: one daemon struct.  Threads:
 * start.
 * Spec: S000 section 9, operations section 2.
 */
#include <stdio.h>
#include <stdlib.h>

#include "applets.h"
#include "outcalld/daemon.h"
#include "proto/consts.h"
#include "sys/sandbox.h"

static int set_up_log(const struct config *c, struct err *e)
{
	const char *spec = c->log_level ? c->log_level : getenv("OUTCALL_LOG");

	if (!spec)
		spec = getenv("RUST_LOG");
	log_set_json(c->log_format == 1);
	if (spec && log_set_levels(str_of(spec), e) < 0)
		return err_ctx(e,
			       c->log_level ? "invalid --log-level"
					    : "invalid log level in the environment");
	return log_set_redact_hosts(c->log_redact, e);
}

static int refuse(const struct err *e)
{
	fprintf(stderr, "Error: %s\n\n", e->msg);
	config_usage(stderr);
	return USAGE_EXIT_CODE;
}

int outcalld_main(int argc, char **argv)
{
	struct daemon *d;
	struct config c;
	struct err e;
	int status;

	if (config_parse(&c, argc, argv, &e) < 0 || set_up_log(&c, &e) < 0)
		return refuse(&e);
	if (c.help) {
		config_usage(stdout);
		return 0;
	}
	if (c.version) {
		printf("outcalld %s\n", OC_VERSION);
		return 0;
	}
	if (sandbox_early(&e) < 0) {
		fprintf(stderr, "Error: %s\n", e.msg);
		return 1;
	}
	d = daemon_new(&c);
	if (!d) {
		fprintf(stderr, "Error: no memory for the daemon\n");
		return 1;
	}
	status = c.check ? daemon_check(d) : daemon_run(d);
	daemon_free(d);
	return status;
}
