"""What is kept → Report: what people ask, what was not answered and what did not help, for the policy's owner."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.bootstrap import Assistant
from bot.maintenance.cluster import group
from bot.store.answer import StoredAnswer, find_all, outlines_since, with_document
from bot.store.database import Database
from bot.store.feedback import Feedback, all_feedback
from bot.store.job import counts
from bot.store.retention import DAY
from corpus.language import Language
from corpus.library import Library

# Unanswered questions that are grouped, the latest: to look for what each finds takes some two milliseconds.
MOST_GROUPED = 500
# Targets that are suggested for a group of questions.
SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was: a day, a language, the id of a passage, …"""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Questions that ask for the same and were not answered, the most typical first.

    `gap` is the known gap they were answered with, empty where nothing was known; `passage` is the nearest one;
    `targets` are what they could be taught as, the likeliest first.
    """

    questions: tuple[StoredAnswer, ...]
    gap: str
    passage: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unhelpful:
    """An answer that somebody said did not help, and why if they said so."""

    answer: StoredAnswer
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Counts are of questions that are not sensitive, most first; `sensitive` ones are counted by their kind alone.

    `first` and `last` are days; `ungrouped` unanswered questions were too many to be compared. `waiting` are questions
    not yet answered, `given_up` those given up, `unsent` messages that could not be delivered.
    """

    first: date
    last: date
    total: int
    days: tuple[Count, ...]
    languages: tuple[Count, ...]
    channels: tuple[Count, ...]
    outcomes: tuple[Count, ...]
    sections: tuple[Count, ...]
    passages: tuple[Count, ...]
    gaps: tuple[Count, ...]
    unanswered: tuple[Unanswered, ...]
    ungrouped: int
    unhelpful: tuple[Unhelpful, ...]
    helpful: int
    sensitive: tuple[Count, ...]
    waiting: int
    given_up: int
    unsent: int


def build_report(database: Database, assistant: Assistant, days: int, now: float) -> Report:
    """What was asked in the last `days`, today included; `now` in seconds since 1970. Raises StoreUnavailable."""
    last = datetime.fromtimestamp(now, UTC).date()
    first = last - timedelta(days=days - 1)
    leading = assistant.library.leading.id
    kept = [with_document(one, leading) for one in outlines_since(database, (now // DAY - days + 1) * DAY)]
    queues: Counter[tuple[str, str]] = Counter()
    for row in counts(database):
        queues[row["kind"], row["state"]] += row["count"]
    told = [answer for answer in kept if not answer.sensitive]
    passages = [answer.nearest for answer in told if answer.nearest and not answer.gap]
    sections = {
        f"{d.id}:{p.id}": f"{d.id}:{p.section.id}" for d in assistant.library.documents.values() for p in d.passages
    }
    unanswered, ungrouped = _group_unanswered(told, database, assistant)
    by_day = Counter(_day(answer) for answer in told)
    judged = all_feedback(database)
    known = {answer.id for answer in told}
    return Report(
        first=first,
        last=last,
        total=len(told),
        days=tuple(Count(str(day), by_day[day]) for day in (first + timedelta(days=i) for i in range(days))),
        languages=_counted(answer.language for answer in told),
        channels=_counted(answer.channel for answer in told),
        outcomes=_counted(answer.outcome for answer in told),
        sections=_counted(sections[passage] for passage in passages if passage in sections),
        passages=_counted(passages),
        gaps=_counted(answer.gap for answer in told if answer.gap),
        unanswered=unanswered,
        ungrouped=ungrouped,
        unhelpful=tuple(_unhelpful(told, judged, database)),
        helpful=sum(feedback.value > 0 and feedback.answer in known for feedback in judged),
        sensitive=_counted(answer.sensitive for answer in kept if answer.sensitive),
        waiting=queues["job", "waiting"],
        given_up=queues["job", "dead"],
        unsent=queues["outbox", "failed"],
    )


def name_of(key: str, library: Library, language: Language) -> str:
    """A section, passage, gap or role as people call it; the key itself where it is none (any more)."""
    if key in library.gaps:
        return library.gaps[key].silent.of(language)
    named, _, rest = key.rpartition(":")
    document = library.every_document.get(named) if named else library.leading
    if document:
        if passage := document.passage(rest):
            return (passage.translation if language == "en" else None) or passage.quote
        for section in document.sections:
            if section.id == rest:
                return section.path_en[-1] if language == "en" else section.heading
    return key


def _group_unanswered(
    told: Sequence[StoredAnswer], database: Database, assistant: Assistant
) -> tuple[tuple[Unanswered, ...], int]:
    asked = [answer.id for answer in told if answer.outcome == "unanswered" and answer.question]
    whole = find_all(database, asked[-MOST_GROUPED:])
    latest = [whole[ident] for ident in asked[-MOST_GROUPED:] if ident in whole]
    searcher = assistant.answerer.searcher
    texts = [answer.question or "" for answer in latest]
    groups = group(texts, [answer.gap for answer in latest], searcher)
    found = [_described([latest[i] for i in places]) for places in groups]
    # What is not known yet first: that is where something can be done.
    return tuple(sorted(found, key=lambda one: (bool(one.gap), -len(one.questions)))), len(asked) - len(latest)


def _described(questions: Sequence[StoredAnswer]) -> Unanswered:
    """What a group has in common. A trace begins with the best hits, each with its score."""
    gaps = [answer.gap for answer in questions if answer.gap]
    scores: defaultdict[str, float] = defaultdict(float)
    for answer in questions:
        for line in answer.trace:
            target, _, score = line.partition(" ")
            if target.startswith(("fact:", "gap:", "ask:")) and score.replace(".", "", 1).isdigit():
                scores[target] += float(score)
    passages = _counted(answer.nearest for answer in questions if answer.nearest)
    return Unanswered(
        questions=tuple(questions),
        gap=gaps[0] if gaps else "",
        passage=passages[0].key if passages else "",
        targets=tuple(target for target, _ in sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:SUGGESTED]),
    )


def _unhelpful(told: Iterable[StoredAnswer], judged: Iterable[Feedback], database: Database) -> list[Unhelpful]:
    known = {answer.id for answer in told}
    unhelpful = [feedback for feedback in judged if feedback.value < 0 and feedback.answer in known]
    whole = find_all(database, [feedback.answer for feedback in unhelpful])
    return [Unhelpful(whole[one.answer], one.reason) for one in unhelpful if one.answer in whole]


def _counted(keys: Iterable[str]) -> tuple[Count, ...]:
    """The most frequent first, those as frequent as each other by name."""
    found = Counter(keys)
    return tuple(Count(key, found[key]) for key in sorted(found, key=lambda key: (-found[key], key)))


def _day(answer: StoredAnswer) -> date:
    return datetime.fromtimestamp(answer.asked, UTC).date()
