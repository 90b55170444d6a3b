#!/bin/sh
# run-checks.sh [BUILD] - every static check on one build, one TAP line each
set -u
cd "$(dirname "$0")/.." || exit 2
b=${1:-build/dev}
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
bad=0
check() {
	name=$1; shift
	if "$@" > "$out" 2>&1; then
		echo "ok - check $name"
	else
		echo "not ok - check $name ($(wc -l < "$out") findings)"
		head -n "${OC_FINDINGS:-60}" "$out" | sed 's/^/#   /'
		bad=1
	fi
}
check layers sh scripts/check-layers.sh "$b"
check style sh scripts/check-style.sh "$b"
check size sh scripts/check-size.sh "$b"
[ ! -f build/release/outcall ] || check static sh scripts/check-static.sh build/release/outcall
[ ! -f scripts/trace.sh ] || check trace sh scripts/trace.sh
check planted sh scripts/check-planted.sh
exit $bad
