"""How schemathesis sends JSON lines: one line, of what it made by the shape of a line. Loaded by SCHEMATHESIS_HOOKS."""
import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def json_lines(_, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()
