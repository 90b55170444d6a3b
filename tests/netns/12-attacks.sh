#!/bin/sh
# The attack list from inside a jail, as root and as a user, on a host that forwards: nothing arrives outside,
# at the host, or at a neighbour; every packet that was stopped is counted.
# S015-AS-001..003, S015-X (jail), S001 acceptance (D28, spoofed source, IPv6, peers)
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID
lab_up && lab_rules && lab_daemon || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
lab_host sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'

# Witnesses: packets of confined sources outside, and on the host beyond the two services.
lab_net nft -f - <<'EOF'
table inet witness {
	chain in {
		type filter hook prerouting priority -300
		ip saddr 10.200.0.0/16 counter
		ip6 saddr != { ::, fe80::/10 } counter
	}
}
EOF
leaks() { lab_net nft list table inet witness | grep -E 'packets [1-9][0-9]*'; }
cat > serve.py <<'EOF'
import socket, sys, threading
host, name = sys.argv[1], sys.argv[2]
t = socket.socket(); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); t.bind((host, 7777)); t.listen()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind((host, 7777))
def udp():
    while True:
        u.recvfrom(99); open(name + ".hit", "a").write("udp\n")
threading.Thread(target=udp, daemon=True).start()
open(name + ".up", "w").write("up")
while True:
    c, _ = t.accept(); open(name + ".hit", "a").write("tcp\n"); c.close()
EOF
# One attacker for all targets: prints what each attempt came to.
cat > attack.py <<'EOF'
import errno, socket, struct, sys, time
def tcp(addr, port):
    s = socket.socket(); s.settimeout(3); b = time.monotonic()
    try: s.connect((addr, port)); r = "CONNECTED"
    except OSError as e: r = errno.errorcode.get(e.errno, str(e))
    return "%s %d ms" % (r, (time.monotonic() - b) * 1000)
def udp(addr, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1); s.connect((addr, port)); b = time.monotonic()
    try:
        s.send(b"x"); s.recv(10); r = "ANSWERED"
    except OSError as e: r = errno.errorcode.get(e.errno, str(e))
    return "%s %d ms" % (r, (time.monotonic() - b) * 1000)
for what in sys.argv[1:]:
    kind, addr, port = what.split(",")
    print(what, {"tcp": tcp, "udp": udp}[kind](addr, int(port)))
def attempt(name, f):
    try: f(); print(name, "SUCCEEDED")
    except OSError as e: print(name, errno.errorcode.get(e.errno, str(e)))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))
attempt("bind-foreign", lambda: socket.socket().bind(("10.200.0.200", 0)))
attempt("freebind", lambda: (lambda s: (s.setsockopt(0, 15, 1), s.bind(("10.200.0.200", 0)), s.settimeout(1), s.connect(("11.22.33.10", 8081))))(socket.socket()))
attempt("transparent", lambda: socket.socket().setsockopt(0, 19, 1))
def six():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.sendto(b"x", ("ff02::1", 7777, 0, socket.if_nametoindex("eth0")))
    s.close(); raise OSError(0, "sent")
attempt("ipv6-multicast", six)
EOF

lab_host ip addr add 192.168.77.1/24 dev lo
nsenter --net="/run/netns/$LAB_HOST" -- python3 serve.py 0.0.0.0 host & h=$!
"$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" jail --name victim -- python3 serve.py 0.0.0.0 victim > /dev/null 2>&1 & v=$!
wait_for 10 test -e host.up && wait_for 10 test -e victim.up || fail "servers"
victim=$(lab_cli jail list --json | grep -oE '10\.200\.0\.[0-9]+' | head -n 1)
has "the victim has an address" '^10\.200\.0\.1[2-9]' "$victim"
check "the host's server works" lab_host sh -c 'curl -s -m 2 telnet://11.22.33.1:7777 < /dev/null; true'
rm -f host.hit

