"""A workspace removes the bot, or its token → its installation goes."""

from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.office import SlackContext

log = structlog.get_logger(__name__)


def listen(app: AsyncApp, slack: SlackContext) -> None:
    async def uninstalled(context: AsyncBoltContext) -> None:
        await _remove(slack, context)

    async def revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        tokens = event.get("tokens")
        if isinstance(tokens, dict) and tokens.get("bot"):
            await _remove(slack, context)

    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(revoked)


async def _remove(slack: SlackContext, context: AsyncBoltContext) -> None:
    if slack.installations is None:
        log.error("token revoked", setting="HMS_SLACK_BOT_TOKEN")
        return
    await slack.installations.async_delete_all(enterprise_id=context.enterprise_id, team_id=context.team_id)
    log.info("installation removed")
