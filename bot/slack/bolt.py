"""Context → Bolt's app: who it answers as, what it listens to, and what becomes of everything else."""

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from bot.slack import conversation, details, follow_up, judgement, questions, removal, self_service, sharing, tab
from bot.slack.client import patient_client, quiet_logger
from bot.slack.office import SlackContext
from bot.slack.workspace import Workspaces
from bot.store.database import StoreUnavailable

_KIND = re.compile(r"[\w./:-]{1,60}")

log = structlog.get_logger(__name__)


def build_app(slack: SlackContext, workspaces: Workspaces) -> AsyncApp:
    """Listeners run before Slack is answered (`process_before_response`): what they persist is acknowledged, what
    they cannot persist is not. What may be slow they leave to background tasks."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # Without a call to Slack: an acknowledgement must not wait for its API.
        bot = await workspaces.bot(enterprise_id or "", team_id or "")
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=bot.user or None,
            bot_id=bot.id or None,
            bot_token=bot.token,
        )

    app = AsyncApp(
        name="hms",
        logger=quiet_logger(),
        client=patient_client(slack.services.settings.slack_api_url),
        authorize=authorize,  # type: ignore[arg-type]  # None stands for "not installed" there too
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,  # SignatureCheck has done it, and Socket Mode needs none
        attaching_conversation_kwargs_enabled=False,
        user_facing_authorize_error_message=slack.services.assistant.wordings["nb"]["channel.unavailable"],
    )

    @app.error
    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        kind = _kind(body)
        if isinstance(error, BoltUnhandledRequestError):
            log.info("nothing to do", kind=kind)
            return BoltResponse(status=200, body="")
        if isinstance(error, StoreUnavailable):
            log.warning("store unavailable", reason=str(error), kind=kind)
            return BoltResponse(status=503, body="")
        if isinstance(error, ValueError):  # pydantic's is one
            log.warning("request not understood", error=type(error).__name__, kind=kind)
            return BoltResponse(status=400, body="")
        log.error("request not handled", error=type(error).__name__, kind=kind)
        return BoltResponse(status=500, body="")

    for part in (conversation, questions, follow_up, details, judgement, sharing, self_service, tab, removal):
        part.listen(app, slack)
    return app


def _kind(body: dict[str, Any]) -> str:
    """What kind of request it was, without anything that somebody may have written."""
    event = body.get("event")
    names = (body.get("type"), event.get("type") if isinstance(event, dict) else None, body.get("command"))
    return " ".join(name for name in names if isinstance(name, str) and _KIND.fullmatch(name))
