"""Forges as previews ask them: GitHub, Gitea, GitLab and Bitbucket below /github, /gitea, /gitlab and /bitbucket, by their documented
replies. Usage: forge.py STATE: a JSON file that is read at each request: {"repos": {"acme/web": {"default": "main", "branches": [...],
"pulls": {"1": "open"}}}, "fault": NAME, "fault_at": SUBSTRING, "page": N, "remaining": N}. Each request is a line in STATE.log; comments
are lines in STATE.comments, what it was
authorized by in STATE.tokens."""
import base64
import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlparse

STATE = sys.argv[1]
LOCK = threading.Lock()


class Forge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def write(self, name, line):
        with LOCK, open(f"{STATE}.{name}", "a") as file:
            file.write(line + "\n")

    def send(self, status, data, headers=(), kind="application/json", claimed=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if claimed is None else claimed))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def reply(self, body, headers=()):
        data = json.dumps(body).encode()
        tag = '"' + hashlib.sha256(data + repr(headers).encode()).hexdigest()[:16] + '"'
        headers = [*headers, ("ETag", tag)]
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            return
        self.send(200, data, headers)

    def fault(self, name):
        maintenance = b"<!DOCTYPE html><html><body>We will be back soon.</body></html>"
        if name == "html":
            self.send(200, maintenance, kind="text/html")
        elif name == "empty":
            self.send(200, b"[]")
        elif name == "nothing":
            self.send(200, b"")
        elif name == "object":
            self.send(200, b"{}")
        elif name == "cut":
            self.send(200, b'[{"number": 1, "state": "op', claimed=4000)
            self.close_connection = True
        elif name == "redirect":
            self.send(301, b"", [("Location", "https://elsewhere.example/")])
        elif name == "state":
            self.send(200, b'{"number": 1, "iid": 1, "id": 1, "state": "gone-fishing"}')
        elif name == "other":
            self.send(200, b'{"number": 999, "iid": 999, "id": 999, "state": "closed"}')
        elif name == "elsewhere":
            self.send(200, b"[]", [("Link", '<http://127.0.0.1:1/steal>; rel="next"')])
        elif name == "circle":
            self.send(200, b"[]", [("Link", f'<http://{self.headers["Host"]}{self.path}>; rel="next"')])
        elif name == "reset":
            self.connection.close()
        else:
            headers = [("Retry-After", "7200")] if name == "429" else []
            self.send(int(name), b'{"message": "no"}', headers)

    def do_GET(self):
        with open(STATE) as file:
            state = json.load(file)
        self.write("log", self.path + " " + (self.headers.get("If-None-Match") or ""))
        self.write("tokens", self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or "")
        if state.get("fault") and state.get("fault_at", "") in self.path:
            return self.fault(state["fault"])
        url = urlparse(self.path)
        parts = url.path.strip("/").split("/")
        kind, parts = parts[0], [unquote(part) for part in parts[1:]]
        if kind == "gitlab":
            name, rest = parts[1], parts[2:]
        else:
            name, rest = "/".join(parts[1:3]), parts[3:]
        repo = state["repos"].get(name)
        budget = [("X-RateLimit-Remaining", str(state.get("remaining", 5000)))]
        if repo is None:
            return self.send(404, b'{"message": "Not Found"}')
        if not rest:
            main = repo.get("default", "main")
            return self.reply({"mainbranch": {"name": main}} if kind == "bitbucket" else {"default_branch": main}, budget)
        rest = [part for part in rest if part not in ("refs", "repository")]
        if rest[0] in ("pulls", "merge_requests", "pullrequests"):
            spelled = {
                "gitlab": {"open": "opened"}, "bitbucket": {"open": "OPEN", "closed": "DECLINED", "merged": "MERGED"},
            }.get(kind, {})

            def pull(number, what):
                body = {"state": spelled.get(what, what)}
                if kind in ("github", "gitea"):
                    body = {"state": "closed" if what == "merged" else what, "merged": what == "merged"}
                body["iid" if kind == "gitlab" else "id" if kind == "bitbucket" else "number"] = int(number)
                if kind != "bitbucket":
                    body["id"] = int(number) + 70000
                return body

            if len(rest) == 2:
                if rest[1] not in repo["pulls"]:
                    return self.send(404, b'{"message": "Not Found"}')
                return self.reply(pull(rest[1], repo["pulls"][rest[1]]), budget)
            items = [pull(n, what) for n, what in sorted(repo["pulls"].items(), key=lambda x: int(x[0])) if what == "open"]
        else:
            if len(rest) >= 2:
                branch = "/".join(rest[1:])
                if branch not in repo["branches"]:
                    return self.send(404, b'{"message": "Branch not found"}')
                return self.reply({"name": branch}, budget)
            items = [{"name": name} for name in repo["branches"]]
        size = state.get("page", 100)
        page = int(parse_qs(url.query).get("page", ["1"])[0])
        part, more = items[(page - 1) * size : page * size], page * size < len(items)
        query = "&".join(x for x in url.query.split("&") if not x.startswith("page="))
        following = f"http://{self.headers['Host']}{url.path}?{query}&page={page + 1}"
        if kind == "bitbucket":
            return self.reply({"values": part, **({"next": following} if more else {})}, budget)
        return self.reply(part, budget + ([("Link", f'<{following}>; rel="next"')] if more else []))

    def app_token(self):
        """The token that a GitHub App gets for a JWT signed by its key, whose public half is in STATE.pub."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding

        def decoded(text):
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

        head, claims, signature = self.headers["Authorization"].removeprefix("Bearer ").split(".")
        with open(STATE + ".pub", "rb") as file:
            key = serialization.load_pem_public_key(file.read())
        key.verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        claims = json.loads(decoded(claims))
        if json.loads(decoded(head))["alg"] != "RS256" or claims["exp"] - claims["iat"] > 600 or claims["iss"] != "12345":
            return self.send(401, b'{"message": "Bad credentials"}')
        self.send(201, b'{"token": "installation-token"}')

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/access_tokens"):
            return self.app_token()
        self.write("comments", self.path + " " + body.decode())
        self.send(201, b"{}")


server = ThreadingHTTPServer(("127.0.0.1", 0), Forge)
server.daemon_threads = True
print(f"port {server.server_port}", flush=True)
server.serve_forever()
