/* file.h - bounded reading, atomic replacement and creation of files
 *
 * Layer: sys.  Memory: the caller's arena.  Threads: any; blocking, so never a worker.
 * Spec: S000 section 10 "File helper rules".
 *
 * Symlinks and anything that is not a regular file are refused.  A reader of a replaced file sees
 * the old content or the new one, whole, also after a crash.
 */
#ifndef OC_SYS_FILE_H
#define OC_SYS_FILE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* The content of path in a, with a NUL behind it. Texts: "<path> must be a real file, not a
 * symlink", "<path> must be a real file", "<path> exceeds <max> bytes", "failed to open <path>:
 * <cause>"; code ERR_NOT_FOUND when there is none. */
int file_read(const char *path, size_t max, struct arena *a, struct str *out,
	      struct err *e) NODISCARD;
/* The same for name in an open directory; shown is what messages call it. */
int file_read_at(int dirfd, const char *name, const char *shown, size_t max, struct arena *a,
		 struct str *out, struct err *e) NODISCARD;
struct file_text {		/* what is written, and how */
	struct str data;
	mode_t mode;		/* set exactly, whatever the umask */
};
/* Writes a temporary file in the same directory, syncs it and renames it over path. */
int file_replace(const char *path, struct file_text text, struct err *e) NODISCARD;
/* The same, but never over an existing entry: "<path> already exists" (ERR_EXISTS). */
int file_create(const char *path, struct file_text text, struct err *e) NODISCARD;
/* Unlinks path and syncs its directory. */
int file_remove(const char *path, struct err *e) NODISCARD;
/* Descriptor of a real directory, close-on-exec, or -1; what: "rules directory". Texts: "<what>
 * <path> must be a real directory", "failed to read <what> <path>: <cause>". */
int file_open_dir(const char *path, const char *what, struct err *e) NODISCARD;

#endif
