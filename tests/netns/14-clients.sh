#!/bin/sh
# Programs as people use them, through a jail: curl, git, Python, Node.js, OpenSSL; bodies both ways, long
# downloads, chunked answers, kept connections, many at once; with proxy variables and without (D20).
# S006-AS-001..004, S006-FR-001, S006-SC-001, S007-AS-001
. "$(dirname "$0")/lib.sh"
for _tool in python3 git; do
	command -v $_tool >/dev/null || { echo "needs $_tool"; exit 77; }
done
unset SUDO_UID SUDO_GID
lab_up || { fail "lab"; exit 1; }
cd "$LAB" || exit 1
cat > rules/10.yaml <<'EOF'
version: "1"
rules:
  - id: dns
    condition: dns.query in ["allowed.test", "registry.test", "closed.test"]
    action: allow
  - id: http
    condition: http.host in ["allowed.test", "registry.test", "closed.test"]
    action: allow
EOF
head -c 52428800 /dev/urandom > web/big
sum=$(sha256sum < web/big)
head -c 8388608 web/big > up.bin
upsum=$(sha256sum < up.bin | cut -c 1-64)

# What nginx does not do: chunked answers, trailers, a body that is judged; closed.test is this server.
cat > serve.py <<'EOF'
import hashlib, http.server, socketserver
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def answer(self, text, code=200):
        b = text.encode()
        self.send_response(code); self.send_header("Content-Length", str(len(b))); self.end_headers()
        if self.command != "HEAD": self.wfile.write(b)
    def do_GET(self):
        if self.path.startswith("/chunked"):
            self.send_response(200); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
            for i in range(1000):
                piece = (b"%d " % i) * (i % 50 + 1)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\nX-Trailer: yes\r\n\r\n")
        elif self.path == "/until-close":
            self.send_response(200); self.send_header("Connection", "close"); self.end_headers()
            self.wfile.write(b"z" * 300000); self.close_connection = True
        elif self.path == "/empty": self.send_response(204); self.end_headers()
        elif self.path == "/upgrade": self.answer("upgrade: %s\n" % self.headers.get("Upgrade"))
        else: self.answer("client %d\n" % self.client_address[1])
    do_HEAD = do_GET
    def do_POST(self):
        h, n = hashlib.sha256(), 0
        if self.headers.get("Transfer-Encoding") == "chunked":
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                data = self.rfile.read(size); self.rfile.readline()
                h.update(data); n += size
                if not size: break
        else:
            n = int(self.headers["Content-Length"])
            h.update(self.rfile.read(n))
        self.answer("%s %d %s\n" % (self.command, n, h.hexdigest()))
    do_PUT = do_POST
