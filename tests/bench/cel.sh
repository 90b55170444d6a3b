#!/bin/sh
# cel.sh - one evaluation of a condition: ours beside two JavaScript implementations of CEL, in one run
#
# Needs node and npm; takes @bufbuild/cel and @marcbachmann/cel-js from npm's registry into build/diff/npm.
# The last column is what Google's Go implementation took on a machine of this kind, with its optimisation: quoted.
cd "$(dirname "$0")/../.." || exit 2
sh scripts/packages.sh node npm || exit 77
rounds=${ROUNDS:-9}
out=build/diff/npm
mkdir -p "$out"
[ -d "$out/node_modules/@marcbachmann/cel-js" ] ||
	(cd "$out" && npm install --silent --no-save --no-audit --no-fund @bufbuild/cel@0.6.1 @bufbuild/protobuf@2.17.0 \
		@marcbachmann/cel-js@8.0.0) || exit 1
make --no-print-directory CONFIG=release build/release/bench/cel > /dev/null || exit 1
cp tests/bench/cel.mjs "$out/"
cpu=$(($(nproc) - 1))
taskset -c $cpu build/release/bench/cel "$rounds" | sed 's/^/ours /' > "$out/cel.figures" || exit 1
taskset -c $cpu node "$out/cel.mjs" "$rounds" >> "$out/cel.figures" || exit 1
echo "# one evaluation, ns, hit/miss; $(nproc) cores, $(uname -sr), load $(cut -d' ' -f1-3 /proc/loadavg); medians of $rounds rounds"
awk '
	{ hit[$1, $2] = $3; miss[$1, $2] = $4 }
	function row(name, bound, go) {
		printf("%-15s %6.1f /%6.1f %8s /%5s %8s /%5s %8d\n", name, hit["ours", name], miss["ours", name], hit["bufbuild", name],
			miss["bufbuild", name], hit["marcbachmann", name], miss["marcbachmann", name], go)
		worst = hit["ours", name] > miss["ours", name] ? hit["ours", name] : miss["ours", name]
		verdict[++n] = sprintf("%-7s %s, ns: %.1f (<= %d)", worst <= bound ? "met" : "MISSED", name, worst, bound)
	}
	END {
		printf("%-15s %15s %15s %15s %8s\n", "", "ours", "bufbuild", "marcbachmann", "Go")
		row("host-equal", 40, 120); row("three-clauses", 100, 344); row("in-four", 40, 99)
		row("matches", 250, 552); row("exists-four", 300, 2050)
		for (i = 1; i <= n; i++) print verdict[i]
	}' "$out/cel.figures"
