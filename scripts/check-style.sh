#!/bin/sh
# check-style.sh [BUILD] - the form of the sources: head block, headers, forbidden functions, lines
#
# Forbidden functions and who may use the heap: config/banned, judged by the symbols of the objects in
# BUILD/o (default build/dev).  Prints every offence; exit status 1 if there is one.
set -u
cd "${OC_ROOT:-$(dirname "$0")/..}" || exit 2
b=${1:-build/dev}
cc=${CC:-gcc}
deps=$(sh scripts/deps.sh --path host)
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
list() { find lib applets -name "$1" | sort; }

# 1. head block of every .c: "/* name.c - purpose", the layer line, a Spec line or none when it has no requirement
for f in $(list '*.c'); do
	head -n 25 "$f" | awk -v f="$f" -v name="${f##*/}" '
		NR == 1 && index($0, "/* " name " - ") != 1 { print f ": does not start with \"/* " name " - purpose\""; bad = 1 }
		{ t = t " " $0; if (/\*\//) exit }
		END { n = split("Layer: Input: Memory: Threads:", w, " ")
			for (i = 1; i <= n && !bad; i++) if (!index(t, w[i])) print f ": head block without \"" w[i] "\"" }'
done > "$tmp/head"
# A header of nothing but NAME(...) lines is a list, made to be included many times: no guard.
is_list() {
	! sed 's|/\*.*\*/||; /\/\*/,/\*\//d' "$1" | grep -vE '^[[:space:]]*$' | grep -qvE '^[A-Z_0-9]+\(.*\)[[:space:]]*$'
}
: > "$tmp/headers"
for f in $(list '*.h'); do
	is_list "$f" && continue
	echo "$f" >> "$tmp/headers"
	g=OC_$(echo "${f#*/}" | tr 'a-z/.-' 'A-Z___')
	grep -q "^#ifndef $g\$" "$f" && continue
	echo "$f: guard is not $g"
done > "$tmp/guard"

# 2. every header compiles alone
mkdir -p "$b/gen"; [ -e "$b/gen/version.h" ] || echo '#define OC_VERSION "check"' > "$b/gen/version.h"
# shellcheck disable=SC2016
xargs -P "$(nproc)" -I{} sh -c 'printf "#include \"%s\"\n" "$1" |
	$2 -std=c11 -D_GNU_SOURCE -iquote lib -iquote applets -I. -I"$3" -isystem "$4/include" -fsyntax-only -x c - 2>/dev/null ||
	echo "$1: does not compile alone"' sh {} "$cc" "$b" "$deps" < "$tmp/headers" > "$tmp/alone"
rm -f "$tmp/headers"

# 3. forbidden calls, by symbol
: > "$tmp/calls"
objs=$(find "$b/o/lib" "$b/o/applets" -name '*.o' 2>/dev/null | while read -r f; do
	s=${f#"$b/o/"}; [ -e "${s%.o}.c" ] && echo "$f"; done | sort)
# shellcheck disable=SC2086
[ -z "$objs" ] || nm -A -u $objs | sed "s|^$b/o/||; s|: *U *| |" | sed -E 's/ __(isoc99_)?([a-z0-9_]+)_chk$/ \2/' |
	awk '
	FILENAME ~ /layers$/ { if ($1 == "pure") for (i = 2; i <= NF; i++) pure_dir[$i] = 1; next }
	FILENAME ~ /banned$/ {
		if ($1 ~ /^#/) next
		if ($1 ~ /-in$/) for (i = 2; i <= NF; i++) may[$1, $i] = 1
		else if ($1 ~ /^(any|pure)$/) for (i = 2; i <= NF; i++) ban[$1, $i] = 1
		else for (i = 2; i <= NF; i++) class[$i] = $1
		next
	}
	{
		split($1, p, "/"); f = $1; sub(/\.o$/, ".c", f)
		if (("any", $2) in ban) print f ": calls " $2 ", which nobody may (config/banned)"
		if (("pure", $2) in ban && p[1] == "lib" && p[2] in pure_dir) print f ": calls " $2 ": layer " p[2] " does no I/O"
		c = class[$2]
		if (c == "" || ((c "-in", $1) in may) || (c == "exit" && p[1] == "applets")) next
		print f ": calls " $2 ": only for the files of " c "-in (config/banned)"
	}' config/layers config/banned - > "$tmp/calls"

# 4. lines: 100 columns with tabs of 8 (120 in tests; a string literal that crosses the border is left whole, so
# that it can be found by grep), no blank at the end, no mark of unfinished work.  scripts/wrap.sh folds lines.
for f in $(list '*.[ch]') $(find tests -name '*.[ch]' | sort); do
	case $f in tests/*) limit=120 ;; *) limit=100 ;; esac
	expand -t 8 "$f" | awk -v f="$f" -v limit="$limit" '
		length($0) > limit { head = substr($0, 1, limit); gsub(/\\./, "", head)
			if (gsub(/"/, "", head) % 2 == 0) print f ":" NR ": " length($0) " columns" }
		/[ \t\r]$/ { print f ":" NR ": blank at the end of the line" }'
	grep -nE '\b(TODO|FIXME|XXX|HACK)\b' "$f" | sed "s|^\([0-9]*\):.*|$f:\1: mark of unfinished work|"
done > "$tmp/lines"

sort -u "$tmp"/* > "$tmp/all"
if [ -s "$tmp/all" ]; then
	cat "$tmp/all"
	exit 1
fi
