"""Reads a JSON array of SQL texts and prints for each what PostgreSQL's own parser (pglast) says: `ok`, or its error."""
import json
import sys

from pglast import parse_sql

for text in json.load(sys.stdin):
    try:
        parse_sql(text)
        print("ok")
    except Exception as error:  # noqa: BLE001 - whatever the parser has to say is printed
        print(" ".join(str(error).split()))
