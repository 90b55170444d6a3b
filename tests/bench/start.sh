#!/bin/sh
# start.sh - from exec to answers on all sockets with 100 rules; memory when idle; size of the program
#
# Every start makes bridge and packet policy anew: the stop before it removed them.
BENCH_NEEDS=
. "$(dirname "$0")/lib.sh"
STARTS=${STARTS:-20}
bench_up
awk 'BEGIN {
	print "version: \"1\"\nrules:"
	for (i = 1; i <= 100; i++)
		printf("  - id: rule-%d\n    condition: http.host == \"host%d.test\" && http.method in [\"GET\", \"POST\"] && http.path.startsWith(\"/v%d\")\n    action: allow\n", i, i, i)
}' > rules/20-many.yaml
mkfifo go
# start SERIES FLAG...: one start, its time and what it holds in memory then
start() {
	_series=$1; shift
	: > ready.out
	nsenter --net="/run/netns/$LAB_HOST" -- python3 load.py ready "$LAB" 10.200.0.1 "$OUTCALL_BIN" --applet=outcalld \
		--socket "$LAB/run/host.sock" --rules-dir "$LAB/rules" --state-dir "$LAB/state" --dns-upstream 11.22.33.53 \
		--log-level warn "$@" < go > ready.out 2> ready.err &
	_job=$!
	exec 9> go
	wait_for 20 grep -q . ready.out || { cat ready.err ready.log; exit 1; }
	read -r _ms _pid < ready.out
	put "ready_$_series" "$_ms"
	put "rss_$_series" "$(awk '/^VmRSS/ { print $2 }' "/proc/$_pid/status")"
	put "anon_$_series" "$(awk '/^RssAnon/ { print $2 }' "/proc/$_pid/status")"
	exec 9>&-
	wait $_job || echo "# stop: $?" >&2
}
for _i in $(seq "$STARTS"); do
	start one --workers 1
	start all
done

ROUNDS=$STARTS
bench_about "start with 100 rules, bridge and packet policy from nothing, until host socket, DNS and proxy have answered"
printf '%-22s %10s %10s %10s %10s\n' "" "ready ms" "max ms" "RSS KiB" "anon KiB"
for s in one all; do
	printf '%-22s %10s %10s %10s %10s\n' "$([ $s = one ] && echo "--workers 1" || echo "default workers")" \
		"$(fig ready_$s)" "$(sort -n "$LAB/figures/ready_$s" | tail -n 1)" "$(fig rss_$s)" "$(fig anon_$s)"
done
size=$(stat -c %s "$OUTCALL_BIN")
echo "binary: $size bytes"
target "ready, ms" "$(fig ready_one)" "<=" 50
target "idle RSS, KiB" "$(fig rss_all)" "<=" 8192
target "binary, bytes" "$size" "<=" 2097152
