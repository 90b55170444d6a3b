/* rules.c - the rules directory: read, load, publish
 *
 * Layer: host.  Input: files of the operator, whose directory others may change meanwhile.
 * Memory: an arena for the texts, freed after each load.  Threads: control thread.
 * Spec: S003 1.8, S003-FR-001, -007, -021 to -023, -027, -038, section 5 (file rows); D21.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rnd.h"
#include "base/utf8.h"
#include "host/rules.h"
#include "policy/rule.h"
#include "sys/file.h"

/* Every text may once be read into a buffer that turns out too small. */
#define TEXT_MEMORY_MAX ((size_t)4 * MAX_RULES_TOTAL_BYTES)

struct listing {
	struct arena arena;
	int dirfd;
	const char *dir;
	const char *names[MAX_RULE_FILES];
	struct rule_source files[MAX_RULE_FILES];
	size_t cnt;
	size_t total;		/* bytes of all texts */
	bool missing;		/* there is no such directory */
};

bool rules_is_file_name(struct str name)
{
	if (str_eq(name, STR(".yaml")) || str_eq(name, STR(".yml")))
		return false;
	return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml"));
}

/* --- reading the directory -------------------------------------------------------------------- */

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_name(struct listing *l, const char *name, struct err *e)
{
	struct str kept;

	if (!rules_is_file_name(str_of(name)))
		return 0;
	if (!utf8_valid(str_of(name)))
		return err_set(e, ERR_INVALID, "rule file name must be valid UTF-8");
	if (l->cnt == MAX_RULE_FILES)
		return err_set(e, ERR_LIMIT, "rules directory exceeds %d rule files",
			       MAX_RULE_FILES);
	kept = arena_str(&l->arena, str_of(name));
	if (!kept.p)
		return err_set(e, ERR_NOMEM, "out of memory while reading %s", l->dir);
	l->names[l->cnt++] = kept.p;
	return 0;
}

static int list_names(struct listing *l, struct err *e)
{
	int fd = fcntl(l->dirfd, F_DUPFD_CLOEXEC, 0);	/* closedir closes it */
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int rc = 0;

	if (!d) {
		rc = err_sys(e, "failed to read rules directory %s", l->dir);
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	while (rc == 0) {
		errno = 0;
		entry = readdir(d);
		if (!entry)
			break;
		rc = add_name(l, entry->d_name, e);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, "failed to read rules directory %s", l->dir);
	(void)closedir(d);
	qsort(l->names, l->cnt, sizeof(l->names[0]), name_cmp);
	return rc;
}

static int fail_vanished(const char *path, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "rule file %s disappeared while loading", path);
}

