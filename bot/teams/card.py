"""Reply → Adaptive Cards: what it lists, the passages it stands on, and what may be asked next.

Texts of people and documents stand in RichTextBlocks, which show what they are given; a TextBlock would read it as
Markdown. There is no colour but the client's own, so cards are as readable in dark and high contrast as it makes them.
"""

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
    TeamsCardProperties,
    TextBlock,
    TextRun,
    ToggleVisibilityAction,
)

from bot.reach import reachable
from bot.reply import Cited, Link, Reply
from bot.teams.markdown import literal_mark_up

VERSION = "1.5"
# Bytes of a card; a message may have 28 KB in all, and its text and citations want some.
LARGEST = 20_000
# Points and passages that are shown at once; the rest is a press away.
POINTS = 10
PASSAGES = 3
# What a pressed button says it is.
CHOOSE, ASK = "choose", "ask"


@dataclass(frozen=True, slots=True)
class Picture:
    """Where an image can be fetched, and what it shows in words."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a card is written with: the wording of its language, and the answer its buttons are about.

    A card that is not `live` has nothing to press but what it hides: it is inserted into somebody's message, or shown
    in a dialog. A `whole` one says the sentence as well.
    """

    words: Mapping[str, str]
    answer: str = ""
    live: bool = True
    whole: bool = True
    picture: Picture | None = None
    question: str = ""
    """Said above the answer, where no message above it says what was asked."""
    note: str = ""
    prefix: str = ""
    """What the names of its parts begin with, so that cards can be joined."""


def answer_cards(reply: Reply, setting: Setting) -> list[dict[str, Any]]:
    """The cards of an answer to one question, most often one; more where its passages do not fit. None, where there is
    nothing but the sentence."""
    ids = (f"{setting.prefix}part{n}" for n in count())
    head = _head(reply, setting, ids)
    tail = [*_elsewhere(reply, setting.words), *(_next(reply, setting) if setting.live else [])]
    passages = [_passage(cited, setting.words, ids) for cited in reply.citations]
    if setting.whole:
        head = [*_sentence(reply, setting), *head]
    elif not (head or tail or passages):
        return []
    # One alone is not worth a button.
    most = PASSAGES if len(passages) > PASSAGES + 1 else PASSAGES + 1
    shown, hidden = passages[:most], passages[most:]
    if shown:
        head += [_heading(setting.words["source.passages"]), *shown]
    pages = _pages(hidden, LARGEST - size([*head, *tail]))
    first = [*head, *(_rest(pages[0], len(pages[0]), setting.words, ids) if pages and pages[0] else []), *tail]
    others = [
        [_heading(setting.words["source.passages"]), *_rest(page, len(page), setting.words, ids)] for page in pages[1:]
    ]
    return [card(body) for body in (first, *others)]


def card(body: Sequence[CardElement]) -> dict[str, Any]:
    """The JSON of a card."""
    made = AdaptiveCard(version=VERSION, body=list(body), msteams=TeamsCardProperties(width="full"))
    return made.model_dump(mode="json", by_alias=True, exclude_none=True)


def passage_card(cited: Cited, words: Mapping[str, str]) -> dict[str, Any]:
    """A passage alone."""
    return card([_passage(cited, words, iter(["part"]))])


def size(body: Iterable[CardElement]) -> int:
    """Bytes of elements on the wire."""
    return sum(len(element.model_dump_json(by_alias=True, exclude_none=True).encode()) + 1 for element in body)


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


def _sentence(reply: Reply, setting: Setting) -> list[CardElement]:
    """What is sensitive is said first, and set off from what is asked about."""
    asked: list[CardElement] = [_heading(setting.question)] if setting.question else []
    first: list[CardElement] = [plain(line) for line in reply.first.split("\n") if line]
    lead: list[CardElement] = [plain(line, size="Medium") for line in reply.lead.split("\n") if line]
    return [*asked, *([Container(style="attention", items=first)] if first else []), *lead]


def _head(reply: Reply, setting: Setting, ids: Iterator[str]) -> list[CardElement]:
    body: list[CardElement] = [plain(setting.note, italic=True)] if setting.note else []
    left, hidden = POINTS, list[CardElement]()
    for group, start in reply.listed():
        points: list[CardElement] = [_heading(group.title)] if group.title else []
        points += [
            plain(f"{group.mark(n, '•')} {point.text}", spacing="Small") for n, point in enumerate(group.points, start)
        ]
        over = left + bool(group.title) if left > 0 else 0
        body += points[:over]
        hidden += points[over:]
        left -= len(group.points)
    if hidden:
        body += _rest(hidden, -left, setting.words, ids)
    if setting.picture:
        body.append(Image(url=setting.picture.url, alt_text=setting.picture.text, size="Stretch"))
    body += [plain(note) for note in reply.notes]
    if setting.live:
        data = {"answer": setting.answer}
        body += [press(choice.label, CHOOSE, {**data, "question": choice.label}) for choice in reply.choices]
    return body


def _passage(cited: Cited, words: Mapping[str, str], ids: Iterator[str]) -> Container:
    passage, part = cited.citation.passage, next(ids)
    items: list[CardElement] = []
    if passage.lead_in:
        items.append(plain(f"{passage.lead_in} …"))
    items.append(plain(f"«{cited.citation.quote}»"))
    items.append(TextBlock(text=f"[{literal_mark_up(cited.place)}]({cited.url})", wrap=True, size="Small"))
    translation = Container(
        id=part,
        is_visible=False,
        items=[TextBlock(text=words["source.translation"], wrap=True, size="Small"), plain(passage.translation)],
    )
    items += [translation, _toggle(words["channel.translations"], part)]
    return Container(style="emphasis", items=items)


def _rest(
    elements: Sequence[CardElement], count: int, words: Mapping[str, str], ids: Iterator[str]
) -> list[CardElement]:
    """Elements behind a button that says how many points or passages they are."""
    part = next(ids)
    return [
        _toggle(words["channel.more"].format(count=count), part),
        Container(id=part, is_visible=False, items=list(elements)),
    ]


def _toggle(title: str, part: str) -> ActionSet:
    return ActionSet(actions=[ToggleVisibilityAction(title=title, target_elements=[part])])


def _next(reply: Reply, setting: Setting) -> list[CardElement]:
    return [_heading(setting.words["channel.next"]), *map(question, reply.next)] if reply.next else []


def _elsewhere(reply: Reply, words: Mapping[str, str]) -> list[CardElement]:
    """Where to go on outside: whom to turn to, and a list to print."""
    texts = [f"{words['contact.heading']}: {marked_links(reply.contacts)}"] if reply.contacts else []
    if reply.checklist and reachable(reply.checklist.url):
        texts.append(marked_links([reply.checklist]))
    return [TextBlock(text=text, wrap=True) for text in texts]


def marked_links(links: Iterable[Link]) -> str:
    """Links as Markdown, which a TextBlock reads."""
    return " · ".join(f"[{literal_mark_up(one.label)}]({one.url})" for one in links)


def _heading(text: str) -> RichTextBlock:
    heading = plain(text, weight="Bolder")
    heading.spacing = "Large"
    return heading


def _pages(elements: Sequence[CardElement], room: int) -> list[list[CardElement]]:
    """Elements by the card they fit; the first card has `room` bytes left, and may get none."""
    pages: list[list[CardElement]] = [[]]
    left = room - 500  # what holds them
    for element in elements:
        wanted = size([element])
        if wanted > left:
            pages.append([])
            left = LARGEST - 500
        pages[-1].append(element)
        left -= wanted
    return pages
