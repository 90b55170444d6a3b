# lab.sh - a small internet and a host of its own in network namespaces, for tests, demo and benchmarks
#
# To be sourced by sh, as root.  Nothing touches the machine's own interfaces or leaves the namespaces.
#
#	namespace host		outcalld, its bridge and jails; 11.22.33.1
#	namespace net		the internet: nsd on .53 (the zones below), nginx on .10 (port 80 and 443)
#
# Names: allowed.test, other.test, blocked.test -> 11.22.33.10; alias.test -> allowed.test; private.test ->
# 10.9.9.9; mixed.test -> 10.9.9.9 and 11.22.33.10; dual.test with AAAA.  nginx answers every name with
# "hello from <host>" and has a certificate for all of them, signed by $LAB/ca.pem.
#
#	lab_up			makes both; $LAB is a new folder for files and logs
#	lab_host CMD...		runs CMD in namespace host	lab_net CMD...	in namespace net
#	lab_daemon [FLAG...]	starts outcalld (rules in $LAB/rules) and waits until it is ready
#	lab_cli ARG...		outcall with the lab's socket	lab_jail NAME [OPTION... --] CMD...
#	lab_daemon_stop [SIG]	lab_down (also on exit)		wait_for SECONDS CMD...

OUTCALL_BIN=${OUTCALL_BIN:-$PWD/build/release/outcall}

# Until CMD succeeds; the one place that waits.
wait_for() {
	_end=$(($(date +%s) + $1)); shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -le "$_end" ] || { echo "# gave up waiting for: $*" >&2; return 1; }
		perl -e 'select undef, undef, undef, 0.02'
	done
}

lab_host() { nsenter --net="/run/netns/$LAB_HOST" -- "$@"; }
lab_net() { nsenter --net="/run/netns/$LAB_NET" -- "$@"; }

lab_certificates() {
	(
		cd "$LAB" || exit
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=lab CA" \
			-addext "keyUsage=critical,keyCertSign,cRLSign" \
			-keyout ca.key -out ca.pem
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=allowed.test" \
			-keyout site.key -out site.csr
		printf 'subjectAltName=DNS:allowed.test,DNS:other.test,DNS:blocked.test,DNS:alias.test,DNS:mixed.test,IP:11.22.33.10\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' > site.ext
		openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile site.ext -out site.pem
	) > "$LAB/openssl.log" 2>&1
}

lab_nginx() {
	mkdir -p "$LAB/web/t"
	echo "hello" > "$LAB/web/index.html"
	head -c 1024 /dev/zero | tr '\0' x > "$LAB/web/1k"
	cat > "$LAB/nginx.conf" <<-EOF
	pid $LAB/nginx.pid; error_log $LAB/nginx.err; worker_processes ${LAB_NGINX_WORKERS:-1}; daemon on; user root;
	worker_rlimit_nofile 8192;
	events { worker_connections 4096; }
	http {
		access_log ${LAB_NGINX_LOG:-$LAB/nginx.log}; keepalive_requests 1000000; sendfile on; tcp_nodelay on;
		client_body_temp_path $LAB/web/t; proxy_temp_path $LAB/web/t; fastcgi_temp_path $LAB/web/t;
		uwsgi_temp_path $LAB/web/t; scgi_temp_path $LAB/web/t;
		server {
			listen 11.22.33.10:80; listen 11.22.33.10:443 ssl; listen 11.22.33.10:8081;
			ssl_certificate $LAB/site.pem; ssl_certificate_key $LAB/site.key;
			root $LAB/web; client_max_body_size 64m;
			location = / { return 200 "hello from \$host\n"; }
			location /echo { return 200 "\$request_method \$request_uri \$http_host\n"; }
		}
	}
	EOF
	lab_net nginx -c "$LAB/nginx.conf" -p "$LAB" 2> "$LAB/nginx.start" || { cat "$LAB/nginx.start" >&2; return 1; }
}

