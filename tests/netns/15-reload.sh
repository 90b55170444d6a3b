#!/bin/sh
# A changed rule file decides by itself, a broken one never: by watching, SIGHUP and command; nothing is lost
# while rules are loaded again and again under traffic.
# S003-FR-021..023, S003-AS-009, S003-EC-013, S003-EC-015, S003 1.9, D21, OPS-FR-041, OPS-FR-050, OPS-FR-052
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID
lab_up || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
cli="$OUTCALL_BIN --applet=outcall --socket $LAB/run/host.sock"

# Names that rule file $1 allows, one rule each; written aside and moved in, as editors do.
allow() {
	_f=$1; shift
	{
		printf 'version: "1"\nrules:\n'
		for _n; do printf '  - {id: %s, condition: dns.query == "%s.test" || http.host == "%s.test", action: allow}\n' "$_n" "$_n" "$_n"; done
	} > "$_f.new"
	mv "$_f.new" "$_f"
}
# The verdict for a name as the daemon gives it.
verdict() { $cli dns test "$1.test" 2>&1 | sed -n 's/^Decision: *//p' | tr A-Z a-z; }
is_verdict() { [ "$(verdict "$1")" = "$2" ]; }
loads() { grep -c 'rules loaded' daemon.log; }
refusals() { grep -c 'reload failed' daemon.log; }
not_ready() { ! $cli status > status.out 2>&1; }

allow rules/10.yaml allowed
lab_daemon || { fail "daemon"; exit 1; }
is "the first set decides" "allow block" "$(verdict allowed) $(verdict other)"

# --- by watching ---
allow rules/10.yaml other
check "a file moved in place decides" wait_for 3 is_verdict other allow
is "and what is gone from it is blocked" block "$(verdict allowed)"
printf '  - {id: more, condition: dns.query == "allowed.test", action: allow}\n' >> rules/10.yaml
check "a file written in place decides" wait_for 3 is_verdict allowed allow
allow rules/20.yaml registry
check "a new file decides" wait_for 3 is_verdict registry allow
rm rules/20.yaml
check "a file that is gone does not" wait_for 3 is_verdict registry block
before=$(loads)
for i in 1 2 3 4 5 6 7 8 9 10; do allow rules/20.yaml registry; done
check "ten changes in a row" wait_for 3 is_verdict registry allow
is "are one load" $((before + 1)) "$(loads)"
touch rules/10.yaml; echo x > rules/notes.txt; printf 'version: "1"\n' > rules/x.yaml.tmp; rm -f rules/notes.txt rules/x.yaml.tmp
allow rules/30.yaml closed
check "the next change decides" wait_for 3 is_verdict closed allow
is "other files and unchanged ones load nothing" $((before + 2)) "$(loads)"
rm rules/20.yaml rules/30.yaml
check "back to one file" wait_for 3 is_verdict closed block

# --- a broken file ---
printf 'version: "1"\nrules:\n  - id: broken\n    condition: http.host ==\n    action: allow\n' > rules/20.yaml
check "a broken file: not ready" wait_for 3 not_ready
has "status says where" 'FAIL +rules +.*20\.yaml' "$(cat status.out)"
has "and its last line" '^not ready$' "$(tail -n 1 status.out)"
is "the old set decides" "allow block" "$(verdict allowed) $(verdict registry)"
has "the log says file and place" 'ERROR rule_engine: .*reload failed: .*20\.yaml.*4.*Previous rules remain active' "$(cat daemon.log)"
n=$(refusals)
out=$($cli rules reload 2>&1); st=$?
is "reload exits 1" 1 $st
has "and says it" '^Error: reload failed: 20.yaml:4: CEL parse error in rule "broken" \(20.yaml\): 1:13: .*Previous rules remain active\.$' "$(printf '%s' "$out" | tr '\n' ' ')"
kill -HUP "$LAB_DAEMON"
more_refusals() { [ "$(refusals)" -gt "$n" ]; }
check "SIGHUP logs it" wait_for 3 more_refusals
is "the old set still decides" "allow block" "$(verdict allowed) $(verdict registry)"
has "exit status of status --json" '"ready":false' "$($cli status --json)"
rm rules/20.yaml
check "without it: ready" wait_for 3 $cli status

# --- the command ---
printf 'version: "1"\ndefinitions:\n  nobody: http.host == "x"\nrules: []\n' > rules/20.yaml
out=$($cli rules reload)
is "the first line of rules reload" "Reloaded 2 rule(s) from 2 file(s)." "$(printf '%s\n' "$out" | head -n 1)"
has "then warnings" '^  warning: unused definition "nobody" in 20.yaml$' "$out"
hasnt "and nothing else" '^.' "$(printf '%s\n' "$out" | tail -n +2 | grep -v '^  warning: ')"
is "as JSON" '{"files_loaded":2,"rules_loaded":2,"warnings":' "$($cli rules reload --json | grep -oE '^.*"warnings":')"
rm rules/20.yaml
mv rules rules.away
is "no directory" "Reloaded 0 rule(s) from 0 file(s)." "$($cli rules reload 2>&1 | head -n 1)"
has "is a warning" "warning: rules directory $LAB/rules does not exist" "$($cli rules reload 2>&1)"
is "and blocks all" block "$(verdict allowed)"
mv rules.away rules
check "a directory that comes back is found" wait_for 8 is_verdict allowed allow
allow rules/10.yaml allowed other
check "and watched again" wait_for 3 is_verdict other allow
lab_daemon_stop TERM

