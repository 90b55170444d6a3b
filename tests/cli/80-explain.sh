#!/bin/sh
# outcall explain without a daemon: the verdict of each layer, and the rules that came close. S003 1.3, 1.9
. "$(dirname "$0")/lib.sh"
mkdir "$T/rules"
cat > "$T/rules/10-a.yaml" <<'EOF'
version: "1"
definitions:
  gh: dns.query in ["github.com", "api.github.com"] || http.host in ["github.com", "api.github.com"]
rules:
  - id: no-deletes
    condition: http.host == "api.github.com" && http.method == "DELETE"
    action: block
  - id: gh
    condition: agent.name == "ci" && ($gh)
    action: allow
  - id: mirror
    condition: dns.query == "mirror.example.org"
    action: allow
    egress: {mode: direct_ip, ports: [8443]}
EOF
# says NAME WANT ARG...: status 0 and exactly this
says() {
	n=$1 want=$2; shift 2
	run cli explain "$@" --rules-dir "$T/rules"
	is "$n" "0
$want" "$st
$out"
	is "$n: nothing else" "" "$err"
}
says "allowed, and what would block" 'dns    ALLOW  rule gh (10-a.yaml:8)
tcp    ALLOW  redirected to the proxy, which judges the request
http   ALLOW  rule gh (10-a.yaml:8)
    close:
        rule no-deletes (10-a.yaml:5) needs http.method == "DELETE"
            http.method is "CONNECT"' --host api.github.com --agent ci
says "another agent" 'dns    BLOCK  no rule matched (the default is to block)
    close:
        rule gh (10-a.yaml:8) needs agent.name == "ci"
            agent.name is "x"' --dns github.com --agent x
says "a rule that stands before" 'dns    ALLOW  rule gh (10-a.yaml:8)
tcp    BLOCK  redirected to the proxy, which judges the request
http   BLOCK  rule no-deletes (10-a.yaml:5)
    close:
        rule gh (10-a.yaml:8) would allow, but is not reached' --host api.github.com --agent ci --method DELETE
says "a direct grant" 'dns    ALLOW  rule mirror (10-a.yaml:11)
tcp    ALLOW  rule mirror (10-a.yaml:11): opened directly for the time of the DNS answer (direct_ip)
http   BLOCK  no rule matched (the default is to block)' --host mirror.example.org --port 8443
says "a restricted address" 'tcp    BLOCK  the address is restricted; only a rule with egress.allow_private_ips may reach it
http   BLOCK  no rule matched (the default is to block)' --host 10.0.0.1
run cli explain --dns github.com --agent ci --rules-dir "$T/rules" --json
is "as JSON" '{"layers":[{"layer":"dns","decision":"allow","matched_rule":"gh","file":"10-a.yaml","line":8,"reason":null,"near":[]}]}' "$out"
run cli explain --host 'a b' --rules-dir "$T/rules"
is "no host name: status" 1 $st
is "no host name: the sentence" 'Error: "a b" is no host name' "$err"
run cli explain --host a --rules-dir "$T/none"
is "no directory: status" 1 $st
has "no directory: the sentence" "^Error: .*$T/none" "$err"
printf 'version: "1"\nrules: [{id: a, condition: http.hots == "x", action: allow}]\n' > "$T/rules/20.yaml"
run cli explain --host a --rules-dir "$T/rules"
is "a broken set: status" 1 $st
has "a broken set: the place" '^Error: 20.yaml:2: CEL check error in rule "a"' "$err"
run cli explain --host a --dns b
is "both: status" 2 $st
run cli explain --dns b --port 80
is "a port of a look-up: status" 2 $st
has "a port of a look-up: the sentence" '^Error: --method, --path and --port belong to --host' "$err"
rm "$T/rules/20.yaml"
says "a name that is never looked up" 'dns    BLOCK  special name: never looked up, whatever the rules say' --dns localhost
says "TCP to port 53" 'dns    ALLOW  rule gh (10-a.yaml:8)
tcp    BLOCK  redirected to the DNS filter, whatever the address
http   ALLOW  rule gh (10-a.yaml:8)
    close:
        rule no-deletes (10-a.yaml:5) needs http.method == "DELETE"
            http.method is "CONNECT"' --host api.github.com --agent ci --port 53
