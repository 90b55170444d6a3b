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
