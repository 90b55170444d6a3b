# lib.sh - what the benchmarks share: the lab of the tests, peers in it, measured CPU time, medians, tables
#
# Where everybody stands (namespaces of scripts/lab.sh and one more):
#
#	net	nginx and nsd, as in every lab; the sink of tunnels
#	host	outcalld, squid, tinyproxy, dnsmasq, unbound: one thread, one worker, all on core $SERVER_CPU
#	jail	load for outcalld, by `outcall jail`, behind outcalld's bridge
#	peer	load for everybody else, behind a plain bridge of the same shape; "direct" is routed through host
#
# All load stands on core $LOAD_CPU, and nginx too: with two cores it is the load that runs out first, so each
# table has a second figure, the CPU time of the server per piece of work.  That one also holds on a busy machine.
# ROUNDS (5) and SECONDS_EACH (2) may be set from outside; figures are medians over rounds.
cd "$(dirname "$0")/../.." || exit 2
[ "$(id -u)" = 0 ] || { echo "needs root for network namespaces"; exit 77; }
# shellcheck disable=SC2086
sh scripts/packages.sh ip nft nginx nsd dig curl openssl perl python3 taskset $BENCH_NEEDS || exit 77
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
. scripts/lab.sh
[ -x "$OUTCALL_BIN" ] || { echo "needs $OUTCALL_BIN: make CONFIG=release all"; exit 77; }

# Everybody in the benchmark goes before whatever else this machine does: by nice, and where the kernel groups
# processes by session, by the nice of the group (put back at the end).
renice -n -15 $$ > /dev/null
BENCH_GROUP=$(awk '{ print $3 }' /proc/$$/autogroup 2>/dev/null)
[ -z "$BENCH_GROUP" ] || echo -15 > /proc/$$/autogroup
ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-2}
LOAD_CPU=0
SERVER_CPU=$(($(nproc) - 1))
PEER_ADDR=10.99.0.1
LAB_NGINX_LOG=off
export LAB_NGINX_LOG

bench_host() { nsenter --net="/run/netns/$LAB_HOST" -- taskset -c "$SERVER_CPU" "$@"; }
bench_peer() { nsenter --net="/run/netns/$BENCH_PEER" -- taskset -c "$LOAD_CPU" "$@"; }
bench_jail() { lab_jail bench -- taskset -c "$LOAD_CPU" "$@"; }

bench_up() {
	BENCH_PIDS=
	lab_up || exit 1
	BENCH_PEER=oc-peer-$$
	trap bench_down EXIT
	ip netns add "$BENCH_PEER" || exit 1
	lab_host ip link add ocpeer0 type bridge
	lab_host ip addr add "$PEER_ADDR/24" dev ocpeer0
	lab_host ip link add oc-p type veth peer name eth0 netns "$BENCH_PEER"
	lab_host ip link set oc-p master ocpeer0 up
	lab_host ip link set ocpeer0 up
	lab_host sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
	bench_peer ip link set lo up
	bench_peer ip addr add 10.99.0.2/24 dev eth0
	bench_peer ip link set eth0 up
	bench_peer ip route add default via "$PEER_ADDR"
	lab_net ip route add 10.99.0.0/24 via 11.22.33.1
	# 1 KiB from memory: what the web server spends is not what is measured.
	sed -i "s|location = / {|location = /1k { return 200 \"$(head -c 1024 /dev/zero | tr '\0' x)\"; }\n&|" "$LAB/nginx.conf"
	lab_net nginx -c "$LAB/nginx.conf" -p "$LAB" -s reload 2>> "$LAB/nginx.start"
	wait_for 5 lab_net sh -c "curl -sI http://11.22.33.10/1k | grep -q 'Content-Type: text/plain\|application/octet'"
	taskset -acp "$LOAD_CPU" "$(cat "$LAB/nginx.pid")" > /dev/null
	# shellcheck disable=SC2013
	for w in $(cat "/proc/$(cat "$LAB/nginx.pid")/task/"*/children); do taskset -acp "$LOAD_CPU" "$w" > /dev/null; done
	cp tests/bench/load.py tests/bench/proxy.lua "$LAB/"
	cat > "$LAB/rules/10-bench.yaml" <<-'EOF'
	version: "1"
	rules:
	  - {id: names, condition: 'dns.query in ["allowed.test", "closed.test"]', action: allow}
	  - {id: hosts, condition: 'http.host in ["allowed.test", "closed.test"]', action: allow}
	EOF
	cd "$LAB" || exit 1
}

