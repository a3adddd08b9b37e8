"""The assistant → an MCP server: four tools that only read, for other assistants to ask instead of guessing.

On standard input and output nothing is kept. At `/mcp` questions are kept as those of the API are: screened, for as
long as the others, and not by whom.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bot.bootstrap import Assistant
from bot.contract import tell
from bot.mcp.tools import (
    AppliesArguments,
    Ask,
    AskArguments,
    PassageArguments,
    Refused,
    RoleArguments,
    Told,
    applies,
    ask,
    passage,
    role,
)
from bot.web.api import OPENAPI
from bot.web.asking import Given, give
from bot.web.context import WebContext
from bot.web.guard import LARGEST, bears, read_body
from intents.question import Question

INSTRUCTIONS = """\
Who is responsible for what in health, safety and environment (HMS, HSE) at this organisation, as its governing \
document says. Nothing is generated: every answer stands on passages of the document, word for word. Ask in the \
person's own words, in bokmål, nynorsk or English. Quote passages as they stand (they are Norwegian; translations are \
unofficial) and give their links. An outcome of `unanswered` means that the document does not say it: say so, and do \
not fill in. In danger, or where somebody tells of harassment or of wrongdoing, pass the first lines of the text on \
unchanged."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as it is listed, and what it does with arguments that its adapter let through. `run` raises Refused."""

    title: str
    description: str
    arguments: TypeAdapter[Any]
    output: Mapping[str, Any]
    run: Callable[[Any], Awaitable[Told]]


Gate = Callable[[], Awaitable[None]]
Current = Callable[[], Assistant]


async def _open() -> None:
    """Lets every call pass."""


def build_server(current: Current, way: Ask, gate: Gate = _open) -> Server[Any]:
    """An MCP server over the assistant that answers just then. Questions go by `way`; `gate` raises Refused while no
    call may pass."""
    tools = _tools(current, way)
    reads = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    listed = [
        types.Tool(
            name=name,
            title=tool.title,
            description=tool.description,
            input_schema=tool.arguments.json_schema(),
            output_schema=dict(tool.output),
            annotations=reads,
        )
        for name, tool in tools.items()
    ]

    async def list_tools(context: Any, params: Any) -> types.ListToolsResult:  # noqa: ARG001  # a handler takes both
        return types.ListToolsResult(tools=listed)

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:  # noqa: ARG001
        try:
            tool = tools.get(params.name)
            if tool is None:
                raise Refused(f"there is no such tool; the tools are {', '.join(tools)}")
            await gate()
            told = await tool.run(tool.arguments.validate_python(params.arguments or {}))
        except ValidationError as error:
            return _refused(tell(error))
        except Refused as refusal:
            return _refused(str(refusal))
        return types.CallToolResult(content=[types.TextContent(text=told.text)], structured_content=told.object)

    return Server(
        "hms-bot",
        version=version("hms-bot"),
        title="HMS bot",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_stdio(assistant: Assistant) -> None:
    """Answer on standard input and output until the input ends. Nothing is kept, as with `hms ask`."""

    async def answer(question: Question) -> Given:
        start = perf_counter()
        found, reply = await to_thread.run_sync(assistant.ask, question)
        return Given("", found, reply, perf_counter() - start)

    server = build_server(lambda: assistant, answer)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _refused(problem: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=problem)], is_error=True)


