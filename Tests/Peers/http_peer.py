"""A server whose manners a test asks for by path. Prints its port on stdout. With two arguments, a certificate and its key: TLS.

/echo: the request, as JSON. /bytes/N: N bytes. /chunked/N: the same without a length. /slow/SECONDS: the head at once, the body
late. /silent/SECONDS: nothing. /status/N. /retry/N: 503 with Retry-After: 0, N times, then 200. /peer: the client's port.
"""
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

counts = {}
lock = threading.Lock()


class Peer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def request_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_any(self):
        body = self.request_body()
        _, what, *rest = self.path.split("?")[0].split("/")
        number = float(rest[0]) if rest and rest[0].replace(".", "").isdigit() else 0
        if what == "echo":
            echo = {"method": self.command, "path": self.path, "length": len(body), "sum": sum(body) % 65536,
                    "headers": {k.lower(): v for k, v in self.headers.items()}}
            return self.answer(200, json.dumps(echo).encode())
        if what == "bytes":
            return self.answer(200, b"x" * int(number))
        if what == "chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            left = int(number)
            while left > 0:
                piece = b"y" * min(left, 65536)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                left -= len(piece)
            return self.wfile.write(b"0\r\n\r\n")
        if what == "slow":
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.flush()
            time.sleep(number)
            return self.wfile.write(b"late")
        if what == "silent":
            return time.sleep(number)
        if what == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"z" * 10)
            self.close_connection = True
            return None
        if what == "retry":
            with lock:
                counts[self.path] = counts.get(self.path, 0) + 1
                seen = counts[self.path]
            if seen <= number:
                return self.answer(503, b"", [("Retry-After", "0")])
            return self.answer(200, str(seen).encode())
        if what == "peer":
            return self.answer(200, str(self.client_address[1]).encode())
        return self.answer(int(number) or 404, b"", [("Location", "/echo")])

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_any


server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
server.daemon_threads = True
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"port {server.server_address[1]}", flush=True)
server.serve_forever()
