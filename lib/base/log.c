/* log.c - one structured line per event on stderr, text or JSON, by target and level
 *
 * Layer: base.  Input: values from anywhere; escaped here.  Memory: a stack buffer per line.
 * Threads: any; settings are made before threads start.
 * Spec: operations section 10, S000-X-007, SEC-L4, SEC-O08.
 * #syscalls: poll write
 *
 * Nobody waits for the reader of the log: a pipe or socket that takes no line now loses it, and the
 * next line that gets through is preceded by one that counts the lost.  Else a confined program
 * could stop the data plane by being blocked often enough while the reader sleeps.
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rnd.h"

static const char *const level_names[] = { "error", "warn", "info", "debug", "trace" };
static const char *const level_caps[] = { "ERROR", "WARN", "INFO", "DEBUG", "TRACE" };
static const char *const target_names[] = {
	"bridge", "network", "rule_engine", "dns", "proxy", "proxy_intercept", "agent_api",
	"host_api", "docker_manager", "dynamic", "jail", "dashboard", "daemon",
};
STATIC_ASSERT(ARRAY_LEN(level_names) == LOG_LEVEL_COUNT, "a name for each level");
STATIC_ASSERT(ARRAY_LEN(level_caps) == LOG_LEVEL_COUNT, "a name for each level");
STATIC_ASSERT(ARRAY_LEN(target_names) == LOG_TARGET_COUNT, "a name for each target");

static enum log_level threshold[LOG_TARGET_COUNT] = {
	LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO,
	LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO,
};
static bool as_json;
static bool redact;
static uint64_t redact_key[2];

static bool find_name(const char *const *names, size_t count, struct str s, size_t *at)
{
	for (*at = 0; *at < count; (*at)++)
		if (str_eq_c(s, names[*at]))
			return true;
	return false;
}

int log_set_levels(struct str spec, struct err *e)
{
	enum log_level fresh[LOG_TARGET_COUNT];
	struct str part;

	memcpy(fresh, threshold, sizeof(fresh));
	while (str_split(&spec, ',', &part)) {
		size_t eq = str_find_byte(part, '=');
		struct str name = str_first(part, eq);
		struct str level = eq == SIZE_MAX ? part : str_from(part, eq + 1);
		size_t l, t;

		if (!find_name(level_names, LOG_LEVEL_COUNT, level, &l))
			return err_set(e, ERR_INVALID, "unknown log level \"" STR_FMT "\"",
				       STR_ARG(level));
		if (eq == SIZE_MAX) {
			for (t = 0; t < LOG_TARGET_COUNT; t++)
				fresh[t] = (enum log_level)l;
			continue;
		}
		if (!find_name(target_names, LOG_TARGET_COUNT, name, &t))
			return err_set(e, ERR_INVALID, "unknown log target \"" STR_FMT "\"",
				       STR_ARG(name));
		fresh[t] = (enum log_level)l;
	}
	memcpy(threshold, fresh, sizeof(fresh));
	return 0;
}

void log_set_json(bool json)
{
	as_json = json;
}

int log_set_redact_hosts(bool on, struct err *e)
{
	redact = on;
	return on ? rnd_bytes(redact_key, sizeof(redact_key), e) : 0;
}

bool log_wants(enum log_level level, enum log_target target)
{
	return level <= threshold[target];
}

/* A JSON string: valid UTF-8 always, since every byte beyond ASCII is written as \u00XX. */
static void add_json_text(struct buf *b, struct str s, size_t max)
{
	s = str_first(s, max);
	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c == '"' || c == '\\')
			buf_add_byte(b, '\\');
		if (c >= 0x20 && c < 0x7f)
			buf_add_byte(b, c);
		else
			buf_printf(b, "\\u%04x", c);
	}
	buf_add_byte(b, '"');
}

/* Messages are ours but may quote foreign text: no control byte reaches the terminal or starts a
 * line. */
static void add_message(struct buf *b, const char *msg)
{
	for (; *msg; msg++)
		buf_add_byte(b, (uint8_t)*msg < 0x20 || *msg == 0x7f ? '?' : (uint8_t)*msg);
}

