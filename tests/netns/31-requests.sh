#!/bin/sh
# Rule requests with a real daemon: list, show, approve, reject, what a restart keeps, and what stays when a
# disk is full, a directory read-only or the state file damaged.
# S003-FR-026, S003-FR-034, S003-AS-012..014, S003 1.5, 1.9, S010-O-041, operations section 11, D21
. "$(dirname "$0")/lib.sh"
unset SUDO_UID SUDO_GID
lab_up || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
cli="$OUTCALL_BIN --applet=outcall --socket $LAB/run/host.sock"
chmod 700 state

# The state file with pending requests rr-...1 to rr-...N; each allows one name of the lab.
pending() {
	printf '{' > state/rule-requests.json
	_i=0 _c=
	for _n; do
		_i=$((_i + 1))
		printf '%s"rr-00000000000%d":{"container_id":"jail-0000000%d","rule_file":"version: \\"1\\"\\nrules:\\n  - {id: %s, condition: dns.query == \\"%s.test\\", action: allow} # \\u202e\\n","status":"pending","reason":null}' "$_c" $_i $_i "$_n" "$_n" >> state/rule-requests.json
		_c=,
	done
	printf '}\n' >> state/rule-requests.json
	chmod 600 state/rule-requests.json
}
verdict() { $cli dns test "$1.test" 2>&1 | sed -n 's/^Decision: *//p' | tr A-Z a-z; }
loads() { grep -c 'rules loaded' daemon.log; }
rejects() { $cli requests reject "$@" 2>&1; }
start_fails() {
	timeout 10 nsenter --net="/run/netns/$LAB_HOST" -- "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" \
		--rules-dir "$LAB/rules" --state-dir "$LAB/state" --dns-upstream 11.22.33.53 "$@" > start.out 2>&1
	echo $?
}
printf 'version: "1"\nrules:\n  - {id: base, condition: dns.query == "other.test", action: allow}\n' > rules/10.yaml

# --- list, show, approve, reject ---
lab_daemon || { fail "daemon"; exit 1; }
is "an empty queue" "No pending rule requests." "$($cli requests list)"
lab_daemon_stop TERM
pending allowed alias registry base
lab_daemon || { fail "daemon"; exit 1; }
printf '%-18s %-32s STATUS\n' ID CONTAINER > want
for i in 1 2 3 4; do printf '%-18s %-32s Pending\n' rr-00000000000$i jail-0000000$i; done >> want
is "list" "$(cat want)" "$($cli requests list)"
has "list --json" '^\[\{"id":"rr-000000000001","container_id":"jail-00000001","rule_file":"version' "$($cli requests list --json)"
show=$($cli requests show rr-000000000001)
has "show: the file, escaped" '^    - \{id: allowed, .*# \\u\{202e\}$' "$show"
has "show: the risks" '^  - not limited to the requesting agent$' "$show"
is "nothing is active" "block block" "$(verdict allowed) $(verdict alias)"
n=$(loads)
is "approve" 'Rule request "rr-000000000001" approved; 2 rule(s) loaded.' "$($cli requests approve rr-000000000001)"
is "active at once" allow "$(verdict allowed)"
is "the file" "600 1" "$(stat -c '%a %h' rules/agent-rr-000000000001.yaml)"
perl -e 'select undef, undef, undef, 0.8'	# more than twice the settle time of the watch
is "exactly one reload" $((n + 1)) "$(loads)"
has "the log names who" 'rule request decided.*request_id=rr-000000000001.*status=approved.*uid=0' "$(cat daemon.log)"
is "reject" 'Rule request "rr-000000000002" rejected.' "$(rejects rr-000000000002 --reason 'too wide')"
is "and no file" "10.yaml agent-rr-000000000001.yaml" "$(ls -A rules | tr '\n' ' ' | sed 's/ $//')"
is "twice" 'Error: rule request "rr-000000000002" is not pending (status: Rejected)' "$(rejects rr-000000000002)"
is "bad reason" 'Error: rejection reason must not be empty' "$(rejects rr-000000000003 --reason '')"
is "unknown" 'Error: rule request "rr-00000000000f" not found' "$($cli requests approve rr-00000000000f 2>&1)"
is "bad id" 'Error: invalid rule request ID' "$($cli requests approve ../x 2>&1)"
has "a rule id in use" '^Error: rule engine reload failed after writing "agent-rr-000000000004.yaml": .*duplicate rule ID "base"' "$($cli requests approve rr-000000000004 2>&1)"
is "leaves no file" 2 "$(ls -A rules | wc -l)"
check "and a ready daemon" $cli status

# --- a restart, also by SIGKILL, keeps it all ---
lab_daemon_stop KILL
lab_daemon || { fail "daemon after SIGKILL"; exit 1; }
is "decisions are kept" "Approved Rejected Pending Pending" "$($cli requests list --all | awk 'NR > 1 { print $3 }' | tr '\n' ' ' | sed 's/ $//')"
is "and the rule" "allow block" "$(verdict allowed) $(verdict alias)"
has "and the reason" '^Reason: +too wide$' "$($cli requests show rr-000000000002)"

# --- what cannot be written ---
echo mine > rules/agent-rr-000000000003.yaml.x; mv rules/agent-rr-000000000003.yaml.x keep
lab_daemon_stop TERM
lab_daemon --watch-rules off || { fail "daemon"; exit 1; }
printf 'version: "1"\n' > rules/agent-rr-000000000003.yaml
has "a name that is taken" '^Error: failed to write rule file "agent-rr-000000000003.yaml": .*already exists$' "$($cli requests approve rr-000000000003 2>&1)"
is "is not overwritten" 'version: "1"' "$(cat rules/agent-rr-000000000003.yaml)"
rm rules/agent-rr-000000000003.yaml
lab_daemon_stop TERM

