"""Links to the bot's own pages that somebody posts → what they lead to, shown below them."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import BaseModel
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.bootstrap import Assistant
from bot.ladder import describe
from bot.messaging.channel import storable
from bot.reply import Cited, Reply, reachable
from bot.slack import elements
from bot.slack.context import NAME, SlackContext
from bot.slack.elements import Block, cut
from bot.slack.manifest import LINK_EVENT
from bot.slack.messages import mode_at
from bot.slack.request import Body
from bot.store.pause import paused
from bot.wording import Wordings, capital
from corpus.language import Language, language_of
from intents.answer import Answer
from intents.applicability import answer_case, decide, go_through, situation
from intents.duties import list_facts
from intents.escalation import is_reviewed
from intents.question import Question

# Questions of a conversation in an address that are understood; points that are shown of a list.
TURNS, POINTS = 6, 3
# Longer addresses, and those with more fields, are none that a page has given.
_LONGEST, _FIELDS = 8_000, 40


@dataclass(frozen=True, slots=True)
class Preview:
    """`title` is what is asked or whom it is about, `text` what is answered or the passage, as plain text; `source`
    is where that stands, `translation` what a passage says in English. The last two may be empty."""

    language: Language
    title: str
    text: str
    source: str = ""
    translation: str = ""


def preview(url: str, assistant: Assistant, language: Language) -> Preview | None:
    """What a page of `assistant.public_url` says. `language` is used where the address names none.

    None for what is none of those pages, and where others had better not read along: a sensitive matter. It takes the
    time of an answer, and keeps nothing.
    """
    try:
        at = urlsplit(url[: _LONGEST + 1])
        query = parse_qs(at.query, max_num_fields=_FIELDS)
    except ValueError:
        return None
    path = _path(at, urlsplit(assistant.public_url))
    if path is None or len(url) > _LONGEST:
        return None
    chosen = language_of(query.get("lang", [""])[-1]) or language
    match path.strip("/").split("/"):
        case ["" | "embed"]:
            return _asked([*query.get("h", []), *query.get("q", [""])[-1:]], assistant)
        case ["policy", document]:
            return _passage(document, unquote(at.fragment), assistant, chosen)
        case ["roles", role] | ["roles", role, "checklist"]:
            campus = query.get("campus", [""])[-1]
            return _role(role, campus if campus in assistant.library.campuses else "", assistant, chosen)
        case ["escalation"]:
            return _ladder(assistant, chosen)
        case ["applies"]:
            return _case({name: values[-1] for name, values in query.items()}, assistant, chosen)
    return None


def _path(at: SplitResult, public: SplitResult) -> str | None:
    """An address's path on the bot's own pages; None for one that is elsewhere."""
    base = public.path.rstrip("/")
    same = (at.scheme, at.netloc.lower()) == (public.scheme, public.netloc.lower())
    path = at.path or "/"
    return path[len(base) :] if same and path.startswith(f"{base}/") else None


def _asked(questions: list[str], assistant: Assistant) -> Preview | None:
    if not questions[-1].strip():
        return None
    *history, text = map(storable, questions[-TURNS:])
    answer, reply, _ = assistant.explain(Question(text, tuple(history)), screened=True)
    return _answered(text, answer, reply)


def _answered(title: str, answer: Answer, reply: Reply) -> Preview | None:
    if answer.sensitive:
        return None
    return Preview(reply.language, title, "\n\n".join(map(_said, reply.each)), _source(reply))


def _source(reply: Reply) -> str:
    """Where the answer stands; of several, where each begins."""
    first = [next(iter(part.passages or (1,))) for part in reply.each]
    return " · ".join(dict.fromkeys(cited.place for n in first for cited in reply.citations[n - 1 : n]))


def _said(reply: Reply) -> str:
    """The lead; of one that leads to a list, the first points too."""
    points = [point.text for group in reply.groups for point in group.points]
    if not reply.lead.endswith(":") or not points:
        return reply.lead
    return "\n".join([reply.lead, *(f"• {text}" for text in points[:POINTS]), *(["…"] if points[POINTS:] else [])])


def _passage(ident: str, anchor: str, assistant: Assistant, language: Language) -> Preview | None:
    document = assistant.library.every_document.get(ident)
    passage = document.passage(anchor) if document else None
    if document is None or passage is None:
        return None
    translation = (passage.translation or "") if language == "en" else ""
    text = f"{passage.lead_in} {passage.quote}" if passage.lead_in else passage.quote
    return Preview(language, passage.section.heading, f"«{text}»", document.title, translation)


def _role(ident: str, campus: str, assistant: Assistant, language: Language) -> Preview | None:
    role = assistant.library.roles.get(ident)
    if role is None:
        return None
    answer = list_facts(role.id, None, language, assistant.library, campus)
    return _answered(capital(role.name.of(language)), answer, assistant.write(answer))


def _ladder(assistant: Assistant, language: Language) -> Preview | None:
    library, words = assistant.library, assistant.wordings[language]
    if library.slots.escalation is None or not is_reviewed(library):
        return None
    stands = Cited(library.facts[library.slots.escalation.facts[0]].citation, "")
    return Preview(language, words["ladder.title"], describe("", language, library, assistant.wordings), stands.place)


def _case(given: dict[str, str], assistant: Assistant, language: Language) -> Preview | None:
    """The verdict, once all that it hangs on is answered."""
    answers, following = go_through(given)
    case = decide(situation(answers), assistant.library) if following is None else None
    if case is None:
        return None
    answer = answer_case(case, language, assistant.library)
    return _answered(assistant.wordings[language]["applies.title"], answer, assistant.write(answer))


# Links of a message that are shown; each takes the time of an answer.
MOST = 3
# Characters of a text: what stands below somebody's message has to be shorter than an answer.
TEXT = 700


class SharedLink(BaseModel):
    url: str


class LinkShared(BaseModel):
    """Raises ValidationError where Slack's shape is broken. `source` and `unfurl_id` name a link that may still be
    written, which stands in no message yet."""

    channel: str
    message_ts: str
    user: str = ""
    links: list[SharedLink]
    source: str = ""
    unfurl_id: str = ""

    @property
    def place(self) -> dict[str, Any]:
        """Where `chat.unfurl` finds the link."""
        if self.source and self.unfurl_id:
            return {"source": self.source, "unfurl_id": self.unfurl_id}
        return {"channel": self.channel, "ts": self.message_ts}


def listen_to_links(app: AsyncApp, slack: SlackContext) -> None:
    """Nothing is kept of them, and nothing is said where the bot is off: one that is missed does no harm."""
    if not reachable(slack.services.settings.public_url):
        return

    async def shared(event: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        given = LinkShared.model_validate(event)
        if given.user != (context.bot_user_id or "-"):
            slack.tasks.run("links", show(context, client, given))

    async def show(at: AsyncBoltContext, client: AsyncWebClient, given: LinkShared) -> None:
        if await asyncio.to_thread(_is_silent, slack, at.team_id or "", given.channel):
            return
        language = await slack.language(at, given.user)
        unfurls: dict[str, dict[str, Any]] = {}
        for url in list(dict.fromkeys(link.url for link in given.links))[:MOST]:
            found = await asyncio.to_thread(preview, url, slack.services.assistant, language)
            if found:
                unfurls[url] = {"blocks": preview_blocks(found, slack.services.assistant.wordings)}
        if unfurls:
            await client.chat_unfurl(unfurls=unfurls, **given.place)

    app.event(LINK_EVENT)(shared)


def _is_silent(slack: SlackContext, team: str, channel: str) -> bool:
    with slack.services.database.transaction() as at:
        if paused(at, NAME) is not None:
            return True
    return mode_at(slack, team, channel) == "off"


def preview_blocks(found: Preview, wordings: Wordings) -> list[Block]:
    """The title, what is said, and where it stands, with what a passage says in English."""
    say = wordings[found.language]
    notes = [f"{say['source.translation']}: {cut(found.translation, TEXT)}"] if found.translation else []
    notes += [f"{say['channel.source']}: {found.source}"] if found.source else []
    return [elements.header(found.title), elements.section(cut(found.text, TEXT)), *map(elements.context, notes)]
