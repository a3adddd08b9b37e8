"""Text in a message extension → cards to insert, or an answer in a dialog.

Both are answered at once and by this process alone: what is searched for while typing is not kept, what is asked
about a message is kept after it has been answered, if the store is there.
"""

import asyncio
import html
from collections.abc import Iterable, Mapping
from time import perf_counter, time
from typing import Any

import structlog
from microsoft_teams.api.models.attachment import Attachment
from microsoft_teams.api.models.card import ThumbnailCard
from microsoft_teams.api.models.messaging_extension import (
    MessagingExtensionActionResponse,
    MessagingExtensionAttachment,
    MessagingExtensionAttachmentLayout,
    MessagingExtensionResponse,
    MessagingExtensionResult,
)
from microsoft_teams.api.models.messaging_extension import MessagingExtensionResultType as Shown
from microsoft_teams.api.models.task_module import CardTaskModuleTaskInfo, TaskModuleContinueResponse

from bot.messaging.answer_record import RequestContext, stored
from bot.messaging.channel import question_by, storable
from bot.reply import Reply
from bot.store.answer import keep_all
from bot.store.database import StoreUnavailable
from bot.store.pause import paused
from bot.store.profile import Profile
from bot.store.pseudonym import new_id
from bot.teams.activity import NAME, said, text_of
from bot.teams.card import CardContext, answer_cards, passage_card, plain, to_json
from bot.teams.channel import CARD, pictures
from bot.teams.home import said_card
from bot.teams.request import Refusal, TeamsRequest
from bot.wording import capital
from corpus.language import Language
from corpus.role import Role
from intents.answer import Answer
from intents.answering import Trace
from intents.question import Question

PREVIEW = "application/vnd.microsoft.card.thumbnail"
# Passages that are offered beside the answer, and roles while one is being typed.
PASSAGES, ROLES = 8, 8
# Letters that may be the beginning of a question.
SHORTEST = 3
# Characters of a result's title and text in the list.
TITLE, TEXT = 120, 200

log = structlog.get_logger(__name__)


async def search(request: TeamsRequest) -> dict[str, Any]:
    """Results: the answer with its passages, and each passage alone; while a role is being typed, the roles that it
    may become. Raises Refusal, StoreUnavailable."""
    value = said(request.activity, "value")
    parameters = value.get("parameters") if isinstance(value, dict) else None
    if not isinstance(parameters, list):
        raise Refusal(400, "a search without parameters")
    words = await request.words()
    named = (p for p in parameters if isinstance(p, dict) and p.get("name") != "initialRun")
    text = next((p.get("value") for p in named), None)
    asked = text if isinstance(text, str) and text.strip() else words["channel.example"]
    if (message := await asyncio.to_thread(_paused, request)) is not None:
        return _found(MessagingExtensionResult(type=Shown.MESSAGE, text=message or words["queue.paused"]))
    roles = _begun(asked.strip(), request.services.assistant.library.roles.values())
    if roles is None:
        results = await _results(request, asked)
    else:
        results = [await _role_result(request, role, await request.language()) for role in roles[:ROLES]]
    listed = MessagingExtensionAttachmentLayout.LIST
    return _found(MessagingExtensionResult(type=Shown.RESULT, attachment_layout=listed, attachments=results))


async def ask_about(request: TeamsRequest) -> dict[str, Any]:
    """The answer to what a message asks, shown to the asker alone. Raises StoreUnavailable."""
    value = said(request.activity, "value")
    payload = value.get("messagePayload") if isinstance(value, dict) else None
    body = payload.get("body") if isinstance(payload, dict) else None
    content = body.get("content") if isinstance(body, dict) else None
    words, text = await request.words(), text_of(content) if isinstance(content, str) else ""
    if (message := await asyncio.to_thread(_paused, request)) is not None:
        return _dialog(words, said_card(message or words["queue.paused"]))
    if not text:
        return _dialog(words, said_card(words["channel.empty"].format(example=words["channel.example"])))
    start = perf_counter()
    question, answer, reply, traces = await _answered(request, text)
    pages = _cards(request, answer, reply)
    request.services.metrics.count(answer, perf_counter() - start, NAME)
    await _keep(request, question, answer, reply, traces)
    return _dialog(words, {**pages[0], "body": [element for page in pages for element in page["body"]]})


