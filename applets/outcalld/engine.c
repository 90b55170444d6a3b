/* engine.c - the Docker Engine seen by the daemon: follows its events, keeps the identities of
 * containers
 *
 * Layer: applets (outcalld).  Input: what host/docker.c has parsed.  Memory: the daemon struct; an
 * arena per call.  Threads: the job "follow" talks to the Engine and asks control to apply what it
 * learned; everything under "control" runs on the control thread.
 * Spec: S013 (IP -> container or jail), S008 (event stream), S008-X-002, S008-EC-X05, S007-X-003,
 * D10, D11.
 *
 * Theory of operation.  The stream is opened first, then a list is taken, then the events are read:
 * nothing happens between the two that is not seen.  Each event is applied, with the inspect that
 * it asks for, before the next is read; a list every 60 s finds what the Engine may have dropped.
 * Any failure ends the round: no container has an identity until the next one, 5 s later, has its
 * list.
 * A source that no table holds costs at most one list call at a time, on a job of its own.  A host
 * without the socket has no Engine: every 5 s one look whether it has come.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "outcalld/daemon.h"
#include "proto/paths.h"

#define JOB_THREADS 4		/* one follows the stream, the others make calls */
#define RETRY_MS 5000
#define COMPARE_MS 60000	/* between two lists: the Engine drops events for slow readers */

/* ---- control: what follows a change of the index ---- */

/* A container has ended, or is another one by its name or address: what was lent to it ends. */
static void on_gone(void *ctx, const struct ident_container *c)
{
	struct daemon *d = ctx;
	struct worker_msg drop = { .cmd = WORKER_DROP_SOURCE };
	struct log_line l;

	for (uint8_t i = 0; i < c->addr_cnt; i++) {
		drop.u.addr = c->addrs[i];
		dataplane_tell(d, &drop);
	}
	grants_end_of(d, c->name);
	if (log_begin(&l, LOG_INFO, LOG_DOCKER_MANAGER,
		      ident_by_id(&d->idents, c->id) ? "container changed" : "container ended")) {
		log_c(&l, "name", c->name);
		log_c(&l, "id", c->id);
		log_end(&l);
	}
}

static void publish(struct daemon *d)
{
	const struct worker_msg sync = { .cmd = WORKER_SYNC };	/* nobody waits for its answer */
	struct err e;

	atomic_store(&d->data.ident_wait, d->idents.engine == IDENT_HEALTHY ||
						  d->idents.engine == IDENT_CONNECTING);
	if (state_publish_idents(d, &e) < 0)
		log_msg(LOG_ERROR, LOG_DOCKER_MANAGER, "%s", e.msg);
	dataplane_tell(d, &sync);
	ident_sweep(&d->idents, on_gone, d);
}

/* What a job wants applied; lives on its stack while it waits. */
struct report {
	struct daemon *d;
	const struct docker *docker;
	const struct docker_list *list;
	const struct docker_container *container;
	const char *id;
	bool known;		/* answer of is_known */
	enum ident_engine state;
	const char *why;
};

static void apply_list(void *arg)
{
	struct report *r = arg;
	struct daemon *d = r->d;
	bool is_new = d->idents.engine != IDENT_HEALTHY;

	d->docker = *r->docker;
	ident_replace(&d->idents, r->list);
	publish(d);
	if (is_new)
		log_msg(LOG_INFO, LOG_DOCKER_MANAGER,
			"Docker Engine at %s is followed: API 1.%u, %u container(s)",
			d->docker.socket, d->docker.minor, ident_count(&d->idents));
}

static void apply_container(void *arg)
{
	struct report *r = arg;

	ident_update(&r->d->idents, r->container);
	publish(r->d);
}

static void apply_end(void *arg)
{
	struct report *r = arg;

	ident_remove(&r->d->idents, r->id);
	publish(r->d);
}

/* It may have ended: its grants end at once, its identity when that is known. */
static void apply_doubt(void *arg)
{
	struct report *r = arg;
	const struct ident_container *c = ident_by_id(&r->d->idents, r->id);

	if (c)
		grants_end_of(r->d, c->name);
}

