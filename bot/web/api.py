"""`/api/…` → the contract of the command line, as JSON or as it arrives, and the roles."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.contract import as_object, read_asked, tell
from bot.web.asking import Given, give
from bot.web.chat import earlier, turn_html
from bot.web.context import WebContext
from bot.web.guard import is_foreign, read_json, work_of
from corpus.language import LANGUAGES, Language, language_of
from corpus.library import Library
from corpus.role import Role
from intents.duties import facts_of
from intents.question import Question

OPENAPI = Path(__file__).with_name("openapi.json")
STREAM = "text/event-stream"
# Seconds that a stream is given to end when the server is told to; uvicorn waits a little longer.
DRAIN = 8.0


async def ask(web: WebContext, request: Request) -> Response:
    """POST `{"q": …, "history": […]}`; answers with the object that `hms ask --json` prints.

    Who accepts a stream gets the events `status`, `answer` and `done`; the chat page names its language as `page`
    and gets the answer as HTML too, in the event `turn`.
    """
    page = _page(request)
    home = "/embed" if request.query_params.get("home") == "/embed" else "/"
    try:
        ident, question = read_asked(await read_json(request))
    except ValidationError as error:
        raise HTTPException(400, tell(error)) from error
    client = request.state.client
    web.limiter.take(client, work_of([question]))
    own = request.query_params.get("a")  # what the page's form calls its answer
    if is_foreign(request):
        own = ""
    if STREAM in request.headers.get("accept", ""):
        events = _events(web, question, ident, page, client, own, home)
        return EventSourceResponse(events, sep="\n", shutdown_grace_period=DRAIN)
    return JSONResponse(_object(question, await give(web, question, "api", client, own), ident))


def _page(request: Request) -> Language | None:
    page = request.query_params.get("page")
    found = language_of(page)
    if page is not None and found is None:
        raise HTTPException(400, f"page: it has to be {', '.join(LANGUAGES)}")
    return found


async def _events(
    web: WebContext,
    question: Question,
    ident: str | None,
    page: Language | None,
    client: str,
    own: str | None,
    home: str,
) -> AsyncIterator[dict[str, str]]:
    yield _event("status", {"status": "searching"})
    if page:
        question = replace(question, history=earlier(question.history), reader=page)
    given = await give(web, question, "web" if page else "api", client, own)
    yield _event("answer", _object(question, given, ident))
    if page:
        html = await web.limiter.run(client, turn_html, web, page, question, given, home)
        yield _event("turn", {"html": html})
    yield _event("done", {})


def _event(name: str, data: dict[str, Any]) -> dict[str, str]:
    return {"event": name, "data": json.dumps(data, ensure_ascii=False)}


def _object(question: Question, given: Given, ident: str | None) -> dict[str, Any]:
    """The contract's object, and what feedback names the answer by."""
    return {**as_object(question, given.answer, given.reply, given.seconds, ident), "answer_id": given.vote}


async def description(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The OpenAPI description of `/api`."""
    return Response(OPENAPI.read_bytes(), media_type="application/json")


async def roles(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes the request
    """Every role with its names in three languages and the ids of its facts."""
    library = web.assistant.library
    return JSONResponse({"roles": [role_object(role, library) for role in library.roles.values()]})


def role_object(role: Role, library: Library) -> dict[str, Any]:
    return {
        "id": role.id,
        "kind": role.kind,
        "name": {"nb": role.name.nb, "nn": role.name.nn, "en": role.name.en},
        "abbreviations": list(role.abbreviations),
        "is_a": list(role.is_a),
        "campus": list(role.campus),
        "facts": [fact.id for fact in facts_of(role.id, library) if fact.statement],
    }
