/* log.h - one structured line per event on stderr, text or JSON, by target and level
 *
 * Layer: base.  Memory: a stack buffer per line.  Threads: any; a line is one write().
 * Spec: operations section 10, S000-X-007.
 *
 * Use:	struct log_line l;
 *	if (log_begin(&l, LOG_WARN, LOG_PROXY, "blocked")) {
 *		log_str(&l, "host", host);
 *		log_u64(&l, "port", port);
 *		log_end(&l);
 *	}
 * Values are quoted and escaped by the builder, whatever they hold.  Secrets have no formatter.
 */
#ifndef OC_BASE_LOG_H
#define OC_BASE_LOG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"

enum log_level { LOG_ERROR = 0, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE, LOG_LEVEL_COUNT };

enum log_target {
	LOG_BRIDGE = 0,
	LOG_NETWORK,
	LOG_RULE_ENGINE,
	LOG_DNS,
	LOG_PROXY,
	LOG_PROXY_INTERCEPT,
	LOG_AGENT_API,
	LOG_HOST_API,
	LOG_DOCKER_MANAGER,
	LOG_DYNAMIC,
	LOG_JAIL,
	LOG_DASHBOARD,
	LOG_DAEMON,
	LOG_TARGET_COUNT
};

#define LOG_LINE_LEN 2048
#define LOG_VALUE_MAX 256

struct log_line {
	char text[LOG_LINE_LEN];
	struct buf b;
};

/* "info" or "warn,dns=debug,proxy=trace". */
int log_set_levels(struct str spec, struct err *e) NODISCARD;
void log_set_json(bool json);
/* Host names are written as h:<8 hex of a keyed hash>; the key is drawn here. */
int log_set_redact_hosts(bool on, struct err *e) NODISCARD;
bool log_wants(enum log_level level, enum log_target target);

/* False when the line is not wanted; nothing else may be called then. */
bool log_begin(struct log_line *l, enum log_level level, enum log_target target,
	       const char *msg) NODISCARD;
void log_str(struct log_line *l, const char *key, struct str value);
void log_c(struct log_line *l, const char *key, const char *value);
void log_host(struct log_line *l, const char *key, struct str host);	/* redactable */
void log_u64(struct log_line *l, const char *key, uint64_t value);
void log_i64(struct log_line *l, const char *key, int64_t value);
void log_bool(struct log_line *l, const char *key, bool value);
void log_ip(struct log_line *l, const char *key, struct ip value);
void log_end(struct log_line *l);

/* One line with a formatted message and no fields. */
void log_msg(enum log_level level, enum log_target target, const char *fmt, ...) PRINTF(3, 4);

/* At most burst lines per second and call site: true when the line may be written. */
struct log_limit {
	uint64_t window_ms;
	uint32_t count;
	uint32_t dropped;
};
bool log_limited(struct log_limit *lim, uint32_t burst);

#endif
