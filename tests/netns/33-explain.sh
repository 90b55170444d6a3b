#!/bin/sh
# What outcall explain says is what DNS filter and proxy do; counters count what they did, not the questions.
# S003 1.3, 1.9, S010-O-030, S010-O-032
. "$(dirname "$0")/lib.sh"
unset SUDO_UID SUDO_GID
lab_up || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
cat > rules/10.yaml <<'EOF'
version: "1"
definitions:
  site: dns.query == "allowed.test" || http.host == "allowed.test"
rules:
  - {id: no-secrets, priority: 10, condition: http.host == "allowed.test" && http.path.startsWith("/secret"), action: block}
  - {id: no-posts, priority: 10, condition: http.method == "POST", action: block}
  - {id: site, condition: agent.name == "ci" && ($site), action: allow}
  - {id: other-https, condition: http.host == "other.test" && network.port == 443, action: allow}
  - {id: names, condition: 'dns.query in ["other.test", "mixed.test", "localhost"]', action: allow}
  - {id: any-port, condition: http.host == "mixed.test", action: allow}
  - {id: literal, condition: 'network.ip in ["10.0.0.9", "11.22.33.10"]', action: allow}
EOF
lab_daemon || { fail "daemon"; exit 1; }

# code AGENT METHOD URL: the status that a program gets, 200 for a tunnel that stands
code() {
	lab_jail "$1" -- curl -s -o /dev/null -m 5 --cacert ca.pem -X "$2" -w '%{http_code} %{http_connect}' "$3" |
		awk '{ print $2 == "403" ? 403 : $1 }'
}
said() { lab_cli explain "$@" --json | python3 -c 'import json, sys
d = [l["decision"] for l in json.load(sys.stdin)["layers"] if l["layer"] != "dns"]
print("allow" if d == ["allow", "allow"] else "block")'; }
# same AGENT METHOD HOST PORT PATH
same() {
	scheme=http; method=$2
	[ "$4" = 80 ] || { scheme=https; method=CONNECT; }
	got=block; [ "$(code "$1" "$2" "$scheme://$3:$4$5")" = 200 ] && got=allow
	is "$1 $2 $scheme://$3:$4$5 ($got)" "$got" "$(said --host "$3" --port "$4" --path "$5" --method "$method" --agent "$1")"
}
same ci GET allowed.test 80 /
same ci GET allowed.test 443 /
same ci GET allowed.test 80 /secret/1
same ci POST allowed.test 80 /
same cj GET allowed.test 80 /
same cj GET allowed.test 443 /
same ci GET other.test 443 /
same ci GET other.test 80 /
same cj GET other.test 443 /
same ci GET mixed.test 80 /
same ci GET mixed.test 443 /
same ci GET blocked.test 80 /
same ci GET blocked.test 443 /
same ci GET mixed.test 22 /
same ci GET mixed.test 25 /
same ci GET 11.22.33.10 80 /
same ci GET 10.0.0.9 80 /
same ci GET 10.0.0.8 80 /
looked_up() {
	got=block; lab_jail "$1" -- dig +tries=1 "$2" | grep -q NOERROR && got=allow
	is "$1 looks up $2 ($got)" "$got" "$(lab_cli explain --dns "$2" --agent "$1" --json | grep -oE '"decision":"[a-z]+"' | cut -d'"' -f4)"
}
looked_up ci allowed.test
looked_up cj allowed.test
looked_up ci other.test
looked_up ci blocked.test
looked_up ci localhost

# The command that a refused program is told works as it stands.
told=$(lab_jail cj -- curl -s -m 5 http://allowed.test/ | sed -n 's/^On the host: outcall //p')
has "the told command" "explain --host allowed.test" "$told"
has "and its answer" 'needs agent.name == "ci"' "$(eval "lab_cli $told")"

# --- counters ---
hits() { lab_cli rules counters | awk -v id="$1" '$1 == id { print $2 }'; }
before=$(hits site)
lab_cli explain --host allowed.test --agent ci > /dev/null
lab_cli rules test --expr 'true' > /dev/null
is "questions are not counted" "$before" "$(hits site)"
lab_jail ci -- curl -s -m 5 http://allowed.test/ > /dev/null
is "a request is" $((before + 1)) "$(hits site)"
has "the table" '^ID +HITS +ERRORS +LAST HIT$' "$(lab_cli rules counters | head -n 1)"
has "with the time" '^site +[0-9]+ +0 +20[0-9-]+T' "$(lab_cli rules counters)"
has "and the default" '^\(no rule matched\) +[1-9]' "$(lab_cli rules counters)"
has "as JSON" '"id":"site","file":"10.yaml","action":"allow","hits":[0-9]+,"errors":0' "$(lab_cli rules counters --json)"
