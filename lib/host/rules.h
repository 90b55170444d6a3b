/* rules.h - the rules directory: read, load, publish
 *
 * Layer: host.  Memory: two arenas during a load.  Threads: control thread.
 * Spec: S003 1.8, S003-FR-001, -007, -021 to -023, -027, -038; D21.
 *
 * A reload is prepare, then whatever must happen in between (S003 1.8 step 2: the dynamic grants
 * are revoked), then publish or discard.
 */
#ifndef OC_HOST_RULES_H
#define OC_HOST_RULES_H

#include "base/err.h"
#include "policy/load.h"
#include "policy/snap.h"

struct rules {
	const char *dir;		/* not owned */
	struct load_opts opts;
	struct snap_box *box;		/* struct ruleset */
	uint64_t seed[2];
	uint64_t hash;			/* of the files of the published set */
	bool published;
	char error[ERR_MSG_LEN];	/* why the last load failed; "" after one that succeeded */
};

struct rules_fresh {
	struct ruleset *set;	/* NULL: the files are those of the published set */
	uint64_t hash;
};

struct rules_saved {	/* the live set, kept so that it can be put back */
	struct ruleset *set;	/* with a reference; NULL: none was published */
	uint64_t hash;
	char error[ERR_MSG_LEN];
};

int rules_init(struct rules *r, const char *dir, const struct load_opts *opts, struct snap_box *box,
	       struct err *e) NODISCARD;
/* Reads, checks and compiles the whole directory; the live set is not touched. */
int rules_prepare(struct rules *r, struct rules_fresh *out, struct err *e) NODISCARD;
/* The same, except that byte-identical files give out->set NULL (reload by watch, D21). */
int rules_prepare_changed(struct rules *r, struct rules_fresh *out, struct err *e) NODISCARD;
/* Makes a prepared set the live one; counters go on. Returns its generation. */
uint64_t rules_publish(struct rules *r, struct rules_fresh *fresh);
void rules_discard(struct rules_fresh *fresh);
/* Remembers the live set; give it back to rules_restore or rules_forget. */
void rules_remember(const struct rules *r, struct rules_saved *out);
/* Makes the remembered set the live one again, under a new generation, which is returned. */
uint64_t rules_restore(struct rules *r, struct rules_saved *saved);
void rules_forget(struct rules_saved *saved);
/* Whether a directory entry of that name is a rule file (for the watch). */
bool rules_is_file_name(struct str name);
/* Compiles a file proposed by an agent as if it were alone: S003-FR-024, texts of S004. *out has
 * one reference. */
int rules_load_submission(const struct rules *r, struct str text, struct ruleset **out,
			  struct err *e) NODISCARD;
/* The same, for the verdict alone. */
int rules_check_submission(const struct rules *r, struct str text, struct err *e) NODISCARD;

#endif
