"""Lessons → data that have passed their check, and what is answered before and after."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from bot.bootstrap import Assistant
from bot.check import check_data
from bot.maintenance.example_edit import ExampleEdit, NotTaught, check_question, taught
from bot.reply import Reply
from bot.store.answer import StoredAnswer
from corpus.language import LANGUAGES, Language, language_of
from intents.answer import Answer, gap_of
from intents.question import Question


@dataclass(frozen=True, slots=True)
class NewExample:
    """A question as it may become an example, and the language it is in."""

    text: str
    language: Language


def asked_before(answer: StoredAnswer, assistant: Assistant) -> NewExample:
    """The question of a kept answer. Raises NotTaught."""
    if answer.question is None:
        raise NotTaught("sensitive_answer", ident=answer.id)
    text = check_question(answer.question)
    if answer.profile[2]:  # it was answered in the language of the asker's choice
        return asked_now(text, "", assistant)
    return asked_now(text, answer.language, assistant)


def asked_now(text: str, language: str, assistant: Assistant) -> NewExample:
    """A question in somebody's own words; the language is recognised where none is given. Raises NotTaught."""
    text = check_question(text)
    known = language_of(language)
    if language and known is None:
        raise NotTaught("no_choice", text=language, choices=", ".join(LANGUAGES))
    return NewExample(text, known or assistant.ask(Question(text))[0].language)


def edits_of(target: str, asked: Sequence[NewExample]) -> list[ExampleEdit]:
    """One edit a language."""
    by_language = {found: tuple(a.text for a in asked if a.language == found) for found in LANGUAGES}
    return [ExampleEdit(target, language, texts) for language, texts in by_language.items() if texts]


def teach_lessons(
    edits: Sequence[ExampleEdit],
    before: Assistant,
    build: Callable[[], AbstractContextManager[Assistant]],
    console: Console,
) -> None:
    """Write the lessons, check the data, and show what is answered now.

    `build` makes an assistant of the data as they are then. Raises NotTaught, and the data are as they were.
    """
    questions = [text for edit in edits for text in edit.questions]
    earlier = [before.ask(Question(text)) for text in questions]
    folder = before.library.folder
    with taught(edits, folder) as diff:
        console.print(escape(diff), end="")
        faults, summary = check_data(folder)
        if faults:
            raise NotTaught("taken_out", problem="\n".join(map(str, faults)))
        console.print(f"{escape(summary)}\n")
        with build() as after:
            now = [after.ask(Question(text)) for text in questions]
    for text, (old, _), (new, reply) in zip(questions, earlier, now, strict=True):
        console.print(f"[bold]{escape(text)}[/bold]")
        for line in _compared(old, new, reply):
            console.print(f"  {escape(line)}")
    targets = {edit.target for edit in edits}
    if any(not targets & set(_targets(new)) for new, _ in now if not _is_asked_for_kind(targets)):
        console.print("Not every question is answered by it yet: `hms why` shows what is nearer.")
    console.print("What else is answered differently now: hms replay --all --changed")


def _compared(old: Answer, new: Answer, reply: Reply) -> Iterator[str]:
    yield f"before: {old.outcome}, {', '.join(_targets(old)) or old.intent}"
    yield f"now:    {new.outcome}, {', '.join(_targets(new)) or new.intent}"
    yield from reply.text.splitlines()[:3]


def _targets(answer: Answer) -> list[str]:
    """The facts and gaps that an answer is made of."""
    facts = [f"fact:{fact.id}" for part in answer.each if part.outcome != "unanswered" for fact in part.facts]
    return [*facts, *(f"gap:{gap.id}" for gap in map(gap_of, answer.each) if gap)]


def _is_asked_for_kind(targets: set[str]) -> bool:
    return all(target.startswith("ask:") for target in targets)
