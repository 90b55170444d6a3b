/* events.c - the last verdicts in memory, and who waits for the next one
 *
 * Layer: api.  Input: verdicts of the workers; hostile query strings.  Memory: one mapping.
 * Threads: the control thread only.
 * Spec: S010-O-001..003, S010 section 6 (GET /api/v1/events).
 *
 * Theory of operation.  Slots form a list by age, and a second one per source, so that the oldest
 * of all and the oldest of one source are found at once.  A new event is, in this order: counted
 * away when its source has had 200 in this second; merged into an equal one at most a second old;
 * or kept in a slot of its own.  While two or more sources hold slots, none keeps more than half of
 * them: the excess of a loud one goes first, so it cannot flush what the quiet ones did
 * (S010-O-003).
 *
 * A waiter is a request without an answer: the first event that passes its filter answers it, its
 * deadline answers it with nothing, and when its peer goes it is forgotten.
 */
#include "api/events.h"

#include <string.h>
#include <sys/mman.h>

#include "base/num.h"
#include "base/rnd.h"

#define PER_SECOND_MAX 200
#define MERGE_MS 1000
#define LIMIT_DEFAULT 200
#define LIMIT_MAX 500
#define WAIT_MAX_SECS 20

/* ---- life ---- */

static size_t mapped_size(uint32_t cap)
{
	return cap * sizeof(struct event_slot) + EVENTS_SOURCES_MAX * sizeof(struct event_source);
}

