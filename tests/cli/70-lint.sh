#!/bin/sh
# outcall rules lint: findings, exit status, JSON; a directory that cannot be judged. S003 1.9
. "$(dirname "$0")/lib.sh"
R=$T/rules; mkdir "$R"
lint() { run cli rules lint --rules-dir "$R" "$@"; }
cat > "$R/20-b.yaml" <<'E'
version: "1"
definitions:
  lonely: agent.name == "x"
rules:
  - id: wide
    condition: http.host.endsWith("openai.com") || dns.query.endsWith(".openai.com")
    action: allow
E
cat > "$R/10-a.yaml" <<'E'
version: "1"
rules:
  - id: sites
    condition: dns.query in ["a.test", "b.test"] || http.host in ["a.test", "b.test"]
    action: allow
  - id: no-writes
    condition: http.host == "b.test" && http.method == "PUT"
    action: block
E
lint
is "findings: status" 1 $st
is "findings: no message" "" "$err"
is "findings: text" '10-a.yaml:6: shadowed: rule "no-writes": never decides, because rule "sites" (10-a.yaml:3), which allows, is judged before it and matches whatever this rule matches; delete this rule, or give it a priority below 100
20-b.yaml:3: unused-definition: definition "lonely": no rule uses it; delete it, or write $lonely where it is meant
20-b.yaml:5: suffix-without-dot: rule "wide": http.host.endsWith("openai.com") also holds for evilopenai.com; write (http.host == "openai.com" || http.host.endsWith(".openai.com"))' "$out"
lint --json
is "JSON: status" 1 $st
is "JSON: one line" 1 "$(printf '%s\n' "$out" | wc -l)"
is "JSON: text" '[{"file":"10-a.yaml","line":6,"kind":"shadowed","rule":"no-writes","text":"never decides, because rule \"sites\" (10-a.yaml:3), which allows, is judged before it and matches whatever this rule matches; delete this rule, or give it a priority below 100"},{"file":"20-b.yaml","line":3,"kind":"unused-definition","definition":"lonely","text":"no rule uses it; delete it, or write $lonely where it is meant"},{"file":"20-b.yaml","line":5,"kind":"suffix-without-dot","rule":"wide","text":"http.host.endsWith(\"openai.com\") also holds for evilopenai.com; write (http.host == \"openai.com\" || http.host.endsWith(\".openai.com\"))"}]' "$out"

rm "$R/20-b.yaml"; sed -i '/no-writes/,$d' "$R/10-a.yaml"
lint
is "nothing to say: status" 0 $st
is "nothing to say: text" "No findings." "$out"
lint --json
is "nothing to say: JSON" "[]" "$out"
is "nothing to say: JSON status" 0 $st
rm "$R/10-a.yaml"; lint
is "an empty directory" "No findings." "$out"

# broken NAME PATTERN: status 1, the reason of the load on stderr, nothing on stdout
broken() {
	lint
	is "$1: status" 1 $st
	has "$1: reason" "^Error: .*$2" "$err"
	is "$1: no findings" "" "$out"
}
printf 'version: "1"\nrules:\n  - {id: a, condition: "http.hots == 1", action: allow}\n' > "$R/a.yaml"
broken "a set that does not load" 'a\.yaml:3: CEL check error in rule "a" \(a\.yaml\).*unknown field "http.hots"; did you mean "http.host"'
echo '{' > "$R/a.yaml"; broken "no YAML" 'YAML parse error in a\.yaml'
rm "$R/a.yaml"; ln -s nowhere "$R/l.yaml"; broken "a symlink" 'l\.yaml must be a real file'
rm "$R/l.yaml"
if [ "$(id -u)" != 0 ]; then
	chmod 0 "$R"; broken "an unreadable directory" 'Permission denied'; chmod 700 "$R"
elif command -v setpriv > /dev/null; then
	chmod 711 "$T"; chmod 700 "$R"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$OUTCALL_BIN" --applet=outcall rules lint --rules-dir "$R"
	is "an unreadable directory: status" 1 $st
	has "an unreadable directory: reason" "^Error: .*$R.*Permission denied" "$err"
fi
rmdir "$R"; broken "no such directory" "failed to read rules directory $R: No such file or directory"
echo x > "$R"; broken "a file in place of the directory" 'must be a real directory'; rm "$R"
mkdir "$T/real"; ln -s real "$R"; broken "a symlink in place of the directory" 'must be a real directory'

run cli rules lint extra
is "an operand: status" 2 $st
has "an operand: reason" '^Error: unexpected argument "extra"' "$err"
run cli rules lint --rules-dir
is "an option without its value" 2 $st
for dir in config/rules.d config/rules.d/examples; do
	run cli rules lint --rules-dir "$dir"
	is "$dir: status" 0 $st
	is "$dir: clean" "No findings." "$out"
done
