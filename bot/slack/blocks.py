"""Reply → Block Kit: the answer first, then the passages it stands on, then what can be done with it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ContextActionsBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    ImageBlock,
    RichTextElement,
)

from bot.ladder import Picture
from bot.reply import Cited, Link, Reply, reachable
from bot.slack.elements import (
    BUTTON,
    Block,
    actions,
    button,
    context,
    cut,
    cut_escaped,
    divider,
    line,
    link,
    person,
    quotation,
    rich,
    span,
    words,
)
from bot.slack.elements import listing as list_of

# Points and passages that a message shows; the rest is a button away. A part of several shows no fewer than `FEWEST`.
POINTS, FEWEST, PASSAGES = 7, 3, 3
# Slack shows 4,000 characters of a notification's text, and takes blocks of about 13,200 in all.
NOTIFICATION = 3_500
QUESTION = 300


@dataclass(frozen=True, slots=True)
class MessageContext:
    """What surrounds an answer: `asked` is the question where it is seen nowhere else, `hint` a word before the
    answer, `sharer` who shows it to a channel, `may_share` whether its reader may do that, `picture` the
    address of the ladder and its description."""

    asked: str = ""
    hint: str = ""
    sharer: str = ""
    may_share: bool = False
    picture: Picture | None = None


def answer_blocks(reply: Reply, ident: str, say: Mapping[str, str], about: MessageContext) -> list[Block]:
    """The whole message. `say` is the wording of the reply's language, `ident` the answer that its buttons name."""
    blocks = [rich(line(span(reply.first, bold=True)))] if reply.first else []
    question = cut(about.asked, QUESTION)
    if about.sharer:
        before, _, after = say["channel.shared"].format(user="\0", question=question).partition("\0")
        blocks.append(rich(line(span(before), person(about.sharer), span(after))))
    elif about.asked:
        blocks.append(context(say["channel.asked"].format(question=question)))
    if about.hint:
        blocks.append(context(about.hint))
    for place, part in enumerate(reply.each):
        if place:
            blocks.append(divider())
        blocks += _words(part, ident, _most(reply), place)
    if about.picture:
        blocks.append(ImageBlock(image_url=about.picture.url, alt_text=cut(about.picture.text, 2_000)).to_dict())
    if reply.citations:
        blocks.append(_passages(reply, say))
    blocks += _elsewhere(reply, say)
    blocks += _offers(reply, ident, say, about)
    blocks.append(feedback(ident, say))
    return blocks


def danger_blocks(reply: Reply, say: Mapping[str, str]) -> list[Block]:
    """What to do now, and nothing else: it is read while something burns."""
    return [rich(line(span(reply.first, bold=True))), *([turn_to(reply.contacts, say)] if reply.contacts else [])]


def notification(reply: Reply) -> str:
    """The answer as text, for where blocks are not shown: notifications, and readers of the screen."""
    return cut_escaped(reply.text, NOTIFICATION)


def plain_blocks(text: str) -> list[Block]:
    return [rich(line(span(text)))]


def plain_content(text: str) -> dict[str, Any]:
    """A message that says a sentence."""
    return message_content(plain_blocks(text), text)


def message_content(blocks: Sequence[Block], text: str) -> dict[str, Any]:
    """A message, and the text for where blocks are not shown."""
    return {"text": cut_escaped(text, 3_000), "blocks": list(blocks)}


def passage_parts(cited: Cited, say: Mapping[str, str], translated: bool) -> list[RichTextElement]:
    """A passage as it stands, where, and what it says in English."""
    where = link(cited.url, cited.place) if reachable(cited.url) else span(cited.place)
    return [*_quoted(cited, say, translated), line(where)]


def _quoted(cited: Cited, say: Mapping[str, str], translated: bool) -> list[RichTextElement]:
    passage = cited.citation.passage
    lead_in = [span(f"{passage.lead_in} ")] if passage.lead_in else []
    parts = [quotation(*lead_in, span(cited.citation.quote))]
    if translated and passage.translation:
        parts.append(line(span(f"{say['source.translation']}: {passage.translation}\n")))
    return parts


def _most(reply: Reply) -> int:
    """Points that each part of a reply shows."""
    return max(POINTS // len(reply.each), FEWEST)


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
        blocks.append(ask_buttons(pressed, ident))
    return blocks


def _passages(reply: Reply, say: Mapping[str, str]) -> Block:
    """What the answer itself stands on, as it is written, and in one line where all of it stands."""
    quoted = _shown(reply)
    parts = [part for cited in quoted for part in _quoted(cited, say, reply.language == "en")]
    by_place = {cited.place: cited for cited in (*quoted, *reply.citations)}
    sources: list[RichTextElement] = []
    for cited in list(by_place.values())[:PASSAGES]:
        section = cited.citation.passage.section.path[-1]
        sources += [span(" · "), link(cited.url, section) if reachable(cited.url) else span(section)]
    more = [span(" …")] if len(by_place) > PASSAGES else []
    title = reply.citations[0].citation.document.title
    return rich(*parts, line(span(f"{say['channel.source']}: {title}, "), *sources[1:], *more))


def _shown(reply: Reply) -> list[Cited]:
    """The passages that are quoted: all where they are few, else those that the first sentence stands on."""
    if len(reply.citations) <= PASSAGES:
        return list(reply.citations)
    numbers = [number for part in reply.each for number in part.passages] or [1]
    listed = any(part.points for part in reply.each)
    leading = any(part.passages for part in reply.each)
    if listed and not leading:
        return []
    return [reply.citations[number - 1] for number in dict.fromkeys(numbers)][:PASSAGES]


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


def _offers(reply: Reply, ident: str, say: Mapping[str, str], about: MessageContext) -> list[Block]:
    offers = []
    hidden = sum(max(part.points - _most(reply), 0) for part in reply.each)
    if hidden:
        # The next point of one answer; of several, all from the beginning.
        start = _most(reply) + bool(reply.passages) if len(reply.each) == 1 else 0
        offers.append(button("points", say["channel.more"].format(count=hidden), json.dumps([ident, start])))
    elif len(_shown(reply)) < len(reply.citations):
        offers.append(button("points", say["channel.wording"], json.dumps([ident, 0])))
    if about.may_share:
        offers.append(button("share", say["channel.share"], ident))
    blocks = [actions(*offers)] if offers else []
    if reply.next:
        blocks.append(context(say["channel.next"]))
        blocks.append(ask_buttons([(f"next_{n}", question) for n, question in enumerate(reply.next)], ident))
    return blocks


def ask_buttons(questions: Sequence[tuple[str, str]], ident: str) -> Block:
    """Buttons that ask what they say."""
    return actions(*(button(f"ask_{name}", text, json.dumps([ident, text])) for name, text in questions))