# --- without watching ---
lab_daemon --watch-rules off || fail "daemon with --watch-rules off"
allow rules/10.yaml registry
n=$(loads)
kill -HUP "$LAB_DAEMON"
check "SIGHUP loads" wait_for 3 is_verdict registry allow
allow rules/10.yaml allowed
perl -e 'select undef, undef, undef, 0.6'	# twice the settle time: that nothing happens can only be waited for
is "a change alone does not" "block $((n + 1))" "$(verdict allowed) $(loads)"
is "the command does" "Reloaded 1 rule(s) from 1 file(s)." "$($cli rules reload)"
is "and decides" allow "$(verdict allowed)"
lab_daemon_stop TERM

# --- a rule that needs the proxy ---
printf 'version: "1"\nrules:\n  - {id: p, condition: http.host == "x", action: allow, egress: {mode: proxy}}\n' > rules/10.yaml
mv rules/10.yaml p.yaml; allow rules/10.yaml allowed
lab_daemon --no-proxy || fail "daemon with --no-proxy"
cp p.yaml rules/20.yaml
has "--no-proxy is checked at a reload" "^Error: reload failed: 20.yaml:3: --no-proxy cannot be used while active rules require egress.mode: proxy" "$($cli rules reload 2>&1)"
is "and the old set decides" allow "$(verdict allowed)"
rm rules/20.yaml
lab_daemon_stop TERM

# --- under load: DNS and HTTP without pause, kept and fresh connections, 1000 reloads ---
# Both sets allow allowed.test and block other.test, each in its own way; the rules of one in the other's order or
# company, a part of a set, or none of it would answer otherwise.
cat > load.py <<'EOF'
import http.client, os, random, socket, struct, threading
bad, done, stop = [], [0, 0, 0, 0], threading.Event()
def dns():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3); s.connect(("10.200.0.1", 53))
    n = random.randrange(30000)
    while not stop.is_set():
        n += 1
        q = struct.pack(">6H", n & 65535, 256, 1, 0, 0, 0) + b"\7allowed\4test\0\0\1\0\1"
        try:
            s.send(q); r = s.recv(2000)
            if r[:2] != q[:2] or r[3] & 15 or b"\x0b\x16\x21\x0a" not in r: bad.append("dns %r" % r)
        except OSError as e: bad.append("dns %s" % e)
        done[0] += 1
def never():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3); s.connect(("10.200.0.1", 53))
    n = 0
    while not stop.is_set():
        n += 1
        q = struct.pack(">6H", n & 65535, 256, 1, 0, 0, 0) + b"\5other\4test\0\0\1\0\1"
        c = http.client.HTTPConnection("10.200.0.1", 8080, timeout=5)
        try:
            s.send(q); r = s.recv(2000)
            if r[:2] != q[:2] or r[3] & 15 != 3: bad.append("mixed dns %r" % r)
            c.request("GET", "http://other.test/1k"); r = c.getresponse()
            if r.status != 403: bad.append("mixed http %d" % r.status)
        except Exception as e: bad.append("never %r" % e)
        c.close(); done[3] += 1
def kept():
    c = http.client.HTTPConnection("10.200.0.1", 8080, timeout=5)
    while not stop.is_set():
        for i in range(900):	# the proxy ends a connection after 1000 requests
            if stop.is_set(): return
            try:
                c.request("GET", "http://allowed.test/1k"); r = c.getresponse()
                if r.status != 200 or len(r.read()) != 1024: bad.append("kept %d" % r.status)
            except Exception as e: bad.append("kept %r" % e); c.close()
            done[1] += 1
        c.close()
def fresh():
    while not stop.is_set():
        c = http.client.HTTPConnection("allowed.test", timeout=5)	# by name and by redirect
        try:
            c.request("GET", "/1k"); r = c.getresponse()
            if r.status != 200 or len(r.read()) != 1024: bad.append("fresh %d" % r.status)
        except Exception as e: bad.append("fresh %r" % e)
        c.close(); done[2] += 1
ts = [threading.Thread(target=f) for f in (dns, kept, fresh, never)]
for t in ts: t.start()
open("load.up", "w").write("up")
open("load.end").read()		# a pipe: until the reloads are done
stop.set()
for t in ts: t.join()
print("lost %d" % len(bad), *bad[:5])
print("done", *["many" if n > 100 else n for n in done])
EOF
mkfifo load.end
allow rules/10.yaml allowed; cp rules/10.yaml set1
cat > set2 <<'EOF'
version: "1"
rules:
  - {id: not-other, condition: dns.query == "other.test" || http.host == "other.test", action: block}
  - {id: all, condition: dns.query.endsWith(".test") || http.host.endsWith(".test"), action: allow}
EOF
lab_daemon --watch-rules off --dns-rate-limit 0 --log-level warn || fail "daemon"
$OUTCALL_BIN --applet=outcall --socket "$LAB/run/host.sock" jail --name load -- python3 load.py > load.out 2>&1 & p=$!
wait_for 10 test -e load.up || fail "load" "$(cat load.out)"
i=0 wrong=0
while [ $i -lt "${RELOADS:-1000}" ]; do
	cp set$((i % 2 + 1)) rules/10.yaml
	[ "$($cli rules reload 2>&1)" = "Reloaded $((i % 2 + 1)) rule(s) from 1 file(s)." ] || wrong=$((wrong + 1))
	i=$((i + 1))
done
echo > load.end; wait $p
is "$i reloads under load are answered" 0 $wrong
has "no request is lost, no verdict is from a mixed set" "^lost 0" "$(head -n 1 load.out)"
is "and there were many" "done many many many many" "$(sed -n 2p load.out)"
