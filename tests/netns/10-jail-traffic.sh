#!/bin/sh
# A jailed program reaches what the rules allow, over every way, and is told at once why not else.
# S006-AS-001..004, S007-AS-001..003, S006 redirect (D20), D28, D29, S007-X-A15, OPS-A12
. "$(dirname "$0")/lib.sh"
lab_up && lab_rules && lab_daemon || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
j() { lab_jail ci -- "$@" 2>&1; }

# --- proxy variables ---
is "HTTP through the proxy" "hello from allowed.test" "$(j curl -s -m 5 http://allowed.test/)"
is "HTTPS through CONNECT" "hello from allowed.test" "$(j curl -s -m 5 --cacert ca.pem https://allowed.test/)"
is "an alias of an allowed name" "hello from alias.test" "$(j curl -s -m 5 http://alias.test/)"
out=$(j curl -s -m 5 -i http://blocked.test/)
has "a blocked host is 403" "^HTTP/1.1 403" "$out"
has "403 names the rule in its header" "X-Outcall-Block-Reason: named-block" "$out"
has "403 says how to find out" "outcall explain --host blocked.test --port 80 --method GET --agent ci" "$out"
has "403 without a rule" "no rule matched" "$(j curl -s -m 5 http://other.test/)"
has "a path of an allowed host" "no rule matched" "$(j curl -s -m 5 http://allowed.test/secret)"
out=$(j curl -s -m 5 -H 'Accept: application/json' http://other.test/)
has "403 as JSON" '"error":"blocked by outcall"' "$out"
has "blocked CONNECT" "403" "$(j curl -s -m 5 -o /dev/null -w '%{http_connect}' --cacert ca.pem https://other.test/)"
has "a private address is refused" "restricted address" "$(printf 'version: "1"\nrules:\n  - {id: p, condition: http.host == "private.test", action: allow}\n' > rules/20.yaml; lab_cli rules reload > /dev/null; j curl -s -m 5 http://private.test/)"

# --- without proxy variables ---
n() { lab_jail ci -- env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY "$@" 2>&1; }
is "redirected HTTP" "hello from allowed.test" "$(n curl -s -m 5 http://allowed.test/)"
is "redirected HTTPS" "hello from allowed.test" "$(n curl -s -m 5 --cacert ca.pem https://allowed.test/)"
has "redirected and blocked" "^HTTP/1.1 403" "$(n curl -s -m 5 -i --resolve other.test:80:11.22.33.10 http://other.test/)"
has "redirected TLS is refused by an alert" "alert" "$(n curl -s -S -m 5 --cacert ca.pem --resolve other.test:443:11.22.33.10 https://other.test/)"

# --- DNS ---
has "an allowed name" "^11.22.33.10$" "$(j dig +short +time=2 +tries=1 allowed.test A)"
out=$(j dig +time=2 +tries=1 other.test A)
has "a blocked name is NXDOMAIN" "status: NXDOMAIN" "$out"
has "with the reason" "EDE: 15.*no rule matched" "$out"
has "SOA in the answer" "SOA.*ns.outcall.invalid" "$out"
has "over TCP" "^11.22.33.10$" "$(j dig +tcp +short +time=2 +tries=1 allowed.test A)"
has "a server of its own is redirected" "^11.22.33.10$" "$(j dig @8.8.8.8 +short +time=2 +tries=1 allowed.test A)"
is "private answers are stripped" "11.22.33.10" "$(j dig +short +time=2 +tries=1 mixed.test A)"
has "only private answers: SERVFAIL" "status: SERVFAIL" "$(j dig +time=2 +tries=1 private.test A)"
has "the host itself is nobody" "status: REFUSED" "$(lab_host dig @10.200.0.1 +time=2 +tries=1 allowed.test A)"

# --- refused at once ---
direct() { lab_jail ci -- perl -e 'use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => "tcp", Timeout => 5); print $s ? "connected" : "$!"' "$@" 2>&1; }
has "direct TCP is refused" "refused" "$(direct 11.22.33.10 8081)"
has "TCP to the host is refused" "refused" "$(direct 11.22.33.1 22)"
has "TCP to the gateway is refused" "refused" "$(direct 10.200.0.1 22)"
has "TCP to a neighbour is refused" "refused" "$(direct 10.200.0.200 8000)"
t=$(millis direct 11.22.33.10 8081)
if [ "$t" -lt 2000 ]; then pass "and at once"; else fail "and at once" "$t ms"; fi
udp='use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0); connect($s, sockaddr_in($ARGV[1], inet_aton($ARGV[0]))); send($s, "x", 0); my $r = ""; vec($r, fileno($s), 1) = 1; select($r, undef, undef, 3); recv($s, my $b, 10, 0); print "$!"'
has "UDP is refused" "prohibited|unreachable|No route|denied" "$(j perl -e "$udp" 11.22.33.10 443)"
ping='use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 1) or print("$!"), exit; send($s, pack("C2nn2", 8, 0, 0, 1, 1), 0, sockaddr_in(0, inet_aton("11.22.33.10"))); my $r = ""; vec($r, fileno($s), 1) = 1; my $n = select($r, undef, undef, 2); print $n && defined(recv($s, my $b, 99, 0)) ? "answered" : "none: $!"'
hasnt "ping gets no answer" "answered" "$(j perl -e "$ping")"
is "no packet has arrived" "" "$(grep -v 'allowed.test\|alias.test\|hello' nginx.log | grep -v ' 200 ' )"

# --- what is seen ---
out=$(lab_cli events)
has "events show the allowed request" "ci +http +allow +GET +allowed.test:80" "$out"
has "and the blocked one" "block +GET +blocked.test:80 +rule=named-block" "$out"
has "and names" "dns +block +A +other.test" "$out"
has "counters of the base policy" "refused [1-9]" "$(lab_cli status)"
