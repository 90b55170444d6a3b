# lib.sh - what the command-line tests share: a folder of their own and assertions that print TAP lines
cd "$(dirname "$0")/../.." || exit 2
OUTCALL_BIN=${OUTCALL_BIN:-$PWD/build/release/outcall}
[ -x "$OUTCALL_BIN" ] || { echo "no program at $OUTCALL_BIN"; exit 77; }
T=$(mktemp -d) || exit 2
trap 'rm -rf "$T"' EXIT
unset OUTCALL_APPLET OUTCALL_LOG RUST_LOG SUDO_UID SUDO_GID

pass() { echo "ok - $1"; }
fail() { echo "not ok - $1"; shift; [ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /' | head -n 20; }
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "want: $2" "got:  $3"; fi; }
has() { if printf '%s' "$3" | grep -qE -- "$2"; then pass "$1"; else fail "$1" "want: $2" "got:  $3"; fi; }
# run CMD...: sets out, err, st
run() { "$@" > "$T/out" 2> "$T/err" < /dev/null; st=$?; out=$(cat "$T/out"); err=$(cat "$T/err"); }
cli() { "$OUTCALL_BIN" --applet=outcall "$@"; }
daemon() { "$OUTCALL_BIN" --applet=outcalld "$@"; }
