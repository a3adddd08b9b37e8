"""Reply → Adaptive Cards: what it lists, the passages it stands on, and what may be asked next.

Texts of people and documents stand in RichTextBlocks, which show what they are given; a TextBlock would read it as
Markdown. There is no colour but the client's own, so cards are as readable in dark and high contrast as it makes them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from microsoft_teams.cards import (
    ActionSet,
    ActionStyle,
    AdaptiveCard,
    CardElement,
    Container,
    ExecuteAction,
    Image,
    RichTextBlock,
    Spacing,
    TeamsCardProperties,
    TextBlock,
    TextRun,
    TextSize,
    ToggleVisibilityAction,
)
from pydantic import BaseModel

from bot.ladder import Picture
from bot.reply import Cited, Link, Reply, reachable
from corpus.language import Language

# What means something inside a line, and what does at its beginning.
_INSIDE = re.compile(r"([\\`*_~\[\]|])")
_BEGINNING = re.compile(r"^(\s*)([#+-])|^(\s*\d+)([.)])", re.MULTILINE)
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def literal(text: str) -> str:
    """A message's text as it was written: neither Markdown, HTML nor a mention; line breaks stay."""
    return "".join(_HTML.get(mark, mark) for mark in literal_mark_up(text)).replace("\n", "\n\n")


def literal_mark_up(text: str) -> str:
    """The same for a TextBlock of a card, which knows no HTML."""
    return _BEGINNING.sub(lambda m: f"{m[1] or m[3] or ''}\\{m[2] or m[4]}", _INSIDE.sub(r"\\\1", text))


VERSION = "1.5"
# Bytes of a card, in UTF-16 as Teams counts them: it promises to take messages of 80 KB in all, and their summary and
# addresses want some.
LARGEST = 75_000
# Bytes of what holds a card's passages and leads to them.
_AROUND = 1_400
# Points and passages that are shown at once; the rest is a press away.
POINTS = 7
PASSAGES = 3
# What a pressed button says it is.
CHOOSE, ASK = "choose", "ask"


@dataclass(frozen=True, slots=True)
class CardContext:
    """What a card is written with: the wording of its language, and the answer its buttons are about.

    A card that is not `live` has nothing to press but what it hides: it is inserted into somebody's message, or shown
    in a dialog.
    """

    words: Mapping[str, str]
    answer: str = ""
    live: bool = True
    question: str = ""
    """Said above the answer, where no message above it says what was asked."""
    note: str = ""


def answer_cards(reply: Reply, context: CardContext, pictures: Sequence[Picture | None]) -> list[dict[str, Any]]:
    """The cards of an answer, most often one; more where it does not fit. Each question it answers has its picture of
    `pictures`; the passages of all of them come last, since they are numbered together."""
    words, ids = context.words, (f"part{n}" for n in count())
    passages = [_passage(number, cited, reply.language, words) for number, cited in enumerate(reply.citations, 1)]
    shown, hidden = _split(passages)
    # One button opens what is left of an answer: its points, and the passages of all.
    rest = next(ids) if hidden and not reply.parts and _hides(reply) else ""
    blocks = [_answer(part, context, shows, ids, rest) for part, shows in zip(reply.each, pictures, strict=True)]
    blocks[0] = [*_opening(reply, context), *blocks[0]]
    tail = [*_elsewhere(reply, words), *(_next(reply, context) if context.live else [])]
    room = LARGEST - size([*shown, *tail]) - _AROUND
    pages = _joined(blocks, room)
    held, overs = _fitting(hidden, room - size(pages[-1]))
    if shown:
        pages[-1] += [_heading(words["source.passages"]), *_listed(shown, held, words, ids, rest)]
    pages[-1] += tail
    for over in overs:
        pages.append([_heading(words["teams.goes_on"]), *_listed(*_split(over), words, ids)])
    return [card(page, "\n".join(filter(None, (reply.first, reply.lead)))) for page in pages]


def card(body: Sequence[CardElement], text: str) -> dict[str, Any]:
    """The JSON of a card; `text` is what it says where no cards can be shown."""
    made = AdaptiveCard(version=VERSION, body=list(body), msteams=TeamsCardProperties(width="full"), fallback_text=text)
    return to_json(made)


