#!/bin/sh
# outcalld --check: rules and flags are judged, nothing is changed. S003-FR-015, S003 section 5, OPS
. "$(dirname "$0")/lib.sh"
R=$T/rules; mkdir "$R"
check() { run daemon --check --rules-dir "$R"; }
rule() { printf 'version: "1"\nrules:\n  - id: a\n    condition: %s\n    action: %s\n' "$1" "${2:-allow}" > "$R/a.yaml"; }
# refused NAME PATTERN
refused() {
	check
	is "$1: status" 1 $st
	has "$1: text" "$2" "$err"
}
check
is "an empty directory is in order" 0 $st
rule 'http.host == "a.test"'; check
is "a good rule: status" 0 $st
has "a good rule: text" '^1 rule\(s\) in 1 file\(s\) are in order' "$out"
rule 'http.hots == "a.test"'; refused "an unknown field" 'a\.yaml.*unknown field "http.hots"; did you mean "http.host"'
rule 'http.host ==';          refused "a syntax error" 'CEL parse error in rule "a" \(a\.yaml\).*1:13'
has "a syntax error: the caret" '^http\.host ==$' "$(printf '%s\n' "$err" | grep -B1 '^            \^$')"
rule 'http.host == 1';        refused "a wrong type" 'CEL check error in rule "a"'
rule 'http.host == "A.test"'; refused "what can never hold" 'comparison can never hold'
rule 'http.host';             refused "no bool" 'condition must be bool'
rule true enrich;             refused "enrich" 'unsupported action: enrich'
rule true permit;             refused "an unknown action" 'a\.yaml'
rule '$nosuch';               refused "an undefined name" 'undefined \$name reference "\$nosuch" in a\.yaml'
echo 'version: "2"' > "$R/a.yaml"; refused "another version" 'unsupported version "2" in a.yaml'
echo '{' > "$R/a.yaml";       refused "no YAML" 'YAML parse error in a.yaml'
: > "$R/a.yaml";              refused "an empty file" 'missing field "version"'
printf 'version: "1"\nx: 1\n' > "$R/a.yaml"; refused "an unknown key" 'unknown field "x" at line 2'
rule true; cp "$R/a.yaml" "$R/b.yaml"; refused "an id twice" 'duplicate rule ID "a" in b.yaml \(first seen in a.yaml\)'
rm "$R/b.yaml"; ln -s a.yaml "$R/l.yaml"; refused "a symlink" 'l.yaml must be a real file'
rm "$R/l.yaml"; mkfifo "$R/p.yaml"; refused "a FIFO" 'p.yaml must be a real file'; rm "$R/p.yaml"
head -c 1100000 /dev/zero | tr '\0' '#' > "$R/h.yaml"; refused "a huge file" 'exceeds 1048576 bytes'; rm "$R/h.yaml"
printf 'version: "1"\nrules: [\377]\n' > "$R/u.yaml"; refused "no UTF-8" 'must contain valid UTF-8'; rm "$R/u.yaml"
mv "$R" "$T/real"; ln -s real "$R"; refused "the directory is a symlink" 'must be a real directory'; rm "$R"
check; is "no directory: in order" 0 $st
has "no directory: a warning" "warning" "$err"
echo x > "$R"; refused "the directory is a file" 'must be a real directory'; rm "$R"; mv "$T/real" "$R"
rule true; printf 'definitions:\n  unused: "true"\n' >> "$R/a.yaml"; check
has "a warning" 'warning: unused definition "unused" in a.yaml' "$err"
is "is no failure" 0 $st
run daemon --check --rules-dir config/rules.d
is "the shipped rules are in order" 0 $st
