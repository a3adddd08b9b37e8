"""Reply → Block Kit: the answer first, then the passages it stands on, then what can be done with it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    ContextActionsBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    ImageBlock,
    RichTextElement,
)

from bot.reach import reachable
from bot.reply import Cited, Link, Reply
from bot.slack.elements import (
    BUTTON,
    Block,
    actions,
    button,
    context,
    divider,
    line,
    link,
    quotation,
    rich,
    span,
    words,
)
from bot.slack.elements import listing as list_of
from bot.slack.escape import cut, cut_escaped

# Points and passages that a message shows; the rest is a button away.
POINTS, PASSAGES = 15, 3
# Slack shows 4,000 characters of a notification's text, and takes blocks of about 13,200 in all.
NOTIFICATION = 3_500
QUESTION = 300


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds an answer: `asked` is the question where it is seen nowhere else, `hint` a word before the
    answer, `shared` whether it is shown to a channel, `may_share` whether its reader may do that, `picture` the
    address of the ladder and its description."""

    asked: str = ""
    hint: str = ""
    shared: bool = False
    may_share: bool = False
    picture: tuple[str, str] | None = None


def answer_blocks(reply: Reply, ident: str, say: Mapping[str, str], setting: Setting) -> list[Block]:
    """The whole message. `say` is the wording of the reply's language, `ident` the answer that its buttons name."""
    blocks = [rich(line(span(reply.first, bold=True)))] if reply.first else []
    if setting.asked:
        key = "channel.shared" if setting.shared else "channel.asked"
        blocks.append(context(say[key].format(question=cut(setting.asked, QUESTION))))
    if setting.hint:
        blocks.append(context(setting.hint))
    parts = reply.parts or (reply,)
    for place, part in enumerate(parts):
        if place:
            blocks.append(divider())
        blocks += _words(part, ident, max(POINTS // len(parts), 5), place)
    if setting.picture:
        address, description = setting.picture
        blocks.append(ImageBlock(image_url=address, alt_text=cut(description, 2_000)).to_dict())
    if reply.citations:
        blocks.append(_passages(reply.citations[:PASSAGES], say))
    blocks += _elsewhere(reply, say)
    blocks += _offers(reply, ident, say, setting)
    blocks.append(feedback(ident, say))
    return blocks


def notification(reply: Reply) -> str:
    """The answer as text, for where blocks are not shown: notifications, and readers of the screen."""
    return cut_escaped(reply.text, NOTIFICATION)


def plain_blocks(text: str) -> list[Block]:
    return [rich(line(span(text)))]


def passage_parts(cited: Cited) -> list[RichTextElement]:
    """A passage as it stands, and where."""
    lead_in = cited.citation.passage.lead_in
    quote = [span(f"{lead_in} ")] if lead_in else []
    where = link(cited.url, cited.place) if reachable(cited.url) else span(cited.place)
    return [quotation(*quote, span(cited.citation.quote)), line(where)]


def feedback(ident: str, say: Mapping[str, str]) -> Block:
    def thumb(key: str, value: str) -> FeedbackButtonObject:
        return FeedbackButtonObject(
            text=words(say[f"channel.{key}"], BUTTON),
            value=json.dumps([value, ident]),
            accessibility_label=say[f"channel.{key}"],
        )

    element = FeedbackButtonsElement(
        action_id="judge", positive_button=thumb("helpful", "1"), negative_button=thumb("unhelpful", "-1")
    )
    block: Block = ContextActionsBlock(elements=[element]).to_dict()
    return block


def _words(reply: Reply, ident: str, most: int, place: int) -> list[Block]:
    parts = [line(span(reply.lead, bold=True))]
    for group, start in reply.listed():
        shown = group.points[:most]
        if group.title and shown:
            parts.append(line(span(f"\n{group.title}")))
        if shown:
            parts.append(list_of([point.text for point in shown], group.numbered, start if group.numbered else 1))
        most -= len(shown)
    parts += [line(span(f"{note}\n")) for note in reply.notes]
    blocks = [rich(*parts)]
    if reply.choices:
        pressed = [(f"choice_{place}_{choice.key}", choice.label) for choice in reply.choices]
        blocks.append(_questions(pressed, ident))
    return blocks


def _passages(cited: Sequence[Cited], say: Mapping[str, str]) -> Block:
    heading = line(span(say["source.passages"], bold=True))
    return rich(heading, *(part for one in cited for part in passage_parts(one)))


def _elsewhere(reply: Reply, say: Mapping[str, str]) -> list[Block]:
    """Where to go on outside: whom to turn to, and a list to print."""
    blocks = [turn_to(reply.contacts, say)] if reply.contacts else []
    if reply.checklist and reachable(reply.checklist.url):
        blocks.append(rich(line(link(reply.checklist.url, reply.checklist.label))))
    return blocks


def turn_to(contacts: Sequence[Link], say: Mapping[str, str]) -> Block:
    """Whom to turn to, each a link."""
    parts = [part for one in contacts for part in (span(" · "), link(one.url, one.label))]
    return rich(line(span(f"{say['contact.heading']}: "), *parts[1:]))


def _offers(reply: Reply, ident: str, say: Mapping[str, str], setting: Setting) -> list[Block]:
    offers = []
    listed = [part.points - max(POINTS // len(reply.parts or (reply,)), 5) for part in reply.parts or (reply,)]
    hidden = max(*listed, len(reply.citations) - PASSAGES, 0)
    if hidden:
        offers.append(button("points", say["channel.more"].format(count=hidden), ident))
    if reply.citations:
        offers.append(button("translation", say["channel.translations"], ident))
    if setting.may_share:
        offers.append(button("share", say["channel.share"], ident))
    blocks = [actions(*offers)] if offers else []
    if reply.next:
        blocks.append(context(say["channel.next"]))
        blocks.append(_questions([(f"next_{n}", question) for n, question in enumerate(reply.next)], ident))
    return blocks


def _questions(questions: Sequence[tuple[str, str]], ident: str) -> Block:
    """Buttons that ask what they say."""
    return actions(*(button(f"ask_{name}", text, json.dumps([ident, text])) for name, text in questions))
