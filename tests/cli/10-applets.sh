#!/bin/sh
# Which program runs under which name. S000-X-003, S000-EC-X03, S000-SC-001, D1
. "$(dirname "$0")/lib.sh"
version=$(cli --version | sed 's/^outcall //')
for name in outcall outcalld outcall-agent; do
	ln -s "$OUTCALL_BIN" "$T/$name"
	is "$name by symlink" "$name $version" "$("$T/$name" --version)"
	rm "$T/$name"; cp "$OUTCALL_BIN" "$T/$name"
	is "$name by copy" "$name $version" "$("$T/$name" --version)"
	mkdir "$T/hard-$name"; ln "$T/$name" "$T/hard-$name/$name"
	is "$name by hard link" "$name $version" "$("$T/hard-$name/$name" --version)"
	is "$name by --applet" "$name $version" "$("$OUTCALL_BIN" --applet=$name --version)"
	run "$T/$name" --help
	is "$name --help ends with 0" 0 $st
	has "$name --help teaches" "^Usage: $name" "$out"
	is "$name --help says nothing on stderr" "" "$err"
done
cp "$OUTCALL_BIN" "$T/outcallx"
run "$T/outcallx" --version
is "no name is guessed" 127 $st
has "the list of programs" "^  outcalld +the daemon" "$err"
run "$OUTCALL_BIN" --applet=nosuch
is "an unknown applet" 127 $st
has "is named" '"nosuch" is no program' "$err"
is "an empty argv[0]" 127 "$(perl -e '$p = shift; system { $p } ""; print $? >> 8' "$OUTCALL_BIN" 2>/dev/null)"
is "OUTCALL_APPLET=agent" "outcall-agent $version" "$(OUTCALL_APPLET=agent "$T/outcall" --version)"
is "other values are ignored" "outcall $version" "$(OUTCALL_APPLET=outcalld "$T/outcall" --version)"
run env OUTCALL_APPLET=agent "$T/outcall" true
is "the shim without a verdict" 5 $st
has "says why" "enforcement unavailable" "$err"
