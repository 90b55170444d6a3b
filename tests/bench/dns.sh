#!/bin/sh
# dns.sh - cached answers of the DNS filter, beside dnsmasq and unbound: queries per second by dnsperf
#
# One name, one thread each.  The filter runs with --dns-rate-limit 0: one client stands for many.
BENCH_NEEDS="dnsmasq unbound dnsperf"
. "$(dirname "$0")/lib.sh"
bench_up
bench_daemon --dns-rate-limit 0
pid_outcall=$LAB_DAEMON
cat > unbound.conf <<-EOF
server:
	interface: $PEER_ADDR@5301
	access-control: 0.0.0.0/0 allow
	num-threads: 1
	username: ""
	chroot: ""
	directory: "$LAB"
	pidfile: ""
	use-syslog: no
	verbosity: 0
	do-daemonize: no
	module-config: "iterator"
	domain-insecure: "test"
	local-zone: "test." nodefault
remote-control:
	control-enable: no
forward-zone:
	name: "."
	forward-addr: 11.22.33.53
EOF
bench_server unbound unbound -d -c "$LAB/unbound.conf"
bench_server dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces --user=root --pid-file= \
	--listen-address="$PEER_ADDR" --port=5302 --server=11.22.33.53 --cache-size=10000
for port in 5301 5302; do
	wait_for 20 bench_peer dig +short +time=1 +tries=1 "@$PEER_ADDR" -p $port allowed.test A || { tail -n 3 unbound.out dnsmasq.out; exit 1; }
done
echo "allowed.test A" > queries

# load WHO ADDR PORT CMD...
load() {
	_who=$1 _addr=$2 _port=$3; shift 3
	eval "_pid=\$pid_$_who"
	_before=$(cpu_ms "$_pid")
	"$@" dnsperf -s "$_addr" -p "$_port" -d queries -l "$SECONDS_EACH" -c 4 -T 1 > dnsperf.out 2>&1
	_after=$(cpu_ms "$_pid")
	grep -q "Queries per second" dnsperf.out || { echo "# $_who: no result:" >&2; tail -n 3 dnsperf.out >&2; return; }
	_done=$(awk '/Queries completed:/ { print $3 }' dnsperf.out)
	_bad=$(awk '/Queries lost:/ { print $3 }' dnsperf.out)
	grep -q "NOERROR $_done " dnsperf.out || { echo "# $_who: other answers:" >&2; grep -i "response codes" dnsperf.out >&2; }
	[ "${_bad:-1}" = 0 ] || echo "# $_who: lost $_bad" >&2
	put "rate_$_who" "$(awk '/Queries per second:/ { printf "%.0f", $4 }' dnsperf.out)"
	put "latency_$_who" "$(awk '/Average Latency/ { printf "%.0f", $4 * 1e6 }' dnsperf.out)"
	put "cpu_$_who" "$(calc "($_after - $_before) * 1000 / $_done" %.2f)"
}
for _round in $(seq "$ROUNDS"); do
	load outcall 10.200.0.1 53 bench_jail
	load unbound "$PEER_ADDR" 5301 bench_peer
	load dnsmasq "$PEER_ADDR" 5302 bench_peer
done

bench_about "DNS, one cached name: dnsperf for $SECONDS_EACH s, 100 in flight; --dns-rate-limit 0, all else default"
printf '%-12s %12s %14s %16s\n' "" queries/s "CPU us/query" "mean latency us"
for who in outcall unbound dnsmasq; do
	printf '%-12s %12s %14s %16s\n' $who "$(fig rate_$who)" "$(fig cpu_$who)" "$(fig latency_$who)"
done
target "queries per second against unbound" "$(calc "$(fig rate_outcall) / $(fig rate_unbound)" %.2f)" ">=" 1
target "queries per CPU second against unbound" "$(calc "$(fig cpu_unbound) / $(fig cpu_outcall)" %.2f)" ">=" 1