def to_json(model: BaseModel) -> dict[str, Any]:
    """A model of Microsoft's SDK as Teams reads it."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def passage_card(cited: Cited, language: Language, words: Mapping[str, str]) -> dict[str, Any]:
    """A passage alone."""
    return card([_passage(0, cited, language, words)], f"«{cited.citation.quote}»\n{cited.place}")


def size(body: Iterable[CardElement]) -> int:
    """Bytes of elements in UTF-16."""
    return sum(2 * len(element.model_dump_json(by_alias=True, exclude_none=True)) + 2 for element in body)


def plain(text: str, **look: Any) -> RichTextBlock:
    """A text that is shown as it is."""
    return RichTextBlock(inlines=[TextRun(text=text, **look)])


def question(text: str) -> Container:
    """A question that is asked by pressing it; it wraps, as a button does not."""
    action = button(text, ASK, {"question": text})
    return Container(style="emphasis", select_action=action, spacing="Small", items=[plain(text, color="Accent")])


def button(
    title: str, verb: str, data: Mapping[str, Any] | None = None, style: ActionStyle | None = None
) -> ExecuteAction:
    return ExecuteAction(title=title, verb=verb, data={**(data or {}), "action": verb}, style=style)


def press(title: str, verb: str, data: Mapping[str, Any] | None = None, style: ActionStyle | None = None) -> ActionSet:
    """A button in a row of its own."""
    return ActionSet(actions=[button(title, verb, data, style)])


def _opening(reply: Reply, context: CardContext) -> list[CardElement]:
    """What is sensitive is said first, and set off from what is asked about."""
    asked: list[CardElement] = [_heading(context.question)] if context.question else []
    first: list[CardElement] = [plain(line) for line in reply.first.split("\n") if line]
    note: list[CardElement] = [plain(context.note, italic=True)] if context.note else []
    return [*asked, *([Container(style="attention", items=first)] if first else []), *note]


def _answer(
    reply: Reply, context: CardContext, picture: Picture | None, ids: Iterator[str], rest: str
) -> list[CardElement]:
    """The answer to one question, without its passages; what is not shown at once opens together with `rest`."""
    lines = [line for line in reply.lead.split("\n") if line]
    body: list[CardElement] = [
        _cited(line, reply.passages if n == len(lines) else (), size="Medium") for n, line in enumerate(lines, 1)
    ]
    left, hidden = reply.points if not _hides(reply) else POINTS, list[CardElement]()
    for group, start in reply.listed():
        points: list[CardElement] = [_heading(group.title)] if group.title else []
        for number, point in enumerate(group.points, start):
            points.append(_cited(f"{group.mark(number, '•')} {point.text}", point.passages, spacing="Small"))
        over = left + bool(group.title) if left > 0 else 0
        body += points[:over]
        hidden += points[over:]
        left -= len(group.points)
    if hidden:
        opened = next(ids)
        title = context.words["teams.more_points"].format(count=reply.points - POINTS)
        body += [_opener(title, ids, [opened, *([rest] if rest else [])]), _closed(opened, hidden)]
    if picture:
        body.append(Image(url=picture.url, alt_text=picture.text, size="Stretch"))
    body += [plain(note) for note in reply.notes]
    if context.live:
        data = {"answer": context.answer}
        body += [press(choice.label, CHOOSE, {**data, "question": choice.label}) for choice in reply.choices]
    return body


def _hides(reply: Reply) -> bool:
    """Whether some of its points are a press away; one alone is not worth a button."""
    return reply.points > POINTS + 1


def _split(passages: Sequence[CardElement]) -> tuple[list[CardElement], list[CardElement]]:
    """Those that are shown at once, and the others; one alone is not worth a button."""
    most = PASSAGES if len(passages) > PASSAGES + 1 else PASSAGES + 1
    return list(passages[:most]), list(passages[most:])


def _cited(
    text: str, passages: Sequence[int], size: TextSize | None = None, spacing: Spacing | None = None
) -> RichTextBlock:
    """A text with the numbers of the passages it stands on."""
    numbers = TextRun(text=f" [{', '.join(map(str, passages))}]", is_subtle=True, size="Small")
    return RichTextBlock(inlines=[TextRun(text=text, size=size), *([numbers] if passages else [])], spacing=spacing)


def _passage(number: int, cited: Cited, language: Language, words: Mapping[str, str]) -> CardElement:
    """The wording, where it stands in a line of its own, and for who reads no Norwegian what it means."""
    citation = cited.citation
    before = f"{f'[{number}] ' if number else ''}{f'{citation.passage.lead_in} … ' if citation.passage.lead_in else ''}"
    runs = [TextRun(text=before, is_subtle=True)] if before else []
    items: list[CardElement] = [RichTextBlock(inlines=[*runs, TextRun(text=f"«{citation.quote}»")])]
    if language == "en" and citation.passage.translation:
        meant = [
            TextRun(text=f"{words['source.translation']}: ", is_subtle=True),
            TextRun(text=citation.passage.translation),
        ]
        items.append(RichTextBlock(inlines=meant, spacing="Small"))
    place = f"{citation.document.title} › {citation.passage.section.path[-1]}"
    mark_up = literal_mark_up(place)
    source = f"[{mark_up}]({cited.url})" if reachable(cited.url) else mark_up
    items.append(TextBlock(text=source, wrap=True, size="Small", spacing="None"))
    return Container(items=items, spacing="Medium")


def _listed(
    shown: Sequence[CardElement],
    hidden: Sequence[CardElement],
    words: Mapping[str, str],
    ids: Iterator[str],
    rest: str = "",
) -> list[CardElement]:
    """Passages, and those behind a button; `rest` has one already, among the points."""
    body: list[CardElement] = [Container(style="emphasis", items=list(shown))]
    if rest:
        return [*body, _closed(rest, hidden, style="emphasis")]
    if hidden:
        part = next(ids)
        opener = _opener(words["source.rest"].format(count=len(hidden)), ids, [part])
        body += [opener, _closed(part, hidden, style="emphasis")]
    return body


def _opener(title: str, ids: Iterator[str], parts: Sequence[str]) -> ActionSet:
    """A button that opens what is closed, and goes."""
    own = next(ids)
    return ActionSet(id=own, actions=[ToggleVisibilityAction(title=title, target_elements=[own, *parts])])


def _closed(part: str, elements: Sequence[CardElement], **look: Any) -> Container:
    return Container(id=part, is_visible=False, items=list(elements), spacing="Small", **look)


def _next(reply: Reply, context: CardContext) -> list[CardElement]:
    return [_heading(context.words["channel.next"]), *map(question, reply.next)] if reply.next else []


def _elsewhere(reply: Reply, words: Mapping[str, str]) -> list[CardElement]:
    """Where to go on outside: whom to turn to, and a list to print."""
    found: list[CardElement] = [turn_to(reply.contacts, words)] if reply.contacts else []
    if reply.checklist and reachable(reply.checklist.url):
        found.append(TextBlock(text=marked_links([reply.checklist]), wrap=True))
    return found


def turn_to(contacts: Iterable[Link], words: Mapping[str, str]) -> TextBlock:
    """Whom to turn to, each a link."""
    return TextBlock(text=f"{words['contact.heading']}: {marked_links(contacts)}", wrap=True)


def marked_links(links: Iterable[Link]) -> str:
    """Links as Markdown, which a TextBlock reads."""
    return " · ".join(f"[{literal_mark_up(one.label)}]({one.url})" for one in links)


def _heading(text: str) -> RichTextBlock:
    heading = plain(text, weight="Bolder")
    heading.spacing = "Large"
    return heading


def _joined(blocks: Sequence[list[CardElement]], room: int) -> list[list[CardElement]]:
    """Blocks in as few cards of `room` bytes as hold them, set off from each other."""
    pages: list[list[CardElement]] = []
    for block in blocks:
        if pages and size([*pages[-1], *block]) < room:
            pages[-1].append(Container(items=list(block), separator=True, spacing="ExtraLarge"))
        else:
            pages.append(block)
    return pages


def _fitting(elements: Sequence[CardElement], room: int) -> tuple[list[CardElement], list[list[CardElement]]]:
    """The elements that fit into `room` bytes, and the others by the card they fit."""
    pages: list[list[CardElement]] = [[]]
    for element in elements:
        wanted = size([element])
        if wanted > room:
            pages.append([])
            room = LARGEST - _AROUND
        pages[-1].append(element)
        room -= wanted
    return pages[0], pages[1:]
