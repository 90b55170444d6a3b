/* jail.c - `outcall jail -- CMD`: confines a plain process under the policy of the daemon
 *
 * Layer: applets (outcall).  Input: argv, environment, answers of the daemon.  Memory: stack.
 * Threads: one.
 * Spec: operations section 16, D11, D3, OPS-FR-080.
 *
 * Theory of operation: this process becomes the supervisor.  It makes the namespaces, registers
 * with the daemon over a connection that stays open for the life of the jail (the daemon plugs a
 * link straight into our network namespace), sets addresses and routes, forks PID 1 of the jail
 * (jail_init.c) and waits.  When the daemon goes away the jail runs on with a closed network; we
 * register again every second.  When we die, the life pipe and the parent-death signal end the init
 * and with it every process of the jail; the kernel then removes the namespaces and the link.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/num.h"
#include "client/call.h"
#include "outcall/cli.h"
#include "outcall/jail.h"
#include "proto/jail.h"
#include "proto/paths.h"
#include "sys/rtnl.h"

#define REGISTER_AGAIN_MS 1000
#define NEIGHBOUR_WAIT_MS 2000

struct supervisor {
	const struct cli *cli;
	struct jail_plan plan;
	struct jail_start_result jail;	/* what the daemon answered last */
	int line_fd;			/* the connection that keeps the jail registered, or -1 */
	int signal_fd;
	int life_fd;			/* write end: closes with us */
	pid_t init;
};

/* ---- who the command runs as ---- */

static int user_from_passwd(struct jail_user *u, const struct passwd *pw, struct err *e)
{
	u->change = true;
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	u->group_cnt = JAIL_GROUPS_MAX;
	if (!str_to_c(u->name, sizeof(u->name), str_of(pw->pw_name)) ||
	    !str_to_c(u->home, sizeof(u->home), str_of(pw->pw_dir)))
		return err_set(e, ERR_LIMIT, "name or home of user %s is too long", pw->pw_name);
	if (getgrouplist(pw->pw_name, pw->pw_gid, u->groups, &u->group_cnt) < 0)
		return err_set(e, ERR_LIMIT, "user %s is in more than %d groups", pw->pw_name,
			       JAIL_GROUPS_MAX);
	return 0;
}

/* root through sudo is the user who called sudo: a root without capabilities could not write that
 * user's files, and would be the weaker jail. */
static int find_user(const struct cli *cli, struct jail_user *u, struct err *e)
{
	const char *sudo_uid = getenv("SUDO_UID");
	const struct passwd *pw;
	uint64_t uid;

	if (cli->as_user && geteuid() != 0)
		return err_set(e, ERR_DENIED, "only root can use --as");
	if (cli->as_user) {
		pw = getpwnam(cli->as_user);
		if (!pw)
			return err_set(e, ERR_NOT_FOUND, "no such user: %s", cli->as_user);
		return user_from_passwd(u, pw, e);
	}
	if (geteuid() != 0 || !sudo_uid || !num_u64(str_of(sudo_uid), UINT32_MAX - 1, &uid) ||
	    uid == 0)
		return 0;
	pw = getpwuid((uid_t)uid);
	if (!pw)
		return err_set(e, ERR_NOT_FOUND, "no such user: uid %s (from SUDO_UID)", sudo_uid);
	return user_from_passwd(u, pw, e);
}

/* ---- namespaces ---- */

static int write_text(const char *path, const char *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (n < 0)
		(void)err_sys(e, "cannot write %s", path);
	if (fd >= 0)
		(void)close(fd);
	return n < 0 ? -1 : 0;
}

/* The caller's own ids, mapped to themselves and nothing else. */
static int enter_user_namespace(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];
	struct buf b = BUF_OF(map);

	if (unshare(CLONE_NEWUSER) < 0)
		return err_set(e, err_code_of_errno(errno),
			       "cannot create a user namespace: %s; run as root, or allow "
			       "unprivileged user namespaces",
			       strerror(errno));
	buf_printf(&b, "%u %u 1\n", uid, uid);
	if (write_text("/proc/self/setgroups", "deny", e) < 0 ||
	    write_text("/proc/self/uid_map", buf_c(&b), e) < 0)
		return -1;
	buf_reset(&b);
	buf_printf(&b, "%u %u 1\n", gid, gid);
	return write_text("/proc/self/gid_map", buf_c(&b), e);
}

static int enter_namespaces(struct err *e)
{
	if (geteuid() != 0 && enter_user_namespace(e) < 0)
		return -1;
	if (unshare(CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC) < 0)
		return err_sys(e, "cannot make the jail's namespaces");
	return 0;
}

/* ---- registration and network ---- */

/* A host address and routes through the gateway only: packets to neighbours go to the host, where
 * they are refused at once, instead of meeting silence behind port isolation (D28). */
