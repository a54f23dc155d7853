"""Ten thousand connections that stay open, most of them without a word.

Usage: idle_clients.py PORT. Prints how many stood at the end, and the status that a newcomer got.
"""

import resource
import socket
import sys
import urllib.request

port = int(sys.argv[1])
request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

held = []
for number in range(10_000):
    client = socket.socket()
    # One address has too few ports for all of them.
    client.bind((f"127.0.0.{number % 20 + 2}", 0))
    client.connect(("127.0.0.1", port))
    held.append(client)
for number in range(0, 10_000, 1111):
    held[number].sendall(request)
    assert b"200 OK" in held[number].recv(4000), number
print(len(held), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").status)