bool log_begin(struct log_line *l, enum log_level level, enum log_target target, const char *msg)
{
	if (!log_wants(level, target))
		return false;
	l->b = buf_on(l->text, sizeof(l->text) - 4);	/* room for the end of a cut line */
	if (as_json) {
		buf_add_c(&l->b, "{\"ts\":\"");
		clock_format_utc(&l->b, clock_wall_us(), 6);
		buf_printf(&l->b,
			   "\",\"level\":\"%s\",\"target\":\"%s\",\"msg\":", level_names[level],
			   target_names[target]);
		add_json_text(&l->b, str_of(msg), LOG_LINE_LEN);
	} else {
		clock_format_utc(&l->b, clock_wall_us(), 6);
		buf_printf(&l->b, " %s %s: ", level_caps[level], target_names[target]);
		add_message(&l->b, msg);
	}
	return true;
}

static void add_key(struct log_line *l, const char *key)
{
	buf_printf(&l->b, as_json ? ",\"%s\":" : " %s=", key);
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '"' || s.p[i] == '=' ||
		    s.p[i] == '\\')
			return false;
	return s.len > 0;
}

void log_str(struct log_line *l, const char *key, struct str value)
{
	size_t before = l->b.len;

	add_key(l, key);
	if (as_json) {
		add_json_text(&l->b, value, LOG_VALUE_MAX);
	} else if (is_plain(value)) {
		buf_add_str(&l->b, str_first(value, LOG_VALUE_MAX));
	} else {
		buf_add_byte(&l->b, '"');
		buf_add_escaped(&l->b, value, LOG_VALUE_MAX);
		buf_add_byte(&l->b, '"');
	}
	if (!buf_ok(&l->b)) {	/* a field that does not fit is left out whole */
		l->b.len = before;
		l->b.overflow = false;
	}
}

void log_c(struct log_line *l, const char *key, const char *value)
{
	log_str(l, key, str_of(value));
}

void log_host(struct log_line *l, const char *key, struct str host)
{
	char text[16];
	struct buf b = BUF_OF(text);

	if (!redact) {
		log_str(l, key, host);
		return;
	}
	buf_printf(&b, "h:%08x", (unsigned)(str_hash(host, redact_key) & 0xffffffffU));
	log_str(l, key, buf_str(&b));
}

void log_u64(struct log_line *l, const char *key, uint64_t value)
{
	add_key(l, key);
	buf_add_u64(&l->b, value);
}

void log_i64(struct log_line *l, const char *key, int64_t value)
{
	add_key(l, key);
	buf_printf(&l->b, "%lld", (long long)value);
}

void log_bool(struct log_line *l, const char *key, bool value)
{
	add_key(l, key);
	buf_add_c(&l->b, value ? "true" : "false");
}

void log_ip(struct log_line *l, const char *key, struct ip value)
{
	char text[IP_TEXT_LEN];

	log_c(l, key, ip_text(value, text));
}

static atomic_uint lost;

/* A pipe that polls writable takes 4 KiB, a socket more: two lines, of 2 KiB at most, do not
 * wait. */
static bool takes_a_line(void)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && out.revents & POLLOUT;
}

static void write_line(struct log_line *l)
{
	l->b.cap = sizeof(l->text);
	l->b.overflow = false;
	buf_add_c(&l->b, as_json ? "}\n" : "\n");
	while (write(STDERR_FILENO, l->b.p, l->b.len) < 0 && errno == EINTR)
		;
}

static void tell_lost(unsigned cnt)
{
	struct log_line l;

	if (!log_begin(&l, LOG_ERROR, LOG_DAEMON, "log lines were lost: their reader is too slow"))
		return;
	log_u64(&l, "lines", cnt);
	write_line(&l);
}

void log_end(struct log_line *l)
{
	unsigned cnt;

	if (!takes_a_line()) {
		atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
		return;
	}
	if (atomic_load_explicit(&lost, memory_order_relaxed) &&
	    (cnt = atomic_exchange_explicit(&lost, 0, memory_order_relaxed)) != 0)
		tell_lost(cnt);
	write_line(l);
}

void log_msg(enum log_level level, enum log_target target, const char *fmt, ...)
{
	char text[LOG_LINE_LEN / 2];
	struct buf b = BUF_OF(text);
	struct log_line l;
	va_list ap;

	if (!log_wants(level, target))
		return;
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (log_begin(&l, level, target, buf_c(&b)))
		log_end(&l);
}

bool log_limited(struct log_limit *lim, uint32_t burst)
{
	uint64_t now = clock_mono_ms();

	if (now - lim->window_ms >= 1000) {
		lim->window_ms = now;
		lim->count = 0;
	}
	if (lim->count >= burst) {
		lim->dropped++;
		return false;
	}
	lim->count++;
	return true;
}
