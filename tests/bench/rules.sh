#!/bin/sh
# rules.sh - what rules cost: CPU time of the proxy per plain request with 1, 100 and 1000 rules before the one that allows
BENCH_NEEDS="wrk"
. "$(dirname "$0")/lib.sh"
bench_up
bench_daemon
for _round in $(seq "$ROUNDS"); do
	for n in 1 100 1000; do
		awk -v n=$n 'BEGIN {
			print "version: \"1\"\nrules:"
			for (i = 1; i <= n; i++)
				printf("  - id: rule-%d\n    condition: http.host.endsWith(\".host%d.test\") && http.method in [\"GET\", \"POST\"] && http.path.startsWith(\"/v%d\")\n    action: allow\n", i, i, i)
		}' > rules/05-many.yaml
		lab_cli rules reload > /dev/null || exit 1
		before=$(cpu_ms "$LAB_DAEMON")
		done=$(bench_jail wrk -t1 -c64 -d"$SECONDS_EACH"s -s proxy.lua http://10.200.0.1:8080/ 2> wrk.err | tail -n 1 | cut -d' ' -f1)
		put cpu_$n "$(calc "($(cpu_ms "$LAB_DAEMON") - $before) * 1000 / $done")"
		put rate_$n "$(calc "$done / $SECONDS_EACH" %.0f)"
	done
done
bench_about "HTTP GET of 1 KiB, wrk -c64 for $SECONDS_EACH s; rules of three conditions each that do not match, before the one that does"
printf '%-12s %12s %14s\n' rules requests/s "CPU us/request"
for n in 1 100 1000; do
	printf '%-12s %12s %14s\n' $n "$(fig rate_$n)" "$(fig cpu_$n)"
done
echo "one rule: $(calc "($(fig cpu_1000) - $(fig cpu_1)) * 1000 / 999" %.0f) ns"
