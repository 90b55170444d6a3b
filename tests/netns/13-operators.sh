#!/bin/sh
# Who may direct the daemon: root, the group `outcall`, --operator-uid; nobody else, and never a jailed process.
# The test has an /etc/group of its own and users that exist nowhere else.
# S000 section 10, D23, OPS-FR-020, OPS-FR-021, OPS-FR-080, S004-X-006, S000-X-009
if [ -z "${OC_PRIVATE:-}" ]; then
	OC_PRIVATE=1 exec unshare -m --propagation private sh "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
command -v setpriv >/dev/null || { echo "needs setpriv"; exit 77; }
unset SUDO_UID SUDO_GID OC_PRIVATE
lab_up && lab_rules || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
chmod 755 "$LAB" "$LAB/run"

# Users: member (4001) in group outcall (4700) by their additional groups, primary (4002) by their own group,
# stranger (4003), owner (4004, named by --operator-uid).
grep -v '^outcall:' /etc/group > group; echo 'outcall:x:4700:member' >> group
cp /etc/passwd passwd
for u in member:4001:4001 primary:4002:4700 stranger:4003:4003 owner:4004:4004; do echo "${u%%:*}:x:${u#*:}::/:/bin/sh" >> passwd; done
mount --bind group /etc/group && mount --bind passwd /etc/passwd || { fail "mounts"; exit 1; }
mkdir -m 755 bin; cp "$OUTCALL_BIN" bin/outcall; chmod 755 bin/outcall
mkdir -m 777 work

