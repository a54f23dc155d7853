"""A small ACME CA whose behaviour a test scripts: windows that move (RFC 9773), 409, 429, 5xx, garbage, silence.

It validates nothing: every challenge that is answered holds. Usage: acme_ca.py CERTIFICATE KEY. POST /control takes JSON:
{"window": [start, end], "retry_after": text, "faults": [{"path": "/order", "times": 2, "status": 429, "headers": {}, "body": "...",
"hang": seconds}], "lifetime": seconds}; GET /control tells what was asked."""
import base64
import datetime
import http.server
import json
import ssl
import sys
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

STATE = {"window": None, "retry_after": None, "faults": [], "lifetime": 90 * 86400, "profiles": None, "asked": [], "orders": {},
         "replaced": set(), "count": 0, "renewal_info": True, "validates": True}
LOCK = threading.Lock()
KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted CA")])


def sign(subject_key, names, issuer, lifetime, is_ca):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    builder = (x509.CertificateBuilder().subject_name(NAME if is_ca else x509.Name([])).issuer_name(NAME)
               .public_key(subject_key).serial_number(x509.random_serial_number()).not_valid_before(now)
               .not_valid_after(now + datetime.timedelta(seconds=lifetime))
               .add_extension(x509.BasicConstraints(is_ca, None), True)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(KEY.public_key()), False))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
    return builder.sign(issuer, hashes.SHA256())


ROOT = sign(KEY.public_key(), [], KEY, 10 * 365 * 86400, True)


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def url(self, path):
        return f"https://127.0.0.1:{self.server.server_port}{path}"

    def reply(self, status, body, headers=None, kind="application/json"):
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        with LOCK:
            STATE["count"] += 1
            self.send_header("Replay-Nonce", f"nonce-{STATE['count']}")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def faulty(self):
        with LOCK:
            for fault in STATE["faults"]:
                if self.path.startswith(fault["path"]) and fault.get("times", 1) > 0:
                    fault["times"] = fault.get("times", 1) - 1
                    break
            else:
                return False
        if fault.get("hang"):
            time.sleep(fault["hang"])
        self.reply(fault.get("status", 500), fault.get("body", ""), fault.get("headers"), fault.get("kind", "application/problem+json"))
        return True

    def do_HEAD(self):
        self.reply(200, "")

    def do_GET(self):
        if self.path == "/control":
            return self.reply(200, {"asked": STATE["asked"]})
        with LOCK:
            STATE["asked"].append({"path": self.path, "payload": None})
        if self.faulty():
            return None
        if self.path == "/dir":
            directory = {name: self.url("/" + name) for name in ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")}
            if STATE["renewal_info"]:
                directory["renewalInfo"] = self.url("/renewalInfo")
            if STATE["profiles"]:
                directory["meta"] = {"profiles": STATE["profiles"]}
            return self.reply(200, directory)
        if self.path.startswith("/renewalInfo/"):
            start, end = STATE["window"] or ("2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z")
            headers = {"Retry-After": STATE["retry_after"]} if STATE["retry_after"] else {}
            return self.reply(200, {"suggestedWindow": {"start": start, "end": end}, "explanationURL": "https://ca.example/why"}, headers)
        return self.reply(404, {"type": "urn:ietf:params:acme:error:malformed", "detail": "no such thing"})

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/control":
            with LOCK:
                STATE.update(json.loads(text))
            return self.reply(200, {})
        message = json.loads(text)
        payload = unpack(message["payload"])
        payload = json.loads(payload) if payload else None
        with LOCK:
            STATE["asked"].append({"path": self.path, "payload": payload})
        if self.faulty():
            return None
        parts = self.path.strip("/").split("/")
        if parts[0] == "newAccount":
            return self.reply(201, {"status": "valid"}, {"Location": self.url("/account/1")})
        if parts[0] == "newOrder":
            return self.new_order(payload)
        if parts[0] in ("revokeCert", "keyChange"):
            return self.reply(200, {})
        order = STATE["orders"].get(parts[1]) if len(parts) > 1 else None
        if order is None:
            return self.reply(404, {"type": "urn:ietf:params:acme:error:malformed", "detail": "no such order"})
        if parts[0] == "challenge":
            order["status"] = "ready" if STATE["validates"] else "invalid"
            return self.reply(200, {"type": "http-01", "url": self.url(self.path), "status": "processing", "token": "t" * 32})
        if parts[0] == "authz":
            status = {"pending": "pending", "invalid": "invalid"}.get(order["status"], "valid")
            challenge = {"type": "http-01", "url": self.url(f"/challenge/{parts[1]}/{parts[2]}"), "status": status, "token": "t" * 32}
            if status == "invalid":
                challenge["error"] = {"type": "urn:ietf:params:acme:error:connection", "detail": "nobody answered: connection refused"}
            return self.reply(200, {"status": status, "identifier": order["identifiers"][int(parts[2])], "challenges": [challenge]})
        if parts[0] == "finalize":
            request = x509.load_der_x509_csr(unpack(payload["csr"]))
            names = [identifier["value"] for identifier in order["identifiers"]]
            order["chain"] = pem(sign(request.public_key(), names, KEY, STATE["lifetime"], False)) + pem(ROOT)
            order["status"] = "valid"
        if parts[0] == "certificate":
            return self.reply(200, order["chain"], kind="application/pem-certificate-chain")
        return self.reply(200, self.shown(parts[1]), {"Location": self.url("/order/" + parts[1])})

    def new_order(self, payload):
        replaces = payload.get("replaces")
        with LOCK:
            if replaces and replaces in STATE["replaced"]:
                taken = True
            else:
                taken = False
                if replaces:
                    STATE["replaced"].add(replaces)
                number = str(len(STATE["orders"]) + 1)
                STATE["orders"][number] = {"status": "pending", "identifiers": payload["identifiers"], "chain": ""}
        if taken:
            return self.reply(409, {"type": "urn:ietf:params:acme:error:alreadyReplaced", "detail": "that certificate was replaced already"},
                              kind="application/problem+json")
        return self.reply(201, self.shown(number), {"Location": self.url("/order/" + number)})

    def shown(self, number):
        order = STATE["orders"][number]
        body = {"status": order["status"], "identifiers": order["identifiers"], "finalize": self.url("/finalize/" + number),
                "authorizations": [self.url(f"/authz/{number}/{i}") for i in range(len(order["identifiers"]))]}
        if order["status"] == "valid":
            body["certificate"] = self.url("/certificate/" + number)
        return body


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
