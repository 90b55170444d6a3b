#!/bin/sh
# Every flag of the daemon with a bad value: one line that names flag and value, usage, status 2, nothing changed.
# S000 section 9, OPS-A1, D12
. "$(dirname "$0")/lib.sh"
mkdir "$T/rules"
bad() {
	want=$1; shift
	run daemon --rules-dir "$T/rules" "$@"
	is "outcalld $*: status" 2 $st
	has "outcalld $*: reason" "^Error: .*$want" "$(printf '%s\n' "$err" | head -n 1)"
	has "outcalld $*: usage" "^Usage: outcalld" "$err"
}
bad 'unknown option --nosuch' --nosuch
bad 'unknown option --brige; did you mean --bridge' --brige x
bad 'unknown option --metrics-listen' --metrics-listen 1
bad 'unknown option --ca-cert' --ca-cert x
bad 'unexpected argument "x"' x
bad 'option --bridge needs a value' --bridge
bad 'option --bridge is given twice' --bridge a --bridge b
bad 'host and agent socket paths must be absolute' --socket rel/host.sock
bad 'longer than 107 bytes' --socket "/$(printf '%0120d' 0)"
bad 'invalid --operator-uid "x"' --operator-uid x
bad 'invalid --operator-gid "-1"' --operator-gid -1
bad 'invalid --on-exit "never": must be one of auto, keep, teardown' --on-exit never
bad 'invalid --blocked-packets "x"' --blocked-packets x
bad 'invalid --transparent "yes"' --transparent yes
bad 'invalid --watch-rules "1"' --watch-rules 1
bad 'invalid --subnet-block "10.0.0.0"' --subnet-block 10.0.0.0
bad 'invalid --subnet-block "10.200.0.0/25"' --subnet-block 10.200.0.0/25
bad 'invalid --subnet-block "10.200.0.1/16": host bits' --subnet-block 10.200.0.1/16
bad 'invalid --subnet-block "8.8.0.0/16"' --subnet-block 8.8.0.0/16
bad 'invalid DNS listen address' --dns-listen ::1
bad 'invalid DNS listen address' --dns-listen 0.0.0.0
bad 'invalid --dns-port "0"' --dns-port 0
bad 'invalid --dns-upstream entry "x"' --dns-upstream 1.1.1.1,x
bad 'invalid --dns-upstream entry ""' --dns-upstream 1.1.1.1,
bad 'names the DNS filter itself' --dns-upstream 10.200.0.1
bad 'at most 8' --dns-upstream 1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9
bad 'invalid --dns-rate-limit "5"' --dns-rate-limit 5
bad 'invalid rate limit "10"; expected <count>/<seconds>' --agent-rule-rate 10
bad "invalid rate limit \"1/2/3\"; expected exactly one '/'" --agent-rule-rate 1/2/3
bad 'invalid rate-limit count in "x/60"' --agent-rule-rate x/60
bad 'invalid rate-limit window in "10/"' --agent-rule-rate 10/
bad 'rate-limit count must be between 1 and 1000000' --agent-rule-rate 0/60
bad 'rate-limit window must be between 1 and 86400 seconds' --agent-rule-rate 10/86401
bad 'invalid --dns-tunnel-guard "x"' --dns-tunnel-guard x
bad 'invalid --dns-0x20 "x"' --dns-0x20 x
bad 'invalid --proxy-addr' --proxy-addr 10.0.0.1
bad 'invalid --proxy-addr' --proxy-addr '[::1]:80'
bad 'invalid --proxy-ech "x"' --proxy-ech x
bad 'invalid --workers "0"' --workers 0
bad 'invalid --workers "65"' --workers 65
bad 'invalid --event-ring "65537"' --event-ring 65537
bad 'invalid --log-level: unknown log level "loud"' --log-level loud
bad 'unknown log target "x"' --log-level x=info
bad 'invalid --log-format "xml"' --log-format xml
is "nothing was made" "" "$(ls /run/outcall 2>/dev/null)"
