#!/bin/sh
# connect.sh - CONNECT tunnels, beside squid, tinyproxy and no proxy: added latency, GB/s of one tunnel
#
# Latency: connect, CONNECT, ClientHello, its answer, 100 bytes there and back.  Bytes: $MEGABYTES down and up.
BENCH_NEEDS="squid tinyproxy"
. "$(dirname "$0")/lib.sh"
TUNNELS=${TUNNELS:-500}
MEGABYTES=${MEGABYTES:-1024}
bench_up
nsenter --net="/run/netns/$LAB_NET" -- taskset -c "$LOAD_CPU" python3 load.py sink 11.22.33.11 443 2> sink.err &
BENCH_PIDS="$BENCH_PIDS $!"
bench_daemon
bench_squid
bench_tinyproxy
pid_outcall=$LAB_DAEMON

# tunnels WHO ADDR PORT proxy|direct CMD...: one round
tunnels() {
	_who=$1 _at="$2 $3 $4"; shift 4
	eval "_pid=\${pid_$_who-}"
	_before=0; [ -z "$_pid" ] || _before=$(cpu_ms "$_pid")
	# shellcheck disable=SC2086
	if _r=$("$@" python3 load.py connect $_at "$TUNNELS"); then
		put "p50_$_who" "${_r% *}"; put "p99_$_who" "${_r#* }"
		_after=0; [ -z "$_pid" ] || _after=$(cpu_ms "$_pid")
		put "cpu_$_who" "$(calc "($_after - $_before) * 1000 / ($TUNNELS + 10)" %.0f)"	# 10 to warm up
	fi
	for _way in down up; do
		_before=0; [ -z "$_pid" ] || _before=$(cpu_ms "$_pid")
		# shellcheck disable=SC2086
		_r=$("$@" python3 load.py $_way $_at "$MEGABYTES") || continue
		_after=0; [ -z "$_pid" ] || _after=$(cpu_ms "$_pid")
		put "${_way}_$_who" "$_r"
		put "cpu_${_way}_$_who" "$(calc "($_after - $_before) / ($MEGABYTES * 1.048576e-3)" %.0f)"
	done
}

for _round in $(seq "$ROUNDS"); do
	tunnels direct 11.22.33.11 443 direct bench_peer
	tunnels outcall 10.200.0.1 8080 proxy bench_jail
	tunnels squid "$PEER_ADDR" 3128 proxy bench_peer
	tunnels tinyproxy "$PEER_ADDR" 8888 proxy bench_peer
done

bench_about "CONNECT: $TUNNELS tunnels one after another; then one tunnel of $MEGABYTES MiB each way"
printf '%-12s %9s %9s %13s %13s %14s %10s %10s %15s %13s\n' "" "p50 us" "p99 us" "added p50 us" "added p99 us" "CPU us/tunnel" \
	"GB/s down" "GB/s up" "CPU ms/GB down" "CPU ms/GB up"
for who in direct outcall squid tinyproxy; do
	printf '%-12s %9s %9s %13s %13s %14s %10s %10s %15s %13s\n' $who "$(fig p50_$who)" "$(fig p99_$who)" \
		"$(calc "$(fig p50_$who) - $(fig p50_direct)")" "$(calc "$(fig p99_$who) - $(fig p99_direct)")" "$(fig cpu_$who)" \
		"$(fig down_$who)" "$(fig up_$who)" "$(fig cpu_down_$who)" "$(fig cpu_up_$who)"
done
target "tunnel down against squid" "$(calc "$(fig down_outcall) / $(fig down_squid)" %.2f)" ">=" 1
target "tunnel up against squid" "$(calc "$(fig up_outcall) / $(fig up_squid)" %.2f)" ">=" 1