class S(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 100
S(("11.22.33.11", 80), H).serve_forever()
EOF
lab_net python3 serve.py > serve.out 2>&1 & server=$!
wait_for 10 lab_net curl -s http://11.22.33.11/ || fail "server"
lab_daemon || { fail "daemon"; exit 1; }
j() { lab_jail ci -- "$@" 2>&1; }
n() { lab_jail ci -- env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY "$@" 2>&1; }

# --- curl: both ways ---
for way in j n; do
	[ $way = j ] && name="by proxy" || name="redirected"
	is "$name: 50 MB over HTTP" "$sum" "$($way curl -s -m 30 http://allowed.test/big | sha256sum)"
	is "$name: 50 MB over HTTPS" "$sum" "$($way curl -s -m 30 --cacert ca.pem https://allowed.test/big | sha256sum)"
	is "$name: a range of it" 1000 "$($way curl -s -m 9 -r 5000-5999 http://allowed.test/big | wc -c)"
	is "$name: POST of 8 MB, repeated after 417" "POST 8388608 $upsum" "$($way curl -s -m 9 --data-binary @up.bin http://closed.test/)"
	is "$name: a body in chunks is refused" "Unsupported HTTP body framing" \
		"$($way curl -s -m 9 -H 'Transfer-Encoding: chunked' -H Expect: -d abc http://closed.test/)"
	is "$name: POST without Expect" "POST 8388608 $upsum" "$($way curl -s -m 9 -H Expect: --data-binary @up.bin http://closed.test/)"
	is "$name: PUT of 8 MB, repeated after 417" "PUT 8388608 $upsum" "$($way curl -s -m 9 -T up.bin http://closed.test/x)"
	is "$name: POST over HTTPS" "POST /echo allowed.test" "$($way curl -s -m 9 --cacert ca.pem -d a=b https://allowed.test/echo)"
	out=$($way curl -s -m 9 -I http://allowed.test/big)
	has "$name: HEAD has the length" "^Content-Length: 52428800" "$out"
	is "$name: HEAD twice on a connection" "200 200 1 0" "$($way curl -s -m 9 -I -w '%{http_code} ' -o /dev/null http://allowed.test/big --next -s -I -o /dev/null -w '%{http_code} 1 %{num_connects}' http://allowed.test/big)"
	is "$name: an answer in chunks" "$(lab_net curl -s http://11.22.33.11/chunked | sha256sum)" "$($way curl -s -m 9 http://closed.test/chunked | sha256sum)"
	is "$name: to an HTTP/1.0 client" "$(lab_net curl -s http://11.22.33.11/chunked | sha256sum)" "$($way curl -s -0 -m 9 http://closed.test/chunked | sha256sum)"
	is "$name: an answer that ends with the connection" 300000 "$($way curl -s -m 9 http://closed.test/until-close | wc -c)"
	is "$name: 204" "204 0" "$($way curl -s -m 9 -w '%{http_code} %{size_download}' http://closed.test/empty)"
	is "$name: 404 passes" 404 "$($way curl -s -m 9 -o /dev/null -w '%{http_code}' http://allowed.test/none)"
	has "$name: an upgrade is refused" "^HTTP/1.1 400" \
		"$($way curl -s -i -m 9 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' http://closed.test/upgrade)"
done
is "20 clients at once" 20 "$(n sh -c 'for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
	case $((i % 4)) in
	0) curl -s -m 20 http://allowed.test/1k ;;
	1) curl -s -m 20 --cacert ca.pem https://allowed.test/1k ;;
	2) curl -s -m 20 -x http://10.200.0.1:8080 http://allowed.test/1k ;;
	3) curl -s -m 20 -x http://10.200.0.1:8080 --cacert ca.pem https://allowed.test/1k ;;
	esac > par.$i & done; wait; for f in par.*; do [ "$(wc -c < $f)" = 1024 ] && echo x; done | wc -l')"