def _tools(current: Current, way: Ask) -> dict[str, Tool]:
    described = json.loads(OPENAPI.read_text(encoding="utf-8").replace("#/components/schemas/", "#/$defs/"))
    schemas = described["components"]["schemas"]
    answer = _answer_schema(schemas)
    one = schemas["Roles"]["properties"]["roles"]["items"]
    return {
        "ask": Tool(
            "Ask about HSE responsibilities",
            "Answers a question on who is responsible for what in health, safety and environment, from the governing "
            "document, with the verbatim passages it stands on. `outcome` is `answered`, `clarification` (ask the "
            "person one of `choices`), `unanswered` (the document does not say it) or `smalltalk`.",
            TypeAdapter(AskArguments),
            answer,
            lambda given: ask(current(), way, given),
        ),
        "role": Tool(
            "A role and all its duties",
            "All that the governing document lays on one role, body or group, complete and in its order, each point "
            "with its verbatim passage.",
            TypeAdapter(RoleArguments),
            {
                **answer,
                "required": [*answer["required"], "role"],
                "properties": {**answer["properties"], "role": one},
            },
            lambda given: to_thread.run_sync(role, current(), given),
        ),
        "passage": Tool(
            "A passage word for word",
            "One passage of the governing document word for word, with its section, its link and an unofficial "
            "English translation.",
            TypeAdapter(PassageArguments),
            schemas["Citation"],
            lambda given: to_thread.run_sync(passage, current(), given),
        ),
        "applies": Tool(
            "Does the Working Environment Act apply",
            "Whether the Norwegian Working Environment Act (AML) applies to a person in a given situation, as the "
            "governing document says: a verdict with the passages that decide it, and what would change it.",
            TypeAdapter(AppliesArguments),
            answer,
            lambda given: to_thread.run_sync(applies, current(), given),
        ),
    }


def _answer_schema(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The contract as the API describes it, without what only the API's feedback needs."""
    answer = schemas["Answer"]
    return {
        **answer,
        "required": [name for name in answer["required"] if name != "answer_id"],
        "properties": {name: schema for name, schema in answer["properties"].items() if name != "answer_id"},
        "$defs": {name: schemas[name] for name in ("Citation", "Group", "Quoted")},
    }


CHANNEL = "mcp"
PATH = "/mcp"


class McpEndpoint:
    """`/mcp` → the tools by streamable HTTP, without sessions, for calls that bring the token and that no page
    elsewhere has made."""

    def __init__(self, web: WebContext) -> None:
        self._web = web
        self._token = web.services.settings.mcp_token
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(web.services.settings.public_url))
        # Nothing is ever sent but the answer to a call: there is no stream to open with GET, and no session to end.
        self.route = Route(PATH, self, methods=["POST"])
        self._server = build_server(lambda: web.assistant, self._ask, self._gate)
        self._manager: StreamableHTTPSessionManager | None = None

    def describe(self) -> str:
        return f"streamable HTTP at {PATH}"

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Calls are answered inside this."""
        self._manager = StreamableHTTPSessionManager(self._server, json_response=True, stateless=True)
        try:
            async with self._manager.run():
                yield
        finally:
            self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            manager = self._admit(request)
            body = [await read_body(request, LARGEST)]
        except HTTPException as refusal:
            # As the protocol has it, so that a client tells what is wrong and not only that something is.
            told = {"code": types.INVALID_REQUEST, "message": refusal.detail}
            error = {"jsonrpc": "2.0", "id": None, "error": told}
            await JSONResponse(error, refusal.status_code, refusal.headers)(scope, receive, send)
            return

        async def read() -> Message:
            """The body that has been read, then what comes after it."""
            return {"type": "http.request", "body": body.pop()} if body else await receive()

        await manager.handle_request(scope, read, send)

    def _admit(self, request: Request) -> StreamableHTTPSessionManager:
        """What answers the request. Raises HTTPException: 401, 403 or 503."""
        if not bears(request, self._token.get_secret_value()):
            problem = "the token is wrong" if "authorization" in request.headers else "a token is needed"
            raise HTTPException(401, problem, {"WWW-Authenticate": "Bearer"})
        # A browser says which page calls. The host is not looked at: a proxy may write it, and a page that was led
        # here under another name does not know the token.
        if request.headers.get("origin", self._origin) != self._origin:
            raise HTTPException(403, "pages of other sites may not call this")
        if self._manager is None:
            raise HTTPException(503, "the server is starting or stopping")
        return self._manager

    async def _gate(self) -> None:
        message = await self._web.switch.message(CHANNEL)
        if message is not None:
            raise Refused(message or self._web.assistant.wordings["en"]["queue.paused"])

    async def _ask(self, question: Question) -> Given:
        try:
            return await give(self._web, question, CHANNEL, CHANNEL)
        except HTTPException as paused:
            raise Refused(paused.detail) from paused
