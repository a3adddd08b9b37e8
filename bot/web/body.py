"""A request's body → its JSON, or a refusal that says what is wrong."""

import asyncio
import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from bot.contract import well_formed

LARGEST = 64 * 1024
# A client that sends a body more slowly than this holds a place for nothing.
SECONDS = 10.0


async def read_json(request: Request) -> Any:
    """The body as JSON. Raises HTTPException: 400, 408, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"the content type is {kind or 'missing'}, it has to be application/json")
    body = await read_body(request, LARGEST)
    try:
        return well_formed(json.loads(body.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the body is not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error


async def read_body(request: Request, largest: int) -> bytes:
    """The body as it came. Raises HTTPException: 400, 408 or 413."""
    try:
        return await asyncio.wait_for(_read(request, largest), SECONDS)
    except TimeoutError as error:
        raise HTTPException(408, f"the body did not arrive within {SECONDS:.0f} s") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "the client went away") from error


async def _read(request: Request, largest: int) -> bytes:
    if int(request.headers.get("content-length") or 0) > largest:
        raise HTTPException(413, f"the body is larger than {largest} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"the body is larger than {largest} bytes")
    return bytes(body)