# --- git ---
(
	export GIT_CONFIG_NOSYSTEM=1 HOME="$LAB" GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
	git init -q src && cp web/1k src/file && git -C src add file && git -C src commit -qm one &&
		git clone -q --bare src web/repo.git && git -C web/repo.git update-server-info
) > git.log 2>&1 || fail "a repository" "$(cat git.log)"
out=$(j git clone -q http://registry.test/repo.git got1); is "git clone" "" "$out"
check "git clone has the file" cmp web/1k got1/file
out=$(n git clone -q http://registry.test/repo.git got2); is "git clone without proxy variables" "" "$out"
check "git clone has the file" cmp web/1k got2/file
out=$(n env GIT_SSL_CAINFO="$LAB/ca.pem" git clone -q https://allowed.test/repo.git got3); is "git clone over HTTPS" "" "$out"
check "git clone has the file" cmp web/1k got3/file
has "git says 403 for a host that is not allowed" "403" "$(j git clone -q http://blocked.test/repo.git got4)"

# --- Python ---
cat > client.py <<'EOF'
import http.client, os, ssl, sys, urllib.request
tls = ssl.create_default_context(cafile="ca.pem")
print(urllib.request.urlopen("http://allowed.test/", timeout=9).read().decode().strip())
print(urllib.request.urlopen("https://allowed.test/", timeout=9, context=tls).read().decode().strip())
try: urllib.request.urlopen("http://blocked.test/", timeout=9)
except Exception as e: print(getattr(e, "code", e))
def kept(conn, path, prefix=""):
    seen = set()
    for i in range(100):
        conn.request("GET", prefix + path)
        r = conn.getresponse(); seen.add((r.status, len(r.read())))
    return seen
def local_port(conn): return conn.sock.getsockname()[1]
c = http.client.HTTPConnection("allowed.test", timeout=9); c.connect(); p = local_port(c)
print(kept(c, "/1k"), local_port(c) == p)
c = http.client.HTTPSConnection("allowed.test", timeout=9, context=tls); c.connect(); p = local_port(c)
print(kept(c, "/1k"), local_port(c) == p)
c = http.client.HTTPConnection("10.200.0.1", 8080, timeout=9); c.connect(); p = local_port(c)
print(kept(c, "/1k", "http://allowed.test"), local_port(c) == p)
# several hosts and methods on one connection; a refusal ends it
c.request("POST", "http://closed.test/", b"x" * 100000); r = c.getresponse(); print(r.status, r.read().decode().split()[1])
c.request("GET", "http://closed.test/chunked"); r = c.getresponse(); print(r.status, len(r.read()))
c.request("GET", "http://allowed.test/1k"); r = c.getresponse(); print(r.status, len(r.read()), local_port(c) == p)
c.request("GET", "http://blocked.test/"); r = c.getresponse(); r.read(); print(r.status)
c.request("GET", "http://allowed.test/1k"); r = c.getresponse(); print(r.status, len(r.read()))
EOF
length=$(lab_net curl -s http://11.22.33.11/chunked | wc -c)
want="hello from allowed.test|hello from allowed.test|403|{(200, 1024)} True|{(200, 1024)} True|{(200, 1024)} True|200 100000|200 $length|200 1024 True|403|200 1024|"
is "Python, with proxy variables" "$want" "$(j python3 client.py | tr '\n' '|')"
is "Python, without" "$(printf '%s' "$want" | sed 's/|403|/|<urlopen error [Errno -2] Name or service not known>|/')" "$(n python3 client.py | tr '\n' '|')"

# --- Node.js: knows no proxy variables ---
cat > client.js <<'EOF'
const http = require("http"), https = require("https");
const get = (m, url, opt) => new Promise((ok, no) => m.get(url, opt || {}, r => {
	let n = 0; r.on("data", d => n += d.length); r.on("end", () => ok(r.statusCode + " " + n));
}).on("error", no));
(async () => {
	console.log(await get(http, "http://allowed.test/1k"));
	console.log(await get(https, "https://allowed.test/1k"));
	for (const u of ["http://allowed.test/", "https://allowed.test/"])
		console.log((await (await fetch(u)).text()).trim());
	const r = await fetch("http://closed.test/", { method: "POST", body: "x".repeat(70000) });
	console.log((await r.text()).split(" ")[1]);
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 }), seen = new Set();
	for (let i = 0; i < 100; i++) seen.add(await get(http, "http://allowed.test/1k", { agent }));
	console.log([...seen].join());
	console.log((await Promise.all([...Array(20).keys()].map(i => get(i % 2 ? https : http,
		(i % 2 ? "https" : "http") + "://allowed.test/1k")))).filter(x => x == "200 1024").length);
	try { await get(https, "https://blocked.test/"); } catch (e) { console.log(e.code); }
})().catch(e => { console.log("failed: " + e); process.exit(1); });
EOF
if command -v node > /dev/null; then
	is "Node.js: http, https, fetch" "200 1024|200 1024|hello from allowed.test|hello from allowed.test|70000|200 1024|20|ENOTFOUND|" \
		"$(NODE_EXTRA_CA_CERTS="$LAB/ca.pem" lab_jail ci -- node client.js 2>&1 | tr '\n' '|')"
fi

# --- OpenSSL ---
s() { lab_jail ci -- sh -c 'printf "GET / HTTP/1.0\r\nHost: allowed.test\r\n\r\n" | openssl s_client -quiet -verify_return_error -CAfile ca.pem "$@"' sh "$@" 2>&1; }
has "s_client, redirected" "hello from allowed.test" "$(s -connect allowed.test:443 -servername allowed.test)"
has "s_client, by proxy" "hello from allowed.test" "$(s -proxy 10.200.0.1:8080 -connect allowed.test:443 -servername allowed.test)"
has "s_client with TLS 1.2" "hello from allowed.test" "$(s -tls1_2 -connect allowed.test:443 -servername allowed.test)"
has "s_client without a name is refused" "alert" "$(s -connect 11.22.33.10:443 -noservername)"
has "s_client with another name in the tunnel is refused" "alert|reset|errno|closed" "$(s -proxy 10.200.0.1:8080 -connect allowed.test:443 -servername blocked.test)"

# --- what is left ---
check "no connection is left over" wait_for 10 sh -c "'$OUTCALL_BIN' --applet=outcall --socket '$LAB/run/host.sock' proxy status --json | grep -q '\"active_connections\":0'"
check "the daemon is well" lab_cli status
kill $server; wait $server 2>/dev/null
true