bench_down() {
	trap - EXIT
	# shellcheck disable=SC2086
	[ -z "$BENCH_PIDS" ] || kill -9 $BENCH_PIDS 2>/dev/null
	lab_daemon_stop
	ip netns del "$BENCH_PEER" 2>/dev/null
	[ -z "$BENCH_GROUP" ] || echo "$BENCH_GROUP" > /proc/$$/autogroup
	cd / && lab_down
}

# The daemon with one worker, on the servers' core.
bench_daemon() {
	lab_daemon --workers 1 --log-level warn "$@" || exit 1
	taskset -acp "$SERVER_CPU" "$LAB_DAEMON" > /dev/null
	wait_for 10 lab_jail bench -- true || { echo "no jail"; exit 1; }
}

# bench_server NAME CMD...: a peer in namespace host; its process is in $pid_NAME
bench_server() {
	_n=$1; shift
	nsenter --net="/run/netns/$LAB_HOST" -- taskset -c "$SERVER_CPU" "$@" > "$LAB/$_n.out" 2>&1 &
	eval "pid_$_n=$!"
	BENCH_PIDS="$BENCH_PIDS $!"
}

bench_squid() {
	mkdir -p "$LAB/squid" && chown proxy "$LAB/squid"
	cat > "$LAB/squid.conf" <<-EOF
	http_port $PEER_ADDR:3128
	dns_nameservers 11.22.33.53
	cache deny all
	cache_mem 8 MB
	access_log none
	cache_log $LAB/squid/cache.log
	cache_store_log none
	pid_filename none
	coredump_dir $LAB/squid
	http_access allow all
	workers 1
	pinger_enable off
	shutdown_lifetime 0 seconds
	EOF
	# A /dev/shm of its own: what an ended squid leaves there would stop the next one.
	bench_server squid unshare --mount -- sh -c "mount -t tmpfs shm /dev/shm && exec squid -N -f '$LAB/squid.conf'"
	wait_for 20 bench_peer curl -sf -m 2 -x "http://$PEER_ADDR:3128" http://allowed.test/1k || { echo "squid does not run"; tail -n 5 "$LAB/squid/cache.log"; exit 1; }
}

bench_tinyproxy() {
	# It asks the C library for addresses: a hosts file in a mount namespace of its own.
	printf '127.0.0.1 localhost\n11.22.33.10 allowed.test\n11.22.33.11 closed.test\n' > "$LAB/hosts"
	cat > "$LAB/tinyproxy.conf" <<-EOF
	Port 8888
	Listen $PEER_ADDR
	Timeout 60
	LogLevel Critical
	LogFile "$LAB/tinyproxy.log"
	MaxClients 200
	ConnectPort 443
	EOF
	bench_server tinyproxy unshare --mount -- sh -c "mount --bind '$LAB/hosts' /etc/hosts && exec tinyproxy -d -c '$LAB/tinyproxy.conf'"
	wait_for 20 bench_peer curl -sf -m 2 -x "http://$PEER_ADDR:8888" http://allowed.test/1k || { echo "tinyproxy does not run"; cat "$LAB/tinyproxy.out"; exit 1; }
}

# Milliseconds of CPU that a process has used so far, all its threads.
cpu_ms() { awk '{ sub(/.*\) /, ""); print ($12 + $13) * 10 }' "/proc/$1/stat"; }

# median FILE: of one number a line; with a second argument, that column of the numbers' order: 50, 99 ...
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'; }

# put SERIES VALUE: one measured value of a round
put() { mkdir -p "$LAB/figures"; echo "$2" >> "$LAB/figures/$1"; }
fig() { median "$LAB/figures/$1"; }

# calc EXPRESSION FORMAT
calc() { awk "BEGIN { printf(\"${2:-%.1f}\", $1) }" 2>/dev/null || echo "-"; }

bench_about() {
	echo "# $1"
	echo "# $(nproc) cores, $(uname -sr), load $(cut -d' ' -f1-3 /proc/loadavg); medians of $ROUNDS rounds; one worker or thread each"
}

# target NAME VALUE RELATION BOUND: says whether a figure meets its bound
target() {
	if [ "$(calc "$2 $3 $4" %d)" = 1 ]; then echo "met     $1: $2 ($3 $4)"; else echo "MISSED  $1: $2 ($3 $4)"; fi
}
