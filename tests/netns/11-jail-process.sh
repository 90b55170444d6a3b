#!/bin/sh
# What a jailed process is: rights, file systems, signals, exit status, and nothing left behind.
# operations section 16, OPS-A12, OPS-EC-015, S015-X-015, D3
. "$(dirname "$0")/lib.sh"
lab_up && lab_rules && lab_daemon || { fail "lab"; exit 1; }
cd "$LAB" && mkfifo one.go long.go || exit 1
j() { lab_jail ci -- "$@" 2>&1; }
unset SUDO_UID SUDO_GID
under="$OUTCALL_BIN --applet=outcall --socket $LAB/run/host.sock jail"
status() { lab_jail "$@" > /dev/null 2>&1; echo $?; }

is "status passes through" 7 "$(status ci -- sh -c 'exit 7')"
is "a signal is 128 and its number" 143 "$(status ci -- sh -c 'kill -TERM $$')"
is "not found is 127" 127 "$(status ci -- /no/such/program)"
is "not executable is 126" 126 "$(status ci -- /etc/passwd)"
is "no command is 2" 2 "$(lab_cli jail > /dev/null 2>&1; echo $?)"
is "a bad name is 1" 1 "$(status 'a b' -- true)"
out=$(j cat /proc/self/status)
has "no effective capability" "CapEff:.0000000000000000" "$out"
has "no permitted capability" "CapPrm:.0000000000000000" "$out"
has "no bounding set" "CapBnd:.0000000000000000" "$out"
has "no new privileges" "NoNewPrivs:.1" "$out"
has "a system-call filter" "Seccomp:.2" "$out"
is "own PID namespace" 1 "$(j sh -c 'cat /proc/1/comm > /dev/null && echo 1')"
has "few processes are seen" '^[0-9]$' "$(j sh -c 'ls -d /proc/[0-9]* | wc -l')"
is "resolver file" "nameserver 10.200.0.1" "$(j grep nameserver /etc/resolv.conf)"
has "it cannot be written" "Read-only|denied" "$(j sh -c 'echo x >> /etc/resolv.conf')"
is "/run holds nothing of the host" "" "$(j sh -c 'find /run -type s')"
has "/sys is read-only" "Read-only|denied" "$(j sh -c 'echo x > /sys/kernel/mm/ksm/run')"
is "the working directory is there" "$LAB" "$(j pwd)"
is "/tmp is private" "" "$(cd / && lab_jail ci -- ls /tmp 2>&1)"
has "raw sockets are refused" "not permitted" "$(j perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) or print "$!"')"
has "packet sockets are refused" "not permitted" "$(j perl -e 'socket(S, 17, 3, 0) or print "$!"')"
has "vsock is refused" "not permitted" "$(j perl -e 'socket(S, 40, 1, 0) or print "$!"')"
has "routes cannot be changed" "not permitted" "$(j ip route add 1.2.3.4 via 10.200.0.1)"
has "addresses cannot be changed" "not permitted" "$(j ip addr add 10.200.0.77/24 dev eth0)"
is "proxy variable" "http://10.200.0.1:8080" "$(j sh -c 'echo $HTTPS_PROXY')"
is "no link beside eth0 and lo" "eth0 lo " "$(j sh -c 'ls /sys/class/net >/dev/null; ip -o link' | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | sort | tr '\n' ' ')"

# several at once, one name once
mac() { lab_host ip -o link show outcall0 | grep -oE 'ether [0-9a-f:]+'; }
first_mac=$(mac)
$under --name one -- sh -c 'echo up > one.up; read x < one.go' > /dev/null 2>&1 & p1=$!
wait_for 10 test -e one.up || fail "first jail"
has "the name is taken" "already running" "$(lab_jail one -- true 2>&1)"
lab_jail two -- sh -c 'ip -4 -o addr show dev eth0' > two.out 2>&1
has "two at once have two addresses" "10.200.0.12[89]" "$(cat two.out)"
has "jail list" "^one +jail-[0-9a-f]{8} +outcall-default +10.200.0.128" "$(lab_cli jail list)"
links() { lab_host ip -o link | grep -c ocj; }
is "one link is plugged in" 1 "$(links)"
is "the bridge keeps its hardware address" "$first_mac" "$(mac)"

# kill -9 of the supervisor leaves nothing
kill -9 $p1 2>/dev/null; wait $p1 2>/dev/null
check "after kill -9 the link is gone" wait_for 10 sh -c "[ \"\$(nsenter --net=/run/netns/$LAB_HOST ip -o link | grep -c ocj)\" = 0 ]"
check "and the jail is forgotten" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q 'No jails'"
check "and the name is free" lab_jail one -- true

# background children die with the command
lab_jail bg -- sh -c 'perl -e "sleep 1000" & echo $! > /dev/null; exit 3' > /dev/null 2>&1
is "background children do not hold the jail" "No jails running." "$(wait_for 5 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q No"; lab_cli jail list)"

# SIGTERM is passed on
$under --name sig -- perl -e '$SIG{TERM} = sub { exit 9 }; open F, ">", "sig.up"; close F; sleep 100' > /dev/null 2>&1 & p=$!
wait_for 10 test -e sig.up
kill -TERM $p; wait $p
is "SIGTERM reaches the command" 9 $?

# as another user
is "--as" nobody "$(lab_jail u --as nobody -- id -un 2>&1)"
has "--as a user who is not" "no such user" "$(lab_jail u --as nosuchuser -- true 2>&1)"
is "through sudo: the sudo user" 65534 "$(cd / && SUDO_UID=65534 SUDO_GID=65534 "$OUTCALL_BIN" --applet=outcall --socket "$LAB/run/host.sock" jail -- id -u)"

# the daemon goes away and comes back
$under --name long -- sh -c 'echo up > long.up; read x < long.go; curl -s -m 5 http://allowed.test/ > long.out' 2> long.err & p=$!
wait_for 10 test -e long.up
lab_daemon_stop KILL
check "the supervisor says so" wait_for 10 grep -q "outcalld is gone; the network of jail \"long\" is closed" long.err
lab_daemon
check "it registers again" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' jail list | grep -q ^long"
echo go > long.go; wait $p
is "and the jail works again" "hello from allowed.test" "$(cat long.out)"
check "nothing is left" wait_for 10 sh -c "[ \"\$(nsenter --net=/run/netns/$LAB_HOST ip -o link | grep -c ocj)\" = 0 ]"

# a terminal: the command has it, and Ctrl-C reaches the command once
command -v python3 > /dev/null && is "Ctrl-C on a terminal" "tty caught 1 status 5" "$(python3 - $under --name term -- sh -c 'test -t 0 && echo tty; n=0; trap "n=\$((n + 1)); echo caught \$n; exit 5" INT; echo ready; while :; do read x; done' <<'EOF'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
out, sent = b"", False
while True:
    try: data = os.read(fd, 1000)
    except OSError: break
    if not data: break
    out += data
    if b"ready" in out and not sent:
        os.write(fd, b"\x03"); sent = True
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(" ".join(w for w in out.decode().replace("\r", "").replace("^C", "").split() if w != "ready"), "status", status)
EOF
)"
