#!/bin/sh
# rulesets.sh - one evaluation, the load and the memory of sets of 10 to 100 000 rules, by what the rules test
#
# Every figure is of one run on one core: median and 99th percentile of 200 000 evaluations, half of them of hosts
# that a rule names.  Memory is what the set holds: texts, trees, code, index, counters.
cd "$(dirname "$0")/../.." || exit 2
make --no-print-directory CONFIG=release build/release/bench/rulesets > /dev/null || exit 1
out=$(taskset -c "$(($(nproc) - 1))" nice -n -10 build/release/bench/rulesets) || exit 1
echo "# sets of rules; $(nproc) cores, $(uname -sr), load $(cut -d' ' -f1-3 /proc/loadavg)"
printf '%s\n' "$out"
printf '%s\n' "$out" | awk '
	function target(name, value, bound) { printf("%-7s %s: %s (<= %s)\n", value <= bound ? "met" : "MISSED", name, value, bound) }
	/^host ==/ { n = NF - 4; load[$n] = $(n + 1); mem[$n] = $(n + 2); med[$n] = $(n + 3); p99[$n] = $(n + 4) }
	END {
		target("10 000 rules by host, median ns", med[10000], 500)
		target("10 000 rules by host, p99 ns", p99[10000], 2000)
		target("100 000 rules by host, median ns", med[100000], 1000)
		target("100 000 rules by host, p99 ns", p99[100000], 4000)
		target("load of 10 000 rules, ms", load[10000], 100)
		target("10 000 rules by host, bytes a rule", mem[10000], 1024)
	}'
