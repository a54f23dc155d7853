"""Stands before a test CA and hands it one request at a time, whatever the clients do: pebble 2.4 locks itself up when some meet.

Usage: one_at_a_time.py PORT CERTIFICATE KEY, of the CA, whose certificate it shows too. Prints `port N` when it listens.
"""

import http.client
import http.server
import socket
import ssl
import sys
import threading

ca_port, certificate, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
turn = threading.Lock()
trust = ssl.create_default_context(cafile=certificate)
trust.check_hostname = False
upstream = None


def forward(method, path, headers, body):
    """The CA's answer; a connection that it closed meanwhile is made anew before anything is sent."""
    global upstream
    if upstream is None:
        upstream = http.client.HTTPSConnection("127.0.0.1", ca_port, context=trust)
    try:
        upstream.request(method, path, body, headers)
        answer = upstream.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    except (OSError, http.client.HTTPException):
        upstream.close()
        upstream = None
        raise


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def hand_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        # With the Host that the client named, the CA's URLs lead here, too.
        with turn:
            status, headers, answer = forward(self.command, self.path, dict(self.headers), body)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_HEAD = hand_on

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request, address):
        # In the connection's own thread: a slow handshake keeps nobody else waiting.
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().finish_request(shown.wrap_socket(request, server_side=True), address)

    def handle_error(self, *_):
        pass


shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
shown.load_cert_chain(certificate, key)
server = Server(("127.0.0.1", 0), Handler)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
