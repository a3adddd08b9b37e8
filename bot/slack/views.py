"""App Home, and what opens over a message: choices, last questions, forms, all points of an answer with passages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ButtonElement, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.bootstrap import Assistant
from bot.messaging.channel import question_by
from bot.messaging.message import spell_emoji
from bot.messaging.services import Services
from bot.messaging.user import LONGEST_REASON, roles_to_pick
from bot.reply import Cited, Link, Reply, link, reachable
from bot.slack.blocks import QUESTION, passage_parts, turn_to
from bot.slack.elements import (
    NOTHING,
    TITLE,
    Block,
    actions,
    alert,
    button,
    context,
    cut,
    header,
    line,
    literal,
    rich,
    section,
    select,
    span,
    words,
)
from bot.store.answer import StoredAnswer
from bot.store.profile import Profile
from bot.wording import capital, stated
from corpus.fact import RoleFact
from corpus.language import NAMES, Language, language_of
from intents.duties import facts_of

# Points in a view: each is a block, of which Slack takes 100.
PAGE = 20
# Characters of a question that can be typed; Slack takes no more into a field.
LONGEST_QUESTION = 3_000
# Options that a select takes.
OPTIONS = 100

Say = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """What is said, empty for a passage alone, and the passages; `number` is 0 where points are not numbered, `title`
    stands above the first of a group."""

    statement: str
    cited: tuple[Cited, ...]
    number: int = 0
    title: str = ""


def answer_points(stored: StoredAnswer, assistant: Assistant) -> list[Point]:
    """All that an answer says. The same question has the same answer; where it is not kept, what the answer stands on
    is told, without what the corpus has no more."""
    if stored.question is None:
        return _of_facts(stored, assistant)
    texts = [spell_emoji(text, assistant) for text in (stored.question, *stored.history)]
    _, reply = assistant.ask(question_by(Profile(*stored.profile), texts[0], tuple(texts[1:])))
    return reply_points(reply)


def reply_points(reply: Reply) -> list[Point]:
    found: list[Point] = []
    for part in reply.each:
        if part.passages:
            found.append(Point(part.lead, _cited(reply, part.passages)))
        for group, start in part.listed():
            for n, point in enumerate(group.points):
                number, title = start + n if group.numbered else 0, "" if n else group.title
                found.append(Point(point.text, _cited(reply, point.passages), number, title))
    shown = {one.citation for point in found for one in point.cited}
    return [*found, *(Point("", (one,)) for one in reply.citations if one.citation not in shown)]


def role_points(role: str, assistant: Assistant, language: Language) -> list[Point]:
    """All that the policy says of a role."""
    facts = facts_of(role, assistant.library)
    return [_of_fact(fact, n, language, assistant) for n, fact in enumerate(facts, 1)]


def _cited(reply: Reply, numbers: tuple[int, ...]) -> tuple[Cited, ...]:
    return tuple(reply.citations[number - 1] for number in numbers)


def _of_facts(stored: StoredAnswer, assistant: Assistant) -> list[Point]:
    library, language = assistant.library, language_of(stored.language) or "nb"
    facts = [fact for ident in dict.fromkeys(stored.facts) if (fact := library.facts.get(ident))]
    found = [_of_fact(fact, n, language, assistant) for n, fact in enumerate(facts, 1)]
    gap = library.gaps.get(stored.gap)
    if gap and gap.nearest:
        found.append(Point("", (Cited(gap.nearest, link(gap.nearest, assistant.public_url)),)))
    return found


def _of_fact(fact: RoleFact, number: int, language: Language, assistant: Assistant) -> Point:
    said = stated(fact, assistant.wordings[language], language)
    return Point(said, (Cited(fact.citation, link(fact.citation, assistant.public_url)),), number)


def question_view(say: Say, text: str = "") -> View:
    """A question to type; it comes back as the view `ask`."""
    field = PlainTextInputElement(
        action_id="text",
        multiline=True,
        max_length=LONGEST_QUESTION,
        initial_value=literal(text)[:LONGEST_QUESTION] or None,
        placeholder=words(say["channel.example"], 150),
    )
    block = InputBlock(block_id="question", label=words(say["web.label"], 2_000), element=field)
    return _form("ask", say, block)


def reason_view(say: Say, ident: str, contacts: Sequence[Link]) -> View:
    """What was wrong with an answer, and whom to turn to instead; it comes back as the view `reason`."""
    field = PlainTextInputElement(action_id="text", multiline=True, max_length=LONGEST_REASON)
    hint = words(say["channel.why_hint"], 2_000)
    block = InputBlock(
        block_id="reason", label=words(say["channel.why"], 2_000), element=field, hint=hint, optional=True
    )
    return _form("reason", say, block, ident, [turn_to(contacts, say)] if contacts else [])


def said_view(say: Say, text: str, danger: bool = False) -> View:
    return _sheet(say, [*_emergency(say, danger), section(text)])


def points_view(
    found: Sequence[Point],
    source: str,
    say: Say,
    start: int,
    translated: bool,
    heading: str = "",
    danger: bool = False,
) -> View:
    """Points with their passages, a page at a time from the one at `start` on, numbered as where they are said.

    `source` is what the buttons to other pages say of them: an answer, or `role:` and a role. In a `danger` the numbers
    to call stand above them.
    """
    blocks = _emergency(say, danger)
    blocks += [header(heading)] if heading else []
    if start:
        blocks.append(actions(button("more_first", say["channel.from_start"], json.dumps([source, 0]))))
    for point in found[start : start + PAGE]:
        blocks.append(_point(point, say, translated, len(found) > 1))
    left = len(found) - start - PAGE
    if left > 0:
        value = json.dumps([source, start + PAGE])
        blocks.append(actions(button("more", say["channel.more"].format(count=left), value)))
    return _sheet(say, blocks or [section(say["channel.expired"])])


def _emergency(say: Say, danger: bool) -> list[Block]:
    """Whom to call, so that it is seen first; and in plain text, where a client shows no alert."""
    return [alert(say["channel.alert"]), section(say["sensitive.danger"])] if danger else []


def _point(point: Point, say: Say, translated: bool, several: bool) -> Block:
    mark = f"{point.number}. " if point.number and several else ""
    title = [line(span(f"{point.title}\n", bold=True))] if point.title else []
    head = [line(span(f"{mark}{point.statement}", bold=True))] if point.statement or mark else []
    passages = [part for cited in point.cited for part in passage_parts(cited, say, translated)]
    return rich(*title, *head, *passages)


def _form(callback: str, say: Say, block: InputBlock, data: str = "", above: Sequence[Block] = ()) -> View:
    return View(
        type="modal",
        callback_id=callback,
        title=words(say["web.title"], TITLE),
        submit=words(say["channel.send"], TITLE),
        close=words(say["channel.cancel"], TITLE),
        private_metadata=data,
        blocks=[*above, block],
    )


def _sheet(say: Say, blocks: list[Block]) -> View:
    return View(
        type="modal", title=words(say["web.title"], TITLE), close=words(say["channel.close"], TITLE), blocks=blocks
    )


def home_view(
    services: Services, profile: Profile, recent: Sequence[StoredAnswer], language: Language, notice: str = ""
) -> View:
    """`recent` are the last answers, `notice` what has just been done."""
    say = services.assistant.wordings[language]
    blocks = [context(notice)] if notice else []
    blocks += [
        section(say["channel.welcome"]),
        header(say["channel.who"]),
        *who_blocks(services, profile, language),
        actions(button("duties", say["channel.duties"], style="primary")),
        *_directory(services, language),
    ]
    if asked := recent_blocks(recent, say):
        blocks += [header(say["channel.recent"]), *asked]
    blocks += [
        header(say["channel.privacy"]),
        section(say["channel.privacy_text"].format(days=services.settings.retention_days)),
        actions(forget_button(say)),
    ]
    return View(type="home", blocks=blocks)


def who_blocks(services: Services, profile: Profile, language: Language) -> list[Block]:
    """Role, campus and language to pick from; each counts as soon as it is picked."""
    say, library = services.assistant.wordings[language], services.assistant.library
    campuses = [(ident, names[0]) for ident, names in library.campuses.items()]
    unsaid = (NOTHING, say["channel.unsaid"])
    picks = {
        "role": ([unsaid, *roles_of(services, language)][:OPTIONS], profile.role),
        **({"campus": ([unsaid, *campuses], profile.campus)} if campuses else {}),
        "language": ([(NOTHING, say["channel.as_asked"]), *NAMES.items()], profile.language),
    }
    return [
        section(say["channel.who_hint"]),
        *(
            section(
                say[f"channel.{name}"], select(f"profile_{name}", say[f"channel.{name}"], options, chosen or NOTHING)
            )
            for name, (options, chosen) in picks.items()
        ),
    ]


def roles_of(services: Services, language: Language) -> list[tuple[str, str]]:
    """The roles somebody may have, as options."""
    return [(ident, name) for name, ident in roles_to_pick(services, language)][: OPTIONS - 1]


def recent_blocks(recent: Sequence[StoredAnswer], say: Say) -> list[Block]:
    """Questions to press, the same one once."""
    asked = {cut(answer.question, QUESTION): answer.id for answer in reversed(recent) if answer.question}
    return [
        section(question or "…", button(f"ask_recent_{n}", say["channel.again"], json.dumps([ident, ""])))
        for n, (question, ident) in enumerate(reversed(asked.items()))
    ]


def forget_button(say: Say) -> ButtonElement:
    return button(
        "forget", say["channel.forget"], style="danger", sure=say["channel.forget_sure"], no=say["channel.cancel"]
    )


def _directory(services: Services, language: Language) -> list[Block]:
    say, library = services.assistant.wordings[language], services.assistant.library
    listed = [role for role in library.roles.values() if facts_of(role.id, library)]
    options = sorted((capital(role.name.of(language)), role.id) for role in listed)[:OPTIONS]
    chosen = select("directory", say["channel.choose"], [(ident, name) for name, ident in options])
    base = services.settings.public_url.rstrip("/")
    links = [button("open", say["channel.open"], url=f"{base}/roles?lang={language}")] if reachable(base) else []
    return [header(say["channel.directory"]), actions(chosen, *links)]