static int set_network(const struct jail_start_result *jail, struct err *e)
{
	struct rtnl_link lo, eth;
	struct ip address, gateway;
	struct rtnl r;
	int rc = -1;

	if (!ip_parse_v4(str_of(jail->address), &address) ||
	    !ip_parse_v4(str_of(jail->gateway), &gateway))
		return err_set(e, ERR_PROTO, "the daemon answered with an unusable address");
	if (rtnl_open(&r, e) < 0)
		return -1;
	if (rtnl_link_by_name(&r, "lo", &lo, e) < 0 || rtnl_set_up(&r, lo.index, true, e) < 0)
		goto out;
	if (rtnl_link_by_name(&r, jail->interface, &eth, e) < 0 ||
	    rtnl_set_up(&r, eth.index, true, e) < 0)
		goto out;
	if (rtnl_addr_add(&r, eth.index, address, 32, e) < 0 ||
	    rtnl_route_link(&r, eth.index, gateway, e) < 0 ||
	    rtnl_route_default(&r, eth.index, gateway, e) < 0)
		goto out;
	/* A fresh bridge port may lose the first packet: let it be a neighbour request. */
	if (rtnl_wait_neighbour(&r, eth.index, gateway, NEIGHBOUR_WAIT_MS, e) < 0)
		goto out;
	rc = 0;
out:
	rtnl_close(&r);
	return rc < 0 ? err_ctx(e, "cannot set up the network of the jail") : 0;
}

static int register_jail(struct supervisor *s, const char *name, struct err *e)
{
	const struct jail_start_request ask = { .name = name, .network = s->cli->network };

	if (call_jail_start(s->cli->socket, &ask, &s->jail, &s->line_fd, e) < 0)
		return -1;
	if (set_network(&s->jail, e) < 0) {
		(void)close(s->line_fd);
		s->line_fd = -1;
		return -1;
	}
	return 0;
}

/* Once a second after the daemon went away, with the same name. */
static void register_again(struct supervisor *s)
{
	char name[sizeof(s->jail.name)];
	struct err e;

	memcpy(name, s->jail.name, sizeof(name));
	if (register_jail(s, name, &e) == 0)
		fprintf(stderr,
			"outcalld is back; the network of jail \"%s\" is open again by its rules\n",
			name);
}

static void line_lost(struct supervisor *s)
{
	(void)close(s->line_fd);
	s->line_fd = -1;
	fprintf(stderr, "outcalld is gone; the network of jail \"%s\" is closed until it is back\n",
		s->jail.name);
}

/* ---- supervision ---- */

static int watch_signals(struct supervisor *s, struct err *e)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGUSR2);
	(void)sigaddset(&set, SIGWINCH);
	(void)sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(e, "cannot block signals");
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signal_fd < 0 ? err_sys(e, "cannot watch signals") : 0;
}

static int start_init(struct supervisor *s, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	s->plan.life_fd = ends[0];
	s->life_fd = ends[1];
	s->init = fork();
	if (s->init < 0)
		return err_sys(e, "cannot start the jail's first process");
	if (s->init == 0) {
		(void)close(s->life_fd);
		(void)close(s->line_fd);
		(void)close(s->signal_fd);
		jail_init_run(&s->plan);
	}
	(void)close(ends[0]);
	return 0;
}

/* True and *status when the init has ended. */
static bool handle_signals(const struct supervisor *s, int *status)
{
	struct signalfd_siginfo info;
	int wait_status;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			if (waitpid(s->init, &wait_status, WNOHANG) != s->init)
				continue;
			*status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
							   : WEXITSTATUS(wait_status);
			return true;
		}
		/* What the terminal sends, it sends to the command as well. */
		if (info.ssi_signo != SIGPIPE && info.ssi_code != SI_KERNEL)
			(void)kill(s->init, (int)info.ssi_signo);
	}
	return false;
}

static int supervise(struct supervisor *s)
{
	int status;

	for (;;) {
		struct pollfd fds[2] = { { .fd = s->signal_fd, .events = POLLIN },
					 { .fd = s->line_fd, .events = POLLIN | POLLRDHUP } };
		int n = poll(fds, 2, s->line_fd < 0 ? REGISTER_AGAIN_MS : -1);

		if (handle_signals(s, &status))
			return status;
		if (s->line_fd >= 0 && n > 0 && fds[1].revents)
			line_lost(s);
		else if (s->line_fd < 0 && n == 0)
			register_again(s);
	}
}

/* ---- the verb ---- */

static int find_directories(struct supervisor *s, struct err *e)
{
	struct buf b = BUF_OF(s->plan.agent_dir);
	struct str socket = str_of(s->cli->socket);

	if (!getcwd(s->plan.cwd, sizeof(s->plan.cwd)))
		return err_sys(e, "cannot find the working directory");
	buf_add_str(&b, str_first(socket, str_rfind_byte(socket, '/')));
	buf_printf(&b, "/%s", AGENT_DIR_NAME);
	(void)buf_c(&b);
	return buf_ok(&b) ? 0 : err_set(e, ERR_LIMIT, "the path of the socket is too long");
}

static int start(struct supervisor *s, struct err *e)
{
	if (find_user(s->cli, &s->plan.user, e) < 0 || find_directories(s, e) < 0 ||
	    enter_namespaces(e) < 0)
		return -1;
	if (register_jail(s, s->cli->name, e) < 0)
		return -1;
	if (!str_to_c(s->plan.dns, sizeof(s->plan.dns), str_of(s->jail.dns)) ||
	    !str_to_c(s->plan.proxy_url, sizeof(s->plan.proxy_url), str_of(s->jail.proxy_url)))
		return err_set(e, ERR_PROTO, "the daemon answered with an unusable address");
	return watch_signals(s, e) < 0 ? -1 : start_init(s, e);
}

int cmd_jail(struct cli *cli)
{
	struct supervisor s = { .cli = cli, .line_fd = -1 };
	struct err e;

	s.plan.command = cli->operands;
	if (start(&s, &e) < 0)
		return cli_fail(&e);
	return supervise(&s);
}
