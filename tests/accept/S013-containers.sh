#!/bin/sh
# Identity of containers of a real Docker Engine: agent.name decides DNS and proxy, from the first packet to the last.
# S013 AS-001, AS-002, AS-004, SC-001, SC-004; S004-X-006; S008-X-A2, S008-EC-X04; S015-X-005
. "$(dirname "$0")/lib-docker.sh"
unset SUDO_UID SUDO_GID DOCKER_HOST
lab_up || { fail "lab"; exit 1; }
trap 'docker_down; lab_down' EXIT
cat > "$LAB/rules/10-names.yaml" <<'EOT'
version: "1"
rules:
  - id: foobar
    condition: agent.name == "foobar" && (dns.query == "allowed.test" || http.host == "allowed.test")
    action: allow
  - id: ci-1
    condition: agent.name == "ci-1" && http.host == "allowed.test"
    action: allow
EOT
lab_daemon || { fail "daemon"; exit 1; }
docker_up || { fail "Docker Engine"; exit 1; }
said() { grep -qE "$1" "$LAB/daemon.log"; }
check "the Engine is found" wait_for 9 said 'Docker Engine at .* is followed: API 1\.[0-9]+, 0 container'
query='dig +time=5 +tries=1 @10.200.0.1 allowed.test A; curl -s -m 9 -w "%{http_code}\n" http://allowed.test/'

# --- who may ---
run foobar-1 sh -c "$query"; run foobar-2 sh -c "$query"; run bar-1 sh -c "$query"
for n in foobar-1 foobar-2; do
	o=$(out $n)
	has "AS-001: $n: DNS" '^allowed.test.*11.22.33.10' "$o"
	has "SC-001: $n: proxy" '^hello from allowed.test' "$o"
done
o=$(out bar-1)
has "AS-002: bar-1: DNS" 'status: NXDOMAIN' "$o"
has "AS-002: bar-1: proxy" '^403' "$o"
has "the events name the containers" '"container":"foobar-2"' "$(lab_cli events --json)"
LABELS='"com.example":"x"' run foobar-3 sh -c "$query"
o=$(out foobar-3)
has "AS-004: an unmanaged container: DNS" 'status: REFUSED' "$o"
has "AS-004: an unmanaged container: proxy" 'Managed container identity required' "$o"
LABELS='"managed-by":"outcalld"' run foobar-4 sh -c "$query"
has "a managed one without network label" 'status: REFUSED' "$(out foobar-4)"
check "and it is said" said 'container is not served container=foobar-4 .*reason="it has no network label"'

# --- the first packet: a request that is made at once is served ---
pids=
for n in 11 12 13 14 15 16 17 18; do run foobar-$n curl -s -m 9 http://allowed.test/ & pids="$pids $!"; done
wait $pids
good=0; for n in 11 12 13 14 15 16 17 18; do [ "$(out foobar-$n)" = "hello from allowed.test" ] && good=$((good + 1)); done
is "a container's first act may be a request" 8 $good

# --- while it lives ---
run foobar-5 sleep 600
dns() { pid=$(d GET "/containers/$1/json" | grep -oE '"Pid":[0-9]+' | cut -d : -f 2); nsenter --net="/proc/$pid/ns/net" -- dig +short +time=5 +tries=1 @10.200.0.1 allowed.test A; }
is "it is served" 11.22.33.10 "$(dns foobar-5)"
d POST "/containers/foobar-5/kill?signal=HUP" > /dev/null
is "S008-X-A2: a signal is no end" 11.22.33.10 "$(dns foobar-5)"
d POST "/containers/foobar-5/pause" > /dev/null; d POST "/containers/foobar-5/unpause" > /dev/null
is "a pause is no end" 11.22.33.10 "$(dns foobar-5)"
named() { [ "$(dns "$1")" = "$2" ]; }
d POST "/containers/foobar-5/rename?name=other-5" > /dev/null
check "renamed: the rules of the new name" wait_for 5 named other-5 ""
d POST "/containers/other-5/rename?name=foobar-5" > /dev/null
check "and back" wait_for 5 named foobar-5 11.22.33.10
d POST /networks/create '{"Name":"second"}' > /dev/null
d POST /networks/second/connect '{"Container":"foobar-5"}' > /dev/null
check "a second network: not served" wait_for 5 named foobar-5 ""
d POST /networks/second/disconnect '{"Container":"foobar-5"}' > /dev/null
check "until it is taken off" wait_for 5 named foobar-5 11.22.33.10
d DELETE "/containers/foobar-5?force=1" > /dev/null
check "S008-X-A2: removed by force: gone" wait_for 1 said 'container ended name=foobar-5 '

# --- no operator ---
chmod 666 "$LAB/run/host.sock"
BINDS="\"$LAB/run:/run/host\"" run foobar-6 curl -s -m 9 --unix-socket /run/host/host.sock http://x/api/v1/health
is "S004-X-006: a container at the host socket is refused" '{"success":false,"error":"forbidden: host API is not available to containers"}' "$(out foobar-6)"

# --- the Engine goes and comes ---
docker_stop
check "the Engine is gone: said" wait_for 5 said 'WARN docker_manager: no container is served until the Docker Engine is back'
is "the Engine is gone: a jail works" "hello from allowed.test" "$(lab_jail ci-1 -- curl -s -m 9 http://allowed.test/)"
docker_start || fail "Docker Engine again"
followed() { [ "$(grep -c 'is followed' "$LAB/daemon.log")" -ge 2 ]; }
check "and found again" wait_for 9 followed
run foobar-7 sh -c "$query"
has "containers are served again" '^hello from allowed.test' "$(out foobar-7)"
lab_daemon_stop; lab_daemon || fail "daemon again"
run foobar-8 sh -c "$query"
has "after a restart of the daemon as well" '^allowed.test.*11.22.33.10' "$(out foobar-8)"
