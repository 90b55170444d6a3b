/* state.c - what the control thread publishes to the workers: identities, hosts, upstreams
 *
 * Layer: applets (outcalld).  Input: /etc/hosts, /etc/resolv.conf (bounded), the kernel's
 * addresses. Memory: snapshots of their own; a stack or mapped buffer while reading.  Threads:
 * control.
 * Spec: S006-FR-019, S007-X-006, S015-X-005, S007-W-02.
 */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "outcalld/daemon.h"
#include "outcalld/resolver.h"
#include "policy/hosttab.h"
#include "sys/file.h"

#define HOSTS_FILE_MAX ((size_t)4 << 20)
#define RESOLV_FILE_MAX ((size_t)64 << 10)
#define LOCAL_ADDRS_MAX 1024

int state_publish_idents(struct daemon *d, struct err *e)
{
	struct idtab *fresh = ident_table(&d->idents);

	if (!fresh)
		return err_set(e, ERR_NOMEM, "no memory for the identity table");
	(void)snap_publish(&d->idents_box, &fresh->snap);
	grants_follow_owners(d);
	return 0;
}

struct local_addrs {
	struct ip v[LOCAL_ADDRS_MAX];
	size_t cnt;
};

static void add_local(void *ctx, const struct rtnl_addr *a)
{
	struct local_addrs *l = ctx;

	if (!a)
		l->cnt = 0;
	else if (l->cnt < LOCAL_ADDRS_MAX)
		l->v[l->cnt++] = a->ip;
}

/* Files of the system may be links; what they lead to must still be a real, bounded file. */
static int read_system_file(const char *path, size_t max, struct arena *a, struct str *out,
			    struct err *e)
{
	char real[PATH_MAX];

	if (!realpath(path, real))
		return err_sys(e, "cannot read %s", path);
	return file_read(real, max, a, out, e);
}

int state_publish_hosts(struct daemon *d, struct err *e)
{
	struct str text = { NULL, 0 };
	struct local_addrs *local;
	struct hosttab *fresh = NULL;
	struct err ignored;
	struct arena a;

	arena_init(&a, HOSTS_FILE_MAX * 2);
	local = ARENA_NEW(&a, struct local_addrs);
	if (!local) {
		arena_fini(&a);
		return err_set(e, ERR_NOMEM, "no memory for the table of hosts");
	}
	/* A host without a readable hosts file has no names of its own. */
	if (read_system_file(d->hosts_file.path, HOSTS_FILE_MAX, &a, &text, &ignored) < 0)
		text = (struct str){ NULL, 0 };
	if (rtnl_addrs(&d->bridge.rt, add_local, local, e) < 0) {
		arena_fini(&a);
		return err_ctx(e, "cannot list the addresses of this host");
	}
	fresh = hosttab_new(text, local->v, local->cnt);
	arena_fini(&a);
	if (!fresh)
		return err_set(e, ERR_NOMEM, "no memory for the table of hosts");
	(void)snap_publish(&d->hosts_box, &fresh->snap);
	return 0;
}

struct found_bridges {
	struct daemon *d;
	unsigned cnt;
};

static void add_interface(void *ctx, const struct rtnl_link *l)
{
	struct found_bridges *f = ctx;

	if (!l) {
		f->cnt = 0;
		return;
	}
	if (f->cnt < DATA_IFS_MAX && bridge_is_family(f->d->cfg.bridge, l->name))
		atomic_store_explicit(&f->d->ifs.idx[f->cnt++], l->index, memory_order_relaxed);
}

void state_refresh_interfaces(struct daemon *d)
{
	struct found_bridges f = { .d = d };
	struct err e;

	if (rtnl_links(&d->bridge.rt, add_interface, &f, &e) < 0) {
		log_msg(LOG_ERROR, LOG_BRIDGE, "cannot list the links: %s", e.msg);
		f.cnt = 0;	/* queries are dropped until the list is known again */
	}
	atomic_store_explicit(&d->ifs.cnt, f.cnt, memory_order_release);
}

bool state_read_upstreams(struct daemon *d)
{
	struct upstreams fresh = { 0 };
	struct str text;
	struct arena a;
	struct err e;

	if (d->cfg.upstreams_given)
		return false;
	arena_init(&a, RESOLV_FILE_MAX * 2);
	if (read_system_file(d->resolv_conf.path, RESOLV_FILE_MAX, &a, &text, &e) == 0)
		resolver_parse(text, d->cfg.dns, &fresh);
	else
		log_msg(LOG_WARN, LOG_DNS, "%s", e.msg);
	arena_fini(&a);
	if (fresh.cnt == 0) {
		log_msg(LOG_WARN, LOG_DNS, "%s names no resolver: %s", d->resolv_conf.path,
			d->upstreams.cnt ? "the old list stays"
					 : "allowed queries are answered with SERVFAIL");
		return false;
	}
	d->upstreams = fresh;
	return true;
}

bool watched_file_changed(struct watched_file *f)
{
	struct stat st = { 0 };
	struct watched_file now = { .path = f->path };
	bool changed;

	if (stat(f->path, &st) == 0) {
		now.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		now.size = st.st_size;
		now.inode = st.st_ino;
	}
	changed = now.mtime_ns != f->mtime_ns || now.size != f->size || now.inode != f->inode;
	*f = now;
	return changed;
}
