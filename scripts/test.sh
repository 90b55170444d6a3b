#!/bin/sh
# test.sh - builds and tests everything on a Debian machine: sudo sh scripts/test.sh
#
# Installs what is missing (scripts/deps.sh and the packages below), builds every configuration, runs unit
# tests under the sanitizers and on musl, replays the corpora, fuzzes for a short time, runs the static
# checks, then the scripts of tests/cli, tests/netns and tests/accept against the release.  Logs are in
# build/test/.  The last line is "N passed, N failed", counting single tests; the status follows it.
#
# A test script prints TAP lines ("ok - ...", "not ok - ...", "ok - ... # SKIP why") or exits with 77 after
# one line that says why it cannot run here.  It finds the program in $OUTCALL_BIN and cleans up after itself:
# what it leaves (process, network namespace, link, nftables table) counts as a failure.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
log=$root/build/test
rm -rf "$log"; mkdir -p "$log"
begin=$(date +%s)
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
jobs=$(nproc)
passed=0 failed=0 skipped=0

say() { printf '== %4d s  %s\n' $(($(date +%s) - begin)) "$*"; }
count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }
ok() { count 1 0 0; }
not_ok() { count 0 1 0; echo "not ok - $*"; }

# --- what the machine needs --------------------------------------------------------------------------

install_tools() {
	sh scripts/packages.sh nginx nsd dig curl git python3 node clang ctags ip nft openssl ps unshare setpriv \
		file objcopy perl bash || return 1
	# Old names of zones, which the conformance cases use, have a package of their own from Debian 13 on.
	[ -e /usr/share/zoneinfo/US/Central ] || sh scripts/packages.sh tzdata-legacy 2>/dev/null ||
		sh scripts/packages.sh tzdata || return 1
	echo 'int LLVMFuzzerTestOneInput(const void *d, long n); int LLVMFuzzerTestOneInput(const void *d, long n) { return d && n < 0; }' |
		clang -x c -fsanitize=fuzzer,address -o /dev/null - 2>/dev/null || sh scripts/packages.sh libclang-rt-dev
}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
install_tools || not_ok "packages for the tests"
sh scripts/deps.sh || { not_ok "scripts/deps.sh"; echo "$passed passed, $failed failed"; exit 1; }

# --- builds and unit tests ---------------------------------------------------------------------------

build() {	# build CONFIG TARGET
	say "build $1"
	if make -k -j"$jobs" CONFIG="$1" "$2" > "$log/build-$1" 2>&1; then
		ok
	else
		not_ok "build $1 (see build/test/build-$1)"
		grep -E 'error|warning|Error' "$log/build-$1" | head -n 20 | sed 's/^/#   /'
	fi
}
unit() {	# unit CONFIG
	build "$1" check-build
	say "unit tests and corpus replay, $1"
	make -j"$jobs" CONFIG="$1" check > "$log/unit-$1" 2>&1
	grep -vE '^(ok  |make|.* passed, )' "$log/unit-$1" | grep -A60 '^FAILED' | head -n 200
	# shellcheck disable=SC2046
	count $(cat build/"$1"/log/*.sum 2>/dev/null | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
	ls build/"$1"/log/*.sum >/dev/null 2>&1 || not_ok "no unit test ran in $1"
}
build dev all
build release all
unit asan
unit trap
unit tsan
build fuzz fuzz

# --- static checks and fuzzing -----------------------------------------------------------------------

tap() {	# tap FILE: counts its lines, shows the failures
	s=$(grep -c '^ok.*# SKIP' "$1"); p=$(grep -c '^ok' "$1"); f=$(grep -c '^not ok' "$1")
	count $((p - s)) "$f" "$s"
	grep -A40 '^not ok' "$1" | head -n 120
}
say "checks"
make --no-print-directory CONFIG=dev checks > "$log/checks" 2>&1
tap "$log/checks"
grep -qE '^(not )?ok' "$log/checks" || not_ok "the checks did not run"

fuzzers=$(find tests/fuzz -name 'fz_*.c' | wc -l)
if [ "$fuzzers" -gt 0 ]; then
	secs=${FUZZ_SECONDS:-$((${FUZZ_TOTAL:-180} * jobs / fuzzers))}
	say "fuzzing: $fuzzers targets, $secs s each"
	sh scripts/fuzz-smoke.sh build/fuzz "$secs" > "$log/fuzz" 2>&1
	tap "$log/fuzz"
fi

# --- test scripts against the release ----------------------------------------------------------------

# What a test could leave behind on the machine.
traces() {
	ip netns list 2>/dev/null | sed 's/ .*//; s/^/namespace /'
	ip -o link 2>/dev/null | sed -E 's/^[0-9]+: ([^:@]+).*/link \1/'
	nft list tables 2>/dev/null
	ls -d /run/outcall /var/lib/outcall 2>/dev/null
}
# Processes that carry the mark of this run in their environment, this shell and its own children excepted.
mark=outcall-test-$$-$begin
strays() {
	grep -lzs "^OUTCALL_TEST_RUN=$mark\$" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/||; s|/environ||'
}
script() {	# script FILE
	name=${1#tests/}; out=$log/$(echo "${name%.sh}" | tr / -)
	say "$name"
	traces | sort > "$log/before"
	OUTCALL_BIN=$root/build/release/outcall OUTCALL_TEST_RUN=$mark \
		timeout -k 10 "${SCRIPT_SECONDS:-300}" sh "$1" > "$out" 2>&1 < /dev/null
	st=$?
	if [ $st = 77 ]; then
		count 0 0 1; echo "skipped: $(tail -n 1 "$out")"
	else
		tap "$out"
		if ! grep -q '^not ok' "$out"; then
			if [ $st != 0 ]; then
				not_ok "$name ended with status $st"; tail -n 15 "$out" | sed 's/^/#   /'
			elif ! grep -q '^ok' "$out"; then
				not_ok "$name ran no test"
			fi
		fi
	fi
	for pid in $(strays); do
		not_ok "$name left a process: $(tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null)"
		kill "$pid" 2>/dev/null
	done
	traces | sort > "$log/after"
	left=$(comm -13 "$log/before" "$log/after" | tr '\n' ' ')
	[ -z "$left" ] || not_ok "$name left behind: $left"
}
for t in tests/cli/*.sh tests/netns/*.sh tests/accept/*.sh; do
	case ${t##*/} in lib*.sh|_*.sh|'*.sh') continue ;; esac	# helpers that tests source
	script "$t"
done

say "end"
[ "$skipped" = 0 ] && echo "$passed passed, $failed failed" || echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
