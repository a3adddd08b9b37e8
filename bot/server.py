"""Settings → the server: page, API and channels around one assistant, one store and one queue."""

import asyncio
import errno
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import structlog
import uvicorn
from starlette.applications import Starlette
from structlog.typing import Processor

from bot.bootstrap import Assistant
from bot.channels import CHANNELS, ChannelAdapter, ChannelRow, Disabled
from bot.messaging.answer_record import read_build_version
from bot.messaging.background_writer import BackgroundWriter
from bot.messaging.document_watch import DocumentWatch
from bot.messaging.health import ChannelHealth
from bot.messaging.queue import QuestionQueue
from bot.messaging.services import LiveAssistant, Services, SettingFault
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store.connection import SERVER, connect
from bot.store.database import Database, migrate
from bot.store.pseudonym import Pseudonyms, open_secret
from bot.store.retention import run_retention
from bot.web.app import build_app
from bot.web.connection import limited
from bot.web.context import WebContext, build_web_context

log = structlog.get_logger(__name__)


def _adapter(row: ChannelRow, services: Services) -> ChannelAdapter | Disabled:
    if row.settings and not any(services.settings.is_set(name) for name in row.settings):
        return Disabled(f"HMS_{row.settings[0].upper()} is not set")
    return row.adapter(services)


def _mcp(web: WebContext) -> "McpEndpoint | Disabled":
    if not web.services.settings.mcp_token.get_secret_value():
        return Disabled("HMS_MCP_TOKEN is not set")
    try:
        from bot.mcp.server import McpEndpoint
    except ImportError as error:
        raise SettingFault("HMS_MCP_TOKEN needs the extra `mcp`: pip install 'hms-bot[mcp]'") from error
    return McpEndpoint(web)


def open_database(settings: Settings) -> Database:
    """The store that the settings name, its tables as this version wants them. Raises StoreFault, StoreUnavailable."""
    database = connect(settings.database_url.get_secret_value(), settings.store_file, SERVER)
    for step in migrate(database):
        log.info("store migrated", step=step)
    return database


def open_pseudonyms(settings: Settings, database: Database) -> Pseudonyms:
    """Hashes under the secret that is set, or under the one beside the store. Raises StoreFault."""
    given = settings.secret.get_secret_value()
    return Pseudonyms(given.encode() if given else open_secret(settings.secret_file, database))


def build_services(settings: Settings, assistant: Assistant, database: Database) -> Services:
    live, metrics = LiveAssistant(assistant, read_build_version(assistant.library)), Metrics()
    return Services(settings, live, database, open_pseudonyms(settings, database), metrics, ChannelHealth(metrics))


def build_server(services: Services) -> Starlette:
    """The server, with every channel whose settings are there. Raises SettingFault."""
    found = {name: _adapter(row, services) for name, row in CHANNELS.items()}
    adapters = {name: adapter for name, adapter in found.items() if not isinstance(adapter, Disabled)}
    queue = QuestionQueue(
        services.live,
        services.database,
        {name: adapter.channel for name, adapter in adapters.items()},
        services.metrics,
        services.settings.waiting_hours * 3600.0,
    )
    writer = BackgroundWriter(services.database, services.metrics, services.settings.store_file)
    web = build_web_context(services, writer)
    mcp = _mcp(web)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001  # a lifespan takes its app
        retention = asyncio.create_task(run_retention(services.database, services.settings.retention_days))
        watch = asyncio.create_task(DocumentWatch(services.settings, services.live, services.database).run())
        await writer.start()
        try:
            for started in adapters.values():
                await started.start(queue)
        except SettingFault as fault:
            log.error(str(fault))
            raise
        # Not before every channel is: by a token that its platform does not know, what waits would be refused for good.
        await queue.start()
        log.info("store: open", where=services.database.describe())
        if waiting := sum(fact.statement is None for fact in services.assistant.library.facts.values()):
            log.warning("facts that are not reviewed are not answered from", count=waiting, see="hms check")
        for name, adapter in {**found, "mcp": mcp}.items():
            if isinstance(adapter, Disabled):
                log.info(f"{name}: off", reason=adapter.reason)
            else:
                log.info(f"{name}: on", how=adapter.describe())
        try:
            async with nullcontext() if isinstance(mcp, Disabled) else mcp.run():
                yield
        finally:
            for started in adapters.values():
                await started.stop()
            await queue.stop()
            await writer.stop()
            for task in (retention, watch):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(services.database.close)

    routes = [route for adapter in adapters.values() for route in adapter.routes]
    webhooks = [path for adapter in adapters.values() for path in adapter.webhooks]
    return build_app(web, routes if isinstance(mcp, Disabled) else [*routes, mcp.route], webhooks, lifespan)


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address of a host, as asyncio binds them, that do not listen yet: who comes while the server
    is being made is refused and goes to another replica, and does not wait. Raises SettingFault."""

    async def find() -> list[socket.socket]:
        found = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port, start_serving=False)
        try:
            return [bound.dup() for bound in found.sockets]
        finally:
            found.close()

    try:
        return asyncio.run(find())
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


class _Server(uvicorn.Server):
    """Says that the page is there once it listens: before, whoever follows the link in the log is refused."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            log.info("page and API: on", url=self._url)


def run(app: Starlette, sockets: list[socket.socket], settings: Settings) -> None:
    """Serve until a signal ends it. Raises SettingFault where another has come to listen on the port since."""
    config = uvicorn.Config(
        app,
        http=limited(settings.connections, settings.proxies),
        log_config=None,
        access_log=False,  # addresses hold what people ask
        proxy_headers=False,  # the guard decides what is believed
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
        limit_concurrency=512,
    )
    server = _Server(config, settings.public_url)
    host, port = sockets[0].getsockname()[:2]
    try:
        server.run(sockets=sockets)
    except KeyboardInterrupt:
        return
    except OSError as error:
        if server.started:
            raise
        raise _cannot_listen(host, port, error) from error


def _cannot_listen(host: str, port: int, error: OSError) -> SettingFault:
    if error.errno == errno.EADDRINUSE:
        return SettingFault(
            f"port {port} of {host} is taken by another program: end it, or choose another port"
            " (HMS_PORT, or hms serve --port)"
        )
    # A name that is not found has a number of its own kind, below zero.
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or error
    return SettingFault(f"cannot listen on {host} (HMS_HOST), port {port} (HMS_PORT): {reason}")


def configure_logs(settings: Settings) -> None:
    """Logs on standard error, of libraries too: for people or as JSON, with a request's id, and never with what
    somebody asked."""
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_contents],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries log bodies and addresses at the finer levels: only their warnings are wanted.
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(__name__.partition(".")[0]).setLevel(level)


def _without_contents(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:  # noqa: ARG001  # a processor takes these
    """A library's exception without its traceback's text: it may quote a message. Its kind and place stay."""
    record = event.get("_record")
    if record is not None and record.exc_info and record.exc_info[0]:
        event["error"] = record.exc_info[0].__name__
        record.exc_info = None
        event.pop("exc_info", None)
    return event


if TYPE_CHECKING:
    from bot.mcp.server import McpEndpoint
