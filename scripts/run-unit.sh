#!/bin/sh
# run-unit.sh DIR PROGRAM... - run test programs side by side, one line for each, then the totals
#
# A program is silent unless it fails; what it printed stays in DIR/log/NAME.log.  A program that does
# not exist (did not compile) has failed.  Fuzzers (DIR/fuzz/...) replay their committed corpus.
set -u
dir=$1; shift
rm -rf "$dir/log"; mkdir -p "$dir/log"

# shellcheck disable=SC2016
one='
	prog=$2 name=$(basename "$2") log=$1/log/$(basename "$2").log
	if [ ! -x "$prog" ]; then
		echo "not ok - $name did not build" > "$log"; st=1
	else
		case $prog in */fuzz/*) set -- "tests/fuzz/corpus/${name#fz_}" ;; *) set -- ;; esac
		timeout -k 5 120 "$prog" "$@" > "$log" 2>&1; st=$?
	fi
	pass=$(grep -c "^ok" "$log"); fail=$(grep -c "^not ok" "$log"); skip=$(grep -c "^ok.*# SKIP" "$log")
	[ $st -eq 0 ] || [ $fail -gt 0 ] || { fail=1; echo "not ok - $name ended with status $st" >> "$log"; }
	[ $((pass + fail)) -gt 0 ] || { fail=1; echo "not ok - $name ran no test" >> "$log"; }
	echo "$((pass - skip)) $fail $skip" > "${log%.log}.sum"
	if [ $fail -eq 0 ]; then
		echo "ok      $name: $pass"
	else
		{ echo "FAILED  $name: $fail of $((pass + fail)) (status $st)"; grep -v "^ok" "$log" | tail -n 40 | sed "s/^/        /"; }
	fi
'
printf '%s\n' "$@" | grep . | xargs -P "$(nproc)" -I{} sh -c "$one" sh "$dir" {}

cat "$dir"/log/*.sum 2>/dev/null | awk -v built="$([ -e "$dir/check.failed" ] && echo no)" '
	{ p += $1; f += $2; s += $3 }
	END {
		if (built == "no") { f++; print "not everything compiled: see above" }
		printf "%d passed, %d failed%s\n", p, f, s ? sprintf(", %d skipped", s) : ""
		exit f > 0
	}'
