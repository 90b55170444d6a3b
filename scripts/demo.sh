#!/bin/sh
# demo.sh - Outcall at work, on a fresh Debian machine: sudo sh scripts/demo.sh
#
# Installs what the build and the demonstration need, builds the release, and shows in network namespaces of
# its own how a confined curl reaches what the rules allow and nothing else.  Cleans up after itself; the
# machine's own interfaces, firewall and files stay as they are (packages remain installed).
set -u
cd "$(dirname "$0")/.." || exit 2
[ "$(id -u)" = 0 ] || { echo "Error: the demo makes network namespaces; run it as root: sudo sh scripts/demo.sh" >&2; exit 1; }
unset SUDO_UID SUDO_GID

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') green=$(printf '\033[32m') red=$(printf '\033[31m') off=$(printf '\033[0m')
else bold='' green='' red='' off=''; fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$off"; }

step "1/4 what the build and the demonstration need"
sh scripts/packages.sh nginx nsd dig curl openssl nft ip perl ping || exit 1
sh scripts/deps.sh --musl || exit 1

step "2/4 one static program"
make -j"$(nproc)" CONFIG=release all || exit 1
ls -l build/release/outcall

step "3/4 a lab: an internet, a host with outcalld, three rules"
. scripts/lab.sh
lab_up || { echo "Error: cannot make the lab" >&2; exit 1; }
cat > "$LAB/rules/10-demo.yaml" <<'EOF'
version: "1"
definitions:
  shop: dns.query == "allowed.test" || http.host == "allowed.test"
rules:
  - id: allow-shop                 # both layers: the name may be looked up and the host be talked to
    condition: ($shop) && !http.path.startsWith("/secret")
    action: allow
  - id: allow-lookup-of-blocked    # may be looked up, but no rule lets HTTP through
    condition: dns.query == "blocked.test"
    action: allow
  - id: no-secrets
    priority: 10                   # judged before the others
    condition: http.host == "allowed.test" && http.path.startsWith("/secret")
    action: block
EOF
sed 's/^/    /' "$LAB/rules/10-demo.yaml"
lab_daemon || exit 1
lab_cli status
cd "$LAB" || exit 1

step "4/4 a confined curl:  outcall jail --name demo -- curl ..."
table=$LAB/table
bad=0
# row WHAT WANT CMD...: runs CMD in a jail, compares its last line with the pattern WANT
row() {
	what=$1 want=$2; shift 2
	begin=$(date +%s%N)
	got=$(lab_jail demo -- "$@" 2>&1 | tr -d '\r' | tail -n 1)
	ms=$((($(date +%s%N) - begin) / 1000000))
	if printf '%s' "$got" | grep -qE -- "$want"; then mark="${green}as it should be$off"; else mark="${red}UNEXPECTED$off"; bad=1; fi
	printf '    %-46s %-38.38s %5d ms\n' "$what" "$got" "$ms"
	printf '%-46s %-38.38s %s\n' "$what" "$got" "$mark" >> "$table"
}
direct='use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr => "11.22.33.10", PeerPort => 8081, Timeout => 5) ? "connected\n" : "$!\n"'
noproxy='env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY'
row "http://allowed.test/"                    "^hello from allowed" curl -s -m 5 http://allowed.test/
row "https://allowed.test/"                   "^hello from allowed" curl -s -m 5 --cacert ca.pem https://allowed.test/
# shellcheck disable=SC2086
row "https://allowed.test/ without a proxy"   "^hello from allowed" $noproxy curl -s -m 5 --cacert ca.pem https://allowed.test/
row "http://allowed.test/secret"              "^403$"               curl -s -m 5 -o /dev/null -w '%{http_code}\n' http://allowed.test/secret
row "http://blocked.test/"                    "^403$"               curl -s -m 5 -o /dev/null -w '%{http_code}\n' http://blocked.test/
row "https://blocked.test/ (CONNECT)"         "^403$"               curl -s -m 5 -o /dev/null -w '%{http_connect}\n' https://blocked.test/
row "look-up of other.test"                   "NXDOMAIN"            sh -c 'dig +time=2 +tries=1 other.test | grep -o "status: [A-Z]*"'
row "TCP to 11.22.33.10 port 8081"            "refused"             perl -e "$direct"
row "ping 11.22.33.10"                        "100% packet loss|not permitted|prohibited|Filtered|missing" sh -c 'ping -c 1 -W 1 11.22.33.10 2>&1 | grep -E "loss|not|Filtered|missing" | tail -n 1'

step "what the program was told"
lab_jail demo -- curl -s -m 5 http://blocked.test/ | sed 's/^/    /'
step "the verdicts, as outcall events shows them"
lab_cli events | tail -n 14 | sed 's/^/    /'
step "the packet policy that stands behind it (counters of nftables)"
lab_host nft list table inet outcall | grep -E 'counter packets [1-9]' | sed 's/^[[:space:]]*/    /'

step "summary"
cat "$table"
[ "$bad" = 0 ] && echo "All of it as the rules say." || echo "Something was not as the rules say: see above."
lab_down
exit $bad
