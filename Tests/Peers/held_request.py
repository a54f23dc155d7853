"""A client whose request never ends: its body does not come. One that the server is too busy for comes again.
Usage: held_request.py PORT."""

import socket
import sys

while True:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
        client.sendall(b"POST /v2/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n")
        client.recv(1)
