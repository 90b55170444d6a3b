/* log_test.c - log lines never wait for whoever reads them */
#include "t.h"

#include <fcntl.h>
#include <poll.h>

#include "base/log.h"

static int saved = -1, reader = -1;

/* Standard error becomes a pipe that nobody empties. */
static void stick(void)
{
	int fds[2];

	EQ(pipe(fds), 0);
	saved = dup(STDERR_FILENO);
	EQ(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	reader = fds[0];
}

static void unstick(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(reader);
}

/* All that waits in the pipe; the last of it in text. */
static size_t empty(char *text, size_t cap)
{
	struct pollfd in = { .fd = reader, .events = POLLIN };
	size_t total = 0;
	ssize_t n = 0;

	while (poll(&in, 1, 0) == 1 && (n = read(reader, text, cap - 1)) > 0) {
		total += (size_t)n;
		text[n] = '\0';
	}
	return total;
}

T(a_sleeping_reader_stops_nobody_and_is_told_what_it_missed)
{
	static char text[1 << 17];
	size_t total;

	stick();
	for (int i = 0; i < 5000; i++)		/* 60 bytes each: many times what a pipe holds */
		log_msg(LOG_WARN, LOG_PROXY, "line %d of a flood of lines", i);
	total = empty(text, sizeof(text));
	bool whole = total > 0 && text[strlen(text) - 1] == '\n';
	log_msg(LOG_WARN, LOG_PROXY, "after the flood");
	empty(text, sizeof(text));
	bool told = strstr(text, "log lines were lost: their reader is too slow lines=") != NULL;
	bool here = strstr(text, "after the flood") != NULL;
	log_msg(LOG_WARN, LOG_PROXY, "once more");
	empty(text, sizeof(text));
	bool again = strstr(text, "lost") != NULL;
	unstick();
	OK(total >= 32768);
	OK(whole);
	OK(told);
	OK(here);
	OK(!again);
}

T(no_standard_error_is_no_trouble)
{
	stick();
	close(STDERR_FILENO);
	log_msg(LOG_ERROR, LOG_DAEMON, "nobody hears this");
	unstick();
}
