"""Traces and scores → the terminal of somebody who looks after the bot."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from bot.behaviour import rates, trials
from bot.bootstrap import Assistant
from bot.evaluation import confidence_figures, evaluate, tally
from intents.answer import verdict_of
from intents.question import Question


def show_why(assistant: Assistant, question: Question) -> None:
    """The trace of a question, and the answer it led to."""
    # Ids are copied from here: lines are broken by nobody but the terminal.
    console = Console(highlight=False, soft_wrap=True)
    answer, reply, traces = assistant.explain(question)
    for trace in traces:
        asked = trace.asked
        console.print(f"[bold]{escape(' | '.join(asked.texts))}[/bold]")
        understood = {
            "language": asked.language,
            "follow-up": "yes" if asked.follow_up else "no",
            "kind": ", ".join(f"{kind} {share:.2f}" for kind, share in list(asked.kinds.items())[:3]),
            "about": ", ".join(asked.subject),
            "also named": ", ".join(asked.object),
            "asker": ", ".join(asked.asker),
            "asker's own role": asked.own_role,
            "topics": ", ".join(asked.topics),
            "asks what": f"{asked.modality}, negated" if asked.negated else asked.modality,
            "to be confirmed": " ".join(asked.premise),
            "left over": ", ".join(asked.left_over),
            "campus": ", ".join(asked.campuses),
            "conditions": ", ".join(sorted(asked.conditions)),
            "detail wanted": ", ".join(sorted(asked.wanted)),
            "terms": ", ".join(sorted({m.term for m in asked.mentions})),
        }
        for name, value in understood.items():
            if value:
                console.print(f"  {name}: {escape(value)}")
        for hit in trace.hits[:8]:
            source, text = assistant.answerer.searcher.index.texts(hit.entry)
            console.print(f"  {hit.score:.2f} [bold]{escape(hit.target)}[/bold]")
            console.print(
                f"       [dim]keyword {hit.keyword:.2f}, n-gram {hit.ngram:.2f}, embedding {hit.embedding:.2f},"
                f" covered {hit.coverage:.2f}; {escape(f'{source}: {text[:70]}')}[/dim]"
            )
        for part, weight in sorted(assistant.answerer.decision.parts(trace.seen), key=lambda p: -abs(p[1]))[:8]:
            console.print(f"  {weight:+.2f} {escape(part)}")
        for step in trace.steps:
            console.print(f"  → {escape(step)}")
    console.print(f"\n{answer.intent}: {answer.outcome}" + (f", {verdict}" if (verdict := verdict_of(answer)) else ""))
    facts = [fact for part in answer.each for fact in part.facts]
    console.print(f"facts: {', '.join(fact.id for fact in facts if fact.statement) or 'none'}")
    if waiting := [fact.id for fact in facts if not fact.statement]:
        console.print(f"not reviewed, so not answered from: {', '.join(waiting)}")
    console.print(escape(reply.text))


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


def show_scores(assistant: Assistant, name: str, questions: Iterable[Mapping[str, Any]], wrong: bool) -> None:
    """How many answers are right, as a table; with `wrong`, what was the matter with the others."""
    console = Console(highlight=False)
    shown = track(list(questions), description=name, console=Console(stderr=True), transient=True)
    judged = list(evaluate(assistant, shown))
    table = Table(name, "right", "of", "%")
    for row, right, total in tally(judged):
        table.add_row(row, str(right), str(total), f"{100 * right / total:.1f}")
    for what, figure in confidence_figures(judged):
        table.add_row(what, "", "", f"{figure:.3f}")
    console.print(table)
    if wrong:
        for item in judged:
            if item.faults:
                console.print(f"[bold]{escape(str(item.question['id']))}[/bold] {escape(item.question['q'])}")
                console.print(f"   {escape('; '.join(item.faults))} ({item.answer['intent']})")
