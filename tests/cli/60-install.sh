#!/bin/sh
# make install into a folder: one file under its names, units, rules, completions; what is there stays.
. "$(dirname "$0")/lib.sh"
case $OUTCALL_BIN in */build/release/outcall) ;; *) echo "only for the release build"; exit 77 ;; esac
D=$T/root
first=10-demo-guards.yaml
mkdir -p "$D/etc/outcall/rules.d"; echo "# mine" > "$D/etc/outcall/rules.d/$first"
make install DESTDIR="$D" > "$T/log" 2>&1 || { fail "make install" "$(tail -n 5 "$T/log")"; exit 1; }
pass "make install"
for n in bin/outcall sbin/outcalld bin/outcall-agent; do
	is "$n runs" "${n#*/}" "$("$D/usr/local/$n" --version | cut -d' ' -f1)"
done
is "the shim is no symlink" "regular file" "$(stat -c %F "$D/usr/local/bin/outcall-agent")"
is "one file under three names" 3 "$(stat -c %h "$D/usr/local/bin/outcall")"
has "the unit starts the daemon" "ExecStart=/usr/local/sbin/outcalld" "$(cat "$D/etc/systemd/system/outcalld.service")"
has "the lock-down unit" "ExecStart=/usr/local/bin/outcall lockdown" "$(cat "$D/etc/systemd/system/outcall-lockdown.service")"
is "an operator's rule file stays" "# mine" "$(cat "$D/etc/outcall/rules.d/$first")"
is "the other rules are there, the examples are not" "$(cd config/rules.d && ls -- *.yaml)" "$(ls "$D/etc/outcall/rules.d")"
is "the examples are beside the documentation" "$(ls config/rules.d/examples)" "$(ls "$D/usr/local/share/doc/outcall/examples")"
check_bash() { bash -n "$D/usr/local/share/bash-completion/completions/outcall"; }
check_bash && pass "the completion parses" || fail "the completion parses"
