"""What the writing of one answer has at hand: its language, the names of roles, and the numbers of passages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.reply import Group, Point
from bot.wording import capital, stated
from corpus.citation import Citation
from corpus.fact import RoleFact
from corpus.language import Language
from corpus.library import Library
from intents.answer import FactGroup, OneAnswer
from intents.claim import claim_of, is_put_negatively
from intents.duties import DOCUMENT

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

    def yes_or_no(self, answer: OneAnswer) -> str:
        """The first words of an answer to a question for one: of a denial they say whether it is so, and who expects a
        no is contradicted by a Norwegian "jo"."""
        # What a situation is not ("the work is not dangerous") is no claim on the act.
        if answer.query is not None and answer.intent != "applicability" and claim_of(answer.query).is_denial:
            return self.say(f"fact.{answer.yes_no}-denied")
        against = answer.yes_no == "yes" and answer.query is not None and is_put_negatively(answer.query.words)
        return self.say("fact.yes-against" if against else f"fact.{answer.yes_no}")

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

    def elsewhere(self, group: FactGroup) -> Group:
        """What another document than the leading one says of a role, under its name."""
        document = self.library.documents[group.heading.removeprefix(DOCUMENT)]
        said = [
            Point(
                facts[0].statement.of(self.language) if facts[0].statement else self.state(facts[0]),
                self.numbers(*facts),
            )
            for facts in group.points
        ]
        return Group(tuple(said), self.say("heading.document", document=document.title))

    def group(self, facts: Iterable[RoleFact], title: str = "", numbered: bool = True) -> tuple[Group, ...]:
        """The facts as a group; none where there are none."""
        points = tuple(map(self.point, facts))
        return (Group(points, title, numbered),) if points else ()

    def joined(self, names: Sequence[str]) -> str:
        """Names as a list that is read: "a, b and c"."""
        if len(names) == 1:
            return names[0]
        return f"{', '.join(names[:-1])} {self.say('comparison.and')} {names[-1]}"


def predicate(statement: str, subject: str, and_: str) -> str:
    """A statement without its subject, which the lead names: "The line manager shall …" → "Shall …". One that goes on
    with others is left as it is."""
    rest = statement[len(subject) + 1 :]
    begins = statement.lower().startswith(f"{subject.lower()} ") and not rest.startswith(("(", f"{and_} "))
    return capital(rest) if begins else statement
