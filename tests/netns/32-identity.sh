#!/bin/sh
# Identity of containers: a real daemon, namespaces that play containers on its bridge, and an Engine that vouches
# for them (tests/engine.py). Who a packet is from decides; who nobody vouches for is refused.
# S013 AS-001, AS-002, AS-004, AS-006, SC-001, IP index, EC-007, EC-009; S007-X-003; S015-X-005; S008-X-003, X-009,
# S008-X-A2, X-A3, EC-011, EC-X04, EC-X05; S004-X-006; D11
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID DOCKER_HOST
lab_up || { fail "lab"; exit 1; }
cat > "$LAB/rules/10-names.yaml" <<'EOT'
version: "1"
rules:
  - id: foobar
    condition: agent.name == "foobar" && (dns.query == "allowed.test" || http.host == "allowed.test")
    action: allow
  - id: ci-1
    condition: agent.name == "ci-1" && (dns.query == "allowed.test" || http.host == "allowed.test")
    action: allow
  - id: for-everybody
    condition: dns.query == "other.test" || http.host == "other.test"
    action: allow
EOT

# --- containers and their Engine ---
e() { _m=$1 _p=$2; shift 2; curl -s -m 9 --unix-socket "$LAB/docker.sock" -X "$_m" "http://docker/_test/$_p" "$@"; }
engine() { python3 tests/engine.py "$LAB/docker.sock" > "$LAB/engine.log" 2>&1 & ENGINE=$!; wait_for 9 e GET calls; }
id_of() { printf "%064d" "$1" | tr 0 "$1"; }
# is_listed N NAME ADDRESS [MORE-JSON]: the Engine knows it from now on, and says nothing
is_listed() { e PUT container -d "{\"id\":\"$(id_of "$1")\",\"name\":\"$2\",\"addr\":\"$3\"${4:-}}" > /dev/null; }
event() { e POST event -d "{\"action\":\"$2\",\"id\":\"$(id_of "$1")\"}" > /dev/null; }
calls() { e GET calls | grep -oE "\"$1\": [0-9]+" | cut -d ' ' -f 2; }
# plug N: a namespace with the address 10.200.0.N on the bridge
plug() {
	ip netns add "oc-c$1-$$" && NAMESPACES="$NAMESPACES oc-c$1-$$"
	lab_host ip link add "oc-c$1" type veth peer name eth0 netns "oc-c$1-$$"
	lab_host ip link set "oc-c$1" master outcall0
	lab_host ip link set "oc-c$1" type bridge_slave isolated on
	lab_host ip link set "oc-c$1" up
	in_c "$1" ip addr add "10.200.0.$1/24" dev eth0; in_c "$1" ip link set eth0 up; in_c "$1" ip route add default via 10.200.0.1
}
in_c() { _c=$1; shift; nsenter --net="/run/netns/oc-c$_c-$$" -- "$@"; }
NAMESPACES= ENGINE=
cleanup() {
	[ -z "$ENGINE" ] || kill "$ENGINE" 2>/dev/null
	for n in $NAMESPACES; do ip netns pids "$n" | xargs -r kill 2>/dev/null; ip netns del "$n"; done
	lab_down
}
trap cleanup EXIT
# What DNS says: an address, or the status.
dns() { in_c "$1" dig +time=5 +tries=1 @10.200.0.1 "${2:-allowed.test}" A | perl -ne '$s = $1 if /status: (\w+)/; $a = $1 if /\sA\s+(\S+)/; END { print $a // $s // "nothing" }'; }
# What the proxy says: status and body.
web() { in_c "$1" curl -s -m 9 -x http://10.200.0.1:8080 -w ' %{http_code}' "http://${2:-allowed.test}/" | tr -d '\n'; }
# The status of the first answer that is not REFUSED: for what must come true soon.
served() { [ "$(dns "$1" "${2:-}")" = 11.22.33.10 ]; }
refused() { [ "$(dns "$1" "${2:-}")" = REFUSED ]; }
asked() { [ "$(calls list)" -gt "$lists" ]; }
# The "not among them" of the last list holds for 1 s: that it ends shows only by waiting.
forgotten() { perl -e 'select undef, undef, undef, 1.1'; }
said() { grep -qE "$1" "$LAB/daemon.log"; }

# --- no Engine on this host ---
lab_daemon || { fail "daemon"; exit 1; }
for n in 2 3 4 5 6 7 8; do plug $n; done
check "no Engine: said once" wait_for 5 said 'INFO docker_manager: no Docker Engine at .*: containers are not served, jails are'
has "no Engine: ready" '"name":"docker","ok":true,"detail":"no Engine on this host"' "$(lab_cli status --json)"
t=$(millis dns 2)
is "no Engine: DNS of a stranger" REFUSED "$(dns 2)"
[ "$t" -lt 1000 ] && pass "no Engine: refused at once" || fail "no Engine: refused at once" "$t ms"
is "no Engine: a rule for everybody serves no stranger" REFUSED "$(dns 2 other.test)"
has "no Engine: proxy" 'Managed container identity required.* 403$' "$(web 2 other.test)"
is "no Engine: a jail works, with its name unchanged" "hello from allowed.test" "$(lab_jail ci-1 -- curl -s -m 9 http://allowed.test/)"

# --- the Engine comes ---
engine
is_listed 1 foobar-1 10.200.0.2; is_listed 2 foobar-2 10.200.0.3; is_listed 3 bar-1 10.200.0.4
check "an Engine that comes later is found" wait_for 9 said 'Docker Engine at .* is followed: API 1.41, 3 container'
has "ready" '"name":"docker","ok":true,"detail":"connected"' "$(lab_cli status --json)"
is "AS-001: foobar-1 is foobar: DNS" 11.22.33.10 "$(dns 2)"
is "AS-001: foobar-2 is foobar: DNS" 11.22.33.10 "$(dns 3)"
is "AS-002: bar-1 is not" NXDOMAIN "$(dns 4)"
is "SC-001: proxy of foobar-1" "hello from allowed.test 200" "$(web 2)"
is "SC-001: proxy of foobar-2" "hello from allowed.test 200" "$(web 3)"
has "AS-002: proxy of bar-1" ' 403$' "$(web 4)"
hasnt "AS-002: which is managed" 'identity required' "$(web 4)"
is "bar-1 has what everybody has" "hello from other.test 200" "$(web 4 other.test)"
has "redirected connection of foobar-1" '^hello from allowed.test 200$' "$(in_c 2 curl -s -m 9 --resolve allowed.test:80:11.22.33.10 -w ' %{http_code}' http://allowed.test/ | tr -d '\n')"
check "the log names the agent" said 'proxy: blocked source_ip=10.200.0.4 agent=bar .*host=allowed.test'
has "the events name the container" '"container":"foobar-1"' "$(lab_cli events --json)"

for t in "5432 true" "8080 false"; do
	is "AS-006: port ${t% *}" "{\"result\":${t#* },\"error\":null}" "$(lab_cli rules test --json --expr 'agent.name == "foobar" && network.port == 5432' \
		--context "{\"agent\":{\"name\":\"foobar\"},\"network\":{\"ip\":\"\",\"port\":${t% *},\"protocol\":\"tcp\"}}")"
done

# --- strangers ---
before=$(calls list)
is "AS-004: a stranger: DNS" REFUSED "$(dns 5 other.test)"
has "AS-004: a stranger: proxy" 'Managed container identity required.* 403$' "$(web 5 other.test)"
is "a stranger that hurries is refused at once" REFUSED "$(dns 5 other.test)"
p=
for i in 1 2 3 4 5 6 7 8 9 10; do in_c 6 dig +time=1 +tries=1 @10.200.0.1 x$i.test > /dev/null & p="$p $!"; done
is "strangers keep nobody waiting" 11.22.33.10 "$(dns 2)"
wait $p
more=$(($(calls list) - before))
[ "$more" -ge 1 ] && [ "$more" -le 8 ] && pass "strangers cost few calls" || fail "strangers cost few calls" "$more lists"
before=$(cat "$LAB/daemon.log" | wc -l); b=$(calls list) i=$(calls inspect)
in_c 2 sh -c 'for n in 1 2 3 4 5 6 7 8 9 10; do dig +time=3 +tries=1 @10.200.0.1 allowed.test; done' | grep -c '^allowed.test.*11.22.33.10' > "$LAB/n"
is "EC-007: warm look-ups are answered" 10 "$(cat "$LAB/n")"
is "EC-007: and ask nobody" "$b $i" "$(calls list) $(calls inspect)"

# --- S007-X-003: asked before the start was registered ---
forgotten
lists=$(calls list)
dns 5 other.test > "$LAB/late" & p=$!
check "the Engine is asked for a source that no table holds" wait_for 2 asked
is_listed 4 late-1 10.200.0.5; event 4 start
wait $p
is "a query waits for the start event of its container" 11.22.33.10 "$(cat "$LAB/late")"
forgotten
lists=$(calls list)
web 8 other.test > "$LAB/late" & p=$!
check "the Engine is asked for a connection too" wait_for 2 asked
is_listed 8 early-1 10.200.0.8; event 8 start
wait $p
is "so does a connection to the proxy" "hello from other.test 200" "$(cat "$LAB/late")"
is_listed 5 quiet-1 10.200.0.7
forgotten
is "a miss asks the Engine" 11.22.33.10 "$(dns 7 other.test)"

# --- two claim one address ---
is_listed 6 thief-1 10.200.0.2; event 6 start
check "S015-X-005: refused for both" wait_for 5 refused 2
check "and logged" said 'ERROR docker_manager: two claim one address: neither is served address=10.200.0.2 container=thief-1 other=foobar-1'
is "others are served" 11.22.33.10 "$(dns 3)"
e DELETE container -d "{\"id\":\"$(id_of 6)\"}" > /dev/null; event 6 destroy
check "one of them ends: the other is served again" wait_for 5 served 2

# --- what concerns one container only ---
is_listed 4 late-1 10.200.0.5 ',"networks":["bridge"]'
e POST event -d "{\"network\":\"connect\",\"id\":\"$(id_of 4)\"}" > /dev/null
check "a second network: not served" wait_for 5 refused 5 other.test
check "and said" said 'container is not served container=late-1 id=[0-9a-f]+ address=10.200.0.5 reason="it is attached to more than one network"'
is_listed 4 late-1 10.200.0.5
e POST event -d "{\"network\":\"disconnect\",\"id\":\"$(id_of 4)\"}" > /dev/null
check "until it is taken off" wait_for 5 served 5 other.test
is_listed 4 late-1 10.200.0.5 ',"label":""'; event 4 restart
check "no network label: not served" wait_for 5 refused 5 other.test
is "others are" 11.22.33.10 "$(dns 3)"

# --- S009-FR-004, FR-012: grants belong to who has the address, and end with it ---
api() { curl -s -m 9 --unix-socket "$LAB/run/host.sock" -H 'Content-Type: application/json' "$@"; }
allow() { api -d "{\"container\":\"$1\",\"src_ip\":\"10.200.0.$2\",\"destination\":\"11.22.33.10\",\"protocol\":\"tcp\",\"port\":8081}" http://x/api/v1/rule/allow; }
granted() { [ "$(api http://x/api/v1/rules/active | grep -o '"container"' | wc -l)" = "$1" ]; }
has "FR-012: a grant for another container's address" 'does not belong to container .bar-1. .belongs to .foobar-2' "$(allow bar-1 3)"
has "a grant for its own" '"success":true' "$(allow foobar-2 3)"
check "is in force" granted 1
event 2 kill
check "a signal may be its end: the grant ends" wait_for 4 granted 0
is "its identity does not" 11.22.33.10 "$(dns 3)"

# --- rename, signal, end ---
is_listed 3 foobar-3 10.200.0.4; event 3 rename
check "a renamed container has the rules of its new name" wait_for 5 served 4
is_listed 3 bar-1 10.200.0.4; event 3 rename
check "and loses those of the old one" wait_for 5 test "$(dns 4)" = NXDOMAIN
event 1 kill; event 1 oom
is "S008-X-A2: a signal is no end" 11.22.33.10 "$(dns 2)"
# A connection that lives: the proxy keeps it after the first answer.
cat > "$LAB/hold.pl" <<'EOT'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => "10.200.0.1:8080") or die "$!";
syswrite $s, "GET http://allowed.test/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n";
sysread $s, my $b, 4096;
print $b =~ /200/ ? "open\n" : "refused\n"; STDOUT->flush;
print sysread($s, $b, 4096) ? "more\n" : "closed\n";
EOT
in_c 2 timeout 20 perl "$LAB/hold.pl" > "$LAB/hold" & hold=$!
check "a connection is kept" wait_for 5 grep -q open "$LAB/hold"
has "S009-FR-004: a grant of foobar-1" '"success":true' "$(allow foobar-1 2)"
is_listed 1 foobar-1 "" ',"state":"exited"'; event 1 die
check "and its start is said" said 'INFO docker_manager: container is served container=foobar-1 id=[0-9a-f]+ address=10.200.0.2'
check "the end of the container ends it" wait_for 2 grep -q closed "$LAB/hold"
wait $hold
is "and its identity" REFUSED "$(dns 2)"
check "and its grants" granted 0
is_listed 1 foobar-1 10.200.0.2; event 1 start
check "started again" wait_for 5 served 2

# --- jails and containers share names and nothing else ---
has "a jail with a container's name is refused" 'jail "foobar-1" is already running' "$(lab_jail foobar-1 -- true 2>&1)"
is "a jail beside containers" "hello from allowed.test" "$(lab_jail ci-1 -- curl -s -m 9 http://allowed.test/)"

# --- the stream ends, breaks, and the Engine hangs ---
has "before the stream is lost: a grant" '"success":true' "$(allow foobar-2 3)"
e POST cut > /dev/null
check "stream lost: containers are refused" wait_for 4 refused 2
check "stream lost: their grants end" granted 0
has "stream lost: no new ones" 'it cannot be told whose address it is: the Docker event stream has ended' "$(allow foobar-2 3)"
is "stream lost: a jail works" "hello from allowed.test" "$(lab_jail ci-1 -- curl -s -m 9 http://allowed.test/)"
has "stream lost: not ready" '"name":"docker","ok":false,"detail":"the Docker event stream has ended"' "$(lab_cli status --json)"
check "stream lost: said" said 'WARN docker_manager: no container is served until the Docker Engine is back: '
check "and found again" wait_for 9 served 2
e POST raw -d '{"Type":' > /dev/null; e POST raw --data-binary '7}
' > /dev/null
check "a malformed event: containers are refused" wait_for 4 refused 2
check "found again" wait_for 9 served 2
e POST hang -d '{"on":true}' > /dev/null; e POST cut > /dev/null
check "a hanging Engine: containers are refused" wait_for 4 refused 2
is "a hanging Engine: a jail works" "hello from allowed.test" "$(lab_jail ci-1 -- curl -s -m 9 http://allowed.test/)"
check "a hanging Engine: the API answers" lab_cli bridge status
t=$(date +%s%N)
lab_daemon_stop
is "a hanging Engine: the daemon stops" 0 $?
t=$((($(date +%s%N) - t) / 1000000))
[ $t -lt 3000 ] && pass "at once" || fail "at once" "$t ms"
e POST hang -d '{"on":false}' > /dev/null

# --- S008-AS-011: a daemon that was away ---
lab_daemon || fail "daemon again"
is "the first query after a restart waits for the list" 11.22.33.10 "$(dns 2)"
is "and the proxy serves" "hello from allowed.test 200" "$(web 3)"

# --- S004-X-006: a process in a container is no operator ---
cg=
for d in /sys/fs/cgroup/pids /sys/fs/cgroup/unified /sys/fs/cgroup; do
	[ -e $d/cgroup.procs ] && mkdir "$d/$(id_of 7)" 2>/dev/null && cg=$d/$(id_of 7) && break
done
if [ -n "$cg" ]; then
	out=$(sh -c "echo \$\$ > $cg/cgroup.procs && exec \"\$@\"" sh curl -s -m 9 --unix-socket "$LAB/run/host.sock" -w ' %{http_code}' http://x/api/v1/health)
	is "S004-X-006: root in a container's cgroup is refused" '{"success":false,"error":"forbidden: host API is not available to containers"} 403' "$out"
	mkdir "$cg/sub"
	has "in a cgroup below it as well" 'forbidden: host API is not available to containers' "$(sh -c "echo \$\$ > $cg/sub/cgroup.procs && exec \"\$@\"" sh curl -s -m 9 --unix-socket "$LAB/run/host.sock" http://x/api/v1/health)"
	rmdir "$cg/sub" "$cg"
else
	echo "ok - S004-X-006: no cgroup can be made here # SKIP"
fi
check "an operator is served" lab_cli bridge status

# --- flags ---
out=$("$OUTCALL_BIN" --applet=outcalld --docker-socket docker.sock 2>&1); st=$?
is "a relative --docker-socket: exit 2" 2 $st
has "and said" 'invalid --docker-socket "docker.sock": must be an absolute path' "$out"
lab_daemon_stop
DOCKER_HOST=tcp://127.0.0.1:1 nsenter --net="/run/netns/$LAB_HOST" -- "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" \
	--rules-dir "$LAB/rules" --state-dir "$LAB/state" --dns-upstream 11.22.33.53 2>> "$LAB/daemon.log" & LAB_DAEMON=$!
check "DOCKER_HOST of another kind is ignored, with a warning" wait_for 9 said 'WARN docker_manager: DOCKER_HOST is ignored: only unix:// leads to the Engine of this host'
lab_daemon_stop
DOCKER_HOST=unix://$LAB/docker.sock nsenter --net="/run/netns/$LAB_HOST" -- "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" \
	--rules-dir "$LAB/rules" --state-dir "$LAB/state" --dns-upstream 11.22.33.53 2>> "$LAB/daemon.log" & LAB_DAEMON=$!
wait_for 9 lab_cli bridge status
check "DOCKER_HOST=unix:// is used" wait_for 9 served 2
