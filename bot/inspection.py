"""Traces and scores → the terminal of somebody who looks after the bot."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from bot.bootstrap import Assistant
from bot.contract import answer_object
from bot.evaluation import judge, tally
from intents.question import Question


def show_why(assistant: Assistant, question: Question) -> None:
    """The trace of a question, and the answer it led to."""
    console = Console(highlight=False)
    answer, reply, traces = assistant.explain(question)
    for trace in traces:
        asked = trace.asked
        console.print(f"[bold]{escape(' | '.join(asked.texts))}[/bold]")
        understood = {
            "language": asked.language,
            "follow-up": "yes" if asked.follow_up else "no",
            "roles": ", ".join(asked.roles),
            "campus": ", ".join(asked.campuses),
            "conditions": ", ".join(sorted(asked.conditions)),
            "detail wanted": ", ".join(sorted(asked.wanted)),
            "terms": ", ".join(sorted({m.term for m in asked.mentions})),
        }
        for name, value in understood.items():
            if value:
                console.print(f"  {name}: {escape(value)}")
        table = Table("target", "score", "keyword", "n-gram", "embedding", "covered", "nearest text")
        for hit in trace.hits[:8]:
            source, text = assistant.answerer.searcher.index.texts(hit.entry)
            numbers = (hit.score, hit.keyword, hit.ngram, hit.embedding, hit.coverage)
            table.add_row(hit.target, *(f"{n:.2f}" for n in numbers), escape(f"{source}: {text[:70]}"))
        console.print(table)
        for step in trace.steps:
            console.print(f"  → {escape(step)}")
    console.print(f"\n{answer.intent}: {answer.outcome}" + (f", {answer.verdict}" if answer.verdict else ""))
    console.print(
        f"facts: {', '.join(fact.id for part in (answer.parts or (answer,)) for fact in part.facts) or 'none'}"
    )
    console.print(escape(reply.text))


def show_scores(assistant: Assistant, name: str, questions: Iterable[Mapping[str, Any]], wrong: bool) -> None:
    """How many answers are right, as a table; with `wrong`, what was the matter with the others."""
    console = Console(highlight=False)
    texts = {document.id: document.text for document in assistant.library.documents.values()}
    judged = []
    for question in track(list(questions), description=name, console=Console(stderr=True), transient=True):
        asked = Question(question["q"], tuple(question.get("history", ())))
        judged.append(judge(question, answer_object(assistant, asked)[1], texts))
    table = Table(name, "right", "of", "%")
    for row, right, total in tally(judged):
        table.add_row(row, str(right), str(total), f"{100 * right / total:.1f}")
    console.print(table)
    if wrong:
        for item in judged:
            if item.faults:
                console.print(f"[bold]{escape(str(item.question['id']))}[/bold] {escape(item.question['q'])}")
                console.print(f"   {escape('; '.join(item.faults))} ({item.answer['intent']})")
