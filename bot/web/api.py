"""`/api/…` → the contract of the command line, and the roles, as JSON."""

from pathlib import Path
from time import perf_counter
from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.contract import answer_object, read_asked, tell
from bot.web.body import read_json
from bot.web.site import Site
from intents.duties import facts_of

OPENAPI = Path(__file__).with_name("openapi.json")


async def ask(site: Site, request: Request) -> Response:
    """POST `{"q": …, "history": […]}`; answers with the object that `hms ask --json` prints."""
    try:
        ident, question = read_asked(await read_json(request))
    except ValidationError as error:
        raise HTTPException(400, tell(error)) from error
    start = perf_counter()
    answer, found = await run_in_threadpool(answer_object, site.assistant, question, ident)
    site.metrics.count(answer, perf_counter() - start, "api")
    return JSONResponse(found)


async def description(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The OpenAPI description of `/api`."""
    return Response(OPENAPI.read_bytes(), media_type="application/json")


async def roles(site: Site, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes the request
    """Every role with its names in three languages and the ids of its facts."""
    library = site.assistant.library
    listed: list[dict[str, Any]] = [
        {
            "id": role.id,
            "kind": role.kind,
            "name": {"nb": role.name.nb, "nn": role.name.nn, "en": role.name.en},
            "abbreviations": list(role.abbreviations),
            "is_a": list(role.is_a),
            "campus": list(role.campus),
            "facts": [fact.id for fact in facts_of(role.id, library)],
        }
        for role in library.roles.values()
    ]
    return JSONResponse({"roles": listed})
