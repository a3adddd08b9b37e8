"""What the writing of one answer has at hand: its language, the names of roles, and the numbers of passages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.reply import Group, Point
from bot.wording import stated
from corpus.citation import Citation
from corpus.fact import RoleFact
from corpus.language import Language
from corpus.library import Library

# A citation's document, start and end.
Place = tuple[str, int, int]


def place_of(citation: Citation) -> Place:
    return citation.document.id, citation.start, citation.end


@dataclass(frozen=True, slots=True)
class Writer:
    """Says things in the words of a language; `places` gives the number of each citation that is shown."""

    language: Language
    library: Library
    words: Mapping[str, str]
    places: Mapping[Place, int]

    def say(self, key: str, **fields: object) -> str:
        return self.words[key].format(**fields)

    def points(self, count: int) -> str:
        """How many points there are, in words that agree."""
        return self.say("duties.point" if count == 1 else "duties.points", count=count)

    def state(self, fact: RoleFact) -> str:
        return stated(fact, self.words, self.language)

    def the(self, role: str) -> str:
        return self.library.roles[role].the.of(self.language)

    def name(self, role: str) -> str:
        return self.library.roles[role].name.of(self.language)

    def numbers(self, *facts: RoleFact) -> tuple[int, ...]:
        """The numbers of the passages that facts stand on."""
        return tuple(dict.fromkeys(self.places[place_of(citation)] for fact in facts for citation in fact.citations))

    def point(self, fact: RoleFact, *same: RoleFact) -> Point:
        return Point(self.state(fact), self.numbers(fact, *same))

    def group(self, facts: Iterable[RoleFact], title: str = "", numbered: bool = True) -> tuple[Group, ...]:
        """The facts as a group; none where there are none."""
        points = tuple(map(self.point, facts))
        return (Group(points, title, numbered),) if points else ()
