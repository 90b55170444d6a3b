/* jail_init.c - PID 1 of a jail: gives up every right, runs the command, reaps, ends with its
 * status
 *
 * Layer: applets (outcall).  Input: trusted plan; the command is hostile.  Memory: stack.
 * Threads: one process, single-threaded.
 * Spec: operations section 16 ("Run", "End"), S015-P-007, S015-X-015, D3.
 *
 * Theory of operation: the process is made by fork() after the supervisor unshared the PID
 * namespace, so it is PID 1 of the jail.  When it ends, for whatever reason, the kernel kills every
 * process left in the jail.  It ends when the command ends, when the supervisor dies (parent-death
 * signal, and end of file on the life pipe in case the signal was lost with a change of user), or
 * when it is killed.  Signals that the supervisor forwards go on to the command; those of the
 * terminal reach the command by themselves, since all share one process group.
 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "outcall/jail.h"
#include "sys/sandbox.h"

NORETURN static void fail(const struct err *e)
{
	fprintf(stderr, "Error: %s\n", e->msg);
	_exit(JAIL_EXIT_FAILED);
}

int jail_rights_drop(const struct jail_user *user, struct err *e)
{
	/* While root: keeps what the change of user needs, empties the bounding set. */
	if (sandbox_keep_caps(SANDBOX_CAP(CAP_SETUID) | SANDBOX_CAP(CAP_SETGID), e) < 0)
		return -1;
	if (user->change) {
		if (setgroups((size_t)user->group_cnt, user->groups) < 0)
			return err_sys(e, "cannot set the groups of user %s", user->name);
		if (setresgid(user->gid, user->gid, user->gid) < 0 ||
		    setresuid(user->uid, user->uid, user->uid) < 0)
			return err_sys(e, "cannot become user %s", user->name);
	}
	if (sandbox_keep_caps(0, e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "cannot give up new privileges");
	return sandbox_jail_filter(e);
}

static int set_variable(const char *name, const char *value, struct err *e)
{
	if ((value ? setenv(name, value, 1) : unsetenv(name)) < 0)
		return err_sys(e, "cannot set variable %s", name);
	return 0;
}

int jail_environment_set(const struct jail_plan *plan, struct err *e)
{
	static const char *const proxy[] = { "HTTP_PROXY", "HTTPS_PROXY", "http_proxy",
					     "https_proxy" };
	static const char *const direct[] = { "NO_PROXY", "no_proxy" };
	const char *url = plan->proxy_url[0] ? plan->proxy_url : NULL;

	for (size_t i = 0; i < ARRAY_LEN(proxy); i++)
		if (set_variable(proxy[i], url, e) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(direct); i++)
		if (set_variable(direct[i], url ? "localhost,127.0.0.1" : NULL, e) < 0)
			return -1;
	if (set_variable("OUTCALL_APPLET", "agent", e) < 0)
		return -1;
	if (!plan->user.change)
		return 0;
	if (set_variable("HOME", plan->user.home, e) < 0 ||
	    set_variable("USER", plan->user.name, e) < 0)
		return -1;
	return set_variable("LOGNAME", plan->user.name, e);
}

/* Ends with the supervisor from now on. The pipe tells whether it was gone before. */
static int follow_supervisor(const struct jail_plan *plan, struct err *e)
{
	struct pollfd life = { .fd = plan->life_fd };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(e, "cannot follow the supervisor");
	if (poll(&life, 1, 0) > 0)
		_exit(JAIL_EXIT_FAILED);
	return 0;
}

NORETURN static void run_command(const struct jail_plan *plan, const sigset_t *original)
{
	(void)sigprocmask(SIG_SETMASK, original, NULL);
	if (chdir(plan->cwd) < 0) {
		fprintf(stderr, "Error: working directory %s is not visible in the jail: %s\n",
			plan->cwd, strerror(errno));
		_exit(JAIL_EXIT_FAILED);
	}
	sandbox_close_from(3);
	(void)execvp(plan->command[0], plan->command);
	fprintf(stderr, "Error: cannot run %s: %s\n", plan->command[0], strerror(errno));
	_exit(errno == ENOENT || errno == ENOTDIR ? JAIL_EXIT_NOT_FOUND : JAIL_EXIT_NOT_EXECUTABLE);
}

/* Reaps all that ended; true and *status when the command is among them. */
static bool reap(pid_t command, int *status)
{
	bool ended = false;
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		ended = true;
		*status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
						   : WEXITSTATUS(wait_status);
	}
	return ended;
}

/* Until the command has ended; its status. */
static int serve(const struct jail_plan *plan, pid_t command, int signal_fd)
{
	struct pollfd fds[2] = { { .fd = signal_fd, .events = POLLIN }, { .fd = plan->life_fd } };
	struct signalfd_siginfo info;
	int status = JAIL_EXIT_FAILED;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return JAIL_EXIT_FAILED;
		if (fds[1].revents)	/* the supervisor is gone */
			return JAIL_EXIT_FAILED;
		if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo == SIGCHLD) {
			if (reap(command, &status))
				return status;
		} else if (info.ssi_code != SI_KERNEL) { /* from the terminal: it has it */
			(void)kill(command, (int)info.ssi_signo);
		}
	}
}

void jail_init_run(struct jail_plan *plan)
{
	sigset_t handled, original;
	int signal_fd;
	pid_t command;
	struct err e;

	(void)sigemptyset(&handled);
	(void)sigaddset(&handled, SIGCHLD);
	(void)sigaddset(&handled, SIGTERM);
	(void)sigaddset(&handled, SIGHUP);
	(void)sigaddset(&handled, SIGINT);
	(void)sigaddset(&handled, SIGQUIT);
	(void)sigaddset(&handled, SIGUSR1);
	(void)sigaddset(&handled, SIGUSR2);
	(void)sigaddset(&handled, SIGWINCH);
	(void)sigprocmask(SIG_SETMASK, &handled, NULL);
	(void)sigemptyset(&original);
	signal_fd = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0) {
		(void)err_sys(&e, "cannot watch signals");
		fail(&e);
	}
	if (follow_supervisor(plan, &e) < 0 || jail_mounts_make(plan, &e) < 0 ||
	    jail_environment_set(plan, &e) < 0 || jail_rights_drop(&plan->user, &e) < 0 ||
	    follow_supervisor(plan, &e) < 0)	/* a change of user forgets the first */
		fail(&e);
	command = fork();
	if (command < 0) {
		(void)err_sys(&e, "cannot start %s", plan->command[0]);
		fail(&e);
	}
	if (command == 0)
		run_command(plan, &original);
	_exit(serve(plan, command, signal_fd));
}
