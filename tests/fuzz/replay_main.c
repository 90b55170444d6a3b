/* replay_main.c - runs a fuzz target over files: the committed corpus as a plain test
 *
 * Layer: tests.  Input: trusted.  Memory: one mapping per file.  Threads: one.
 *
 * Arguments are files or directories.  Every input is given whole and ends at an unreadable page.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_cnt;

static int replay_file(const char *path, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (size + page - 1) / page * page;
	uint8_t *map = mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || map == MAP_FAILED || mprotect(map + body, page, PROT_NONE) != 0 ||
	    read(fd, map + body - size, size) != (ssize_t)size) {
		printf("not ok - %s cannot be read\n", path);
		return 1;
	}
	close(fd);
	LLVMFuzzerTestOneInput(map + body - size, size);
	munmap(map, body + page);
	run_cnt++;
	return 0;
}

static int replay(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return 0;	/* no corpus yet */
	if (S_ISREG(st.st_mode))
		return replay_file(path, (size_t)st.st_size);
	DIR *d = opendir(path);
	int bad = 0;
	for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
		char file[4096];
		int n = snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (e->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof(file))
			continue;
		bad |= replay(file);
	}
	if (d)
		closedir(d);
	return bad;
}

int main(int argc, char **argv)
{
	int bad = 0;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	if (!bad)
		printf("ok - replayed %d corpus files\n", run_cnt);
	return bad;
}
