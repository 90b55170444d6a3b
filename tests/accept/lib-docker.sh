# lib-docker.sh - a real Docker Engine for acceptance tests, in the lab's host namespace; nothing of it touches the machine
#
#	docker_up		starts it (socket $LAB/docker.sock) and makes image agent:latest and network outcall-default
#	docker_down		ends it with its containers
#	d METHOD PATH [JSON]	a call of its API; prints the answer
#	run NAME CMD...		makes and starts a managed container on outcall-default (label, as the daemon makes them);
#				$LABELS, $NETWORK and $BINDS say otherwise
#	out NAME		waits for its end and prints what it wrote
#	Containers have sh, cat, sleep, dig and curl.
. "$(dirname "$0")/../netns/lib.sh"
for _tool in curl python3 tar; do command -v $_tool >/dev/null || { echo "needs $_tool"; exit 77; }; done
command -v dockerd >/dev/null || sh scripts/packages.sh docker.io >/dev/null 2>&1
command -v dockerd >/dev/null || { echo "needs dockerd (package docker.io)"; exit 77; }

d() { curl -s -m 60 --unix-socket "$LAB/docker.sock" -X "$1" -H 'Content-Type: application/json' "http://docker/v1.41$2" ${3:+-d "$3"}; }
docker_answers() { [ "$(curl -s -m 3 --unix-socket "$LAB/docker.sock" http://docker/_ping)" = OK ]; }

docker_image() {
	mkdir -p "$LAB/tree/tmp" "$LAB/tree/etc"
	for p in sh cat sleep dig curl; do
		_f=$(command -v $p); mkdir -p "$LAB/tree/bin"; cp -L "$_f" "$LAB/tree/bin/$p"
		ldd "$_f" 2>/dev/null | grep -oE '/[^ ]+' | while read -r l; do mkdir -p "$LAB/tree${l%/*}"; cp -L "$l" "$LAB/tree$l"; done
	done
	tar -C "$LAB/tree" -c . | curl -s -m 120 --unix-socket "$LAB/docker.sock" -H 'Content-Type: application/x-tar' -T - \
		"http://docker/v1.41/images/create?fromSrc=-&repo=agent&tag=latest" -X POST > "$LAB/image.log"
}

docker_start() {
	nsenter --net="/run/netns/$LAB_HOST" -- dockerd --data-root "$LAB/docker/root" --exec-root "$LAB/docker/exec" \
		-H "unix://$LAB/docker.sock" --pidfile "$LAB/docker.pid" > "$LAB/dockerd.log" 2>&1 &
	DOCKERD=$!
	wait_for 30 docker_answers
}
docker_up() {
	docker_start || { echo "dockerd does not run here: $(grep -oE 'msg=.*' "$LAB/dockerd.log" | tail -n 1)"; exit 77; }
	docker_image
	d POST /networks/create '{"Name":"outcall-default","Driver":"bridge","Options":{"com.docker.network.bridge.name":"outcall0"},
		"IPAM":{"Config":[{"Subnet":"10.200.0.0/24","IPRange":"10.200.0.0/25","Gateway":"10.200.0.1"}]}}' > "$LAB/network.log"
	grep -q '"Id"' "$LAB/network.log" && grep -q sha256 "$LAB/image.log" || { cat "$LAB/network.log" "$LAB/image.log" >&2; return 1; }
}
docker_stop() {
	[ -n "${DOCKERD:-}" ] || return 0
	kill "$DOCKERD" 2>/dev/null; wait "$DOCKERD" 2>/dev/null; DOCKERD=
}
docker_down() {
	docker_answers && for c in $(d GET "/containers/json?all=1" | grep -oE '"Id":"[0-9a-f]{64}"' | cut -d '"' -f 4); do
		d DELETE "/containers/$c?force=1&v=1" > /dev/null
	done
	docker_stop
	grep -oE " $LAB/docker/[^ ]+" /proc/self/mounts | sort -r | while read -r m; do umount "$m" 2>/dev/null || umount -l "$m"; done
	# The parent of its containers' cgroups, one in each hierarchy; with children it is another Engine's.
	rmdir /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker 2>/dev/null
}

LABELS='"managed-by":"outcalld","outcall.network":"outcall-default"'
NETWORK=outcall-default BINDS=
json_list() { python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@"; }
run() {
	_n=$1; shift
	_a=$(d POST "/containers/create?name=$_n" "{\"Image\":\"agent:latest\",\"Cmd\":$(json_list "$@"),\"Labels\":{$LABELS},
		\"Env\":[\"PATH=/bin\",\"http_proxy=http://10.200.0.1:8080\"],
		\"HostConfig\":{\"NetworkMode\":\"$NETWORK\",\"Binds\":[$BINDS],\"CapDrop\":[\"ALL\"]}}")
	case $_a in *'"Id"'*) ;; *) echo "$_a" >&2; return 1 ;; esac
	d POST "/containers/$_n/start"
}
# The log is a sequence of frames: 8 bytes, then text.
out() {
	d POST "/containers/$1/wait" > /dev/null
	d GET "/containers/$1/logs?stdout=1&stderr=1" | perl -0777 -ne 'print substr($_, 8, unpack("x4N", $_)), $_ = substr($_, 8 + unpack("x4N", $_)) while length > 8'
}
