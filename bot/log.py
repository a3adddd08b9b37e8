"""Settings → structured logs: for people or as JSON, with a request's id, and never with what somebody asked."""

import logging
import sys

import structlog
from structlog.typing import Processor

from bot.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Set up structlog, and the logs of libraries to come out the same way on standard error."""
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
    root.setLevel(level)
    # Libraries log bodies and addresses at the finer levels: only their warnings are wanted.
    for name in (
        "slack_bolt",
        "slack_sdk",
        "microsoft_teams",
        "httpx",
        "httpcore",
        "aiohttp",
        "uvicorn",
        "psycopg",
        "mcp",
    ):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _without_contents(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:  # noqa: ARG001  # a processor takes these
    """A library's exception without its traceback's text: it may quote a message. Its kind and place stay."""
    record = event.get("_record")
    if record is not None and record.exc_info and record.exc_info[0]:
        event["error"] = record.exc_info[0].__name__
        record.exc_info = None
        event.pop("exc_info", None)
    return event
