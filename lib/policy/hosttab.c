/* hosttab.c - immutable table of /etc/hosts names and of this host's own addresses
 *
 * Layer: policy.  Input: hostile in form (a file of the host).  Memory: one sealed arena for names
 * and addresses, one page for the header with the reference count.  Threads: built by one, read by
 * any.
 * Spec: S006-FR-019 decision 11, Address policy.
 *
 * A line that is not understood (bad address, impossible name) is left out; a table of fewer names
 * only means that they are asked for over DNS.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/hosttab.h"

#define NAME_MAX_LEN 253	/* a host name's text, RFC 1035 */

#define HOLDER_SLACK 256	/* the arena's own header and alignment */

struct holder {
	struct hosttab tab;	/* first: the snapshot is the holder */
	struct arena self;	/* the mapping that this struct lies in */
};

static int addr_cmp(const void *a, const void *b)
{
	const struct ip *x = a;
	const struct ip *y = b;
	int c = memcmp(x->b, y->b, sizeof(x->b));

	return c != 0 ? c : (int)x->v4 - (int)y->v4;
}

/* All names are views into one text, so the pointers keep the order of the file among equals. */
static int name_cmp(const void *a, const void *b)
{
	const struct hosttab_name *x = a;
	const struct hosttab_name *y = b;
	int c = str_cmp(x->name, y->name);

	if (c != 0)
		return c;
	return (x->name.p > y->name.p) - (x->name.p < y->name.p);
}

static void destroy(struct snap *s)
{
	struct holder *h = container_of(s, struct holder, tab.snap);
	struct arena self = h->self;

	arena_fini(&h->tab.arena);
	arena_fini(&self);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Cuts the next word off *line; false when there is none. */
static bool next_word(struct str *line, struct str *word)
{
	size_t from = 0;
	size_t to;

	while (from < line->len && is_blank(line->p[from]))
		from++;
	for (to = from; to < line->len && !is_blank(line->p[to]); to++)
		continue;
	*word = (struct str){ line->p ? line->p + from : NULL, to - from };
	*line = str_from(*line, to);
	return word->len > 0;
}

static bool is_host_name(struct str s)
{
	if (s.len == 0 || s.len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
			return false;
	}
	return true;
}

/* Goes over the text; stores the pairs in out unless that is NULL. Returns their number. */
static size_t scan(struct str text, struct hosttab_name *out)
{
	struct str line, word;
	size_t cnt = 0;

	while (str_split(&text, '\n', &line)) {
		struct ip addr;

		line = str_first(line, MIN(str_find_byte(line, '#'), line.len));
		if (!next_word(&line, &word) || !ip_parse(word, &addr))
			continue;
		while (next_word(&line, &word)) {
			if (word.p[word.len - 1] == '.')
				word.len--;
			if (!is_host_name(word))
				continue;
			if (out)
				out[cnt] = (struct hosttab_name){ word, addr };
			cnt++;
		}
	}
	return cnt;
}

static int fill_names(struct hosttab *t, struct str hosts)
{
	struct hosttab_name *v;
	char *text;
	size_t cnt;

	if (hosts.len == 0)
		return 0;
	text = ARENA_NEW_N(&t->arena, char, hosts.len);
	if (!text)
		return -1;
	str_lower(text, hosts);
	cnt = scan(str_n(text, hosts.len), NULL);
	if (cnt == 0)
		return 0;
	if (cnt > UINT32_MAX)
		return -1;
	v = ARENA_NEW_N(&t->arena, struct hosttab_name, cnt);
	if (!v)
		return -1;
	(void)scan(str_n(text, hosts.len), v);
	qsort(v, cnt, sizeof(*v), name_cmp);
	t->names = v;
	t->name_cnt = (uint32_t)cnt;
	return 0;
}

static int fill_local(struct hosttab *t, const struct ip *local, size_t cnt)
{
	struct ip *v;

	if (cnt == 0)
		return 0;
	if (cnt > UINT32_MAX)
		return -1;
	v = ARENA_NEW_N(&t->arena, struct ip, cnt);
	if (!v)
		return -1;
	memcpy(v, local, cnt * sizeof(*v));
	qsort(v, cnt, sizeof(*v), addr_cmp);
	t->local = v;
	t->local_cnt = (uint32_t)cnt;
	return 0;
}

struct hosttab *hosttab_new(struct str hosts, const struct ip *local, size_t local_cnt)
{
	struct arena self;
	struct holder *h;

	if (arena_init_fixed(&self, sizeof(*h) + HOLDER_SLACK) < 0)
		return NULL;
	h = ARENA_NEW(&self, struct holder);
	if (!h) {
		arena_fini(&self);
		return NULL;
	}
	h->self = self;
	h->tab.snap.destroy = destroy;
	atomic_init(&h->tab.snap.refs, 1);
	arena_init(&h->tab.arena, SIZE_MAX);
	if (fill_names(&h->tab, hosts) < 0 || fill_local(&h->tab, local, local_cnt) < 0 ||
	    arena_seal(&h->tab.arena) < 0) {
		destroy(&h->tab.snap);
		return NULL;
	}
	return &h->tab;
}

/* Index of the first entry that is not before name. */
static uint32_t lower_bound(const struct hosttab *t, struct str name)
{
	uint32_t lo = 0;
	uint32_t hi = t->name_cnt;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (str_cmp(t->names[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool holds(const struct ip *v, size_t cnt, struct ip a)
{
	for (size_t i = 0; i < cnt; i++) {
		if (ip_eq(v[i], a))
			return true;
	}
	return false;
}

size_t hosttab_lookup(const struct hosttab *t, struct str name, struct ip *out, size_t max)
{
	char low[NAME_MAX_LEN];
	size_t cnt = 0;

	if (!t)
		return 0;
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (name.len == 0 || name.len > sizeof(low))
		return 0;
	str_lower(low, name);
	name = str_n(low, name.len);
	for (uint32_t i = lower_bound(t, name); i < t->name_cnt && cnt < max; i++) {
		if (!str_eq(t->names[i].name, name))
			break;
		if (!holds(out, cnt, t->names[i].addr))
			out[cnt++] = t->names[i].addr;
	}
	return cnt;
}

bool hosttab_is_local(const struct hosttab *t, struct ip a)
{
	if (!t || t->local_cnt == 0)
		return false;
	return bsearch(&a, t->local, t->local_cnt, sizeof(a), addr_cmp) != NULL;
}
