#!/bin/sh
# The policy outlives the daemon: SIGKILL 200 times under traffic, foreign flushes, shutdown modes, a second
# daemon; at no moment does a packet pass unjudged, and the next start needs no help.
# S015-X-002, S001-AS-002, S001-AS-006, S001-EC-004, S001-EC-X07, S001-X-014, S000-X-004, OPS-A6, D16, D27
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID
lab_up && lab_rules && lab_daemon || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
lab_host sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
lab_net nft -f - <<'EOF'
table inet witness {
	chain in {
		type filter hook prerouting priority -300
		ip saddr 10.200.0.0/16 counter
	}
}
EOF
leaks() { lab_net nft list table inet witness | grep -oE 'packets [1-9][0-9]*'; }

# Knocks without pause, TCP and UDP, at addresses that no rule allows.
cat > knock.py <<'EOF'
import socket, time
n = 0
while True:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        s = socket.socket(socket.AF_INET, kind); s.setblocking(False)
        try: s.connect(("11.22.33.10", 8081)); s.send(b"x")
        except OSError: pass
        s.close()
    n += 1
    if n % 50 == 0: open("knocks", "w").write(str(n))
    time.sleep(0.002)
EOF
"$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" jail --name knock -- python3 knock.py > /dev/null 2> knock.err & k=$!
wait_for 10 test -s knocks || fail "traffic"

# A positive twin over the same path: what passes is seen.
nsenter --net="/run/netns/$LAB_HOST" -- sh -c 'ip addr add 10.200.9.9/32 dev lo; ping -c 1 -W 1 -I 10.200.9.9 11.22.33.10 > /dev/null 2>&1 ||
	perl -MSocket -e "socket(S, AF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(0, inet_aton(q(10.200.9.9)))); send(S, q(x), 0, sockaddr_in(9, inet_aton(q(11.22.33.10))))"; ip addr del 10.200.9.9/32 dev lo'
has "the witness sees what passes" "packets [1-9]" "$(leaks)"
lab_net nft reset counters > /dev/null 2>&1; lab_net nft flush chain inet witness in; lab_net nft add rule inet witness in ip saddr 10.200.0.0/16 counter
kills=${KILLS:-200}
i=0 bad=0
while [ $i -lt "$kills" ]; do
	lab_daemon_stop KILL
	lab_host nft list table inet outcall 2>/dev/null | grep -q 'policy drop' || bad=$((bad + 1))
	lab_daemon || { fail "start $i"; break; }
	i=$((i + 1))
done
is "$kills kills: the table stood every time" 0 "$bad"
is "and nothing passed" "" "$(leaks)"
check "the jail is registered again" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q ^knock"
is "and works by the rules" "hello from allowed.test" "$(lab_jail ci -- curl -s -m 5 http://allowed.test/ 2>&1)"

# foreign changes
i=0
while [ $i -lt 100 ]; do
	lab_host nft flush ruleset 2>/dev/null
	lab_host nft delete table inet outcall 2>/dev/null
	lab_host nft add rule inet outcall forward accept 2>/dev/null
	i=$((i + 1))
done
check "after 100 foreign flushes and deletions the policy stands" wait_for 2 sh -c "nsenter --net=/run/netns/$LAB_HOST nft list table inet outcall | grep -q 'policy drop'"
hasnt "no foreign rule is in it" '^\s*accept$' "$(lab_host nft list chain inet outcall forward)"
is "nothing passed" "" "$(leaks)"

# a second daemon
out=$(lab_host "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" --rules-dir "$LAB/rules" 2>&1); st=$?
is "a second daemon exits 1" 1 $st
has "and says why" "another outcalld is running \(pid $LAB_DAEMON\)" "$out"
check "the first goes on" lab_cli status
out=$(lab_host "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run2/host.sock" --rules-dir "$LAB/rules" 2>&1); st=$?
is "with another socket too" 1 $st
has "the reason is one sentence" "^Error: .*(owned by another process|already in use|in use)" "$out"
check "the first's policy stands" sh -c "nsenter --net=/run/netns/$LAB_HOST nft list table inet outcall | grep -q 'policy drop'"

# stop with something attached: drop-all stays; the bridge stays; restart takes over
lab_daemon_stop TERM
is "SIGTERM ends with 0" 0 $?
out=$(lab_host nft list table inet outcall 2>&1)
has "the drop-all table stays" "policy drop" "$out"
hasnt "without a way to DNS or proxy" "dport (53|8080) accept" "$out"
check "the bridge stays" lab_host ip link show outcall0
check "the sockets are gone" sh -c "[ ! -e '$LAB/run/host.sock' ]"
check "the agents' directory stays" test -d "$LAB/run/agent"
lab_daemon
check "the jail comes back" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q ^knock"
is "bridge down is refused while a jail runs" 1 "$(lab_cli bridge down > down.out 2>&1; echo $?)"
has "and says which" "jails are running: knock" "$(cat down.out)"
is "still nothing passed" "" "$(leaks)"
kill $k; wait $k 2>/dev/null
check "the jail has ended" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q 'No jails'"

# bridge down and up
is "bridge down" "Bridge is down." "$(lab_cli bridge down)"
is "link and table are gone" "" "$(lab_host ip -o link show outcall0 2>/dev/null; lab_host nft list tables)"
has "status says so" "nftables:  inactive" "$(lab_cli bridge status)"
is "DNS filter inactive" "DNS Filter:     inactive (bridge not up)" "$(lab_cli dns status)"
is "bridge up" "Bridge is up." "$(lab_cli bridge up)"
is "again" "Bridge is up." "$(lab_cli bridge up)"
is "and it works" "hello from allowed.test" "$(lab_jail ci -- curl -s -m 5 http://allowed.test/ 2>&1)"
lab_daemon_stop TERM

# teardown and lockdown
lab_daemon --on-exit teardown
lab_daemon_stop TERM
is "teardown leaves nothing" "" "$(lab_host ip -o link show outcall0 2>/dev/null; lab_host nft list tables)"
is "lockdown" "Lockdown policy installed." "$(lab_host "$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" lockdown)"
has "drops all" "policy drop" "$(lab_host nft list table inet outcall)"
lab_daemon --on-exit teardown && pass "the daemon takes over" || fail "the daemon takes over"
is "lockdown leaves a running daemon alone" "outcalld is running; its policy is in force." "$(lab_host "$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" lockdown)"
is "and it works" "hello from allowed.test" "$(lab_jail ci -- curl -s -m 5 http://allowed.test/ 2>&1)"