static void is_known(void *arg)
{
	struct report *r = arg;

	r->known = ident_by_id(&r->d->idents, r->id) != NULL;
}

static void log_no_engine(const struct daemon *d)
{
	log_msg(LOG_INFO, LOG_DOCKER_MANAGER,
		"no Docker Engine at %s: containers are not served, jails are", d->docker.socket);
}

/* The round is over. Logged once per change, not once per try. */
static void apply_loss(void *arg)
{
	struct report *r = arg;
	struct daemon *d = r->d;
	enum ident_engine before = d->idents.engine;

	ident_reset(&d->idents, r->state, r->why);
	if (before == r->state)
		return;
	publish(d);
	if (before == IDENT_HEALTHY)
		grants_end_of_containers(d, r->why);
	if (r->state == IDENT_NO_ENGINE)
		log_no_engine(d);
	else
		log_msg(LOG_WARN, LOG_DOCKER_MANAGER,
			"no container is served until the Docker Engine is back: %s", r->why);
}

/* ---- the job that follows the stream ---- */

struct follower {
	struct daemon *d;
	struct docker docker;
	struct arena arena;	/* of one call */
};

static int tell(struct follower *f, job_fn *fn, struct report *r, struct err *e)
{
	r->d = f->d;
	if (!jobs_ask(&f->d->jobs, fn, r))
		return err_set(e, ERR_CONFLICT, "the daemon is stopping");
	return 0;
}

static int compare(struct follower *f, struct err *e)
{
	struct docker_list list;
	struct report r = { .docker = &f->docker, .list = &list };
	int rc;

	arena_init(&f->arena, DOCKER_ARENA);
	rc = docker_list(&f->docker, &f->arena, &list, e);
	if (rc == 0)
		rc = tell(f, apply_list, &r, e);
	arena_fini(&f->arena);
	return rc;
}

static int look_at(struct follower *f, const char *id, struct err *e)
{
	struct docker_container c;
	struct report r = { .container = &c, .id = id };
	int rc;

	arena_init(&f->arena, DOCKER_ARENA);
	rc = docker_inspect(&f->docker, id, &f->arena, &c, e);
	arena_fini(&f->arena);
	if (rc < 0)
		return e->code == ERR_NOT_FOUND ? tell(f, apply_end, &r, e) : -1;
	return tell(f, apply_container, &r, e);
}

static int react(struct follower *f, const struct docker_event *ev, struct err *e)
{
	struct report r = { .id = ev->id };

	switch (ev->kind) {
	case DOCKER_EVENT_OTHER:
		return 0;
	case DOCKER_EVENT_CHANGED:
		return look_at(f, ev->id, e);
	case DOCKER_EVENT_DOUBT:
		return tell(f, apply_doubt, &r, e) < 0 ? -1 : look_at(f, ev->id, e);
	case DOCKER_EVENT_ENDED:
		return tell(f, apply_end, &r, e);
	case DOCKER_EVENT_NETWORK:
		if (tell(f, is_known, &r, e) < 0)
			return -1;
		return r.known ? look_at(f, ev->id, e) : 0;
	}
	return 0;
}

static int watch(struct follower *f, struct docker_stream *s, struct err *e)
{
	uint64_t next_list = 0;

	for (;;) {
		struct docker_event ev;

		if (clock_mono_ms() >= next_list) {
			if (compare(f, e) < 0)
				return -1;
			next_list = clock_mono_ms() + COMPARE_MS;
		}
		if (docker_events_next(s, next_list, &ev, e) == 0) {
			if (react(f, &ev, e) < 0)
				return -1;
		} else if (e->code != ERR_TIMEOUT) {
			return -1;
		}
	}
}

static void follow_once(struct follower *f, struct err *e)
{
	struct docker_stream s;

	if (docker_negotiate(&f->docker, e) < 0 || docker_events_open(&f->docker, &s, e) < 0)
		return;
	(void)watch(f, &s, e);
	docker_events_close(&s);
}

