"""`/mcp` → the tools by streamable HTTP, for whoever brings the token, without sessions.

Questions are kept as those of the API are: screened, for as long as the others, and not by whom.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from mcp import types
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bot.mcp.server import build_server
from bot.mcp.tools import Refused
from bot.web.asking import Given, give
from bot.web.context import WebContext
from bot.web.guard import LARGEST, bears, read_body
from intents.question import Question

CHANNEL = "mcp"
PATH = "/mcp"


class McpEndpoint:
    """Lets a call through to the tools where it brings the token, and no page elsewhere has made it."""

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
