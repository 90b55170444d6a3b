#!/bin/sh
# cel.sh - one evaluation of single conditions: our engine beside two of the npm registry, and their targets
#
# Needs node and npm; the packages are fetched into build/bench/cel.  Nanoseconds, hit/miss, each the median of
# several rounds on one core.  The figures of cel-go are Google's own, with optimisation, of another machine.
cd "$(dirname "$0")/../.." || exit 1
out=build/bench/cel
mkdir -p "$out"
make --no-print-directory CONFIG=release build/release/bench/cel > /dev/null || exit 1
if ! { [ -d "$out/node_modules/@bufbuild/cel" ] && [ -d "$out/node_modules/@marcbachmann/cel-js" ]; }; then
	command -v npm > /dev/null || { echo "cel.sh: npm is missing" >&2; exit 2; }
	(cd "$out" && npm install --no-save --no-audit --no-fund @bufbuild/cel@0.6.1 @marcbachmann/cel-js@8.0.0) \
		> "$out/npm.log" 2>&1 || { echo "cel.sh: npm failed, see $out/npm.log" >&2; exit 2; }
fi
cp tests/bench/cel.mjs "$out"
core="taskset -c $(($(nproc) - 1)) nice -n -10"
$core build/release/bench/cel > "$out/ours" || exit 1
for e in marcbachmann bufbuild; do
	(cd "$out" && $core node cel.mjs $e) > "$out/$e" || exit 1
done
echo "# one evaluation, ns, hit/miss; $(nproc) cores, $(uname -sr), node $(node --version), load $(cut -d' ' -f1-3 /proc/loadavg)"
paste -d' ' "$out/ours" "$out/marcbachmann" "$out/bufbuild" | awk '
	BEGIN {
		split("40 100 40 250 300 300", bound); split("120 344 99 552 2050 2050", go)
		split("http.host == \"api.github.com\"|three clauses|in four literals|matches|exists over four arguments|" \
		      "exists over four literals", what, "|")
		printf "%-32s %14s %9s %18s %18s %7s\n", "condition", "ours", "target", "cel-js", "@bufbuild/cel", "cel-go"
	}
	{
		ok = $2 <= bound[NR] && $3 <= bound[NR]
		missed += !ok
		printf "%-32s %14s %9s %18s %18s %7s\n", what[NR], $2 "/" $3, (ok ? "met " : "MISSED ") bound[NR], $5 "/" $6, $8 "/" $9, go[NR]
	}
	END { exit NR != 6 || missed > 0 }'