# In a mount namespace of its own: the rules, then the state, on a disk that is full or read-only.
cat > disks.sh <<'EOS'
cd "$LAB" || exit 1
mount --make-rprivate / || exit 77
cp -a rules rules.copy; cp -a state state.copy
mount -t tmpfs -o size=64k,mode=755 tmpfs rules; cp -a rules.copy/. rules/
mount -t tmpfs -o size=64k,mode=700 tmpfs state; cp -a state.copy/. state/
nsenter --net="/run/netns/$LAB_HOST" -- "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" --rules-dir "$LAB/rules" \
	--state-dir "$LAB/state" --dns-upstream 11.22.33.53 --watch-rules off 2>> daemon.log & d=$!
wait_for 10 $CLI bridge status || exit 1
say() { echo "$1: $($CLI requests $2 2>&1)"; }
same() { cmp -s "$1" "$2" && echo same || echo changed; }
mount -o remount,ro rules
say read-only "approve rr-000000000003"
mount -o remount,rw rules
dd if=/dev/zero of=rules/fill bs=4k > /dev/null 2>&1
say full-rules "approve rr-000000000003"
rm rules/fill
cp state/rule-requests.json before
dd if=/dev/zero of=state/fill bs=4k > /dev/null 2>&1
say full-state "reject rr-000000000003"
say full-state-approve "approve rr-000000000003"
echo "rules: $(ls -A rules | tr '\n' ' ')"
echo "state: $(same before state/rule-requests.json) $(ls -A state | tr '\n' ' ')"
echo "verdict: $($CLI dns test registry.test | sed -n 's/^Decision: *//p')"
rm state/fill
say room "approve rr-000000000003"
echo "verdict: $($CLI dns test registry.test | sed -n 's/^Decision: *//p')"
kill "$d"; wait "$d"
EOS
sed -n '/^wait_for()/,/^}/p' "$OLDPWD/scripts/lab.sh" > helper.sh
export LAB LAB_HOST OUTCALL_BIN CLI="$cli"
unshare -m sh -c '. ./helper.sh; . ./disks.sh' > disks.out 2>&1
line() { sed -n "s/^$1: //p" disks.out; }
has "read-only rules" '^Error: failed to write rule file "agent-rr-000000000003.yaml": .*: Read-only file system$' "$(line read-only)"
has "full rules disk" '^Error: failed to write rule file "agent-rr-000000000003.yaml": .*: No space left on device$' "$(line full-rules)"
is "full state disk: reject" "Error: failed to persist rule rejection" "$(line full-state)"
is "full state disk: approve" "Error: failed to persist rule approval; previous policy was restored" "$(line full-state-approve)"
is "no file is left" "10.yaml agent-rr-000000000001.yaml " "$(line rules)"
is "the state is as it was" "same fill rule-requests.json " "$(line state)"
is "with room: approved" 'Rule request "rr-000000000003" approved; 3 rule(s) loaded.' "$(line room)"
is "blocked before, allowed after" "block allow" "$(line verdict | tr A-Z a-z | tr '\n' ' ' | sed 's/ $//')"

# --- SIGKILL while requests are decided: the queue is read again, and a rule file is there when its request is approved ---
rm -f rules/agent-* state/*
pending a1 a2 a3 a4 a5 a6 a7 a8 a9
torn=0 rounds=0
for i in 1 2 3 4 5 6 7 8 9; do
	lab_daemon --watch-rules off || { torn=start; break; }
	$cli requests approve rr-00000000000$i > /dev/null 2>&1 & p=$!
	perl -e 'select undef, undef, undef, $ARGV[0] / 1000' $((i - 1))	# each round dies a millisecond later
	lab_daemon_stop KILL; wait $p
	lab_daemon --watch-rules off || { torn=restart; break; }
	approved=$($cli requests list --all | awk '$3 == "Approved" { print "agent-" $1 ".yaml" }')
	[ "$approved" = "$(cd rules && ls -A | grep '^agent-.*yaml$')" ] || torn="$i: $approved"
	lab_daemon_stop TERM
	rounds=$((rounds + 1))
done
is "$rounds deaths tear nothing" "0 9" "$torn $rounds"
rm -f rules/agent-* state/*; pending allowed alias registry

# --- an approval cut short by a crash; a state file that is not one ---
printf 'version: "1"\nrules:\n  - {id: registry, condition: dns.query == "registry.test", action: allow} # \342\200\256\n' > rules/agent-rr-000000000003.yaml
lab_daemon || fail "daemon"
is "a crash between file and state: taken back" "Pending block" "$($cli requests list | awk '$1 == "rr-000000000003" { print $3 }') $(verdict registry)"
lab_daemon_stop TERM
echo '{' > state/rule-requests.json
is "a damaged state file: no start" 1 "$(start_fails)"
has "and a reason" '^Error: .*/state/rule-requests.json is damaged \(repair it, or move it away' "$(cat start.out)"
is "--check does not look at it" 0 "$(start_fails --check)"
rm state/rule-requests.json; ln -s ../keep state/rule-requests.json
is "a symlink: no start" 1 "$(start_fails)"
rm state/rule-requests.json
is "bad --agent-rule-rate" 2 "$(start_fails --agent-rule-rate 0/60)"
has "says why" 'rate-limit count must be between 1 and 1000000' "$(cat start.out)"
