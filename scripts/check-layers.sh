#!/bin/sh
# check-layers.sh [BUILD] - nothing uses a higher layer: by #include, then by the symbols of the objects;
# and no symbol has two definers
#
# The rules are in config/layers.  BUILD (default build/dev) holds the objects; without them only the
# includes are checked.  Prints every offence; exit status 1 if there is one.
set -u
cd "${OC_ROOT:-$(dirname "$0")/..}" || exit 2
o=${1:-build/dev}/o
bad=$(mktemp -d) || exit 2
trap 'rm -rf "$bad"' EXIT

# One awk program reads the rules and judges pairs "USER-FILE WHAT" (WHAT: dir/module, or a header name).
# shellcheck disable=SC2016
judge='
	function dir_of(f,  p) { split(f, p, "/"); return p[1] == "lib" ? p[2] : (p[3] == "" ? "." : p[2]) }
	FNR == NR {
		if ($1 == "layer") rank[$3] = $2
		if ($1 == "applet") for (i = 3; i <= NF; i++) applet[$2, $i] = 1
		if ($1 == "foreign") for (i = 3; i <= NF; i++) { foreign[$2] = 1; may[$2, $i] = 1 }
		next
	}
	{
		user = dir_of($1); split($2, t, "/"); module = t[1] "/" t[2]; sub(/\.[hc]$/, "", module)
		if ($3 == "<>") {
			for (f in foreign)
				if (index($2, f) == 1 && !((f, user) in may))
					print $1 ": <" $2 "> may only be used in " f "'"'"'s own layer (config/layers)"
			next
		}
		if (t[1] == "gen") next
		if ($1 ~ /^lib\//) {
			if (!(user in rank)) print $1 ": directory " user " is not in config/layers"
			else if (t[2] == "") print $1 ": \"" $2 "\" is not qualified by its directory"
			else if (!(t[1] in rank)) print $1 ": \"" $2 "\" is of no layer of lib/"
			else if (t[1] != user && rank[t[1]] >= rank[user])
				print $1 ": uses " $2 " of a higher layer or a sibling" how
		} else if (t[1] in rank) {
			if (!((user, "all") in applet) && !((user, t[1]) in applet) && !((user, module) in applet))
				print $1 ": applet " user " may not use " $2 " (config/layers)"
		} else if (t[2] != "" && t[1] != user && !((user, "all") in applet))
			print $1 ": applet " user " may not use applet " t[1]
	}'

# 1. includes
find lib applets -name '*.[chS]' | sort | xargs grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null |
	sed -nE 's|^([^:]*):[0-9]*:[^"<]*"([^"]*)".*|\1 \2 include|p; s|^([^:]*):[0-9]*:[^"<]*<([^>]*)>.*|\1 \2 <>|p' |
	awk "$judge" config/layers - > "$bad/include"

# 2. symbols: who defines a symbol is known from all objects; an undefined one is a use of its definer
: > "$bad/symbol"
if [ -d "$o/lib" ]; then
	objs=$(find "$o/lib" "$o/applets" -name '*.o' 2>/dev/null | while read -r f; do
		s=${f#"$o/"}; [ -e "${s%.o}.c" ] && echo "$f"; done | sort)
	# shellcheck disable=SC2086
	nm -A -g $objs 2>/dev/null | sed "s|^$o/||" | awk '
		{ split($1, f, ":"); n = NF }
		$(n-1) ~ /^[TDBRC]$/ && ($n in def) { print "TWICE", $n, def[$n], f[1] }
		$(n-1) ~ /^[TDBRVWC]$/ && !($n in def) { def[$n] = f[1] }
		$(n-1) == "U" { use[f[1] " " $n] = 1 }
		END { for (u in use) { split(u, p, " ")
			if (p[2] in def && def[p[2]] != p[1]) { d = def[p[2]]; sub(/^lib\//, "", d); sub(/\.o$/, ".c", d)
				if (def[p[2]] ~ /^applets/) { if (p[1] ~ /^lib/) print "UP", p[1], p[2], def[p[2]]; continue }
				s = p[1]; sub(/\.o$/, ".c", s); print s, d, p[2] } } }' > "$bad/uses"
	awk '$1 == "UP" { print $2 ": calls " $3 " of " $4 }
		$1 == "TWICE" { print $4 ": defines " $2 ", as " $3 " does" }' "$bad/uses" > "$bad/symbol"
	grep -vE '^(UP|TWICE) ' "$bad/uses" | while read -r user what sym; do echo "$user $what $sym"; done |
		awk -v how=', by symbol' "$judge" config/layers - >> "$bad/symbol"
fi

sort -u "$bad/include" "$bad/symbol" > "$bad/all"
if [ -s "$bad/all" ]; then
	cat "$bad/all"
	exit 1
fi