def _begun(text: str, roles: Iterable[Role]) -> list[Role] | None:
    """The roles that a word may become; None where it is none that is being typed."""
    start, named = text.casefold(), [(role, _names(role)) for role in roles]
    if " " in text or (len(text) >= SHORTEST and any(start in names for _, names in named)):
        return None
    found = [role for role, names in named if any(name.startswith(start) for name in names)]
    return found if found or len(text) < SHORTEST else None


def _names(role: Role) -> set[str]:
    return {name.casefold() for name in (*role.names, *role.abbreviations)}


async def _results(request: TeamsRequest, text: str) -> list[MessagingExtensionAttachment]:
    _, answer, reply, _ = await _answered(request, text)
    words = request.services.assistant.wordings[reply.language]
    passages = [
        _result(passage_card(cited, reply.language, words), cited.citation.quote, cited.place)
        for cited in reply.citations[:PASSAGES]
    ]
    return [_result(_inserted(request, answer, reply), reply.lead, reply.text), *passages]


async def _role_result(request: TeamsRequest, role: Role, language: Language) -> MessagingExtensionAttachment:
    name = capital(role.name.of(language))
    _, answer, reply, _ = await _answered(request, name)
    return _result(_inserted(request, answer, reply), name, reply.lead)


def _inserted(request: TeamsRequest, answer: Answer, reply: Reply) -> dict[str, Any]:
    """The card that goes into somebody's message; there is one, and it says so where it does not hold all."""
    first, *further = _cards(request, answer, reply)
    if not further:
        return first
    cut = plain(request.services.assistant.wordings[reply.language]["teams.cut"], italic=True)
    return {**first, "body": [*first["body"], to_json(cut)]}


async def _answered(request: TeamsRequest, text: str) -> tuple[Question, Answer, Reply, tuple[Trace, ...]]:
    question = question_by(await request.profile(), storable(text), ())
    return question, *await asyncio.to_thread(request.services.assistant.explain, question, screened=True)


def _cards(request: TeamsRequest, answer: Answer, reply: Reply) -> list[dict[str, Any]]:
    """The answer as cards that have nothing to press but what they hide."""
    context = CardContext(request.services.assistant.wordings[reply.language], live=False)
    return answer_cards(reply, context, pictures(request.services, answer, reply.language))


def _paused(request: TeamsRequest) -> str | None:
    with request.services.database.transaction() as at:
        return paused(at, NAME)


async def _keep(
    request: TeamsRequest, question: Question, answer: Answer, reply: Reply, traces: tuple[Trace, ...]
) -> None:
    services, profile = request.services, Profile(question.role, question.campus, question.language or "")
    context = RequestContext(new_id(), time(), NAME, request.person, request.conversation, question.text, profile)
    try:
        await asyncio.to_thread(keep_all, services.database, [stored(context, answer, reply, traces, services.build)])
    except StoreUnavailable as error:
        log.warning("answer not kept", channel=NAME, reason=str(error))


def _result(card: Mapping[str, Any], title: str, text: str) -> MessagingExtensionAttachment:
    listed = ThumbnailCard(title=_cut(title, TITLE), text=html.escape(_cut(text, TEXT)), images=None)
    preview = Attachment(content_type=PREVIEW, content=listed)
    return MessagingExtensionAttachment(content_type=CARD, content=card, preview=preview)


def _found(result: MessagingExtensionResult) -> dict[str, Any]:
    return to_json(MessagingExtensionResponse(compose_extension=result))


def _dialog(words: Mapping[str, str], card: Mapping[str, Any]) -> dict[str, Any]:
    shown = Attachment(content_type=CARD, content=card)
    info = CardTaskModuleTaskInfo(title=words["channel.ask_about"], height="large", width="large", card=shown)
    return to_json(MessagingExtensionActionResponse(task=TaskModuleContinueResponse(value=info)))


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
