#!/bin/sh
# check-size.sh [--report] [BUILD] - functions <= 100 lines (90 % of them <= 45), files <= 700, .data + .bss <= 64 KiB
#
# The shim in every container is the same program as the daemon: large static arrays would be paid for
# there too.  Exemptions with reasons: config/size-exempt.  --report also prints the longest ones.
set -u
cd "${OC_ROOT:-$(dirname "$0")/..}" || exit 2
report=; [ "${1:-}" = --report ] && { report=1; shift; }
b=${1:-build/dev}
command -v ctags >/dev/null || { echo "check-size: universal-ctags is not installed"; exit 1; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

find lib applets -name '*.[ch]' | sort > "$tmp/files"
ctags -L "$tmp/files" --languages=C --langmap=C:.c.h --c-kinds=f --fields=ne -o - 2>/dev/null |
	sed -nE 's/^([^\t]+)\t([^\t]+)\t.*\tline:([0-9]+).*\tend:([0-9]+).*/\2:\1 \3 \4/p' |
	awk '{ print $3 - $2 + 1, $1 }' | sort -rn > "$tmp/functions"
xargs wc -l < "$tmp/files" | awk '$2 != "total" { print $1, $2 }' | sort -rn > "$tmp/lengths"

allowed() { grep -qE "^$(printf '%s' "$1" | sed 's/[.]/\\./g') +." config/size-exempt; }
bad=0
no() { echo "$1"; bad=1; }

while read -r n f; do
	[ "$n" -gt 100 ] || break
	allowed "$f" || no "$f: function of $n lines, more than 100"
done < "$tmp/functions"
while read -r n f; do
	[ "$n" -gt 700 ] || break
	allowed "$f" || no "$f: file of $n lines, more than 700"
done < "$tmp/lengths"
p90=$(awk '{ v[NR] = $1 } END { i = int(NR / 10) + 1; print NR ? v[i] : 0 }' "$tmp/functions")
[ "$p90" -le 45 ] || no "p90 of function lengths is $p90, more than 45"
grep -vE '^(#|$)' config/size-exempt | while read -r name reason; do
	[ -n "$reason" ] || echo "config/size-exempt: $name has no reason"
	case $name in
	*:*) n=$(awk -v f="$name" '$2 == f { print $1 }' "$tmp/functions"); lim=100 ;;
	*) n=$(awk -v f="$name" '$2 == f { print $1 }' "$tmp/lengths"); lim=700 ;;
	esac
	[ "${n:-0}" -gt $lim ] || echo "config/size-exempt: $name needs no exemption any more"
done > "$tmp/stale"
[ ! -s "$tmp/stale" ] || { cat "$tmp/stale"; bad=1; }
if [ -f "$b/outcall" ]; then
	data=$(size "$b/outcall" | awk 'NR == 2 { print $2 + $3 }')
	# .data.rel.ro is counted as data but is read-only after start
	relro=$(readelf -SW "$b/outcall" | sed -nE 's/.* (\.data\.rel\.ro|\.got|\.dynamic|\.init_array|\.fini_array) +[A-Z_]+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+).*/0x\2/p')
	for r in $relro; do data=$((data - r)); done
	[ "$data" -le 65536 ] || no "$b/outcall: $data bytes of .data + .bss, more than 65536"
fi
if [ -n "$report" ]; then
	echo "functions: $(wc -l < "$tmp/functions"), p90 $p90 lines; longest:"; head -n 10 "$tmp/functions" | sed 's/^/  /'
	echo "files: $(wc -l < "$tmp/files"); longest:"; head -n 10 "$tmp/lengths" | sed 's/^/  /'
	[ -z "${data:-}" ] || echo "writable static data: $data bytes"
fi
exit $bad