/* False: the daemon is stopping. */
static bool pause_job(const struct daemon *d)
{
	struct pollfd stop = { .fd = d->jobs_stop_fd, .events = POLLIN };

	return poll(&stop, 1, RETRY_MS) == 0;
}

static void follow(void *arg)
{
	struct follower f = { .d = arg };
	struct err e;

	f.docker = f.d->docker;
	do {
		struct report r = { .state = IDENT_AWAY, .why = e.msg };

		follow_once(&f, &e);
		if (e.code == ERR_UNAVAILABLE && e.sys == ENOENT)
			r.state = IDENT_NO_ENGINE;
		if (tell(&f, apply_loss, &r, &e) < 0)
			return;
	} while (pause_job(f.d));
}

/* ---- a source that no table holds ---- */

struct miss {
	struct daemon *d;
	struct docker docker;
	struct arena arena;
	struct docker_list list;
	bool failed;
	struct err e;
};

static void ask_list(void *arg)
{
	struct miss *m = arg;

	arena_init(&m->arena, DOCKER_ARENA);
	m->failed = docker_list(&m->docker, &m->arena, &m->list, &m->e) < 0;
}

static void take_list(void *arg)
{
	struct miss *m = arg;
	struct daemon *d = m->d;
	bool fits;

	if (m->failed)
		log_msg(LOG_WARN, LOG_DOCKER_MANAGER, "%s", m->e.msg);
	fits = ident_take_list(&d->idents, m->failed ? NULL : &m->list, clock_mono_ms());
	arena_fini(&m->arena);
	if (fits && !m->failed)
		publish(d);
	else if (!fits)
		engine_on_miss(d);
}

void engine_on_miss(struct daemon *d)
{
	static struct miss miss;	/* one list call at a time */
	const struct job job = { ask_list, take_list, &miss };

	/* Workers that finish after the jobs may still ask. */
	if (d->jobs_stop_fd < 0 || !ident_begin_list(&d->idents, clock_mono_ms()))
		return;
	miss = (struct miss){ .d = d, .docker = d->docker };
	if (!jobs_submit(&d->jobs, &job))
		(void)ident_take_list(&d->idents, NULL, clock_mono_ms());
}

/* ---- start and stop ---- */

static const char *socket_path(const struct daemon *d)
{
	const char *host = getenv("DOCKER_HOST");
	const struct str scheme = STR("unix://");

	if (d->cfg.docker_socket)
		return d->cfg.docker_socket;
	if (host && str_starts(str_of(host), scheme))
		return host + scheme.len;
	if (host && host[0])
		log_msg(LOG_WARN, LOG_DOCKER_MANAGER,
			"DOCKER_HOST is ignored: only unix:// leads to the Engine of this host");
	return DEFAULT_DOCKER_SOCKET;
}

int engine_open(struct daemon *d, struct err *e)
{
	const struct job job = { follow, NULL, d };

	d->docker.socket = socket_path(d);
	d->jobs_stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (d->jobs_stop_fd < 0)
		return err_sys(e, "cannot make an eventfd");
	d->docker.stop_fd = d->jobs_stop_fd;
	if (access(d->docker.socket, F_OK) < 0) {
		log_no_engine(d);
	} else {	/* what comes before the first list waits for it */
		ident_reset(&d->idents, IDENT_CONNECTING, "");
		atomic_store(&d->data.ident_wait, true);
	}
	if (jobs_open(&d->jobs, JOB_THREADS, e) < 0 ||
	    ev_add(&d->loop, d->jobs.to_control.fd, CONTROL_JOBS, 0, 0, EV_READ, e) < 0)
		return -1;
	CHECK(jobs_submit(&d->jobs, &job));
	return 0;
}

void engine_close(struct daemon *d)
{
	const uint64_t one = 1;

	if (d->jobs_stop_fd < 0)
		return;
	CHECK(write(d->jobs_stop_fd, &one, sizeof(one)) == sizeof(one));
	if (d->jobs.to_control.ring)
		ev_del(&d->loop, d->jobs.to_control.fd);
	jobs_close(&d->jobs);
	(void)close(d->jobs_stop_fd);
	d->jobs_stop_fd = -1;
}
