#!/bin/sh
# every row of S003 section 5 has a case of its own, by name; the cases run in the unit tests
. "$(dirname "$0")/lib.sh"
rows=0 lost=
while IFS='|' read -r row file name; do
	case $row in '#'*|'') continue;; esac
	file=${file# } name=${name# } rows=$((rows + 1))
	file=${file% }
	case $file in
	*.t) grep -qxF "=== $name" "tests/data/rules/$file";;
	*)   grep -q "^T($name)" "tests/unit/$file";;
	esac || lost="$lost$row: no case \"$name\" in $file
"
done < tests/data/rules/matrix.txt
is "every row has its case" "" "$lost"
is "rows were read" yes "$([ $rows -gt 90 ] && echo yes)"
