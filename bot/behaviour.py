"""Frames and things that no training saw, over every role and body → how often the bot behaves as it should.

Capabilities, each with a rate: a role's own facts and complete lists, details that no policy gives, things outside and
inside the policy, the same answer however a question is wrapped, pasted or mistyped.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from bot.bootstrap import Assistant
from corpus.language import LANGUAGES, Language, language_of
from corpus.role import Role
from intents.answer import Answer
from intents.duties import facts_of
from intents.kind import read_kinds
from intents.question import Question

SEED = 20261129
# Details that facts give of some role are no test of refusing.
GIVEN = frozenset({"leads", "members", "law"})
_PLURAL = {"nb": "er", "nn": "ar", "en": "s"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One question of a capability, and whether its answer was as it should be."""

    capability: str
    language: Language
    question: str
    answer: Answer
    good: bool


def trials(assistant: Assistant, folder: Path, each: int = 2) -> Iterator[Trial]:
    """Ask every frame of a folder about `each` roles or things. Raises OSError where the folder lacks a file."""
    draw = random.Random(SEED)
    things = _lines(folder / "things.jsonl")
    inside = [thing for thing in things if "quote" in thing]
    outside = [thing for thing in things if "quote" not in thing]
    roles = [role for role in assistant.library.roles.values() if facts_of(role.id, assistant.library)]
    asked: list[tuple[Language, str]] = []
    for language, kind, frame in _frames(folder / "frames.tsv"):
        if kind == "who":
            for thing in (*draw.sample(outside, each), *draw.sample(inside, each)):
                text = frame.replace("TOPIC", thing[language])
                answer = _ask(assistant, text)
                if "quote" in thing:
                    yield Trial("inside: right", language, text, answer, _cites(answer, thing["quote"]))
                else:
                    yield Trial("outside: refused", language, text, answer, answer.outcome != "answered")
            continue
        fitting = [role for role in roles if fits(role, frame)]
        for role in draw.sample(fitting, min(each, len(fitting))):
            text = fill(frame, role, language)
            own = {fact.id for fact in facts_of(role.id, assistant.library)}
            answer = _ask(assistant, text)
            if kind in {"duties", "define", "purpose"}:
                asked.append((language, text))
                yield Trial(f"{kind}: its own facts", language, text, answer, bool(_told(answer) & own))
            if kind == "duties":
                yield Trial("duties: complete", language, text, answer, _told(answer) >= own)
            if read_kinds()[kind].route == "detail" and kind not in GIVEN:
                asked.append((language, text))
                refused = answer.outcome != "answered"
                yield Trial("a detail: refused", language, text, answer, refused)
                named = not refused or (answer.intent == "detail" and answer.role == role.id)
                yield Trial("a detail: refused by its name", language, text, answer, named)
    wrappings = _lines(folder / "wrappings.jsonl")
    yield from _invariance(assistant, draw.sample(asked, min(120, len(asked))), wrappings, draw)


def _invariance(
    assistant: Assistant,
    asked: Sequence[tuple[Language, str]],
    wrappings: Sequence[dict[str, str]],
    draw: random.Random,
) -> Iterator[Trial]:
    for language, text in asked:
        wrapping = draw.choice([w for w in wrappings if w["lang"] == language])
        plain = _ask(assistant, text)
        for name, changed in (
            ("wrapped", f"{wrapping['before']}{text}{wrapping['after']}"),
            ("pasted", "\u00a0 " + text.replace(" ", "\u00a0 ", 3) + "\t"),
            ("in capitals", text.upper()),
            ("mistyped", _mistyped(text, draw)),
        ):
            answer = _ask(assistant, changed)
            yield Trial(f"{name}: the same answer", language, changed, answer, _same(answer, plain))


def rates(found: Sequence[Trial]) -> Iterator[tuple[str, int, int]]:
    """Rows of (capability, good, of), then the same by language."""
    good: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for trial in found:
        for row in (trial.capability, f"{trial.capability}, {trial.language}"):
            total[row] += 1
            good[row] += trial.good
    for row in sorted(total):
        yield row, good[row], total[row]


def fill(frame: str, role: Role, language: Language) -> str:
    """The frame about a role."""
    the, name = role.the.of(language), role.name.of(language)
    genitive = f"{the}'s" if language == "en" else f"{the}s"
    for placeholder, form in (
        ("ROLE_S", genitive),
        ("BODY_S", genitive),
        ("ROLES", name + _PLURAL[language]),
        ("ROLE_A", name),
        ("ROLE", the),
        ("BODY", the),
    ):
        frame = frame.replace(placeholder, form)
    return frame


def _ask(assistant: Assistant, text: str) -> Answer:
    answer, _ = assistant.answerer.answer(Question(text))
    return answer


def fits(role: Role, frame: str) -> bool:
    """Whether the role, or body, can stand in the frame; what is also a place ("the unit") has no such forms."""
    if role.place and ("ROLE_A" in frame or "ROLES" in frame):
        return False
    return "BODY" in frame if role.kind == "body" else "ROLE" in frame


def _told(answer: Answer) -> set[str]:
    if answer.outcome != "answered":
        return set()
    return set(answer.fact_ids)


def _cites(answer: Answer, quote: str) -> bool:
    cited = [citation.quote for citation in answer.citations[:3]]
    return answer.outcome == "answered" and any(quote in c or c in quote for c in cited)


def _same(one: Answer, other: Answer) -> bool:
    return (one.outcome, one.intent, one.role, one.facts) == (other.outcome, other.intent, other.role, other.facts)


def _mistyped(text: str, draw: random.Random) -> str:
    """The text with two neighbouring letters of its longest word changed about."""
    word = max(text.split(), key=len)
    at = draw.randrange(1, max(2, len(word) - 2))
    return text.replace(word, word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :], 1)


def _frames(file: Path) -> Iterator[tuple[Language, str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        code, kind, frame = line.split("\t")
        language = language_of(code)
        if language in LANGUAGES:
            yield language, kind, frame


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def show_behaviour(assistant: Assistant, folder: Path, wrong: bool) -> None:
    """How often the bot behaves as it should, by capability and language; with `wrong`, where it did not."""
    console = Console(highlight=False)
    found = list(
        track(trials(assistant, folder), description="behaviour", console=Console(stderr=True), transient=True)
    )
    table = Table("capability", "good", "of", "%")
    for row, good, total in rates(found):
        table.add_row(row, str(good), str(total), f"{100 * good / total:.1f}")
    console.print(table)
    for trial in (t for t in found if wrong and not t.good):
        console.print(f"[bold]{trial.capability}[/bold] {escape(trial.question)}")
        console.print(f"   {trial.answer.intent}: {trial.answer.outcome} {trial.answer.key} {trial.answer.role or ''}")
