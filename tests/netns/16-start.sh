#!/bin/sh
# A start that cannot succeed: one clear sentence, exit status 1, and nothing half-built left behind.
# OPS-FR-004, OPS-FR-010, OPS-EC-001, OPS-EC-002, S006 (bind failure), S007-EC-008, S003 section 5, S003-EC-013,
# S000-X-004, operations section 2 (--no-proxy with proxy rules)
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID
lab_up && lab_rules || { fail "lab"; exit 1; }
cd "$LAB" || exit 1

# start [FLAG...]: a start that should fail; output in $out, exit status in $st. Ends it when it does not fail.
start() {
	out=$(nsenter --net="/run/netns/$LAB_HOST" -- timeout -k 1 5 "$OUTCALL_BIN" --applet=outcalld \
		--socket "$LAB/run/host.sock" --rules-dir "$LAB/rules" --state-dir "$LAB/state" --dns-upstream 11.22.33.53 "$@" 2>&1 > start.out)
	st=$?
}
begins() { _n=$1; shift; if lab_daemon --on-exit teardown "$@" 2> begins.err; then pass "$_n"; else fail "$_n" "$(cat begins.err)"; fi; }
# The C library of the release says "Address in use", others "already".
errors() { printf '%s\n' "$out" | grep '^Error: ' | sed 's/Address already in use/Address in use/'; }
# refused NAME TEXT: the last start failed with that sentence and no other.
refused() {
	is "$1: exit status" 1 $st
	is "$1: the sentence" "Error: $2" "$(errors)"
	is "$1: no link" "" "$(lab_host ip -o link show type bridge)"
	is "$1: no table" "" "$(lab_host nft list tables)"
	is "$1: no socket" "" "$(find run -type s)"
	is "$1: nothing on stdout" "" "$(cat start.out)"
}
# After bridge and policy stand a failed start leaves them, dropping, for the next one to take over (section 12).
refused_late() {
	is "$1: exit status" 1 $st
	is "$1: the sentence" "Error: $2" "$(errors)"
	has "$1: the policy drops" "policy drop" "$(lab_host nft list table inet outcall 2>&1)"
	is "$1: no socket" "" "$(find run -type s)"
	hasnt "$1: no listener of its own" "outcall" "$(lab_host ss -Hltunp 2>/dev/null)"
	lab_host ip link del outcall0 2>/dev/null; lab_host nft delete table inet outcall 2>/dev/null
}

# --- rules ---
mkdir real; mv rules/10-lab.yaml real/; rmdir rules; ln -s real rules
start; refused "rules directory is a symlink" "rules directory $LAB/rules must be a real directory"
rm rules; echo x > rules
start; refused "rules directory is a file" "rules directory $LAB/rules must be a real directory"
rm rules; mkdir rules
printf 'version: "1"\nrules:\n  - {id: a, condition: "true", action: allow}\n  - id: b\n    condition: network.dst == "x"\n    action: block\n' > rules/20.yaml
start; is "a mistake in a rule: exit status" 1 $st
has "says file, line and what to write" '^Error: 20\.yaml:5: CEL check error in rule "b" \(20\.yaml\): 1:9: unknown field "network\.dst"' "$out"
is "and nothing is made" "" "$(lab_host ip -o link show type bridge; lab_host nft list tables; find run -type s)"
has "--check says the same" '^Error: 20\.yaml:5: CEL check error' "$("$OUTCALL_BIN" --applet=outcalld --check --rules-dir "$LAB/rules" 2>&1)"
printf 'version: "2"\n' > rules/20.yaml
start; refused "another version" '20.yaml:1: unsupported version "2" in 20.yaml (only "1" is supported)'
rm rules/20.yaml; ln -s /etc/passwd rules/20.yaml
start; refused "a rule file is a symlink" "rule file $LAB/rules/20.yaml must be a real file"
rm rules/20.yaml; head -c 1048577 /dev/zero > rules/20.yaml
start; refused "a rule file is too large" "$LAB/rules/20.yaml exceeds 1048576 bytes"
printf 'version: "1"\nrules:\n  - {id: p, condition: http.host == "x", action: allow, egress: {mode: proxy}}\n' > rules/20.yaml
start --no-proxy
refused "--no-proxy with a rule that needs it" "20.yaml:3: --no-proxy cannot be used while active rules require egress.mode: proxy; remove those rules or run the proxy"
rm rules/20.yaml; mv real/10-lab.yaml rules/

# --- sockets ---
echo precious > run/host.sock
start; refused "a file at the socket's path" "refusing to replace non-socket entry at $LAB/run/host.sock"
is "the file is unchanged" precious "$(cat run/host.sock)"
rm -rf run; mkdir elsewhere; ln -s elsewhere run
start; refused "the socket's directory is a symlink" "socket parent $LAB/run must be a real directory"
is "and its target untouched" "" "$(ls elsewhere)"
rm run; mkdir run
echo x > run/agent
start; refused "the agents' directory is a file" "socket parent $LAB/run/agent must be a real directory"
rm run/agent
out=$(lab_host "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/missing/deeper/host.sock" --rules-dir "$LAB/rules" 2>&1); st=$?
is "a directory two levels below what exists: exit status" 1 $st
has "names it" "^Error: cannot make directory $LAB/missing/deeper: No such file" "$out"

