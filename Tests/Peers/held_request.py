"""A client whose request never ends: its body does not come. Usage: held_request.py PORT."""

import socket
import sys
import time

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.sendall(b"POST /v2/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n")
time.sleep(60)
