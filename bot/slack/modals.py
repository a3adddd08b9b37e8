"""What opens over a message: a question to type, a reason to give, all points with their passages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.desk.asker import LONGEST_REASON
from bot.reply import Cited, link
from bot.slack.blocks import passage_parts
from bot.slack.elements import TITLE, Block, actions, button, header, line, rich, section, span, words
from bot.slack.escape import literal
from bot.store.answer import StoredAnswer
from corpus.fact import RoleFact
from corpus.language import Language, language_of
from corpus.library import Library
from intents.duties import facts_of

# Points in a view: each is a block, of which Slack takes 100.
PAGE = 20
# Characters of a question that can be typed; Slack takes no more into a field.
LONGEST_QUESTION = 3_000

Say = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """What a fact says, empty for a passage alone, and the passage."""

    statement: str
    cited: Cited


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


def reason_view(say: Say, ident: str) -> View:
    """What was wrong with an answer; it comes back as the view `reason`."""
    field = PlainTextInputElement(action_id="text", multiline=True, max_length=LONGEST_REASON)
    hint = words(say["channel.why_hint"], 2_000)
    block = InputBlock(
        block_id="reason", label=words(say["channel.why"], 2_000), element=field, hint=hint, optional=True
    )
    return _form("reason", say, block, ident)


def said_view(say: Say, text: str) -> View:
    return _sheet(say, [section(text)])


def points_view(found: Sequence[Point], source: str, say: Say, page: int, translated: bool, heading: str = "") -> View:
    """Points with their passages, a page at a time: as they are said, or also as they are translated.

    `source` is what the button to the next page says of them: an answer, or `role:` and a role.
    """
    start = page * PAGE
    blocks = [header(heading)] if heading else []
    blocks += [
        _point(n, point, say, translated, len(found) > 1)
        for n, point in enumerate(found[start : start + PAGE], start + 1)
    ]
    left = len(found) - start - PAGE
    if left > 0:
        value = json.dumps([source, page + 1, translated])
        blocks.append(actions(button("more", say["channel.more"].format(count=left), value)))
    return _sheet(say, blocks or [section(say["channel.expired"])])


def answer_points(stored: StoredAnswer, library: Library, public_url: str) -> list[Point]:
    """What a stored answer stands on, in its order; what the corpus has no more is left out."""
    language = language_of(stored.language) or "nb"
    facts = [fact for ident in dict.fromkeys(stored.facts) if (fact := library.facts.get(ident))]
    found = [_of_fact(fact, language, public_url) for fact in facts]
    gap = library.gaps.get(stored.gap)
    if gap and gap.nearest:
        found.append(Point("", Cited(gap.nearest, link(gap.nearest, public_url))))
    return found


def role_points(role: str, library: Library, language: Language, public_url: str) -> list[Point]:
    """All that the policy says of a role."""
    return [_of_fact(fact, language, public_url) for fact in facts_of(role, library)]


def _of_fact(fact: RoleFact, language: Language, public_url: str) -> Point:
    return Point(fact.statement.of(language), Cited(fact.citation, link(fact.citation, public_url)))


def _point(number: int, point: Point, say: Say, translated: bool, numbered: bool) -> Block:
    mark = f"{number}. " if numbered else ""
    head = [line(span(f"{mark}{point.statement}", bold=True))] if point.statement or mark else []
    parts = [*head, *passage_parts(point.cited)]
    if translated:
        label = say["source.translation"]
        parts.append(line(span(f"\n{label}: {point.cited.citation.passage.translation}")))
    return rich(*parts)


def _form(callback: str, say: Say, block: InputBlock, data: str = "") -> View:
    return View(
        type="modal",
        callback_id=callback,
        title=words(say["web.title"], TITLE),
        submit=words(say["channel.send"], TITLE),
        close=words(say["channel.cancel"], TITLE),
        private_metadata=data,
        blocks=[block],
    )


def _sheet(say: Say, blocks: list[Block]) -> View:
    return View(
        type="modal", title=words(say["web.title"], TITLE), close=words(say["channel.close"], TITLE), blocks=blocks
    )
