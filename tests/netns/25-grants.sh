#!/bin/sh
# Dynamic rules: single flows opened through the API, closed by expiry, flush, the jail's end, reload and stop.
# S009-AS-001..005, -007, section 4; S001-X-016; D19
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset SUDO_UID SUDO_GID
lab_up || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
lab_rules
cat > rules/20-direct.yaml <<'EOF'
version: "1"
rules:
  - {id: direct, condition: dns.query == "registry.test", action: allow, egress: {mode: direct_ip, ports: [8081, 853]}}
EOF
lab_host sh -c 'echo 1 > /proc/sys/net/ipv4/conf/oc-h/forwarding'	# the way back; operations section 16
lab_daemon || { fail "daemon"; exit 1; }

api() { curl -s --unix-socket "$LAB/run/host.sock" -H 'Content-Type: application/json' "$@"; }
# allow JSON: the answer of the endpoint
allow() { api -d "$1" http://d/api/v1/rule/allow; }
grant() { allow "{\"container\":\"g\",\"src_ip\":\"$src\",$1}"; }
number() { sed -n 's/.*"nft_handle":\([0-9]*\).*/\1/p'; }
active() { api http://d/api/v1/rules/active | sed 's/^{"success":true,"data"://; s/}$//'; }
removed() { api -X POST http://d/api/v1/rules/flush | sed -n 's/.*"removed":\([0-9]*\).*/\1/p'; }
elements() { lab_host nft list set inet outcall "$1" | tr -d '\n' | sed -n 's/.*elements = { \(.*\) }.*/\1/p'; }
forwarding() { lab_host cat /proc/sys/net/ipv4/conf/outcall0/forwarding; }
base() { lab_host nft -s list chain inet outcall forward; }

# A jail that does what is written into its pipe.
mkfifo cmd ack
lab_jail g -- sh -c 'while read -r c < cmd; do eval "$c" > out 2>&1; echo $? > ack; done' > jail.out 2>&1 & jail=$!
in_jail() { printf '%s\n' "$*" > cmd; read -r st < ack; cat out; return "$st"; }
get() { in_jail "curl -s -m 3 --noproxy '*' $1 2>&1 || echo failed \$?"; }
check "the jail is up" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q '^g '"
src=$(lab_cli jail list --json | grep -oE '10\.200\.0\.[0-9]+' | head -n 1)
has "it has an address" '^10\.200\.0\.' "$src"
before=$(base)

# --- nothing is open ---
is "flush of nothing" 0 "$(removed)"
is "the list is empty" '[]' "$(active)"
is "its table too" "CONTAINER           SOURCE          DESTINATION             PROTO PORT  GRANT EXPIRES" "$(lab_cli rules active)"
has "TCP is refused" "failed 7" "$(get http://11.22.33.10:8081/)"
is "nothing is forwarded from the bridge" 0 "$(forwarding)"

# --- one flow ---
n=$(grant '"destination":"11.22.33.10","protocol":"tcp","port":8081' | number)
is "the first grant" 1 "$n"
is "opens that port" "hello from 11.22.33.10" "$(get http://11.22.33.10:8081/)"
is "and forwarding" 1 "$(forwarding)"
has "another host stays refused" "failed 7" "$(get http://11.22.33.11:8081/)"
has "another port too" "failed 7" "$(get http://11.22.33.10:8082/)"
has "port 80 is judged by the rules" "Blocked by outcall" "$(get http://11.22.33.10/)"
has "the element names its grant" "comment \"outcall:g#1\"" "$(elements grants)"
has "and has a time-out of the kernel's" "timeout 5m" "$(elements grants)"
is "the same again is the same grant" 1 "$(grant '"destination":"11.22.33.10","protocol":"tcp","port":8081' | number)"
has "the list" '^\[\{"container":"g","src_ip":"'"$src"'","destination":"11.22.33.10","protocol":"tcp","port":8081,"nft_handle":1,"inserted_at":"20..-..-..T..:..:..Z"\}\]$' "$(active)"
has "its table" "^g +$src +11.22.33.10 +tcp +8081 +1 +never" "$(lab_cli rules active | tail -n 1)"
dropped=$(lab_cli status | grep -oE 'refused [0-9]+')
get http://11.22.33.11:8081/ > /dev/null
hasnt "refusals are still counted" "^$dropped\$" "$(lab_cli status | grep -oE 'refused [0-9]+')"
is "80 too" 2 "$(grant '"destination":"11.22.33.10","protocol":"tcp","port":80' | number)"
has "goes out itself, not to the proxy" "^hello from 11.22.33.10" "$(get http://11.22.33.10/)"
is "a name" 3 "$(grant '"destination":"Closed.test.","protocol":"tcp","port":8081' | number)"
has "gets its address" "10.200.0.[0-9]+ . 11.22.33.11 . tcp . 8081" "$(elements grants)"
is "and the same grant again" 3 "$(grant '"destination":"closed.test","protocol":"tcp","port":8081' | number)"
is "the rows of the table are the old ones" "$before" "$(base)"
is "flush" "Removed 3 dynamic rule(s)." "$(lab_cli rules flush)"
is "empties the set" "" "$(elements grants)"
has "and closes" "failed 7" "$(get http://11.22.33.10:8081/)"
is "forwarding is off again" 0 "$(forwarding)"

# --- running out ---
start=$(date +%s%N)
grant '"destination":"11.22.33.10","protocol":"tcp","port":8081,"expires_in_secs":2' > /dev/null
grant '"destination":"11.22.33.10","protocol":"tcp","port":8082' > /dev/null
has "seconds left" '"expires_in_secs":2' "$(active)"
gone() { [ "$(active | grep -c expires_in_secs)" = 0 ] && ! elements grants | grep -q 8081; }
check "a grant of 2 s ends" wait_for 5 gone
took=$((($(date +%s%N) - start) / 1000000))
check "within 3.1 s ($took ms)" test "$took" -le 3100
has "the permanent one stays" '"port":8082' "$(active)"
is "flush it" 1 "$(removed)"

# --- an established transfer stalls ---
cat > slow.py <<'EOF'
import socket, time, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("11.22.33.10", 9000)); s.listen(1); open("slow.up", "w").close()
c, _ = s.accept(); c.settimeout(20)
try:
    for _ in range(3000): c.sendall(b"x"); time.sleep(0.02)	# a minute at most
except OSError: pass
EOF
lab_net python3 slow.py & slow=$!
check "a server that goes on" wait_for 5 test -e slow.up
grant '"destination":"11.22.33.10","protocol":"tcp","port":9000' > /dev/null
printf '%s\n' 'timeout 60 curl -sN telnet://11.22.33.10:9000 > stream & echo $! > stream.pid' > cmd; read -r st < ack
grown() { [ "$(stat -c %s stream 2>/dev/null || echo 0)" -gt "$1" ]; }
check "data flow" wait_for 5 grown 20
lab_cli rules flush > /dev/null
at=$(stat -c %s stream)
perl -e 'select undef, undef, undef, 0.3'	# that nothing comes can only be waited for
is "after the flush nothing flows" "$at" "$(stat -c %s stream)"
in_jail 'kill $(cat stream.pid)' > /dev/null; kill $slow 2>/dev/null; wait $slow 2>/dev/null

# --- wide ---
is "a network, without port and protocol" yes "$(grant '"destination":"11.22.33.8/29"' | grep -q nft_handle && echo yes)"
has "is an interval" "11.22.33.8-11.22.33.15|11.22.33.8/29" "$(elements grants_wide)"
is "TCP" "hello from 11.22.33.11" "$(in_jail 'curl -s -m 3 --noproxy "*" -H "Host: 11.22.33.11" http://11.22.33.10:8081/')"
has "outside of it nothing" "failed 7" "$(get http://11.22.33.53:8081/)"
n=$(lab_cli rules active | awk '$3 == "11.22.33.8/29" { print $6 }')
is "the same wide one again is renewed" "$n" "$(grant '"destination":"11.22.33.8/29"' | number)"
has "inside it again: covered" "destination 11.22.33.10 is already covered by active grant [0-9]+ \(11.22.33.8/29\) of container 'g'" "$(grant '"destination":"11.22.33.10"')"
has "an exact grant inside a wide one" nft_handle "$(grant '"destination":"11.22.33.10","protocol":"tcp","port":8081')"
has "UDP, to a server of one's choice" nft_handle "$(grant '"destination":"11.22.33.53","protocol":"udp"')"
has "which answers itself" "SERVER: 11.22.33.53" "$(in_jail 'dig +tries=1 +time=2 @11.22.33.53 other.test' | grep -E 'SERVER|NOERROR' | tr '\n' ' ')"
has "what the filter would not" "other.test.*11.22.33.10" "$(in_jail 'dig +tries=1 +time=2 @11.22.33.53 other.test | grep -v "^;"' | tr '\t' ' ')"
is "flush" 3 "$(removed)"
is "both sets are empty" "" "$(elements grants)$(elements grants_wide)"

# --- by an answer of the DNS filter ---
has "a name of a direct_ip rule is reached at once" "^hello from registry.test" "$(get http://registry.test:8081/)"
has "by a grant of its time to live" "^g +$src +11.22.33.10 +tcp +8081 +[0-9]+ +(60|5[0-9]) s" "$(lab_cli rules active | tail -n +2)"
is "which is the only one: port 853 never is" 1 "$(lab_cli rules active | tail -n +2 | wc -l)"
has "that is said" 'direct grant refused.*port=853.*never granted' "$(grep 'direct grant' daemon.log)"
has "it ends in the kernel" "11.22.33.10 . tcp . 8081 timeout [0-9a-z]+ expires [0-9]+s" "$(elements grants)"
has "and is an event" 'direct +allow .*registry.test:8081' "$(lab_cli events)"
grant '"destination":"11.22.33.10","protocol":"tcp","port":8081' > /dev/null
has "an operator makes it permanent" "8081 +[0-9]+ +never" "$(lab_cli rules active | tail -n +2)"
has "the next answer" "^hello from registry.test" "$(get http://registry.test:8081/)"
has "leaves it so" "8081 +[0-9]+ +never" "$(lab_cli rules active | tail -n +2)"
is "AAAA opens nothing" "1" "$(in_jail 'dig +short registry.test AAAA'; lab_cli rules active | tail -n +2 | wc -l)"
is "flush" 1 "$(removed)"

# --- refused input: the exact text, and nothing changes ---
sets() { lab_host nft -s list sets inet; active; }
state=$(sets)
refused() {
	has "refused: $1" "^\{\"success\":false,\"error\":\"$1\"\}$" "$(allow "$2")"
}
refused "invalid protocol 'TCP': must be 'tcp' or 'udp'" "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\",\"protocol\":\"TCP\"}"
refused "a destination port requires protocol 'tcp' or 'udp'" "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\",\"port\":80}"
refused "port must be 1-65535" "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\",\"protocol\":\"tcp\",\"port\":0}"
refused "expires_in_secs must be between 1 and 86400 seconds" "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\",\"expires_in_secs\":0}"
refused "expires_in_secs must be between 1 and 86400 seconds" "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\",\"expires_in_secs\":86401}"
refused 'invalid source IP address ."fe80::1%eth0."' '{"container":"g","src_ip":"fe80::1%eth0","destination":"1.2.3.4"}'
refused "src_ip $src does not belong to container 'other' \(belongs to 'g'\)" "{\"container\":\"other\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\"}"
refused 'invalid destination CIDR ."1.2.3.0/33."' "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.0/33\"}"
refused 'destination CIDR must use its network address \(got 192.168.0.1/24, expected 192.168.0.0/24\)' "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"192.168.0.1/24\"}"
refused 'invalid destination address ."bad:host:value."' "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"bad:host:value\"}"
refused 'invalid destination hostname ."a_b c."' "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"a_b c\"}"
refused "source address $src and destination 2001:db8::1 use different address families" "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"2001:db8::1\"}"
refused "IPv6 grants are not possible: managed bridges carry IPv4 only" '{"container":"g","src_ip":"2001:db8::2","destination":"2001:db8::1"}'
refused 'DNS resolution failed for ."nowhere.test."' "{\"container\":\"g\",\"src_ip\":\"$src\",\"destination\":\"nowhere.test\"}"
refused 'invalid container name ."-g."' "{\"container\":\"-g\",\"src_ip\":\"$src\",\"destination\":\"1.2.3.4\"}"
is "an unknown member is 422" 422 "$(api -o /dev/null -w '%{http_code}' -d '{"container":"g","src_ip":"1.1.1.1","destination":"1.2.3.4","x":1}' http://d/api/v1/rule/allow)"
is "nothing was changed" "$state" "$(sets)"

# --- the cap ---
i=0 made=0
while [ $i -lt 257 ]; do
	i=$((i + 1))
	printf '{"container":"g","src_ip":"%s","destination":"11.22.34.%d","protocol":"tcp","port":%d}\n' "$src" $((i % 256)) $((i + 1000))
done > many
made=$(while read -r line; do allow "$line"; echo; done < many | grep -c nft_handle)
is "256 of 257" 256 "$made"
has "the next is refused" "dynamic rule cap exceeded for container 'g' \(max 256\)" "$(grant '"destination":"9.9.9.9"')"
has "another source has room" nft_handle "$(allow '{"container":"later","src_ip":"10.200.0.77","destination":"9.9.9.9"}')"
is "and all can be flushed" 257 "$(removed)"

# --- reload, foreign change, the end of the jail, stop, kill ---
grant '"destination":"11.22.33.10","protocol":"tcp","port":8081' > /dev/null
lab_cli rules reload > /dev/null
is "a reload ends them" '[]' "$(active)$(elements grants)"
has "and says how many" 'rules loaded.*dynamic_rules_removed=1' "$(tail -n 3 daemon.log)"
grant '"destination":"11.22.33.10","protocol":"tcp","port":8081' > /dev/null
lab_cli bridge up > /dev/null
is "a new table ends them" '[]' "$(active)$(elements grants)"
grant '"destination":"11.22.33.10","protocol":"tcp","port":8081' > /dev/null
grant '"destination":"11.22.33.0/24"' > /dev/null
printf 'exit\n' > cmd; wait $jail
ended() { [ "$(active)" = '[]' ]; }
check "with the jail they end" wait_for 5 ended
is "in both sets" "" "$(elements grants)$(elements grants_wide)"
is "nothing mentions the address" "" "$(lab_host nft list table inet outcall | grep -F "$src")"
is "the base policy is as it was" "$before" "$(base)"

src=10.200.0.200
allow '{"container":"later","src_ip":"10.200.0.200","destination":"11.22.33.10","protocol":"tcp","port":8081}' > /dev/null
kill -9 "$LAB_DAEMON"; wait "$LAB_DAEMON" 2>/dev/null
has "after SIGKILL the kernel holds it for a lease at most" "timeout 5m expires [0-4]m" "$(elements grants)"
lab_daemon || fail "daemon again"
is "the next start has none" '[]' "$(active)$(elements grants)"
allow '{"container":"later","src_ip":"10.200.0.200","destination":"11.22.33.10","protocol":"tcp","port":8081}' > /dev/null
lab_daemon_stop TERM
is "after SIGTERM there is none" "" "$(lab_host nft list table inet outcall 2>/dev/null | grep -F 10.200.0.200)"
