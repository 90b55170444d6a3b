#!/bin/sh
# The host API as curl sees it: statuses, envelopes, versions of HTTP, events; and --json of every read verb is
# the API's data, byte for byte.
# S000 sections 4, 6 and 7, S000-EC-X01, S003-IF-001..005, S010-O-001, operations section 4, D24
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID
lab_up && lab_rules && lab_daemon || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
cli="$OUTCALL_BIN --applet=outcall --socket $LAB/run/host.sock"
api="http://localhost/api/v1"
u() { curl -s -m 9 --unix-socket run/host.sock "$@"; }
# "status body" of an answer
s() { u -w '\n%{http_code}' "$@" | perl -0pe 's/^(.*)\n(\d+)$/$2 $1/s'; }
post() { _p=$1; shift; s -H 'Content-Type: application/json' "$@" "$api/$_p"; }
# raw TEXT: what comes back for those bytes, until the daemon closes or nothing more comes
cat > raw.pl <<'EOF'
use Socket;
socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un("run/host.sock")) or die "$!";
my $text = $ARGV[0];
$text =~ s/\\r/\r/g; $text =~ s/\\n/\n/g; $text =~ s/\\x(..)/chr hex $1/ge;
$SIG{PIPE} = "IGNORE";
syswrite S, $text;
shutdown S, 1 if $ARGV[1];
my ($got, $end, $b) = ("", "open");
while (1) {
	vec(my $want = "", fileno(S), 1) = 1;
	last if !select($want, undef, undef, 0.5);
	my $n = sysread S, $b, 65536;
	$end = defined $n ? "closed" : "$!", last if !$n;
	$got .= $b;
}
$got =~ s/\r//g;
print "$got\n$end\n";
EOF
raw() { perl raw.pl "$@"; }