targets="tcp,11.22.33.10,8081 udp,11.22.33.10,443 udp,11.22.33.53,5353 tcp,11.22.33.1,7777 udp,11.22.33.1,7777
	tcp,10.200.0.1,7777 udp,10.200.0.1,7777 tcp,192.168.77.1,7777 tcp,10.200.0.1,22 tcp,$victim,7777 udp,$victim,7777
	tcp,10.200.0.77,7777 tcp,169.254.169.254,8000 tcp,8.8.8.8,853 udp,8.8.8.8,443"
n=$(echo $targets | wc -w)
for user in root nobody; do
	out=$(lab_jail att --as $user -- python3 attack.py $targets 2>&1)
	is "$user: nothing connects, nothing answers" "" "$(printf '%s\n' "$out" | grep -E 'CONNECTED|ANSWERED|SUCCEEDED')"
	is "$user: every attempt was made" "$n" "$(printf '%s\n' "$out" | grep -cE '^(tcp|udp),')"
	is "$user: TCP is refused by a reset" "" "$(printf '%s\n' "$out" | grep '^tcp' | grep -v ECONNREFUSED)"
	# The kernel itself answers one peer with six such messages at once and one a second from then on.
	[ $user = root ] && is "and UDP by ICMP" "" "$(printf '%s\n' "$out" | grep '^udp' | grep -vE 'EHOSTUNREACH|ECONNREFUSED|EACCES|EPERM')"
	is "$user: within 100 ms" "" "$(printf '%s\n' "$out" | grep -v 'timed out' | awk '/ ms$/ && $(NF - 1) > 100')"
	has "$user: raw sockets" "raw EPERM" "$out"
	has "$user: packet sockets" "packet EPERM" "$out"
	has "$user: transparent sockets" "transparent EPERM" "$out"
	has "$user: addresses" "not permitted" "$(lab_jail att --as $user -- ip addr add 10.200.0.99/24 dev eth0 2>&1)"
	has "$user: routes" "not permitted" "$(lab_jail att --as $user -- ip route replace default dev eth0 2>&1)"
	has "$user: a namespace of its own gives nothing" "refused|not permitted|Failed|denied|failed" "$(lab_jail att --as $user -- unshare -rn sh -c 'ip link set lo up; curl -s -S -m 2 http://11.22.33.10:8081/' 2>&1)"
	has "$user: the host's policy cannot be seen" "not permitted|rror" "$(lab_jail att --as $user -- nft list ruleset 2>&1)"
done
is "nothing arrived outside" "" "$(leaks)"
is "nothing arrived at the host's server" "" "$(cat host.hit 2>/dev/null)"
is "nothing arrived at the neighbour" "" "$(cat victim.hit 2>/dev/null)"

# A spoofed source: only possible for a member that is no jail; a bare namespace plugged into the bridge by hand.
ip netns add "oc-x-$$"
ip link add ocx netns "$LAB_HOST" type veth peer name eth0 netns "oc-x-$$"
lab_host ip link set ocx master outcall0 up
ip netns exec "oc-x-$$" sh -c 'ip link set lo up; ip link set eth0 up; ip addr add 10.200.0.66/24 dev eth0; ip addr add 11.22.33.99/32 dev eth0; ip route add default via 10.200.0.1'
before=$(lab_cli status | grep -oE 'spoofed [0-9]+')
ip netns exec "oc-x-$$" python3 - <<'EOF'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("11.22.33.99", 0))
for i in range(5): s.sendto(b"x", ("11.22.33.10", 9999))
EOF
hasnt "a spoofed source is counted" "^$before\$" "$(lab_cli status | grep -oE 'spoofed [0-9]+')"
has "an unmanaged member is nobody: DNS" "REFUSED" "$(ip netns exec "oc-x-$$" dig @10.200.0.1 +time=2 +tries=1 allowed.test)"
has "and HTTP" "Managed container identity required" "$(ip netns exec "oc-x-$$" curl -s -m 3 -x http://10.200.0.1:8080 http://allowed.test/)"
ip netns del "oc-x-$$"
is "still nothing outside" "" "$(leaks)"
has "IPv6 is dropped and counted" "ipv6 [1-9]" "$(lab_cli status)"
kill $h $v 2>/dev/null; wait $h $v 2>/dev/null
true