as() {
	case $1 in
	member) _ids="--reuid 4001 --regid 4001 --groups 4001,4700" ;;
	primary) _ids="--reuid 4002 --regid 4700 --clear-groups" ;;
	stranger) _ids="--reuid 4003 --regid 4003 --clear-groups" ;;
	owner) _ids="--reuid 4004 --regid 4004 --clear-groups" ;;
	esac
	shift
	(cd work && setpriv $_ids --inh-caps=-all --bounding-set=-all -- "$@" 2>&1)
}
op() { _u=$1; shift; as "$_u" "$LAB/bin/outcall" --applet=outcall --socket "$LAB/run/host.sock" "$@"; }
api() { curl -s -m 5 --unix-socket "$LAB/run/host.sock" -w ' %{http_code}' http://localhost/api/v1/health; }
mode() { stat -c '%a %u:%g' run/host.sock; }

# --- the group ---
lab_daemon || { fail "daemon"; exit 1; }
is "the socket belongs to the group" "660 0:4700" "$(mode)"
is "its directory is the daemon's" "755 0:0" "$(stat -c '%a %u:%g' run)"
for u in member primary; do
	has "$u: status" '^ready$' "$(op $u status)"
	is "$u: rules reload" "Reloaded 3 rule(s) from 1 file(s)." "$(op $u rules reload)"
	has "$u: dns test" "Decision: +ALLOW" "$(op $u dns test allowed.test)"
done
out=$(op stranger status); st=$?
is "stranger: exit status" 1 $st
has "stranger: cannot connect" "^Error: cannot connect to outcalld at $LAB/run/host.sock" "$out"
has "stranger: for want of rights" "Permission denied" "$out"

# --- a jail without root ---
if as member unshare -Un true > /dev/null 2>&1; then
	j() { op member jail --name mine -- "$@"; }
	is "member: a jail" "hello from allowed.test" "$(j curl -s -m 5 http://allowed.test/)"
	has "member: blocked as everybody" "^HTTP/1.1 403" "$(j curl -s -i -m 5 http://blocked.test/)"
	is "member: redirected" "hello from allowed.test" "$(j env -u http_proxy curl -s -m 5 http://allowed.test/)"
	is "member: its own user" "4001 4001" "$(j sh -c 'echo $(id -u) $(id -g)')"
	has "member: no capability" "CapEff:.0000000000000000" "$(j cat /proc/self/status)"
	has "member: none to be had" "CapBnd:.0000000000000000" "$(j cat /proc/self/status)"
	is "member: the exit status" 7 "$(j sh -c 'exit 7' > /dev/null; echo $?)"
	has "member: resolver" "nameserver 10.200.0.1" "$(j cat /etc/resolv.conf)"
	has "member: direct is refused" "refused|Failed to connect|Couldn't connect" "$(j env -u http_proxy curl -sS -m 5 http://11.22.33.10:8081/)"
	has "member: --as is root's" "only root can use --as" "$(op member jail --as nobody -- true)"
	mkfifo work/go; chmod 666 work/go
	j sh -c 'echo up > up; read x < go' & mine=$!
	wait_for 10 test -e work/up
	has "member: jail list says whose" "^mine .* 4001 " "$(op member jail list)"
	echo > work/go; wait $mine
else
	echo "ok - a jail without root # SKIP no unprivileged user namespaces"
fi
out=$(op stranger jail --name theirs -- true); st=$?
is "stranger: no jail" 1 $st
has "stranger: the reason" "^Error: cannot connect to outcalld" "$out"

# --- a jailed peer: the socket shown to it on purpose, below its working directory ---
mkdir -m 755 work/shown; mount --bind run work/shown
peer() { op "$1" jail --name peer -- curl -s -m 5 --unix-socket shown/host.sock -w ' %{http_code}' http://localhost/api/v1/health; }
refused='{"success":false,"error":"forbidden: host API is not available to containers"} 403'
as member unshare -Un true > /dev/null 2>&1 && is "a member's jail is refused" "$refused" "$(peer member)"
is "root's jail is refused" "$refused" "$(cd work && lab_jail peer --as root -- curl -s -m 5 --unix-socket shown/host.sock -w ' %{http_code}' http://localhost/api/v1/health 2>&1)"
is "and nested in namespaces of its own" "$refused" "$(cd work && lab_jail peer --as root -- unshare -Un curl -s -m 5 --unix-socket shown/host.sock -w ' %{http_code}' http://localhost/api/v1/health 2>&1)"
has "the same from outside is answered" '"status":"ok".* 200' "$(api)"
has "the refusal is logged" 'WARN host_api: peer refused .*not available to containers' "$(cat daemon.log)"
umount work/shown
lab_daemon_stop TERM

# --- --operator-uid: that user, and nobody of the group ---
lab_daemon --operator-uid 4004 || fail "daemon with --operator-uid"
is "--operator-uid: owner and mode" "600 4004:0" "$(mode)"
has "--operator-uid: status" '^ready$' "$(op owner status)"
is "--operator-uid: rules reload" "Reloaded 3 rule(s) from 1 file(s)." "$(op owner rules reload)"
has "--operator-uid: the group is no operator" "Permission denied" "$(op member status)"
has "--operator-uid: root is" '^ready$' "$(lab_cli status)"
# The mode of the file is not relied on.
chmod 666 run/host.sock
for u in member stranger; do
	has "$u over an open socket" "^Error: forbidden: host API requires root, daemon UID, or operator UID" "$(op $u status)"
done
lab_daemon_stop TERM

# --- --operator-gid admits nobody by itself ---
lab_daemon --operator-gid 4003 || fail "daemon with --operator-gid"
is "--operator-gid: group and mode" "600 0:4003" "$(mode)"
has "--operator-gid: admits nobody" "Permission denied" "$(op stranger status)"
lab_daemon_stop TERM

# --- no such group ---
umount /etc/group; grep -v '^outcall:' /etc/group > group; mount --bind group /etc/group
lab_daemon || fail "daemon without the group"
is "no group: root's alone" "600 0:0" "$(mode)"
has "no group: a member of nothing" "Permission denied" "$(op member status)"
lab_daemon_stop TERM
is "no socket is left" "" "$(find run -type s)"
