"""An edge: shows, for the name that a client asks for, the certificate in FOLDER/live/NAME. Usage: edge.py FOLDER PORT ADDRESS... A
file FOLDER/stale keeps it from reading certificates again, as a server that nobody told to reload."""
import os
import socket
import ssl
import sys
import threading

FOLDER, PORT, ADDRESSES = sys.argv[1], int(sys.argv[2]), sys.argv[3:] or ["127.0.0.1"]
CACHE = {}


def load(name):
    names = [name, "_." + name.split(".", 1)[-1]]
    for candidate in names:
        live = os.path.join(FOLDER, "live", candidate)
        if candidate in CACHE and os.path.exists(os.path.join(FOLDER, "stale")):
            return CACHE[candidate]
        if os.path.isdir(live):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(live, "fullchain.pem"), os.path.join(live, "privkey.pem"))
            CACHE[candidate] = context
            return context
    return None


def choose(connection, name, _):
    context = load(name or "")
    if context is None:
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    connection.context = context
    return None


def shake(client, context):
    try:
        client.settimeout(5)
        with context.wrap_socket(client, server_side=True):
            pass
    except (OSError, ssl.SSLError):
        pass
    finally:
        client.close()


def serve(listener):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = choose
    while True:
        client, _ = listener.accept()
        threading.Thread(target=shake, args=(client, context), daemon=True).start()


listeners = []
for address in ADDRESSES:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, PORT))
    PORT = listener.getsockname()[1]
    listener.listen(64)
    listeners.append(listener)
print(f"port {PORT}", flush=True)
for listener in listeners[1:]:
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
serve(listeners[0])
