"""An HTTP proxy of ours in front of a real server, which spoils answers on purpose.

Usage: faulty_proxy.py UPSTREAM_HOST UPSTREAM_PORT RULES_FILE. Prints its port on stdout. The rules are JSON lines, read anew
for each request: {"method": "PUT", "contains": ".zst", "fault": "500", "times": 2}. A rule is used up after `times`.

Faults: a number (that status, with an S3 error as body), `slow` (503 SlowDown), `reset` (no answer, a TCP reset), `lost` (the
request is carried out, its answer lost), `cut` (half of the body), `wrong` (a byte of the body changed), `damage` (a byte of the request's body changed), `html` (a page).
"""
import http.client
import json
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPSTREAM, PORT, RULES = sys.argv[1], int(sys.argv[2]), sys.argv[3]
used = {}
lock = threading.Lock()


def fault_for(method, path):
    try:
        lines = open(RULES, encoding="utf-8").read().splitlines()
    except FileNotFoundError:
        return None
    with lock:
        for line in filter(None, lines):
            rule = json.loads(line)
            if rule.get("method", method) != method or rule.get("contains", "") not in path:
                continue
            if rule.get("excludes") and rule["excludes"] in path:
                continue
            if used.get(line, 0) >= rule.get("times", 1):
                continue
            used[line] = used.get(line, 0) + 1
            return rule["fault"]
    return None


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def handle_one(self):
        body = self.body()
        fault = fault_for(self.command, self.path)
        if fault == "reset":
            return self.reset()
        if fault == "slow":
            return self.answer(503, b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>")
        if fault == "html":
            return self.answer(200, b"<!DOCTYPE html><html><body>Welcome</body></html>", [("Content-Type", "text/html")])
        if fault and fault.isdigit():
            return self.answer(int(fault), b"<Error><Code>InternalError</Code><Message>Try again.</Message></Error>")
        if fault == "damage" and body:
            body = body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]
        upstream = http.client.HTTPConnection(UPSTREAM, PORT)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("transfer-encoding", "connection", "content-length")}
        upstream.request(self.command, self.path, body=body, headers=headers)
        answer = upstream.getresponse()
        data = answer.read()
        if fault == "lost":
            return self.reset()
        skipped = ("transfer-encoding", "connection", "content-length", "server", "date")
        kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in skipped]
        if fault == "wrong" and data:
            middle = len(data) // 2
            data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:]
        if self.command == "HEAD":
            self.send_response(answer.status)
            for name, value in kept + [("Content-Length", answer.getheader("Content-Length", "0"))]:
                self.send_header(name, value)
            return self.end_headers()
        if fault == "cut":
            self.send_response(answer.status)
            for name, value in kept + [("Content-Length", str(len(data)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self.close_connection = True
            return None
        return self.answer(answer.status, data, kept)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one


server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
print(f"port {server.server_address[1]}", flush=True)
server.serve_forever()
