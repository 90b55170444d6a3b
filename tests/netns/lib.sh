# lib.sh - what the namespace tests share: the lab, and assertions that print TAP lines
cd "$(dirname "$0")/../.." || exit 2
[ "$(id -u)" = 0 ] || { echo "needs root for network namespaces"; exit 77; }
for _tool in ip nft nginx nsd dig curl openssl perl; do
	command -v $_tool >/dev/null || { echo "needs $_tool"; exit 77; }
done
. scripts/lab.sh

pass() { echo "ok - $1"; }
fail() { echo "not ok - $1"; shift; [ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /' | head -n 30; }
# is NAME WANT GOT
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "want: $2" "got:  $3"; fi; }
# has NAME PATTERN TEXT (extended regular expression)
has() { if printf '%s' "$3" | grep -qE -- "$2"; then pass "$1"; else fail "$1" "want: $2" "got:  $3"; fi; }
hasnt() { if printf '%s' "$3" | grep -qE -- "$2"; then fail "$1" "must not match: $2" "got:  $3"; else pass "$1"; fi; }
# check NAME CMD...
check() { _n=$1; shift; if _out=$("$@" 2>&1); then pass "$_n"; else fail "$_n" "status $?" "$_out"; fi; }
# milliseconds that CMD takes
millis() { _t=$(date +%s%N); "$@" >/dev/null 2>&1; echo $((($(date +%s%N) - _t) / 1000000)); }

# The rule set of most tests: names of the lab, opted in where the lab's addresses need it.
lab_rules() {
	cat > "$LAB/rules/10-lab.yaml" <<-'EOF'
	version: "1"
	definitions:
	  ok_host: http.host == "allowed.test" || http.host == "alias.test" || http.host == "mixed.test"
	rules:
	  - id: dns-allowed
	    condition: dns.query in ["allowed.test", "alias.test", "mixed.test", "private.test", "dual.test"]
	    action: allow
	  - id: http-allowed
	    condition: ($ok_host) && !http.path.startsWith("/secret")
	    action: allow
	  - id: named-block
	    condition: http.host == "blocked.test"
	    action: block
	EOF
}