# --- statuses ---
is "200 with data" '200 {"success":true,"data":{"status":"ok"}}' "$(s $api/health)"
is "200 without: exactly success" '200 {"success":true}' "$(s -X POST $api/bridge/up)"
is "200 of a failure" '200 {"success":false,"error":"rule not found: \"none\""}' "$(s $api/rule/none)"
is "404" '404 {"success":false,"error":"not found"}' "$(s $api/none)"
is "404 of the agents' API" '404 {"success":false,"error":"not found"}' "$(s -X POST http://localhost/v1/checkin)"
has "404 of a path that is a prefix" '^404 ' "$(s http://localhost/api/v1)"
has "404 with a slash too many" '^404 ' "$(s $api/health/)"
out=$(u -i -X POST $api/health)
has "405" '^HTTP/1.1 405 ' "$out"
has "405 names the methods" '^Allow: GET' "$out"
has "405 has the envelope" '\{"success":false,"error":"' "$out"
has "405 for both" '^Allow: POST' "$(u -i $api/bridge/up)"
has "405 for another method" '^HTTP/1.1 405' "$(u -i -X DELETE $api/rules)"
has "400 JSON syntax" '^400 \{"success":false,"error":"' "$(post rule/test -d '{"expression":')"
has "400 trailing bytes" '^400 ' "$(post rule/test -d '{"expression":"true","context":{}} x')"
has "400 the same member twice" '^400 ' "$(post rule/test -d '{"expression":"true","expression":"false","context":{}}')"
has "400 invalid UTF-8" '^400 ' "$(printf '{"expression":"\377","context":{}}' | post rule/test --data-binary @-)"
has "400 too deep" '^4(00|13) ' "$(perl -e 'print "{\"expression\":" . "[" x 200 . "]" x 200 . "}"' | post rule/test --data-binary @-)"
has "400 unknown query parameter" '^400 .*invalid query parameter' "$(s "$api/rules?x=1")"
has "400 bad value" '^400 .*invalid query parameter \\"limit\\"' "$(s "$api/events?limit=0")"
has "400 bad escape" '^400 ' "$(s --path-as-is "$api/rule/%zz")"
has "400 a body with GET" '^400 ' "$(s -X GET -H 'Content-Type: application/json' -d '{}' $api/rules)"
has "400 a chunked body" '^400 .*bad HTTP framing' "$(post rule/test -H 'Transfer-Encoding: chunked' -d '{}')"
has "413" '^413 \{"success":false,"error":"request body too large"' "$(head -c 1048577 /dev/zero | post rule/test --data-binary @- -H 'Expect:')"
has "413 is answered before the body with 100-continue" '^413 ' "$(head -c 3000000 /dev/zero | post rule/test --data-binary @- -H 'Expect: 100-continue')"
has "a body just as large is read" '^400 ' "$(head -c 1048576 /dev/zero | post rule/test --data-binary @-)"
has "415" '^415 \{"success":false,"error":"' "$(s -d '{"expression":"true","context":{}}' $api/rule/test)"
has "415 with text/plain" '^415 ' "$(s -H 'Content-Type: text/plain' -d '{}' $api/rule/test)"
is "a charset is no fault" '200 {"success":true,"data":{"result":true,"error":null}}' \
	"$(s -H 'Content-Type: application/json; charset=utf-8' -d '{"expression":"true","context":{}}' $api/rule/test)"
has "422 missing member" '^422 .*expression' "$(post rule/test -d '{"context":{}}')"
has "422 unknown member" '^422 .*\\"extra\\"' "$(post rule/test -d '{"expression":"true","context":{},"extra":1}')"
has "422 unknown member within" '^422 .*nets' "$(post rule/test -d '{"expression":"true","context":{"nets":{}}}')"
has "422 wrong type" '^422 .*expression' "$(post rule/test -d '{"expression":7,"context":{}}')"
has "422 out of range" '^422 .*port' "$(post rule/test -d '{"expression":"true","context":{"network":{"ip":"","port":65536,"protocol":"tcp"}}}')"
has "422 a body where none belongs" '^422 ' "$(post bridge/up -d '{"x":1}')"
has "431" '^431 \{"success":false,"error":"request head too large"' "$(s -H "X: $(head -c 17000 /dev/zero | tr '\0' x)" $api/health)"
is "409: the name is taken" '409 {"success":false,"error":"jail \"one\" is already running"}' \
	"$(mkfifo go; $cli jail --name one -- sh -c 'echo up > up; read x < go' & wait_for 9 test -e up; unshare -n curl -s -m 9 --unix-socket run/host.sock -w '\n%{http_code}' -H 'Content-Type: application/json' -d '{"name":"one"}' $api/jail | perl -0pe 's/^(.*)\n(\d+)$/$2 $1/s'; echo > go; wait)"
has "a jail needs a namespace" '^200 .*jail needs a network namespace of its own' "$(nsenter --net="/run/netns/$LAB_HOST" curl -s -m 9 --unix-socket run/host.sock -w '\n%{http_code}' -H 'Content-Type: application/json' -d '{}' $api/jail | perl -0pe 's/^(.*)\n(\d+)$/$2 $1/s')"

# --- HTTP ---
h='\r\nHost: localhost\r\n'
out=$(raw "GET /api/v1/health HTTP/1.1$h\r\n")
has "1.1: the connection stays" '^open$' "$(printf '%s' "$out" | tail -n 1)"
has "1.1: JSON" '^Content-Type: application/json$' "$out"
has "1.1: with its length" '^Content-Length: 39$' "$out"
out=$(raw "GET /api/v1/health HTTP/1.0\r\n\r\n")
has "1.0: answered" '"status":"ok"' "$out"
is "1.0: and closed" closed "$(printf '%s\n' "$out" | tail -n 1)"
has "1.0: the client's side shut at once" '"status":"ok"' "$(raw "GET /api/v1/health HTTP/1.0\r\n\r\n" shut)"
is "1.1 with Connection: close" closed "$(raw "GET /api/v1/health HTTP/1.1${h}Connection: close\r\n\r\n" | tail -n 1)"
is "two requests in one packet" 2 "$(raw "GET /api/v1/health HTTP/1.1$h\r\nGET /api/v1/health HTTP/1.1${h}Connection: close\r\n\r\n" | grep -o '"status":"ok"' | wc -l)"
for t in "no Host|GET /api/v1/health HTTP/1.1\r\n\r\n" "two Hosts|GET /api/v1/health HTTP/1.1${h}Host: b\r\n\r\n" \
	"two lengths|POST /api/v1/rules/reload HTTP/1.1${h}Content-Length: 0\r\nContent-Length: 1\r\n\r\n" \
	"a signed length|POST /api/v1/rules/reload HTTP/1.1${h}Content-Length: +0\r\n\r\n" \
	"a space before the colon|GET /api/v1/health HTTP/1.1${h}X : y\r\n\r\n" "a folded line|GET /api/v1/health HTTP/1.1${h}X: y\r\n z\r\n\r\n" \
	"no HTTP|hello\r\n\r\n" "a TLS hello|\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n" "an upgrade|GET /api/v1/health HTTP/1.1${h}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"; do
	out=$(raw "${t#*|}")
	has "400: ${t%%|*}" '^HTTP/1.1 400 .*' "$(printf '%s\n' "$out" | head -n 1)"
	has "400: ${t%%|*}: envelope" '^\{"success":false,"error":"[^"]+"\}$' "$out"
	is "400: ${t%%|*}: closed" closed "$(printf '%s\n' "$out" | tail -n 1)"
done
has "an empty POST is {}" '"success":true' "$(raw "POST /api/v1/rules/reload HTTP/1.0\r\nContent-Length: 0\r\n\r\n")"
has "a body byte by byte" '"result":true' "$(perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un("run/host.sock")) or die;
	my $b = q({"expression":"1 < 2","context":{}});
	syswrite S, $_ for split //, "POST /api/v1/rule/test HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " . length($b) . "\r\n\r\n$b";
	sysread S, $b, 9999; print $b')"
has "64 connections that say nothing do not stop the 65th once one ends" '"status":"ok"' "$(perl -MSocket -e 'for (1 .. 64) {
	my $s; socket($s, AF_UNIX, SOCK_STREAM, 0) && connect($s, sockaddr_un("run/host.sock")) or die; push @held, $s }
	splice @held, 0, 8; system qw(curl -s -m 15 --unix-socket run/host.sock http://x/api/v1/health)')"

# --- events ---
lab_jail ci -- sh -c 'curl -s -m 5 http://allowed.test/; curl -s -m 5 http://blocked.test/; curl -s -m 5 -x "" --resolve other.test:80:11.22.33.10 http://other.test/?secret=1; dig +short +time=2 +tries=1 other.test' > /dev/null 2>&1
# How many events a query gives, and the values of one member.
n() { u "$api/events?$1" > n.out; echo $(grep -o '"seq":' n.out | wc -l) $(grep -oE "\"${2:-layer}\":\"[^\"]*\"" n.out | cut -d '"' -f 4 | sort -u); }
check "events arrive" wait_for 5 sh -c "curl -s --unix-socket run/host.sock '$api/events' | grep -q other.test.*dns"
has "by layer" '^[1-9][0-9]* dns$' "$(n layer=dns)"
has "by decision" '^[1-9][0-9]* block$' "$(n decision=block decision)"
has "by container" '^[1-9][0-9]* ci$' "$(n container=ci container)"
is "by container: none" 0 "$(n container=nobody)"
has "by host" '^[1-9][0-9]* blocked.test$' "$(n host=blocked.test host)"
has "by suffix" '^[1-9][0-9]* allowed.test blocked.test other.test$' "$(n host=.test host)"
has "by rule" '^1 named-block$' "$(n rule=named-block rule)"
is "by several" "1 blocked.test" "$(n 'layer=http&decision=block&rule=named-block' host)"
is "limit" 2 "$(n limit=2 | cut -d ' ' -f 1)"
hasnt "no query string is in them" secret "$(u $api/events)"
boot=$(u $api/events | grep -oE '"boot_id":"[0-9a-f]{16}"' | cut -d '"' -f 4)
next=$(u $api/events | grep -oE '"next_seq":[0-9]+' | cut -d : -f 2)
is "since the last: none" 0 "$(n "since=$next&boot=$boot")"
has "another boot: from the start" '"reset":true' "$(u "$api/events?since=$next&boot=0000000000000000")"
has "a waiter is answered by nothing when the time is over" '"events":\[\]' "$(u "$api/events?since=$next&boot=$boot&wait=1")"
u "$api/events?since=$next&boot=$boot&wait=20&decision=block" > poll.out & p=$!
lab_jail late -- sh -c 'curl -s -m 5 http://allowed.test/; curl -s -m 5 http://blocked.test/' > /dev/null 2>&1
wait $p
has "a waiter is answered by the first that passes" '"container":"late".*"host":"blocked.test"' "$(cat poll.out)"
is "and by no other" 1 "$(grep -o '"seq":' poll.out | wc -l)"
for q in since=x limit=501 wait=21 decision=maybe layer=none container= boot=1\&boot=2; do
	has "events?$q: 400" '^400 .*invalid query parameter' "$(s "$api/events?$q")"
done

# --- --json ---
data() { u "$api/$1" | perl -pe 's/^\{"success":true,"data":(.*)\}$/$1/'; }
same() { [ "$($cli $2 --json)" = "$(data "$1")" ]; }
for t in "ready|status" "bridge|bridge status" "rules|rules list" "rule/dns-allowed|rules show dns-allowed" "dns|dns status" \
	"dns/cache|dns cache" "dns/cache?entries=true|dns cache --entries" "proxy|proxy status" "jails|jail list"; do
	check "${t#*|} --json" wait_for 4 same "${t%%|*}" "${t#*|}"
done
test='{"expression":"dns.query == \"x\"","context":{"dns":{"query":"x","record_type":"A"}}}'
is "rules test --json" '{"result":true,"error":null}' "$($cli rules test --json --expr 'dns.query == "x"' --context '{"dns":{"query":"x","record_type":"A"}}')"
is "is the API's data" "200 {\"success\":true,\"data\":{\"result\":true,\"error\":null}}" "$(post rule/test -d "$test")"
has "rules test: an error is data" '"result":false,"error":"CEL parse error: 1:' "$(post rule/test -d '{"expression":"1 +","context":{}}')"
is "evaluate" '200 {"success":true,"data":{"decision":"allow","matched_rule":"dns-allowed","file":"10-lab.yaml","logged":false}}' \
	"$(post rule/evaluate -d '{"context":{"dns":{"query":"allowed.test","record_type":"A"}}}')"
is "evaluate: nothing matches" '200 {"success":true,"data":{"decision":"block","matched_rule":null,"file":null,"logged":false}}' \
	"$(post rule/evaluate -d '{"context":{"dns":{"query":"x","record_type":"A"}}}')"
check "every line of --json is JSON" sh -c "for v in status 'bridge status' 'rules list' 'dns cache --entries' 'jail list' 'dns test allowed.test' 'explain --host allowed.test' events; do
	$cli \$v --json; done | python3 -c 'import json, sys
for l in sys.stdin: json.loads(l)'"
is "events --json: an object on each line" "" "$($cli events --json | grep -vE '^\{"seq":[0-9]+,.*\}$')"
has "rules reload --json" '^\{"files_loaded":1,"rules_loaded":3,"warnings":\[' "$($cli rules reload --json)"
is "version" "$($OUTCALL_BIN --applet=outcalld --version | cut -d ' ' -f 2)" "$(u $api/version | grep -oE '"version":"[^"]+"' | cut -d '"' -f 4)"
has "daemon" "\"pid\":$LAB_DAEMON," "$(u $api/daemon)"
has "counters" '"id":"named-block".*"hits":[1-9]' "$(u $api/rules/counters)"
has "bridge down: evaluate says so" '^200 .*rule evaluation unavailable: bridge is not up' "$($cli bridge down > /dev/null; post rule/evaluate -d '{"context":{}}')"
has "ready is 503 then" '^503 \{"success":true,"data":\{"ready":false' "$(s $api/ready)"