static int check_entry(struct listing *l, const char *name, const char *path, struct err *e)
{
	struct stat st;

	if (fstatat(l->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? fail_vanished(path, e)
				       : err_sys(e, "failed to open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INVALID, "rule file %s must be a real file", path);
	if (st.st_size > MAX_RULE_FILE_BYTES)
		return err_set(e, ERR_LIMIT, "%s exceeds %d bytes", path, MAX_RULE_FILE_BYTES);
	if ((size_t)st.st_size > MAX_RULES_TOTAL_BYTES - l->total)
		return err_set(e, ERR_LIMIT, "rule files exceed %d bytes in total",
			       MAX_RULES_TOTAL_BYTES);
	return 0;
}

static int read_entry(struct listing *l, size_t i, struct err *e)
{
	const char *path = arena_printf(&l->arena, "%s/%s", l->dir, l->names[i]);
	struct str text;

	if (!path)
		return err_set(e, ERR_NOMEM, "out of memory while reading %s", l->dir);
	if (check_entry(l, l->names[i], path, e) < 0)
		return -1;
	if (file_read_at(l->dirfd, l->names[i], path, MAX_RULE_FILE_BYTES, &l->arena, &text, e) < 0)
		return e->code == ERR_NOT_FOUND ? fail_vanished(path, e) : -1;
	if (!utf8_valid(text))
		return err_set(e, ERR_INVALID, "%s must contain valid UTF-8", path);
	if (text.len > MAX_RULES_TOTAL_BYTES - l->total)
		return err_set(e, ERR_LIMIT, "rule files exceed %d bytes in total",
			       MAX_RULES_TOTAL_BYTES);
	l->total += text.len;
	l->files[i] = (struct rule_source){ l->names[i], text };
	return 0;
}

/* Fills l; the arena is the caller's to free, whatever comes back. */
static int read_directory(struct listing *l, const char *dir, struct err *e)
{
	int rc;

	l->dir = dir;
	l->dirfd = file_open_dir(dir, "rules directory", e);
	if (l->dirfd < 0) {
		l->missing = e->code == ERR_NOT_FOUND;
		return l->missing ? 0 : -1;
	}
	rc = list_names(l, e);
	for (size_t i = 0; rc == 0 && i < l->cnt; i++)
		rc = read_entry(l, i, e);
	(void)close(l->dirfd);
	return rc;
}

/* Of names and contents in order. The seed is secret and the files are the operator's, so equal
 * hashes mean equal files. */
static uint64_t hash_files(const struct rules *r, const struct listing *l)
{
	uint64_t acc[4] = { l->missing };

	for (size_t i = 0; i < l->cnt; i++) {
		acc[1] = str_hash(str_of(l->files[i].name), r->seed);
		acc[2] = str_hash(l->files[i].text, r->seed);
		acc[3] = l->files[i].text.len;
		acc[0] = str_hash(str_n(acc, sizeof(acc)), r->seed);
	}
	return acc[0];
}

/* --- loading ---------------------------------------------------------------------------------- */

int rules_init(struct rules *r, const char *dir, const struct load_opts *opts, struct snap_box *box,
	       struct err *e)
{
	*r = (struct rules){ .dir = dir, .opts = *opts, .box = box };
	return rnd_bytes(r->seed, sizeof(r->seed), e);
}

static int load(const struct rules *r, const struct listing *l, struct ruleset **out, struct err *e)
{
	struct load_opts opts = r->opts;
	char note[512];
	struct buf b = BUF_OF(note);

	if (l->missing) {	/* S003-EC-013 */
		buf_printf(&b, "rules directory %s does not exist", r->dir);
		opts.note = buf_c(&b);
	}
	return ruleset_load(l->files, l->cnt, &opts, out, e);
}

static int prepare(struct rules *r, struct listing *l, bool only_changed, struct rules_fresh *out,
		   struct err *e)
{
	struct rules_fresh fresh = { NULL, 0 };
	bool same;

	if (read_directory(l, r->dir, e) < 0)
		return -1;
	fresh.hash = hash_files(r, l);
	same = only_changed && r->published && fresh.hash == r->hash;
	if (!same && load(r, l, &fresh.set, e) < 0)
		return -1;
	*out = fresh;
	return 0;
}

static int prepare_and_note(struct rules *r, bool only_changed, struct rules_fresh *out,
			    struct err *e)
{
	struct arena self;
	struct listing *l;
	int rc;

	if (arena_init_fixed(&self, sizeof(*l) + 64) < 0)
		return err_set(e, ERR_NOMEM, "out of memory while reading %s", r->dir);
	l = ARENA_NEW(&self, struct listing);
	CHECK(l);
	arena_init(&l->arena, TEXT_MEMORY_MAX);
	rc = prepare(r, l, only_changed, out, e);
	arena_fini(&l->arena);
	arena_fini(&self);
	r->error[0] = '\0';
	if (rc < 0)
		memcpy(r->error, e->msg, sizeof(r->error));
	return rc;
}

int rules_prepare(struct rules *r, struct rules_fresh *out, struct err *e)
{
	return prepare_and_note(r, false, out, e);
}

int rules_prepare_changed(struct rules *r, struct rules_fresh *out, struct err *e)
{
	return prepare_and_note(r, true, out, e);
}

uint64_t rules_publish(struct rules *r, struct rules_fresh *fresh)
{
	struct snap *old = snap_current(r->box);
	uint64_t generation;

	if (old)
		ruleset_adopt_counters(fresh->set, (const struct ruleset *)(const void *)old);
	generation = snap_publish(r->box, &fresh->set->snap);
	snap_put(old);
	r->hash = fresh->hash;
	r->published = true;
	fresh->set = NULL;
	return generation;
}

void rules_discard(struct rules_fresh *fresh)
{
	if (fresh->set)
		snap_put(&fresh->set->snap);
	fresh->set = NULL;
}

void rules_remember(const struct rules *r, struct rules_saved *out)
{
	out->set = (struct ruleset *)(void *)snap_current(r->box);
	out->hash = r->hash;
	memcpy(out->error, r->error, sizeof(out->error));
}

uint64_t rules_restore(struct rules *r, struct rules_saved *saved)
{
	struct rules_fresh again = { saved->set, saved->hash };

	CHECK(saved->set);
	saved->set = NULL;
	memcpy(r->error, saved->error, sizeof(r->error));
	return rules_publish(r, &again);
}

void rules_forget(struct rules_saved *saved)
{
	if (saved->set)
		snap_put(&saved->set->snap);
	saved->set = NULL;
}

int rules_load_submission(const struct rules *r, struct str text, struct ruleset **out,
			  struct err *e)
{
	struct rule_source source = { "<input>", text };
	struct load_opts opts = { .ca_loaded = r->opts.ca_loaded, .no_proxy = r->opts.no_proxy,
				  .submission = true };

	return ruleset_load(&source, 1, &opts, out, e);
}

int rules_check_submission(const struct rules *r, struct str text, struct err *e)
{
	struct ruleset *set;

	if (rules_load_submission(r, text, &set, e) < 0)
		return -1;
	snap_put(&set->snap);
	return 0;
}
