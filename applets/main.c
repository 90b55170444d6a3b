/* main.c - one executable, several programs: resolves the program name to an applet and runs it
 *
 * Layer: applets.  Input: argv, environment: the caller's.  Memory: none.  Threads: none yet.
 * Spec: S000 section 1, S005 Applet selection, decision D1.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applets.h"
#include "base/str.h"

#define EXIT_UNKNOWN_APPLET 127

struct applet {
	const char *name;
	const char *what;
	int (*run)(int argc, char **argv);
};

static const struct applet applets[] = {
#define APPLET_ENTRY(id, name, what) { name, what, id##_main },
	APPLET_LIST(APPLET_ENTRY)
#undef APPLET_ENTRY
};

static const struct applet *find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(applets); i++)
		if (str_eq_c(name, applets[i].name))
			return &applets[i];
	return NULL;
}

/* The last path component. A NULL or empty argv[0] names nothing (S000-EC-X03). */
static struct str base_name(const char *path)
{
	struct str s = str_of(path);
	size_t slash = str_rfind_byte(s, '/');

	return slash == SIZE_MAX ? s : str_from(s, slash + 1);
}

/* Whether the fifth field of a mountinfo line is path. Octal escapes in the field make it differ:
 * our own paths hold none of the bytes that are escaped. */
static bool line_mounts(struct str line, struct str path)
{
	struct str field = { NULL, 0 };

	for (int i = 0; i < 5; i++)
		if (!str_split(&line, ' ', &field))
			return false;
	return str_eq(field, path);
}

/* Inside a container or jail the shim is mounted as .../outcall, the name of the operator's command
 * line; there, and only there, the executable's own file is a mount point. */
static bool executable_is_mount_point(void)
{
	char path[PATH_MAX], line[PATH_MAX + 512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	bool found = false;
	FILE *f;

	if (n <= 0 || n == sizeof(path))
		return false;
	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = line_mounts(str_of(line), str_n(path, (size_t)n));
	(void)fclose(f);
	return found;
}

static int list_applets(struct str name)
{
	fprintf(stderr, "Error: \"" STR_FMT "\" is no program of this executable; it is one of:\n",
		STR_ARG(name));
	for (size_t i = 0; i < ARRAY_LEN(applets); i++)
		fprintf(stderr, "  %-14s %s\n", applets[i].name, applets[i].what);
	fprintf(stderr, "Install it under one of these names, or start it with --applet=NAME.\n");
	return EXIT_UNKNOWN_APPLET;
}

/* Selection order of S000 section 1, first hit wins. */
static const struct applet *select_applet(int *argc, char **argv, struct str *asked)
{
	const char *forced = getenv("OUTCALL_APPLET");
	struct str name = base_name(*argc > 0 ? argv[0] : NULL);
	struct str option = STR("--applet=");

	*asked = name;
	if (forced && strcmp(forced, "agent") == 0)
		return find(STR("outcall-agent"));
	if (str_eq_c(name, "outcall-agent"))
		return find(name);
	if (str_eq_c(name, "outcall") && executable_is_mount_point())
		return find(STR("outcall-agent"));
	if (*argc > 1 && str_starts(str_of(argv[1]), option)) {
		*asked = str_from(str_of(argv[1]), option.len);
		memmove(&argv[1], &argv[2], (size_t)(*argc - 1) * sizeof(argv[0]));
		(*argc)--;
		return find(*asked);
	}
	return find(name);
}

int main(int argc, char **argv)
{
	struct str asked;
	const struct applet *applet = select_applet(&argc, argv, &asked);
	int status;

	if (!applet)
		return list_applets(asked);
	status = applet->run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "Error: cannot write the output\n");
		return status ? status : 1;
	}
	return status;
}
