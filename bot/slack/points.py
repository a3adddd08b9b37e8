"""A stored answer, or a role → all its points, ordered and numbered as in the message, with their passages."""

from dataclasses import dataclass

from bot.bootstrap import Assistant
from bot.messaging.emoji import spell_emoji
from bot.messaging.inquiry import question_by
from bot.reply import Cited, Reply, link
from bot.store.answer import StoredAnswer
from bot.store.profile import Profile
from corpus.fact import RoleFact
from corpus.language import Language, language_of
from intents.duties import facts_of


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
    return [_of_fact(fact, n, language, assistant.public_url) for n, fact in enumerate(facts, 1)]


def _cited(reply: Reply, numbers: tuple[int, ...]) -> tuple[Cited, ...]:
    return tuple(reply.citations[number - 1] for number in numbers)


def _of_facts(stored: StoredAnswer, assistant: Assistant) -> list[Point]:
    library, url, language = assistant.library, assistant.public_url, language_of(stored.language) or "nb"
    facts = [fact for ident in dict.fromkeys(stored.facts) if (fact := library.facts.get(ident))]
    found = [_of_fact(fact, n, language, url) for n, fact in enumerate(facts, 1)]
    gap = library.gaps.get(stored.gap)
    if gap and gap.nearest:
        found.append(Point("", (Cited(gap.nearest, link(gap.nearest, url)),)))
    return found


def _of_fact(fact: RoleFact, number: int, language: Language, url: str) -> Point:
    return Point(fact.statement.of(language), (Cited(fact.citation, link(fact.citation, url)),), number)
