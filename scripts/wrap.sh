#!/bin/sh
# wrap.sh [FILE...] - folds code lines of more than 100 columns (clang-format on these lines only)
#
# Without arguments: all sources.  Comments, and lines that carry one, stay for a hand to fold.
set -u
cd "$(dirname "$0")/.." || exit 2
[ $# -gt 0 ] || { git ls-files -z -- 'lib/*.[ch]' 'applets/*.[ch]' 'tests/*.[ch]' | xargs -0 sh scripts/wrap.sh; exit; }
for f; do
	lines=$(expand -t 8 "$f" | awk 'length($0) > 100 && !/\/\*|^ \*|^\t*\* / { printf " --lines=%d:%d", NR, NR }')
	# shellcheck disable=SC2086
	[ -z "$lines" ] || clang-format -i $lines "$f"
done
