#!/usr/bin/env python3
"""engine.py SOCKET - a Docker Engine for tests: the calls that identity needs, moved by a script

Speaks HTTP/1.1 over the Unix socket. What the Engine would do by itself, the test says:
  PUT  /_test/container   {"id","name","addr","state","label","network","networks"} -> is listed and inspected
  DELETE /_test/container {"id"}
  POST /_test/event       {"action","id"} or {"network": "connect", "id"} -> to every stream, with the labels
  POST /_test/raw         text to every stream
  POST /_test/cut         ends every stream
  POST /_test/hang        {"on": bool}: calls get no answer
  GET  /_test/calls       {"list": n, "inspect": n, "events": n}
"""
import json
import os
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler

lock = threading.Lock()
containers, streams, calls = {}, [], {"list": 0, "inspect": 0, "events": 0}
hang = threading.Event()


def labels_of(c):
    labels = {"managed-by": "outcalld"}
    if c.get("label", "outcall-default"):
        labels["outcall.network"] = c.get("label", "outcall-default")
    return labels


def networks_of(c):
    nets = {c.get("network", "outcall-default"): {"IPAddress": c.get("addr", ""), "GlobalIPv6Address": ""}}
    for name in c.get("networks", []):
        nets[name] = {"IPAddress": "172.30.0.9", "GlobalIPv6Address": ""}
    return {"Networks": nets}


def item(c):
    return {"Id": c["id"], "Names": ["/" + c["name"]], "Image": "x", "State": c.get("state", "running"),
            "Labels": labels_of(c), "NetworkSettings": networks_of(c)}


def description(c):
    return {"Id": c["id"], "Name": "/" + c["name"], "State": {"Running": c.get("state", "running") == "running",
            "Pid": 1}, "Config": {"Labels": labels_of(c)}, "NetworkSettings": networks_of(c)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def address_string(self):
        return "unix"

    def answer(self, status, value, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for k, v in headers:
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def stream(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        with lock:
            streams.append(self.connection)
            calls["events"] += 1
        self.until_closed()
        with lock:
            if self.connection in streams:
                streams.remove(self.connection)
        self.close_connection = True

    def until_closed(self):
        try:
            while self.connection.recv(1):
                pass
        except OSError:
            pass

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/_test/calls":
            with lock:
                return self.answer(200, calls)
        if hang.is_set():
            self.close_connection = True
            return self.until_closed()
        if path == "/_ping":
            return self.answer(200, b"OK", [("Api-Version", "1.41")])
        if not path.startswith("/v1.41/"):
            return self.answer(400, {"message": "wrong version"})
        if path == "/v1.41/events":
            return self.stream()
        if path == "/v1.41/containers/json":
            with lock:
                calls["list"] += 1
                return self.answer(200, [item(c) for c in containers.values()])
        name = path[len("/v1.41/containers/"):-len("/json")]
        with lock:
            calls["inspect"] += 1
            c = containers.get(name)
        return self.answer(200, description(c)) if c else self.answer(404, {"message": "No such container"})

    def do_PUT(self):
        c = json.loads(self.body())
        with lock:
            containers[c["id"]] = c
        self.answer(200, {})

    def do_DELETE(self):
        with lock:
            containers.pop(json.loads(self.body())["id"], None)
        self.answer(200, {})

    def do_POST(self):
        data = self.body()
        with lock:
            targets = list(streams)
        if self.path == "/_test/hang":
            (hang.set if json.loads(data)["on"] else hang.clear)()
        elif self.path == "/_test/cut":
            with lock:
                streams.clear()
            for s in targets:
                s.shutdown(2)
        else:
            if self.path == "/_test/event":
                data = self.event(json.loads(data))
            for s in targets:
                s.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        self.answer(200, {})

    @staticmethod
    def event(e):
        if "network" in e:
            ev = {"Type": "network", "Action": e["network"], "Actor": {"ID": "0" * 64, "Attributes": {"container": e["id"]}}}
        else:
            attributes = labels_of(containers.get(e["id"], {}))
            ev = {"Type": "container", "Action": e["action"], "Actor": {"ID": e["id"], "Attributes": attributes}}
        return json.dumps(ev).encode() + b"\n"


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    if os.path.exists(sys.argv[1]):
        os.unlink(sys.argv[1])
    Server(sys.argv[1], Handler).serve_forever()
