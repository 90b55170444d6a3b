#!/bin/sh
# outcall cel eval, alone and in a batch; the public conformance cases through it. S003-IF-011, S003 3.12
. "$(dirname "$0")/lib.sh"
is "a value" '{"int":"3"}' "$(cli cel eval '1 + 2')"
is "bindings" '{"string":"ab"}' "$(cli cel eval 'x + "b"' --bindings '{"x":{"string":"a"}}')"
run cli cel eval '1 +'
is "a syntax error: status" 1 $st
has "a syntax error: place" 'CEL parse error: 1:4' "$err"
has "a syntax error: caret" '^   \^' "$err"
run cli cel eval '1 / 0'
is "an evaluation error: status" 1 $st
has "an evaluation error: text" 'division by zero' "$err"
is "a batch" '{"int":"1"}
{"error":"evaluation error: 1:3: division by zero"}
{"bool":true}' "$(printf '%s\n' '{"expr":"1"}' '{"expr":"1/0"}' '{"expr":"nosuch || true","disable_check":true}' | cli cel eval --batch 2>&1 | sed -E 's/error: 1:[0-9]+/error: 1:3/')"
run cli cel eval 'dns.query == "a"'
is "no schema of rules here: status" 1 $st
has "no schema of rules here: text" 'undeclared reference to "dns"' "$err"
run cli cel eval 'x + 1' --bindings '{"x":{"int":"9223372036854775807"}}'
has "an overflow" 'evaluation error: 1:3: integer overflow' "$err"
run cli cel eval 'nme == 1' --bindings '{"name":{"int":"1"}}'
has "the nearest binding" 'did you mean "name"' "$err"
for bad in '{' '[]' '{"x":1}' '{"x":{"int":1.5}}' '{"x":{"int":"9223372036854775808"}}' '{"x":{"nosuch":"1"}}' '{"x":{"bytes":"0g"}}' \
	'{"x":{"map":[[{"list":[]},{"int":"1"}]]}}' '{"x":{"timestamp":[253402300800,0]}}'; do
	run cli cel eval x --bindings "$bad"
	is "bad bindings $bad: status" 1 $st
	has "bad bindings $bad: text" '^Error: (invalid --bindings|bindings): ' "$err"
done
run cli cel eval; is "nothing to evaluate" 2 $st
run cli cel eval 1 --batch; is "an expression and --batch" 2 $st
run cli cel eval 1 2; is "two expressions" 2 $st
is "a batch goes on behind bad lines" 'error
error
error
error
{"int":"1"}' "$(printf '%s\n' '{' '[1]' '{"expr":1}' '{"expr":"x","bindings":{"x":[]}}' '' '{"expr":"1"}' | cli cel eval --batch 2>&1 | sed 's/^{"error":.*/error/')"
is "a batch of nothing" '' "$(cli cel eval --batch < /dev/null)"
is "a last line without an end" '{"int":"2"}' "$(printf '{"expr":"2"}' | cli cel eval --batch)"
has "an error of a batch has the caret" '1:4: .*\\n1 \+\\n   \^"' "$(echo '{"expr":"1 +"}' | cli cel eval --batch)"
is "checked unless told not to" 'error
{"bool":true}' "$(printf '%s\n' '{"expr":"1 == 1u || true"}' '{"expr":"1 + 1u == 2 || true","disable_check":true}' | cli cel eval --batch | sed 's/^{"error":.*/error/')"
is "a fixed zone" '{"int":"23"}' "$(cli cel eval 'timestamp("2024-01-01T00:10:00Z").getHours("-00:30")')"
if [ -e /usr/share/zoneinfo/Asia/Kathmandu ]; then
	is "a zone by name" '{"int":"45"}' "$(cli cel eval 'timestamp(0).getMinutes(z + "/Kathmandu") + 15' --bindings '{"z":{"string":"Asia"}}')"
fi
dir=${OC_CONFORMANCE:-../shared/conformance}
if [ ! -d "$dir/cel" ] || ! command -v python3 > /dev/null; then
	echo "ok - conformance cases # SKIP no conformance data or no python3 here"
	exit 0
fi
for f in "$dir"/cel/*.jsonl; do
	cli cel eval --batch < "$f" > "$T/got" 2>&1
	r=$(python3 - "$f" "$T/got" <<'EOF'
import json, sys
def norm(v):
    if not isinstance(v, dict): return v
    k, x = next(iter(v.items()))
    if k == "list": return (k, tuple(norm(e) for e in x))
    if k == "map": return (k, frozenset((norm(a), norm(b)) for a, b in x))
    if k == "double":
        d = float(x); return (k, "nan" if d != d else d.hex())
    if k in ("timestamp", "duration"): return (k, tuple(int(e) for e in x))
    return (k, x)
bad = []
cases = [json.loads(l) for l in open(sys.argv[1]) if l.strip()]
got = [json.loads(l) for l in open(sys.argv[2]) if l.strip()]
for c, g in zip(cases, got):
    ok = ("error" in g) if "error" in c else ("error" not in g and norm(g) == norm(c["value"]))
    if not ok: bad.append("%s: %s -> %s" % (c.get("name"), c["expr"], g))
if len(cases) != len(got): bad.append("%d answers for %d cases" % (len(got), len(cases)))
print("\n".join(bad[:8]))
EOF
)
	is "conformance: $(basename "$f" .jsonl), $(grep -c . "$f") cases" "" "$r"
done
