"""Presses on the buttons of an answer → the next question, all points, feedback, or the answer for everybody."""

import asyncio
import re
from dataclasses import replace
from functools import partial

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.messaging.user import record_feedback
from bot.slack.context import NAME, SlackContext, SlackQuestion, show_view
from bot.slack.request import Body, Press, Submission
from bot.slack.views import answer_points, points_view, reason_view, role_points, said_view
from bot.store.answer import TURNS, StoredAnswer, earlier_questions, find
from bot.store.database import Database
from bot.suggestion import UNHELPED, links
from corpus.language import Language, language_of

# What a button is called that answers a question of the bot: alone it asks nothing.
_CHOICE = re.compile(r"ask_choice_\d+_(?!\d+$)")
_RECENT = "ask_recent"


def listen_to_questions(app: AsyncApp, slack: SlackContext) -> None:
    """What a button asks is in its value, and whose answer it stands on: it works after a restart too. Pressed twice
    by somebody, it asks once."""

    async def asked_on(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        ident, text = press.read(str, str)
        name = press.actions[0].action_id or ""
        stored = await asyncio.to_thread(find, slack.services.database, ident) if ident else None
        question = stored.question if stored else None
        if name.startswith(_RECENT):
            text = question or ""
        if question is None and (_CHOICE.match(name) or name.startswith(_RECENT)):
            say = await slack.say(context, press.user.id)
            key = f"gone:{_press_key(press)}"
            await slack.tell(slack.seen_alone_at(context, press), say["channel.expired"], key)
            await ack()
            return
        asked = _asked_by(slack, context, press, text, stored if question else None, name)
        await slack.queue.enqueue(asked)
        await ack()

    app.action(re.compile("^ask_"))(asked_on)


def _asked_by(
    slack: SlackContext, context: AsyncBoltContext, press: Press, text: str, stored: StoredAnswer | None, name: str
) -> SlackQuestion:
    """A pressed question, in the place and conversation of the answer that its button stands on. What the bot has
    asked somebody else in a channel, others answer for themselves."""
    address = slack.pressed_at(context, press)
    own = slack.queue.conversation(address.team, address.user, _press_key(press))
    history: tuple[str, ...] = ()
    if stored and not name.startswith(_RECENT):
        history = (*stored.history, stored.question or "")[-TURNS:]
    others = stored is not None and stored.person != slack.person(context, press.user.id)
    if others and name.startswith("ask_choice") and not address.response_url and not address.direct:
        address = replace(slack.seen_alone_at(context, press), echo=True)
        conversation = own
    elif address.response_url or not address.channel:
        conversation = (stored.conversation if stored else "") or own
    else:
        conversation = slack.queue.conversation(address.team, address.channel, address.thread)
    private = bool(address.response_url) or address.direct
    return SlackQuestion(text, private, address, conversation, (_press_key(press),), history, within=0.0)


def _press_key(press: Press) -> str:
    """A button of a message and who pressed it, however often; of a view, where buttons stay, the press."""
    where, action = press.container, press.actions[0]
    if not where.message_ts:
        return f"trigger:{press.trigger_id}"
    return f"press:{where.channel_id}:{where.message_ts}:{action.action_id}:{press.user.id}"


# What tells a role from an answer in the value of a button.
ROLE = "role:"


def listen_to_details(app: AsyncApp, slack: SlackContext) -> None:
    """They open over the message, for whoever pressed, on private answers too."""

    async def wants_more(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        # Before 0.3 a button said only of which answer it is.
        source, start = press.read(str, int) if press.value.startswith("[") else (press.value, 0)
        await ack()
        slack.tasks.run("points", open_points(context, client, press, source, start))

    async def looked_up(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        await ack()
        slack.tasks.run("role", open_points(context, client, press, f"{ROLE}{press.value}", 0))

    async def turned_page(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        source, start = press.read(str, int)
        shown = str((body.get("view") or {}).get("id", ""))
        await ack()

        async def show_page() -> None:
            view = await _points(slack, context, press, source, start)
            await show_view(partial(client.views_update, view_id=shown), view)

        slack.tasks.run("page", show_page())

    async def open_points(
        context: AsyncBoltContext, client: AsyncWebClient, press: Press, source: str, start: int
    ) -> None:
        view = await _points(slack, context, press, source, start)
        late, say = slack.seen_alone_at(context, press), await slack.say(context, press.user.id)
        await slack.open_view(client, press.trigger_id, view, late, say["channel.too_late"])

    app.action(re.compile("^(points|translation)$"))(wants_more)
    app.action("directory")(looked_up)
    app.action(re.compile("^more"))(turned_page)


async def _points(slack: SlackContext, context: AsyncBoltContext, press: Press, source: str, start: int) -> View:
    assistant = slack.services.assistant
    language = await slack.language(context, press.user.id)
    say = assistant.wordings[language]
    if source.startswith(ROLE):
        role = assistant.library.roles.get(source.removeprefix(ROLE))
        if role is None:
            return said_view(say, say["channel.expired"])
        found = role_points(role.id, assistant, language)
        return points_view(found, source, say, start, language == "en", role.name.of(language))
    stored = await asyncio.to_thread(find, slack.services.database, source)
    if stored is None:
        return said_view(say, say["channel.expired"])
    found = await asyncio.to_thread(answer_points, stored, assistant)
    danger = stored.sensitive == "danger"
    return points_view(found, source, slack.wording(stored), start, stored.language == "en", danger=danger)


def listen_to_feedback(app: AsyncApp, slack: SlackContext) -> None:
    """A thumb counts at once, whether or not a reason follows."""
    services = slack.services

    async def feedback_given(body: Body, ack: AsyncAck, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        press = Press.model_validate(body)
        value, ident = press.read(str, str)
        person = slack.person(context, press.user.id)
        good = value == "1"
        kept = await record_feedback(services, NAME, ident, person, 1 if good else -1)
        language = await language_of_answer(context, press.user.id, ident)
        say = services.assistant.wordings[language]
        place = slack.seen_alone_at(context, press)
        if kept and not good:
            instead = links(UNHELPED, services.assistant.organisation, language)
            form = slack.open_view(
                client, press.trigger_id, reason_view(say, ident, instead), place, say["channel.thanks"]
            )
            slack.tasks.run("reason form", form)
        else:
            text = say["channel.thanks" if kept else "channel.gone"]
            await slack.tell(place, text, f"judged:{press.trigger_id}")
        await ack()

    async def explained(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        given = Submission.model_validate(body)
        ident = given.view.private_metadata
        person = slack.person(context, given.user.id)
        kept = await record_feedback(services, NAME, ident, person, -1, given.text("reason"))
        say = services.assistant.wordings[await language_of_answer(context, given.user.id, ident)]
        await ack(response_action="update", view=said_view(say, say["channel.thanks" if kept else "channel.gone"]))

    async def language_of_answer(context: AsyncBoltContext, user: str, ident: str) -> Language:
        """That of the answer; of one that is gone, the person's own."""
        stored = await asyncio.to_thread(find, services.database, ident)
        return (language_of(stored.language) if stored else None) or await slack.language(context, user)

    app.action("judge")(feedback_given)
    app.view("reason")(explained)


def listen_to_sharing(app: AsyncApp, slack: SlackContext) -> None:
    """An answer is shared in a channel once, however often the button is pressed."""

    async def shared(body: Body, ack: AsyncAck, context: AsyncBoltContext) -> None:
        press = Press.model_validate(body)
        found = await asyncio.to_thread(_shareable, slack.services.database, press.value)
        if found is None:
            say = await slack.say(context, press.user.id)
            key = f"expired:{press.trigger_id}"
            await slack.tell(slack.seen_alone_at(context, press), say["channel.expired"], key)
            await ack()
            return
        stored, history = found
        address = slack.address(
            context, press.user.id, channel=press.container.channel_id, thread=press.container.thread_ts,
            response_url=press.response_url,
            public=True, echo=True,
        )  # fmt: skip
        key = f"share:{stored.id}:{press.container.channel_id}"
        conversation = slack.queue.conversation(address.team, address.channel, key)
        await slack.queue.enqueue(SlackQuestion(stored.question or "", False, address, conversation, (key,), history))
        await ack()

    app.action("share")(shared)


def _shareable(database: Database, ident: str) -> tuple[StoredAnswer, tuple[str, ...]] | None:
    """An answer with the questions that led to it; None where its question is not kept (any more)."""
    stored = find(database, ident)
    if stored is None or stored.question is None:
        return None
    with database.transaction() as at:
        return stored, earlier_questions(at, stored.conversation, stored.asked)
