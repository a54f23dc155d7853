"""Teaches schemathesis to write JSON lines."""
import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def json_lines(context, value):
    if isinstance(value, (bytes, str)):
        return value
    lines = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(line) for line in lines).encode()