int events_open(struct event_log *log, uint32_t cap, struct err *e)
{
	CHECK(cap <= EVENTS_CAP_MAX);
	*log = (struct event_log){
		.cap = cap, .next_seq = 1, .oldest = EVENTS_NONE, .newest = EVENTS_NONE
	};
	if (rnd_hex(log->boot_id, 8, e) < 0 || rnd_bytes(log->seed, sizeof(log->seed), e) < 0)
		return -1;
	log->free = EVENTS_NONE;
	if (!cap)
		return 0;
	void *mem = mmap(NULL, mapped_size(cap), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return err_sys(e, "memory for %u events", cap);
	log->slots = mem;
	log->sources = (struct event_source *)(void *)((char *)mem +
						       cap * sizeof(struct event_slot));
	return 0;
}

void events_close(struct event_log *log)
{
	if (log->slots)
		munmap(log->slots, mapped_size(log->cap));
	log->slots = NULL;
	log->cap = 0;
}

/* ---- slots ---- */

static void evict(struct event_log *log, uint32_t i)
{
	struct event_slot *slot = &log->slots[i];
	struct event_source *src = &log->sources[slot->source];
	CHECK(src->oldest == i);	/* only ever the oldest of a source */
	src->oldest = slot->next_of_source;
	if (--src->held == 0) {
		src->newest = EVENTS_NONE;
		log->active--;
	}
	if (slot->older != EVENTS_NONE)
		log->slots[slot->older].newer = slot->newer;
	else
		log->oldest = slot->newer;
	if (slot->newer != EVENTS_NONE)
		log->slots[slot->newer].older = slot->older;
	else
		log->newest = slot->older;
	slot->newer = log->free;
	log->free = i;
	log->count--;
}

static uint32_t take_slot(struct event_log *log)
{
	uint32_t used = log->count;
	if (log->free != EVENTS_NONE) {
		used = log->free;
		log->free = log->slots[used].newer;
	}
	log->count++;
	return used;	/* slots never given back are still in their first order */
}

static struct event_source *source_of(struct event_log *log, const char *name, uint32_t *index)
{
	uint32_t unused = EVENTS_NONE;
	for (uint32_t i = 0; i < log->source_cnt; i++) {
		struct event_source *src = &log->sources[i];
		if (strcmp(src->name, name) == 0) {
			*index = i;
			return src;
		}
		if (!src->held)
			unused = i;
	}
	if (log->source_cnt < EVENTS_SOURCES_MAX)
		unused = log->source_cnt++;
	else if (unused == EVENTS_NONE)
		unused = EVENTS_SOURCES_MAX - 1;	/* shared by all that find no place */
	struct event_source *src = &log->sources[unused];
	if (!src->held) {
		*src = (struct event_source){ .oldest = EVENTS_NONE, .newest = EVENTS_NONE };
		CHECK(str_to_c(src->name, sizeof(src->name), str_of(name)));
	}
	*index = unused;
	return src;
}

/* Room for one more of src: the excess of a source with more than half goes first. */
static void make_room(struct event_log *log, const struct event_source *adding)
{
	uint32_t half = log->cap / 2 ? log->cap / 2 : 1;
	uint32_t active = log->active + (adding->held == 0);
	for (uint32_t i = 0; active >= 2 && i < log->source_cnt; i++) {
		const struct event_source *src = &log->sources[i];
		uint32_t after = src->held + (src == adding);
		while (after > half && src->held) {
			evict(log, src->oldest);
			after--;
		}
	}
	while (log->count >= log->cap)
		evict(log, log->oldest);
}

static struct event_slot *append(struct event_log *log, struct event_source *src,
				 uint32_t source_index)
{
	make_room(log, src);
	uint32_t i = take_slot(log);
	struct event_slot *slot = &log->slots[i];
	*slot = (struct event_slot){ .older = log->newest, .newer = EVENTS_NONE,
				     .next_of_source = EVENTS_NONE, .source = source_index };
	if (log->newest != EVENTS_NONE)
		log->slots[log->newest].newer = i;
	else
		log->oldest = i;
	log->newest = i;
	if (src->newest != EVENTS_NONE)
		log->slots[src->newest].next_of_source = i;
	else
		src->oldest = i;
	src->newest = i;
	log->active += src->held++ == 0;
	return slot;
}

/* ---- merging ---- */

/* What makes two events equal (S010-O-003). */
static uint64_t hash_of(const struct event_log *log, const struct event *ev)
{
	char key[640];
	struct buf b = BUF_OF(key);
	buf_printf(&b, "%d %d %u\n%s\n%s\n%s\n%s", (int)ev->layer, ev->allowed, ev->port,
		   ev->container, ev->container[0] ? "" : ev->source, ev->host, ev->rule);
	return str_hash(buf_str(&b), log->seed);
}

static bool merge(struct event_log *log, uint64_t hash, uint64_t now_ms)
{
	size_t at = hash % EVENTS_RECENT;
	if (log->recent[at].hash != hash || now_ms - log->recent[at].first_ms >= MERGE_MS)
		return false;
	struct event *old = &log->slots[log->recent[at].slot].ev;
	if (old->seq != log->recent[at].seq)
		return false;	/* evicted meanwhile */
	old->count++;
	return true;
}

/* ---- filters ---- */

static bool host_matches(const char *host, const char *wanted)
{
	if (wanted[0] == '.')
		return str_case_ends(str_of(host), str_of(wanted)) ||
		       str_case_eq_c(str_from(str_of(wanted), 1), host);
	return str_case_eq_c(str_of(wanted), host);
}

static bool passes(const struct event_filter *f, const struct event *ev)
{
	return ev->seq >= f->since && (!f->has_decision || f->allowed == ev->allowed) &&
	       (!f->has_layer || f->layer == ev->layer) &&
	       (!f->container[0] || strcmp(f->container, ev->container) == 0) &&
	       (!f->rule[0] || strcmp(f->rule, ev->rule) == 0) &&
	       (!f->host[0] || host_matches(ev->host, f->host));
}

/* ---- answers ---- */

static const struct event_slot *slot_from(const struct event_log *log, uint64_t since,
					  uint64_t *kept)
{
	const struct event_slot *first = NULL;
	*kept = 0;
	for (uint32_t i = log->newest; i != EVENTS_NONE && log->slots[i].ev.seq >= since;
	     i = log->slots[i].older) {
		first = &log->slots[i];
		++*kept;
	}
	return first;
}

static const struct event_slot *newer(const struct event_log *log, const struct event_slot *slot)
{
	return slot->newer == EVENTS_NONE ? NULL : &log->slots[slot->newer];
}

static bool any_passes(const struct event_log *log, const struct event_filter *f)
{
	uint64_t kept;
	for (const struct event_slot *s = slot_from(log, f->since, &kept); s; s = newer(log, s))
		if (passes(f, &s->ev))
			return true;
	return false;
}

static void answer(struct event_log *log, struct api_request *rq, const struct event_filter *f,
		   bool reset)
{
	uint64_t kept;
	uint64_t next = log->next_seq;
	uint32_t written = 0;
	const struct event_slot *first = slot_from(log, f->since, &kept);
	struct jsonw *w = api_begin(rq);
	jsonw_object(w);
	jsonw_add_c(w, "boot_id", log->boot_id);
	jsonw_add_bool(w, "enabled", log->cap > 0);
	jsonw_name(w, "events");
	jsonw_array(w);
	for (const struct event_slot *s = first; s; s = newer(log, s)) {
		if (!passes(f, &s->ev))
			continue;
		if (written == f->limit) {
			next = s->ev.seq;
			break;
		}
		event_write(w, &s->ev);
		written++;
	}
	jsonw_array_end(w);
	jsonw_add_u64(w, "next_seq", next);
	jsonw_add_u64(w, "dropped",
		      f->since && log->next_seq > f->since ? log->next_seq - f->since - kept : 0);
	jsonw_add_u64(w, "suppressed", log->suppressed);
	jsonw_add_bool(w, "reset", reset);
	jsonw_object_end(w);
	api_end(rq, 200);
}

static void answer_waiter(struct event_log *log, struct event_waiter *waiter)
{
	struct event_filter f = waiter->filter;
	struct api_request *rq = api_resume(log->server, waiter->ref);
	waiter->used = false;
	if (rq)
		answer(log, rq, &f, false);
}

void events_add(struct event_log *log, const struct event *ev, uint64_t now_ms)
{
	uint32_t index;
	if (!log->cap)
		return;
	struct event_source *src = source_of(log, ev->container, &index);
	if (src->second != now_ms / 1000) {
		src->second = now_ms / 1000;
		src->in_second = 0;
	}
	uint64_t hash = hash_of(log, ev);
	if (merge(log, hash, now_ms))
		return;
	if (src->in_second >= PER_SECOND_MAX) {
		log->suppressed++;
		return;
	}
	src->in_second++;
	struct event_slot *slot = append(log, src, index);
	slot->ev = *ev;
	slot->ev.seq = log->next_seq++;
	slot->ev.count = ev->count ? ev->count : 1;
	size_t at = hash % EVENTS_RECENT;
	log->recent[at].hash = hash;
	log->recent[at].seq = slot->ev.seq;
	log->recent[at].first_ms = now_ms;
	log->recent[at].slot = (uint32_t)(slot - log->slots);
	for (size_t i = 0; i < EVENTS_WAITERS_MAX; i++)
		if (log->waiters[i].used && passes(&log->waiters[i].filter, &slot->ev))
			answer_waiter(log, &log->waiters[i]);
}

/* ---- the endpoint ---- */

const char *const events_query[] = {
	"since", "boot", "limit", "wait", "decision", "layer", "container", "host", "rule", NULL,
};

static bool number(const struct api_request *rq, const char *name, uint64_t max, uint64_t *out)
{
	struct str v;
	return !query_get(&rq->query, name, &v) || num_u64(v, max, out);
}

static bool text(const struct api_request *rq, const char *name, char *out, size_t cap)
{
	struct str v;
	out[0] = '\0';
	return !query_get(&rq->query, name, &v) || (v.len > 0 && str_to_c(out, cap, v));
}

static bool decision(const struct api_request *rq, struct event_filter *f)
{
	struct str v;
	f->has_decision = query_get(&rq->query, "decision", &v);
	f->allowed = f->has_decision && str_eq_c(v, "allow");
	return !f->has_decision || f->allowed || str_eq_c(v, "block");
}

static bool layer(const struct api_request *rq, struct event_filter *f)
{
	struct str v;
	f->has_layer = query_get(&rq->query, "layer", &v);
	if (!f->has_layer)
		return true;
	for (unsigned i = 0; event_layer_names[i]; i++) {
		if (str_eq_c(v, event_layer_names[i])) {
			f->layer = (enum event_layer)i;
			return true;
		}
	}
	return false;
}

/* NULL, or the name of the first parameter with a bad value. */
static const char *read_query(const struct api_request *rq, struct event_filter *f,
			      uint64_t *wait_secs)
{
	uint64_t limit = LIMIT_DEFAULT;
	*f = (struct event_filter){ .since = 0 };
	*wait_secs = 0;
	if (!number(rq, "since", UINT64_MAX, &f->since))
		return "since";
	if (!number(rq, "limit", LIMIT_MAX, &limit) || !limit)
		return "limit";
	if (!number(rq, "wait", WAIT_MAX_SECS, wait_secs))
		return "wait";
	if (!decision(rq, f))
		return "decision";
	if (!layer(rq, f))
		return "layer";
	if (!text(rq, "container", f->container, sizeof(f->container)))
		return "container";
	if (!text(rq, "host", f->host, sizeof(f->host)))
		return "host";
	if (!text(rq, "rule", f->rule, sizeof(f->rule)))
		return "rule";
	f->limit = (uint32_t)limit;
	return NULL;
}

static void wait_for_one(struct event_log *log, struct api_request *rq,
			 const struct event_filter *f, uint64_t deadline_ms)
{
	for (size_t i = 0; i < EVENTS_WAITERS_MAX; i++) {
		struct event_waiter *waiter = &log->waiters[i];
		if (waiter->used)
			continue;
		*waiter = (struct event_waiter){ true, api_later(rq), *f, deadline_ms };
		return;
	}
	api_error(rq, 503, "too many event waiters");
}

void events_answer(struct event_log *log, struct api_request *rq, uint64_t now_ms)
{
	struct event_filter f;
	uint64_t wait_secs;
	struct str boot;
	const char *wrong = read_query(rq, &f, &wait_secs);
	if (wrong) {
		api_error(rq, 400, "invalid query parameter \"%s\"", wrong);
		return;
	}
	bool reset = (query_get(&rq->query, "boot", &boot) && !str_eq_c(boot, log->boot_id)) ||
		     f.since > log->next_seq;
	if (reset)
		f.since = 0;
	if (!wait_secs || reset || any_passes(log, &f))
		answer(log, rq, &f, reset);
	else
		wait_for_one(log, rq, &f, now_ms + wait_secs * 1000);
}

void events_gone(struct event_log *log, struct api_ref ref)
{
	for (size_t i = 0; i < EVENTS_WAITERS_MAX; i++) {
		struct event_waiter *waiter = &log->waiters[i];
		if (waiter->used && waiter->ref.slot == ref.slot && waiter->ref.gen == ref.gen)
			waiter->used = false;
	}
}

int events_wait_ms(const struct event_log *log, uint64_t now_ms)
{
	uint64_t next = UINT64_MAX;
	for (size_t i = 0; i < EVENTS_WAITERS_MAX; i++)
		if (log->waiters[i].used)
			next = MIN(next, log->waiters[i].deadline_ms);
	if (next == UINT64_MAX)
		return -1;
	return next > now_ms ? (int)MIN(next - now_ms, WAIT_MAX_SECS * 1000) : 0;
}

void events_expire(struct event_log *log, uint64_t now_ms)
{
	for (size_t i = 0; i < EVENTS_WAITERS_MAX; i++)
		if (log->waiters[i].used && log->waiters[i].deadline_ms <= now_ms)
			answer_waiter(log, &log->waiters[i]);
}