# --- rights ---
out=$(lab_host setpriv --bounding-set -net_admin --inh-caps -net_admin "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" --rules-dir "$LAB/rules" 2>&1 > start.out); st=$?
is "without CAP_NET_ADMIN: exit status" 1 $st
has "without CAP_NET_ADMIN: one sentence with the remedy" '^Error: .*(CAP_NET_ADMIN|root)' "$(errors)"
is "without CAP_NET_ADMIN: one line" 1 "$(errors | wc -l)"
is "without CAP_NET_ADMIN: nothing made" "" "$(lab_host ip -o link show type bridge; lab_host nft list tables; find run -type s)"
chmod 755 run; mkdir -p theirs; chown 65534:65534 theirs
out=$(lab_host setpriv --reuid 65534 --regid 65534 --clear-groups "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/theirs/host.sock" --rules-dir "$LAB/rules" 2>&1 > start.out); st=$?
is "as nobody: exit status" 1 $st
has "as nobody: one sentence with the remedy" '^Error: .*(CAP_NET_ADMIN|root)' "$(errors)"

# --- ports ---
cat > hold.py <<'EOF'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM)
s.bind(("0.0.0.0", int(sys.argv[2])))
if sys.argv[1] == "tcp": s.listen()
open("hold.up", "w").write("up"); time.sleep(60)
EOF
hold() { rm -f hold.up; nsenter --net="/run/netns/$LAB_HOST" -- python3 hold.py "$@" & holder=$!; wait_for 10 test -e hold.up; }
release() { kill $holder; wait $holder 2>/dev/null; }
hold udp 53; start; release
refused_late "port 53/udp in use" "DNS filter failed to bind 10.200.0.1:53: Address in use"
hold tcp 53; start; release
refused_late "port 53/tcp in use" "DNS filter failed to bind 10.200.0.1:53: Address in use"
hold tcp 8080; start; release
refused_late "port 8080 in use" "HTTP proxy failed to bind 10.200.0.1:8080: Address in use. Set --no-proxy to run without the proxy."
hold tcp 8080; begins "with --no-proxy it starts" --no-proxy; lab_daemon_stop; release

# --- what exists already ---
lab_host ip link add outcall0 type veth peer name ocpeer
start
is "a link of that name that is no bridge: exit status" 1 $st
has "a link of that name that is no bridge: the sentence" "^Error: .*outcall0.* is not a Linux bridge" "$(errors)"
has "and it stays" veth "$(lab_host ip -d link show outcall0)"
lab_host ip link del outcall0; lab_host nft delete table inet outcall 2>/dev/null

# --- a kernel without nf_tables: simulated by a filter that refuses its sockets ---
cat > nonft.py <<'EOF'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
LD, JEQ, RET = 0x20, 0x15, 0x06
code = [(LD, 0, 0, 0), (JEQ, 0, 5, 41), (LD, 0, 0, 16), (JEQ, 0, 3, 16), (LD, 0, 0, 32), (JEQ, 0, 1, 12),
	(RET, 0, 0, 0x00050000 | 93), (RET, 0, 0, 0x7fff0000)]	# socket(AF_NETLINK, , NETLINK_NETFILTER): EPROTONOSUPPORT
prog = b"".join(struct.pack("HBBI", *c) for c in code)
buf = ctypes.create_string_buffer(prog)
fprog = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buf)))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, fprog, 0, 0): sys.exit("no filter")
os.execv(sys.argv[1], sys.argv[1:])
EOF
if [ "$(uname -m)" = x86_64 ]; then
	out=$(lab_host timeout -k 1 5 python3 nonft.py "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" \
		--rules-dir "$LAB/rules" --dns-upstream 11.22.33.53 2>&1 > start.out); st=$?
	is "no nf_tables: exit status" 1 $st
	is "no nf_tables: the sentence" "Error: nftables operation failed: kernel has no nf_tables support" "$(errors)"
	is "no nf_tables: no socket" "" "$(find run -type s)"
	lab_host ip link del outcall0 2>/dev/null
fi

# --- not a failure ---
mv rules rules.away
begins "without a rules directory it starts"
has "with a warning" "WARN rule_engine: .*rules directory $LAB/rules does not exist" "$(cat daemon.log)"
has "status says that all is blocked" "FAIL +rules +no rules: everything is blocked" "$(lab_cli status)"
has "and so it is" "Decision: +BLOCK" "$(lab_cli dns test allowed.test)"
lab_daemon_stop; mv rules.away rules
begins "after all this a start succeeds"
is "and works" "hello from allowed.test" "$(lab_jail ci -- curl -s -m 5 http://allowed.test/ 2>&1)"
# Threads that read what strangers send hold no right, and few system calls (design: sandbox stages).
workers() { for _t in /proc/"$LAB_DAEMON"/task/*; do [ "${_t##*/}" = "$LAB_DAEMON" ] || [ "$(cat "$_t/comm")" = job ] || grep -hE "^($1):" "$_t/status"; done | sort -u | tr -d '\t '; }
is "workers are under a system call filter" "Seccomp:2" "$(workers Seccomp)"
is "and without capabilities" "CapEff:0000000000000000
CapPrm:0000000000000000" "$(workers 'CapEff|CapPrm')"
lab_daemon_stop TERM
is "and ends with 0" 0 $?
