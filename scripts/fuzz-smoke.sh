#!/bin/sh
# fuzz-smoke.sh DIR SECONDS - every fuzzer for some seconds, starting from its committed corpus
#
# New inputs go to DIR/corpus, crashes to DIR/crash/NAME-*; the committed corpus is not touched.
set -u
dir=$1 secs=$2
mkdir -p "$dir/log" "$dir/crash"
# shellcheck disable=SC2016
one='
	name=$(basename "$1"); log=$2/log/$name.fuzz; new=$2/corpus/$name
	seed=tests/fuzz/corpus/${name#fz_}
	mkdir -p "$new"
	dict=; [ ! -e "$seed.dict" ] || dict=-dict=$seed.dict
	[ -d "$seed" ] || seed=
	if timeout -k 5 $(($3 * 2 + 60)) "$1" -max_total_time="$3" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$2/crash/$name-" $dict "$new" $seed > "$log" 2>&1; then
		echo "ok - fuzz $name: $(sed -n "s/^stat::number_of_executed_units: *//p" "$log") inputs"
	else
		echo "not ok - fuzz $name: see $log"; tail -n 30 "$log" | sed "s/^/#   /"
	fi
'
out=$(find "$dir/fuzz" -name 'fz_*' -type f | sort | xargs -r -P "$(nproc)" -I{} sh -c "$one" sh {} "$dir" "$secs")
printf '%s\n' "$out" | grep .
! printf '%s\n' "$out" | grep -q '^not ok'
