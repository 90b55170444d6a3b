#!/usr/bin/python3
"""load.py - small clients and a server for the benchmarks; results on stdout

  load.py get ADDR PORT proxy|direct COUNT          times of single GETs on one connection
  load.py connect ADDR PORT proxy|direct COUNT      times from connect() to the answer of a new tunnel
  load.py down|up ADDR PORT proxy|direct MEGABYTES  one stream: GB/s
  load.py sink ADDR PORT                            the other end of connect, down and up
  load.py ready DIR GATEWAY CMD...                  starts a daemon; ms until all its sockets answer; its pid

The hellos are real ones, made by this Python's TLS library; behind them a tunnel carries anything.
Times are in microseconds: p50 p99.
"""
import os, socket, ssl, struct, subprocess, sys, threading, time

NAME = "closed.test"
CHUNK = 1 << 20


def hello():
    out = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname=NAME)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def exactly(s, n):
    got = b""
    while len(got) < n:
        part = s.recv(n - len(got))
        if not part:
            raise EOFError("connection ends early: %r" % got)
        got += part
    return got


def head(s):
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        part = s.recv(4096)
        if not part:
            raise EOFError("no head: %r" % got)
        got += part
    return got


def dial(addr, port):
    s = socket.create_connection((addr, port), 10)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def tunnel(addr, port, way):
    s = dial(addr, port)
    if way == "proxy":
        s.sendall(b"CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n" % (NAME.encode(), NAME.encode()))
        answer = head(s)
        if b" 200 " not in answer.split(b"\r\n")[0] + b" ":
            raise EOFError(repr(answer))
    return s


def percentiles(times):
    times.sort()
    print("%.1f %.1f" % (times[len(times) // 2] / 1e3, times[len(times) * 99 // 100] / 1e3))


def ask(s, request):
    """The whole response of 1 KiB; nothing when the connection was over before."""
    got = b""
    try:
        s.sendall(request)
        while b"\r\n\r\n" not in got or len(got) - got.index(b"\r\n\r\n") - 4 < 1024:
            part = s.recv(65536)
            if not part:
                break
            got += part
    except ConnectionError:
        pass
    return got


def get(addr, port, way, count):
    target = b"http://allowed.test/1k" if way == "proxy" else b"/1k"
    request = b"GET " + target + b" HTTP/1.1\r\nHost: allowed.test\r\n\r\n"
    s = dial(addr, port)
    times = []
    for i in range(count + 50):
        begin = time.perf_counter_ns()
        got = ask(s, request)
        if not got:     # some do not keep a connection: the time of a new one is part of theirs
            s = dial(addr, port)
            got = ask(s, request)
        if i >= 50:
            times.append(time.perf_counter_ns() - begin)
        if not got.startswith(b"HTTP/1.") or b" 200 " not in got[:16]:
            raise EOFError(repr(got[:200]))
    percentiles(times)


def connect(addr, port, way, count):
    first = hello()
    times = []
    for i in range(count + 10):
        begin = time.perf_counter_ns()
        s = tunnel(addr, port, way)
        s.sendall(first)
        exactly(s, 1)
        s.sendall(b"E" + b"x" * 99)
        exactly(s, 100)
        if i >= 10:
            times.append(time.perf_counter_ns() - begin)
        s.close()
    percentiles(times)


def stream(addr, port, way, direction, megabytes):
    s = tunnel(addr, port, way)
    s.sendall(hello())
    exactly(s, 1)
    s.sendall(direction + b"\0" * 91 + struct.pack(">Q", megabytes * CHUNK))
    exactly(s, 1)
    begin = time.perf_counter()
    if direction == b"D":
        take(s, megabytes * CHUNK)
    else:
        give(s, megabytes * CHUNK)
        exactly(s, 1)
    print("%.3f" % (megabytes * CHUNK / (time.perf_counter() - begin) / 1e9))


def take(s, n):
    buf = bytearray(CHUNK)
    while n > 0:
        got = s.recv_into(buf, min(n, CHUNK))
        if not got:
            raise EOFError("%d bytes short" % n)
        n -= got


def give(s, n):
    buf = memoryview(bytes(CHUNK))
    while n > 0:
        n -= s.send(buf[:min(n, CHUNK)])


def serve(s):
    try:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        record = exactly(s, 5)
        exactly(s, struct.unpack(">H", record[3:])[0])
        s.sendall(b"h")
        order = exactly(s, 100)
        if order[:1] == b"E":
            s.sendall(order)
            s.recv(1)
            return
        n = struct.unpack(">Q", order[92:])[0]
        s.sendall(b"g")
        if order[:1] == b"D":
            give(s, n)
            s.recv(1)
        else:
            take(s, n)
            s.sendall(b"e")
    except (EOFError, OSError) as e:
        print("sink:", e, file=sys.stderr)
    finally:
        s.close()


def sink(addr, port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((addr, port))
    listener.listen(1024)
    while True:
        s, _ = listener.accept()
        threading.Thread(target=serve, args=(s,), daemon=True).start()


QUERY = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\7allowed\4test\0\0\1\0\1"


def answers(directory, gateway):
    """One more socket that answers; raises OSError until it does."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(1)
        s.connect(directory + "/run/host.sock")
        s.sendall(b"GET /api/v1/bridge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        if not s.recv(4096):
            raise OSError("host socket")
    yield
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        s.connect((gateway, 53))
        s.send(QUERY)
        s.recv(4096)
    yield
    with socket.socket() as s:
        s.settimeout(1)
        s.connect((gateway, 8080))
        s.sendall(b"GET http://allowed.test/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n")
        if not s.recv(4096):
            raise OSError("proxy")
    yield


def ready(directory, gateway, cmd):
    log = open(directory + "/ready.log", "a")
    begin = time.perf_counter_ns()
    daemon = subprocess.Popen(cmd, stdout=log, stderr=log)
    done = 0
    while done < 3 and daemon.poll() is None:
        try:
            done = sum(1 for _ in answers(directory, gateway))
        except OSError:
            time.sleep(0.0003)
    end = time.perf_counter_ns()
    if done < 3:
        sys.exit("the daemon ended with %d" % daemon.returncode)
    print("%.1f %d" % ((end - begin) / 1e6, daemon.pid), flush=True)
    sys.stdin.read()    # until the caller has looked at it
    daemon.terminate()
    sys.exit(daemon.wait())


def main(what, *args):
    if what == "ready":
        return ready(args[0], args[1], list(args[2:]))
    addr, port = args[0], int(args[1])
    if what == "sink":
        sink(addr, port)
    elif what == "get":
        get(addr, port, args[2], int(args[3]))
    elif what == "connect":
        connect(addr, port, args[2], int(args[3]))
    else:
        stream(addr, port, args[2], what[:1].upper().encode(), int(args[3]))


main(*sys.argv[1:])
