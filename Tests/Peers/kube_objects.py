"""The part of a Kubernetes API server that lists, reads, deletes and watches objects. Usage: kube_objects.py TOKEN STATE. STATE is a
JSON file, written back: {"objects": [{"path": "/api/v1/namespaces/a", "metadata": {...}}], "expire": N, "busy": N, "watch": "gone" or "cut", "meanwhile":
"gone", "recreated" or "relabelled"}. A list comes in pages of two; the first `expire` continued ones answer 410, the first `busy`
deletes 429. An object with finalizers stays, with a deletionTimestamp, until one that is called `soon` is taken off by the next watch.
What is `meanwhile` happens to an object between its being read and its being deleted; `relabelled` between its being listed and read."""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlparse

TOKEN, STATE = sys.argv[1], sys.argv[2]
LOCK = threading.Lock()


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def cut(self):
        """A watch that breaks off in the middle of an event."""
        self.send_response(200)
        self.send_header("Content-Length", "4000")
        self.end_headers()
        self.wfile.write(b'{"type": "MODIF')
        self.close_connection = True

    def status(self, code, text):
        self.reply(code, {"kind": "Status", "status": "Failure", "message": text, "code": code})

    def handle_one(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.status(401, "Unauthorized")
        url = urlparse(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        with LOCK:
            with open(STATE) as file:
                state = json.load(file)
            answer = self.answer(method, unquote(url.path), query, body, state)
            with open(STATE, "w") as file:
                json.dump(state, file)
        return answer()

    def answer(self, method, path, query, body, state):
        found = next((x for x in state["objects"] if x["path"] == path), None)
        if query.get("watch"):
            for each in list(state["objects"]):
                if "soon" in each["metadata"].get("finalizers", []) and each["metadata"].get("deletionTimestamp"):
                    state["objects"].remove(each)
            if state.get("watch") == "gone":
                return lambda: self.status(410, "too old resource version")
            if state.get("watch") == "cut":
                return self.cut
            return lambda: self.reply(200, {"type": "BOOKMARK", "object": {}})
        if method == "DELETE":
            if state.get("busy", 0) > 0:
                state["busy"] -= 1
                return lambda: self.reply(429, {"message": "busy"}, [("Retry-After", "0")])
            if state.get("meanwhile") == "gone" and found is not None:
                state["objects"].remove(found)
                found = None
            if state.get("meanwhile") == "recreated" and found is not None:
                found["metadata"]["uid"] += "-again"
            if found is None:
                return lambda: self.status(404, "not found")
            if body.get("preconditions", {}).get("uid") != found["metadata"]["uid"]:
                return lambda: self.status(409, "the UID in the precondition does not match")
            if found["metadata"].get("finalizers"):
                found["metadata"]["deletionTimestamp"] = "2026-11-24T00:00:00Z"
                return lambda: self.reply(200, {"metadata": found["metadata"]})
            state["objects"].remove(found)
            return lambda: self.reply(200, {"kind": "Status", "status": "Success"})
        if found is not None:
            if state.get("meanwhile") == "relabelled":
                found["metadata"]["labels"]["dev.cygni.deployment"] = "somebody-elses"
            return lambda: self.reply(200, {"metadata": found["metadata"]})
        kind = path.split("/")[-1]
        group = path[: -len(kind) - 1]
        # Over all namespaces.
        if path not in ("/api/v1/namespaces", "/apis/apps/v1/deployments"):
            return lambda: self.status(404, "not found")
        wanted = [part.split("=") for part in query["labelSelector"].split(",")]
        items = [
            x for x in state["objects"]
            if x["path"].startswith(group) and x["path"].split("/")[-2] == kind
            and all((x["metadata"].get("labels", {}).get(p[0]) == p[1]) if len(p) > 1 else p[0] in x["metadata"].get("labels", {}) for p in wanted)
        ]
        start = int(query.get("continue", "0"))
        if start and state.get("expire", 0) > 0:
            state["expire"] -= 1
            return lambda: self.status(410, "The provided continue parameter is too old")
        page = {"metadata": {}, "items": [{"metadata": x["metadata"]} for x in items[start : start + 2]]}
        if start + 2 < len(items):
            page["metadata"]["continue"] = str(start + 2)
        return lambda: self.reply(200, page)

    def do_GET(self):
        self.handle_one("GET")

    def do_DELETE(self):
        self.handle_one("DELETE")


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
server.daemon_threads = True
print(f"port {server.server_port}", flush=True)
server.serve_forever()
