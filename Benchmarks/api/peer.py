"""The same list as `GET /v2/deployments`, by FastAPI, asyncpg and PyJWT, with the same checks: the token's signature, issuer, audience and
times with each request, the tenant inside the transaction, the shape of every parameter, a cursor bound to tenant and filter.

Environment: BENCH_URL the database, BENCH_KEY the public key, BENCH_ISSUER, BENCH_POOL.
"""
import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import uuid
from typing import Annotated, Literal

import asyncpg
import fastapi
import jwt

key = open(os.environ["BENCH_KEY"]).read()
issuer = os.environ["BENCH_ISSUER"]
secret = hashlib.sha256(key.encode()).digest()
state = {}
statement = open(os.path.join(os.path.dirname(__file__), "list.sql")).read()


@contextlib.asynccontextmanager
async def lifespan(_):
    size = int(os.environ["BENCH_POOL"])
    async with asyncpg.create_pool(os.environ["BENCH_URL"], min_size=size, max_size=size, server_settings={"jit": "off"}) as pool:
        state["pool"] = pool
        yield


app = fastapi.FastAPI(lifespan=lifespan)


def code(keys, scope):
    return hmac.new(secret, json.dumps([keys, scope]).encode(), hashlib.sha256).digest()[:16]


@app.get("/v2/deployments")
async def deployments(
    authorization: Annotated[str, fastapi.Header()],
    limit: Annotated[int, fastapi.Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, fastapi.Query(max_length=200)] = None,
    project: uuid.UUID | None = None,
    kind: Literal["production", "preview"] | None = None,
    state_: Annotated[str | None, fastapi.Query(alias="state")] = None,
):
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), key, algorithms=["ES256"], issuer=issuer, audience=issuer,
                            options={"require": ["exp", "iat", "nbf", "sub"]})
    except jwt.InvalidTokenError:
        raise fastapi.HTTPException(401)
    tenant = claims["tenant"]
    scope = [tenant, str(project), kind, state_]
    before, last = datetime.datetime.max.replace(tzinfo=datetime.timezone.utc), uuid.UUID(int=2**128 - 1)
    if cursor:
        raw = base64.urlsafe_b64decode(cursor)
        if not hmac.compare_digest(raw[:16], code(raw[16:].decode(), scope)):
            raise fastapi.HTTPException(400)
        time, last = raw[16:].decode().split("|")
        before = datetime.datetime.fromisoformat(time)
    async with state["pool"].acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('role', 'cygni_app', true), set_config('cygni.tenant_id', $1, true), set_config('statement_timeout', '30000', true)",
            tenant)
        rows = await connection.fetch(statement, before, last, project, kind, state_, limit + 1)
    answer = {"items": [dict(row) for row in rows[:limit]], "next_cursor": None}
    if len(rows) > limit:
        keys = f"{rows[limit - 1]['created_at'].isoformat()}|{rows[limit - 1]['id']}"
        answer["next_cursor"] = base64.urlsafe_b64encode(code(keys, scope) + keys.encode()).decode()
    return answer
