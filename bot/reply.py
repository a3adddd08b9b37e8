"""A reply: an answer in words, in the asker's language, not yet formatted for a channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from corpus.citation import Citation
from corpus.language import Language


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as it is shown: where it stands, its link, and by which day its document's version is known, in words
    ("revised 8 June 2021"; empty where that is not known)."""

    citation: Citation
    url: str
    version: str = ""

    @property
    def place(self) -> str:
        title = self.citation.document.title
        named = f"{title} ({self.version})" if self.version else title
        return f"{named} › {' › '.join(self.citation.passage.section.path)}"


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to a clarifying question, offered as a button: `label` is also what it asks."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go on outside the answer: `kind` is `checklist` or the topic that somebody may be turned to about."""

    kind: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is said, with the numbers (from 1) of the citations it stands on."""

    text: str
    passages: tuple[int, ...] = ()
    url: str = ""
    """Where it is to be read, where it stands on no passage of the answer."""
    language: Language | None = None
    """Of what is quoted so."""


@dataclass(frozen=True, slots=True)
class Group:
    """Points under a heading (empty where none is needed); one that is `folded` may be opened where that is possible.
    Numbered points count on from those of the groups before."""

    points: tuple[Point, ...]
    title: str = ""
    numbered: bool = True
    folded: bool = False

    def mark(self, number: int, bullet: str = "-") -> str:
        """What stands before a point where lists are plain text."""
        return f"{number}." if self.numbered else bullet


@dataclass(frozen=True, slots=True)
class Reply:
    """`lead` answers in a sentence or two, `groups` list what it rests on, `notes` add what must be known.

    `passages` are the numbers of the citations that the lead stands on. `first` stands before everything where the
    matter is sensitive: what to do now, and what becomes of what is written here. `next` are questions that fit to be
    asked now. `checklist` is the list to print of a role whose duties are told, `contacts` are whom to turn to.
    `quoted` are passages of documents beside the policy, which stand in `groups` too, each with its document.
    """

    language: Language
    lead: str
    passages: tuple[int, ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    citations: tuple[Cited, ...] = ()
    parts: tuple["Reply", ...] = ()
    next: tuple[str, ...] = ()
    first: str = ""
    checklist: Link | None = None
    contacts: tuple[Link, ...] = ()
    quoted: tuple[Cited, ...] = ()

    @property
    def each(self) -> tuple["Reply", ...]:
        """The replies in it: its parts, or itself where it has none."""
        return self.parts or (self,)

    @property
    def every_choice(self) -> tuple[Choice, ...]:
        """The choices of every part, in their order."""
        return tuple(choice for part in self.each for choice in part.choices)

    @property
    def every_quoted(self) -> tuple[Cited, ...]:
        """What is quoted in every part, each once."""
        return tuple(dict.fromkeys(cited for part in self.each for cited in part.quoted))

    @property
    def text(self) -> str:
        """The words without the citations, as plain text."""
        return f"{self.first}\n{self.after_first}" if self.first else self.after_first

    @property
    def after_first(self) -> str:
        """The text without its first line."""
        if self.parts:
            return "\n\n".join(part.text for part in self.parts)
        lines = [self.lead]
        for group, start in self.listed():
            lines += [f"{group.title.removesuffix(':')}:"] if group.title else []
            lines += [f"{group.mark(n)} {point.text}" for n, point in enumerate(group.points, start)]
        return "\n".join([*lines, *self.notes])

    def listed(self) -> Iterator[tuple[Group, int]]:
        """Each group, with the number of its first point."""
        start = 1
        for group in self.groups:
            yield group, start
            start += len(group.points) if group.numbered else 0

    def by_section(self, start: int = 0, end: int | None = None) -> list[tuple[str, list[tuple[int, Cited]]]]:
        """The citations from the one at `start` on, numbered from 1, by where they stand, in the order in which each
        place comes first."""
        found: dict[str, list[tuple[int, Cited]]] = {}
        for number, cited in list(enumerate(self.citations, 1))[start:end]:
            found.setdefault(cited.place, []).append((number, cited))
        return list(found.items())

    @property
    def points(self) -> int:
        """How many points there are."""
        return sum(len(group.points) for group in self.groups)


def link(citation: Citation, public_url: str) -> str:
    """Where the cited passage can be read: the official page where there is one, else our policy viewer."""
    if citation.document.url:
        return f"{citation.document.url}#:~:text={quote(citation.quote, safe='')}"
    return f"{public_url.rstrip('/')}/policy/{citation.document.id}#{quote(citation.passage.id, safe='/')}"


def checklist_url(role: str, language: Language, public_url: str) -> str:
    """Where the duties of a role are to print."""
    return f"{public_url.rstrip('/')}/roles/{role}/checklist?lang={language}"


def reachable(url: str) -> bool:
    """Whether others than this machine can open an address, as Slack and Teams must to show what it holds."""
    host = urlsplit(url).hostname or ""
    return bool(host) and not is_loopback(host)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