lab_zone() {
	cat > "$LAB/test.zone" <<-'EOF'
	$ORIGIN test.
	$TTL 60
	@ SOA ns.test. admin.test. 1 3600 600 86400 60
	@ NS ns
	ns A 11.22.33.53
	allowed A 11.22.33.10
	other A 11.22.33.10
	blocked A 11.22.33.10
	registry A 11.22.33.10
	alias CNAME allowed
	private A 10.9.9.9
	mixed A 10.9.9.9
	mixed A 11.22.33.10
	dual A 11.22.33.10
	dual AAAA 2001:db8::10
	allowed TXT "some text"
	allowed MX 10 mail
	closed A 11.22.33.11
	EOF
	cat > "$LAB/nsd.conf" <<-EOF
	server:
		ip-address: 11.22.33.53
		username: ""
		pidfile: "$LAB/nsd.pid"
		zonesdir: "$LAB"
		database: ""
		zonelistfile: "$LAB/zone.list"
		xfrdfile: "$LAB/xfrd.state"
		xfrdir: "$LAB"
		logfile: "$LAB/nsd.log"
		server-count: 1
	remote-control:
		control-enable: no
	zone:
		name: test
		zonefile: test.zone
	EOF
	lab_net nsd -c "$LAB/nsd.conf" 2> "$LAB/nsd.start" || { cat "$LAB/nsd.start" >&2; return 1; }
	wait_for 10 lab_net dig +short +time=1 +tries=1 @11.22.33.53 allowed.test A
}

lab_up() {
	LAB=$(mktemp -d /tmp/outcall-lab.XXXXXX)
	LAB_HOST=oc-host-$$ LAB_NET=oc-net-$$
	LAB_DAEMON=
	export LAB LAB_HOST LAB_NET
	trap lab_down EXIT
	trap 'exit 130' INT TERM HUP
	chmod 755 "$LAB"
	mkdir -p "$LAB/run" "$LAB/rules" "$LAB/state"
	ip netns add "$LAB_HOST" && ip netns add "$LAB_NET" || return 1
	ip link add oc-h netns "$LAB_HOST" type veth peer name oc-n netns "$LAB_NET" || return 1
	lab_host ip link set lo up; lab_host ip link set oc-h up
	lab_host ip addr add 11.22.33.1/24 dev oc-h
	lab_host ip route add default via 11.22.33.10
	lab_net ip link set lo up; lab_net ip link set oc-n up
	for a in 10 11 53; do lab_net ip addr add 11.22.33.$a/24 dev oc-n; done
	lab_net ip route add 10.200.0.0/16 via 11.22.33.1	# so that a leak would be answered
	lab_certificates && lab_nginx && lab_zone
}

lab_cli() { "$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" "$@"; }

lab_daemon() {
	nsenter --net="/run/netns/$LAB_HOST" -- "$OUTCALL_BIN" --applet=outcalld --socket "$LAB/run/host.sock" --rules-dir "$LAB/rules" \
		--state-dir "$LAB/state" --dns-upstream 11.22.33.53 --docker-socket "$LAB/docker.sock" "$@" >> "$LAB/daemon.out" 2>> "$LAB/daemon.log" &
	LAB_DAEMON=$!
	wait_for 10 lab_cli bridge status || { tail -n 5 "$LAB/daemon.log" >&2; return 1; }
}

lab_daemon_stop() {
	[ -n "$LAB_DAEMON" ] || return 0
	kill -"${1:-TERM}" "$LAB_DAEMON" 2>/dev/null
	wait "$LAB_DAEMON" 2>/dev/null; _status=$?
	LAB_DAEMON=
	return $_status
}

# A jail by its name; options of the verb may stand before "--".
lab_jail() {
	_name=$1; shift
	case " $* " in *" -- "*) ;; *) set -- -- "$@" ;; esac
	env -u SUDO_UID -u SUDO_GID "$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" jail --name "$_name" "$@"
}

lab_down() {
	trap - EXIT
	[ -n "${LAB:-}" ] || return 0
	lab_daemon_stop
	for p in "$LAB/nginx.pid" "$LAB/nsd.pid"; do
		[ -s "$p" ] && kill "$(cat "$p")" 2>/dev/null
	done
	for ns in "$LAB_HOST" "$LAB_NET"; do
		ip netns pids "$ns" 2>/dev/null | xargs -r kill 2>/dev/null
		wait_for 5 lab_empty "$ns" || ip netns pids "$ns" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$ns" 2>/dev/null
	done
	[ -n "${LAB_KEEP:-}" ] || rm -rf "$LAB"
	LAB=
}
lab_empty() { [ -z "$(ip netns pids "$1" 2>/dev/null)" ]; }
