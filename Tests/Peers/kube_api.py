"""The part of a Kubernetes API server that takes Secrets by server-side apply. Usage: kube_api.py TOKEN FOLDER. Each Secret becomes
FOLDER/NAMESPACE-NAME.json; a namespace `closed` is forbidden."""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

TOKEN, FOLDER = sys.argv[1], sys.argv[2]


class Server(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PATCH(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = urlparse(self.path)
        parts = url.path.strip("/").split("/")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" or parts[3:4] == ["closed"]:
            return self.reply(403, {"kind": "Status", "status": "Failure", "reason": "Forbidden"})
        if self.headers.get("Content-Type") != "application/apply-patch+yaml" or "fieldManager" not in parse_qs(url.query):
            return self.reply(415, {"kind": "Status", "status": "Failure"})
        secret = json.loads(body)
        named = (secret["metadata"]["namespace"], secret["metadata"]["name"])
        if parts != ["api", "v1", "namespaces", named[0], "secrets", named[1]] or secret["type"] != "kubernetes.io/tls":
            return self.reply(422, {"kind": "Status", "status": "Failure"})
        with open(os.path.join(FOLDER, f"{named[0]}-{named[1]}.json"), "wb") as file:
            file.write(body)
        return self.reply(200, secret)


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
