#!/bin/sh
# http.sh - plain HTTP through the proxy, beside squid, tinyproxy and no proxy: requests per second, latency
#
# 1 KiB file, keep-alive, 64 connections by wrk; then single GETs on one connection, p50 and p99.
BENCH_NEEDS="squid tinyproxy wrk"
. "$(dirname "$0")/lib.sh"
GETS=${GETS:-2000}
bench_up
bench_daemon
bench_squid
bench_tinyproxy

# load WHO URL CMD...: one round of wrk
load() {
	_who=$1 _url=$2; shift 2
	eval "_pid=\${pid_$_who-}"
	_before=0; [ -z "$_pid" ] || _before=$(cpu_ms "$_pid")
	_script="-s proxy.lua"; [ "$_who" != direct ] || _script="-s direct.lua"
	# shellcheck disable=SC2086
	_r=$("$@" wrk -t1 -c64 -d"$SECONDS_EACH"s $_script "$_url" 2>> "$LAB/wrk.err" | tail -n 1)
	_after=0; [ -z "$_pid" ] || _after=$(cpu_ms "$_pid")
	# shellcheck disable=SC2086
	set -- $_r
	[ "${3:-1}" = 0 ] || echo "# $_who: errors: $_r" >&2
	put "rate_$_who" "$(calc "$1 / $2 * 1000000" %.0f)"
	put "cpu_$_who" "$(calc "($_after - $_before) * 1000 / $1" %.1f)"
}
# single WHO ADDR PORT proxy|direct CMD...
single() {
	_who=$1 _at="$2 $3 $4"; shift 4
	# shellcheck disable=SC2086
	_r=$("$@" python3 load.py get $_at "$GETS") || return
	put "p50_$_who" "${_r% *}"; put "p99_$_who" "${_r#* }"
}

sed 's|^wrk.path = .*|wrk.path = "/1k"|' proxy.lua > direct.lua
pid_outcall=$LAB_DAEMON
for _round in $(seq "$ROUNDS"); do
	load direct http://11.22.33.10/ bench_peer
	load outcall http://10.200.0.1:8080/ bench_jail
	load squid "http://$PEER_ADDR:3128/" bench_peer
	load tinyproxy "http://$PEER_ADDR:8888/" bench_peer
	single direct 11.22.33.10 80 direct bench_peer
	single outcall 10.200.0.1 8080 proxy bench_jail
	single squid "$PEER_ADDR" 3128 proxy bench_peer
	single tinyproxy "$PEER_ADDR" 8888 proxy bench_peer
done

bench_about "HTTP GET of 1 KiB, keep-alive: wrk -c64 for $SECONDS_EACH s; then $GETS single requests"
printf '%-12s %12s %14s %12s %12s %14s %14s\n' "" requests/s "CPU us/request" "p50 us" "p99 us" "added p50 us" "added p99 us"
for who in direct outcall squid tinyproxy; do
	printf '%-12s %12s %14s %12s %12s %14s %14s\n' $who "$(fig rate_$who)" "$(fig cpu_$who)" "$(fig p50_$who)" "$(fig p99_$who)" \
		"$(calc "$(fig p50_$who) - $(fig p50_direct)")" "$(calc "$(fig p99_$who) - $(fig p99_direct)")"
done
against=$(calc "$(fig rate_outcall) / $(fig rate_squid)" %.2f)
# Nobody can show more than the load: with few cores that ends before the proxy does.
share=$(calc "$(fig rate_outcall) * 100 / $(fig rate_direct)" %.0f)
if [ "$share" -ge 75 ] && [ "$(calc "$against < 3" %d)" = 1 ]; then
	echo "open    requests per second against squid: $against, but the load was the limit ($share % of direct)"
else
	target "requests per second against squid" "$against" ">=" 3
fi
target "requests per CPU second against squid" "$(calc "$(fig cpu_squid) / $(fig cpu_outcall)" %.2f)" ">=" 3
