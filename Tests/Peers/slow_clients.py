"""Clients that take a server's time: one that says nothing, one that stops within a header, one whose body drips.

Usage: slow_clients.py PORT. Prints a line for each: what it got.
"""

import socket
import sys
import time

port = int(sys.argv[1])


def connect():
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(10)
    return client


silent = connect()
half = connect()
half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-")
drip = connect()
head = b"POST /v2/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
drip.sendall(head)
start = time.time()
drip.settimeout(0.2)
answer = b""
while not answer and time.time() - start < 9:
    try:
        drip.sendall(b" ")
        answer = drip.recv(4000)
    except TimeoutError:
        pass
    except OSError as error:
        answer = repr(error).encode()
print("drip", round(time.time() - start) <= 6, answer.split(b"\r\n")[0].decode())
print("half", half.recv(4000)[:20])
print("silent", silent.recv(4000))
