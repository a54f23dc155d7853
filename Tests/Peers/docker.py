"""A container engine on a unix socket, by the documented replies of Docker's API 1.41, for what podman does not do: build cache, slowness,
and answers that are none. Usage: docker.py SOCKET STATE: a JSON file that is read at each request: {"containers": [{"Id", "Names",
"ImageID", "Labels"}], "networks": [...], "volumes": [...], "images": [...], "cache": [{"ID", "InUse", "Size", "LastUsedAt"}],
"slow": {"DELETE": SECONDS}, "warnings": [TEXT], "fault": NAME, "fault_at": SUBSTRING, "fault_methods": ["GET"], "message": TEXT}. What is deleted leaves the file; each request is a line in
STATE.log."""
import json
import os
import re
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlparse

SOCKET, STATE = sys.argv[1:]
LOCK = threading.Lock()


class Engine(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def send(self, status, body=None, kind="application/json", claimed=None):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(data) if claimed is None else claimed))
        self.end_headers()
        self.wfile.write(data)

    def fault(self, name, message):
        if name == "html":
            self.send(200, b"<html><body>Maintenance</body></html>", "text/html")
        elif name == "cut":
            self.send(200, b'[{"Id": "abc", "Na', claimed=4000)
            self.close_connection = True
        elif name == "null":
            self.send(200, b"null")
        elif name == "object":
            self.send(200, b"{}")
        elif name == "reset":
            self.connection.close()
        else:
            self.send(int(name), {"message": message})

    def handle_one(self):
        with LOCK:
            with open(STATE) as file:
                state = json.load(file)
            with open(STATE + ".log", "a") as file:
                file.write(f"{self.command} {unquote(self.path)}\n")
        time.sleep(state.get("slow", {}).get(self.command, 0))
        is_hit = state.get("fault_at", "") in self.path and self.command in state.get("fault_methods", [self.command])
        if state.get("fault") and is_hit:
            return self.fault(state["fault"], state.get("message", "no"))
        url = urlparse(self.path)
        path, query = unquote(re.sub(r"^/v1\.41", "", url.path)), parse_qs(url.query)
        filters = json.loads(query.get("filters", ["{}"])[0])
        labels = dict(x.split("=", 1) for x in filters.get("label", []) if "=" in x)

        def listed(kind):
            return [x for x in state.get(kind, []) if labels.items() <= (x.get("Labels") or {}).items()]

        if path == "/containers/json":
            return self.send(200, listed("containers"))
        if path == "/networks":
            return self.send(200, listed("networks"))
        if path == "/volumes":
            return self.send(200, {"Volumes": listed("volumes"), "Warnings": state.get("warnings")})
        if path == "/images/json":
            return self.send(200, listed("images"))
        if path == "/system/df":
            layers = sum(x.get("Size", 0) for x in state.get("images", []))
            return self.send(200, {"LayersSize": layers, "Images": state.get("images", []), "Volumes": state.get("volumes", []),
                                   "BuildCache": state.get("cache", [])})
        if path == "/build/prune":
            gone = [x["ID"] for x in state.get("cache", []) if x["ID"] in filters["id"] and not x.get("InUse")]
            self.forget("cache", lambda x: x["ID"] in gone)
            return self.send(200, {"CachesDeleted": gone, "SpaceReclaimed": 0})
        kind, ref = path.strip("/").split("/", 1)
        ref = ref.removesuffix("/json")

        def is_it(x):
            return ref in (x.get("Id"), x.get("Name")) or ref in (x.get("RepoTags") or [])

        found = next((x for x in state.get(kind, []) if is_it(x)), None)
        if found is None:
            return self.send(404, {"message": f"no such {kind}: {ref}"})
        if self.command == "GET":
            inside = {"Config": {"Labels": found.get("Labels")}} if kind in ("containers", "images") else {}
            return self.send(200, {**found, **inside})
        self.forget(kind, is_it, ref)
        self.send(204)

    def forget(self, kind, is_it, ref=None):
        """An image loses the one name by which it is deleted, and goes with its last."""
        with LOCK:
            with open(STATE) as file:
                state = json.load(file)
            kept = []
            for x in state.get(kind, []):
                if is_it(x) and ref in (x.get("RepoTags") or []) and len(x["RepoTags"]) > 1:
                    kept.append({**x, "RepoTags": [tag for tag in x["RepoTags"] if tag != ref]})
                elif not is_it(x):
                    kept.append(x)
            state[kind] = kept
            with open(STATE + ".new", "w") as file:
                json.dump(state, file)
            os.replace(STATE + ".new", STATE)

    do_GET = do_POST = do_DELETE = handle_one


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


server = Server(SOCKET, Engine)
print("port 1", flush=True)
server.serve_forever()
