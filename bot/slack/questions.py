"""Commands, shortcuts and forms → questions, answered to the asker alone."""

from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.address import Address
from bot.slack.escape import escape, read_markup
from bot.slack.intake import Asked
from bot.slack.message import read_about
from bot.slack.modals import question_view, said_view
from bot.slack.office import SlackContext
from bot.slack.payload import Command, Shortcut, Submission
from bot.slack.self_service import command_in, content_of, serve
from bot.store.database import StoreUnavailable

Body = dict[str, Any]


def listen(app: AsyncApp, slack: SlackContext) -> None:
    """Slack sends these once: what cannot be kept is said to be so at once."""

    async def commanded(command: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Command.model_validate(command)
        text = read_markup(given.text, context.bot_user_id or "")
        address = slack.address(
            context, given.user_id, channel=given.channel_id, response_url=given.response_url, echo=True
        )
        say = await slack.say(context, given.user_id)
        try:
            wanted = await command_in(slack, context, given.user_id, text) if text else "help"
            shown = await content_of(slack, context, address, wanted, given.api_app_id) if wanted else None
        except StoreUnavailable:
            await ack(escape(say["channel.unavailable"]))
            return
        if shown:
            await ack(text=shown["text"], blocks=shown["blocks"])
        else:
            asked = say["channel.duties_question"] if wanted else text
            await _take_or_say(slack, ack, asked, address, given.trigger_id)

    async def asked_about(shortcut: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Shortcut.model_validate(shortcut)
        address = slack.address(
            context, given.user.id, channel=given.channel.id or "", response_url=given.response_url, echo=True
        )
        text, unread = read_about(given.message, context.bot_user_id or "")
        if text or not unread:
            await _take_or_say(slack, ack, text, replace(address, hint=unread), given.trigger_id)
        else:
            await slack.tell(address, (await slack.say(context, given.user.id))[unread], f"unread:{given.trigger_id}")
            await ack()

    app.command("/hms")(commanded)
    app.shortcut("ask_about")(asked_about)
    _listen_to_forms(app, slack)


def _listen_to_forms(app: AsyncApp, slack: SlackContext) -> None:
    async def wants_to_ask(shortcut: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = Shortcut.model_validate(shortcut)
        await ack()

        async def open_form() -> None:
            say = await slack.say(context, given.user.id)
            late = slack.address(context, given.user.id)
            await slack.open_view(client, given.trigger_id, question_view(say), late, say["channel.too_late"])

        slack.tasks.run("question form", open_form())

    async def typed(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        user = given.user.id
        say = await slack.say(context, user)
        address = slack.address(context, user, echo=True)
        view, text = given.view.id, given.text("question")
        asked = Asked(text, True, address, _own(slack, address, view), (f"view:{view}",))
        try:
            if command := await command_in(slack, context, user, text):
                await serve(slack, context, command, address, f"view:{view}", "")
            else:
                await slack.queue.enqueue(asked)
        except StoreUnavailable:
            await ack(response_action="errors", errors={"question": say["channel.unavailable"]})
            return
        await ack(response_action="update", view=said_view(say, say["channel.coming"]))

    app.shortcut("ask")(wants_to_ask)
    app.view("ask")(typed)


async def _take_or_say(slack: SlackContext, ack: AsyncAck, text: str, address: Address, trigger: str) -> None:
    asked = Asked(text, True, address, _own(slack, address, trigger), (f"trigger:{trigger}",))
    try:
        await slack.queue.enqueue(asked)
    except StoreUnavailable:
        say = slack.services.assistant.wordings["nb"]
        await ack(escape(say["channel.unavailable"]))
        return
    await ack()


def _own(slack: SlackContext, address: Address, name: str) -> str:
    """A conversation that begins with this question."""
    return slack.queue.conversation(address.team, address.user, name)
