"""Commands, shortcuts and forms → questions, answered to the asker alone."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.address import Address
from bot.slack.escape import escape, read_markup
from bot.slack.intake import Asked
from bot.slack.modals import question_view, said_view
from bot.slack.office import Office
from bot.slack.payload import Command, Shortcut, Submission
from bot.store.database import StoreUnavailable

Body = dict[str, Any]


def listen(app: AsyncApp, office: Office) -> None:
    """Slack sends these once: what cannot be kept is said to be so at once."""

    async def commanded(command: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Command.model_validate(command)
        team = context.team_id or ""
        text = read_markup(given.text, context.bot_user_id or "")
        if not text:
            say = await office.say(team, given.user_id)
            example = say["channel.empty"].format(example=say["channel.example"])
            await ack(escape(f"{say['channel.welcome']}\n{example}"))
            return
        address = office.address(
            context, given.user_id, channel=given.channel_id, response_url=given.response_url, echo=True
        )
        await _take_or_say(office, ack, text, address, given.trigger_id)

    async def asked_about(shortcut: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Shortcut.model_validate(shortcut)
        address = office.address(
            context, given.user.id, channel=given.channel.id or "", response_url=given.response_url, echo=True
        )
        text = read_markup(str(given.message.get("text") or ""), context.bot_user_id or "")
        await _take_or_say(office, ack, text, address, given.trigger_id)

    async def wants_to_ask(shortcut: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = Shortcut.model_validate(shortcut)
        await ack()

        async def open_form() -> None:
            say = await office.say(context.team_id or "", given.user.id)
            await client.views_open(trigger_id=given.trigger_id, view=question_view(say))

        office.errands.run("question form", open_form())

    async def typed(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        user = given.user.id
        say = await office.say(context.team_id or "", user)
        address = office.address(context, user, echo=True)
        view = given.view.id
        asked = Asked(given.text("question"), True, address, _own(office, address, view), (f"view:{view}",))
        try:
            await office.intake.take(asked)
        except StoreUnavailable:
            await ack(response_action="errors", errors={"question": say["channel.unavailable"]})
            return
        await ack(response_action="update", view=said_view(say, say["channel.private"]))

    app.command("/hms")(commanded)
    app.shortcut("ask_about")(asked_about)
    app.shortcut("ask")(wants_to_ask)
    app.view("ask")(typed)


async def _take_or_say(office: Office, ack: AsyncAck, text: str, address: Address, trigger: str) -> None:
    asked = Asked(text, True, address, _own(office, address, trigger), (f"trigger:{trigger}",))
    try:
        await office.intake.take(asked)
    except StoreUnavailable:
        say = office.parts.assistant.wordings["nb"]
        await ack(escape(say["channel.unavailable"]))
        return
    await ack()


def _own(office: Office, address: Address, name: str) -> str:
    """A conversation that begins with this question."""
    return office.intake.conversation(address.team, address.user, name)
