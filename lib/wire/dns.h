/* dns.h - DNS messages: names, queries, upstream answers, replies (bytes in, values out)
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's; nothing is allocated by wire counts.
 * Threads: pure functions.
 * Spec: S007 (order of work, W-01..W-14, W-20..W-39, W-52), RFC 1035, 2181, 2308, 6891, 8914, 9460.
 *
 * Three values carry everything: struct dns_query is what a client asked, struct dns_ask what we
 * ask an upstream, struct dns_answer the accepted part of its response.  Replies are always built
 * from these; no byte of a response is relayed as it came.
 */
#ifndef OC_WIRE_DNS_H
#define OC_WIRE_DNS_H

#include "base/buf.h"
#include "base/ip.h"
#include "wire/dns_name.h"

#define DNS_HEADER_LEN 12
#define DNS_QUERY_MAX 4096		/* S007-W-01 */
#define DNS_UDP_PAYLOAD_MAX 1232	/* RFC 9715: never fragmented */
#define DNS_UDP_PLAIN_MAX 512		/* without EDNS */
#define DNS_MESSAGE_MAX 65535
#define DNS_ASK_MAX 320			/* longest upstream query */
#define DNS_TTL_MAX_S 300		/* S007-W-39 */
#define DNS_BLOCKED_TTL_S 60
#define DNS_CHAIN_MAX 12		/* S007-W-35 */
#define DNS_RECORDS_MAX 512		/* per response; more is no honest answer */
#define DNS_EDE_TEXT_MAX 400

enum dns_rcode {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_BADVERS = 16,
};

#define DNS_CLASS_IN 1

enum dns_ede_code {
	DNS_EDE_BLOCKED = 15,
	DNS_EDE_PROHIBITED = 18,
	DNS_EDE_NO_REACHABLE_AUTHORITY = 22,
};

/* ---- queries of clients (dns.c) ---- */

enum dns_query_kind {
	DNS_QUERY_DROP = 0,	/* rows 1 and 6: no answer */
	DNS_QUERY_ERROR,	/* rows 4, 5, 7, 8: reply with rcode */
	DNS_QUERY_UNSERVED,	/* row 9: reply with rcode, counted blocked */
	DNS_QUERY_BAD_NAME,	/* row 10: NXDOMAIN without evaluation */
	DNS_QUERY_OK,		/* to be judged */
};

struct dns_query {
	uint16_t id, type, class;
	uint16_t payload;	/* the client's EDNS size, at least 512; 512 without EDNS */
	uint8_t opcode, rcode;	/* rcode of a reply to DNS_QUERY_ERROR and _UNSERVED */
	bool rd, cd, edns, dnssec_ok;
	bool has_question;	/* name, type and class are valid and echoed */
	struct dns_name name;	/* in the client's letter case */
};

/* Row 1: at least a header, at most 4096 bytes, QR=0. */
bool dns_query_is_one(const uint8_t *msg, size_t len);
/* Rows 4 to 10. What can be known of q is filled in every case but DROP. */
enum dns_query_kind dns_query_parse(const uint8_t *msg, size_t len, struct dns_query *q);

/* ---- exchanges with an upstream (dns_resp.c) ---- */

struct dns_ask {
	uint16_t id, type;
	bool edns, dnssec_ok, cd;
	bool any_case;		/* the letter case of the echoed name does not matter */
	struct dns_name name;	/* as sent, 0x20 case included */
};

size_t dns_ask_build(const struct dns_ask *ask, uint8_t out[DNS_ASK_MAX]);

enum dns_match {
	DNS_MATCH_NONE = 0,	/* not an answer to this question: ignore (S007-W-22) */
	DNS_MATCH_CASE,		/* equal but for the letter case of the name (S007-W-24) */
	DNS_MATCH_CUT,		/* TC=1: ask over TCP (S007-W-26) */
	DNS_MATCH_YES,
};

enum dns_match dns_response_match(const uint8_t *msg, size_t len, const struct dns_ask *ask);

struct dns_answer {
	enum dns_rcode rcode;	/* NOERROR or NXDOMAIN */
	uint16_t type;		/* asked */
	uint16_t an_cnt, ns_cnt;
	uint16_t name_len;	/* of the question name that the body's pointers stand behind */
	uint16_t len;		/* bytes of body */
	uint16_t ttl_s;		/* lifetime, 0..300; 0: not to be cached */
	bool has_hops;		/* CNAME, DNAME or service targets to be judged */
	bool has_addrs;
	uint8_t *body;		/* records as they stand behind the question in a message */
};

enum dns_accept {
	DNS_ACCEPT_BAD = 0,	/* malformed: next upstream */
	DNS_ACCEPT_FAILED,	/* rcode other than 0 and 3, or lame: next upstream */
	DNS_ACCEPT_NO_EDNS,	/* FORMERR or NOTIMP to a query with EDNS: once more without */
	DNS_ACCEPT_LOOP,	/* alias chain too long or circular: SERVFAIL */
	DNS_ACCEPT_OK,
};

/* Takes the acceptable records of a response that matches into a (a->body has room for cap bytes).
 * Lowers the letter case of the question in msg. */
enum dns_accept dns_response_accept(uint8_t *msg, size_t len, const struct dns_ask *ask,
				    struct dns_answer *a, size_t cap);

/* ---- looking into an answer (dns_rr.c) ---- */

struct dns_rr {
	uint16_t idx;		/* 0 ... an_cnt + ns_cnt - 1 */
	uint16_t type, covers;	/* covers: of RRSIG */
	bool authority;
	uint32_t ttl_s;
	size_t at, ttl_at, len;	/* in the body */
	struct str rdata;
};

/* The record at *pos (start with 0), which moves behind it. False at the end. */
bool dns_answer_next(const struct dns_answer *a, size_t *pos, uint16_t idx, struct dns_rr *rr);
/* The name that a CNAME, DNAME, SVCB or HTTPS record leads to; false if there is none. */
bool dns_rr_target(const struct dns_rr *rr, struct dns_name *out);
/* The address of an A or AAAA record. */
bool dns_rr_addr(const struct dns_rr *rr, struct ip *out);

/* ---- replies to clients (dns_build.c) ---- */

struct dns_ede {
	uint16_t code;		/* 0: none */
	struct str text;	/* left out when it does not fit */
};

#define DNS_STRIP_WORDS ((DNS_RECORDS_MAX + DNS_CHAIN_MAX) / 64 + 1)

struct dns_serve {		/* how an answer is served */
	uint32_t age_s;		/* what has passed of its TTLs */
	const uint64_t *strip;	/* DNS_STRIP_WORDS: bit set of records to leave out; or NULL */
};

/* The largest reply for this client over UDP (S007-W-27). */
size_t dns_udp_limit(const struct dns_query *q);
/* Each writes one message of at most cap bytes (cap >= 512) and returns its length. */
size_t dns_reply_rcode(const struct dns_query *q, enum dns_rcode rcode, const struct dns_ede *ede,
		       uint8_t *out, size_t cap);
size_t dns_reply_blocked(const struct dns_query *q, const struct dns_ede *ede, uint8_t *out,
			 size_t cap);
size_t dns_reply_any(const struct dns_query *q, uint8_t *out, size_t cap);
size_t dns_reply_answer(const struct dns_query *q, const struct dns_answer *a,
			const struct dns_serve *s, uint8_t *out, size_t cap);

#endif
