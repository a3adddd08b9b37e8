"""What opens over a message: a question to type, a reason to give, all points with their passages."""

import json
from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.messaging.user import LONGEST_REASON
from bot.reply import Link
from bot.slack.blocks import passage_parts, turn_to
from bot.slack.elements import TITLE, Block, actions, button, header, line, rich, section, span, words
from bot.slack.escape import literal
from bot.slack.points import Point

# Points in a view: each is a block, of which Slack takes 100.
PAGE = 20
# Characters of a question that can be typed; Slack takes no more into a field.
LONGEST_QUESTION = 3_000

Say = Mapping[str, str]


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


def said_view(say: Say, text: str) -> View:
    return _sheet(say, [section(text)])


def points_view(found: Sequence[Point], source: str, say: Say, start: int, translated: bool, heading: str = "") -> View:
    """Points with their passages, a page at a time from the one at `start` on, numbered as where they are said.

    `source` is what the buttons to other pages say of them: an answer, or `role:` and a role.
    """
    blocks = [header(heading)] if heading else []
    if start:
        blocks.append(actions(button("more_first", say["channel.from_start"], json.dumps([source, 0]))))
    for point in found[start : start + PAGE]:
        blocks.append(_point(point, say, translated, len(found) > 1))
    left = len(found) - start - PAGE
    if left > 0:
        value = json.dumps([source, start + PAGE])
        blocks.append(actions(button("more", say["channel.more"].format(count=left), value)))
    return _sheet(say, blocks or [section(say["channel.expired"])])


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
