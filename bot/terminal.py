"""Replies, traces and scores → a person's terminal."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import track
from rich.prompt import Prompt
from rich.table import Table

from bot.bootstrap import Assistant
from bot.contract import answer_object
from bot.evaluation import judge, tally
from bot.reply import Reply
from bot.wording import Wordings
from intents.question import Question

# More passages than this are in the policy itself, where each citation links to.
SHOWN = 4
WIDTH = 100


def show(reply: Reply, wordings: Wordings, console: Console | None = None) -> None:
    """A reply with its passages, for reading."""
    console = console or Console(width=min(Console().width, WIDTH), highlight=False)
    words = wordings[reply.language]
    console.print()
    console.print(f"[bold]{escape(reply.text.splitlines()[0])}[/bold]")
    for line in reply.text.splitlines()[1:]:
        console.print(escape(line))
    for choice in reply.choices:
        console.print(f"  [cyan]›[/cyan] {escape(choice.label)}")
    if reply.citations:
        console.print(f"\n[dim]{words['source.passages']}:[/dim]")
    for cited in reply.citations[:SHOWN]:
        lead_in = f"{cited.citation.passage.lead_in} … " if cited.citation.passage.lead_in else ""
        console.print(Padding(f"«{escape(lead_in)}{escape(cited.citation.quote)}»", (0, 0, 0, 2)))
        console.print(Padding(f"[dim]{escape(cited.place)}[/dim]", (0, 0, 0, 4)))
        if reply.language == "en":
            translation = f"{words['source.translation']}: {cited.citation.passage.translation}"
            console.print(Padding(f"[italic dim]{escape(translation)}[/italic dim]", (0, 0, 0, 4)))
    console.print()


def converse(assistant: Assistant) -> None:
    """Ask and answer until an empty line or the end of input."""
    console = Console(width=min(Console().width, WIDTH), highlight=False)
    history: list[str] = []
    console.print(escape(assistant.wordings["nb"]["smalltalk.greeting"]))
    while True:
        try:
            text = Prompt.ask("[bold cyan]?[/bold cyan]", console=console)
        except (EOFError, KeyboardInterrupt):
            return
        if not text.strip():
            return
        _, reply = assistant.ask(Question(text, tuple(history)))
        show(reply, assistant.wordings, console)
        history.append(text)


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
    console.print(f"facts: {', '.join(fact.id for part in (answer.parts or (answer,)) for fact in part.facts) or 'none'}")
    console.print(escape(reply.text))


def show_scores(assistant: Assistant, name: str, questions: Iterable[Mapping[str, Any]], wrong: bool) -> None:
    """How many answers are right, as a table; with `wrong`, what was the matter with the others."""
    console = Console(highlight=False)
    texts = {document.id: document.text for document in assistant.library.documents.values()}
    judged = []
    for question in track(list(questions), description=name, console=Console(stderr=True), transient=True):
        asked = Question(question["q"], tuple(question.get("history", ())))
        judged.append(judge(question, answer_object(assistant, asked), texts))
    table = Table(name, "right", "of", "%")
    for row, right, total in tally(judged):
        table.add_row(row, str(right), str(total), f"{100 * right / total:.1f}")
    console.print(table)
    if wrong:
        for item in judged:
            if item.faults:
                console.print(f"[bold]{escape(str(item.question['id']))}[/bold] {escape(item.question['q'])}")
                console.print(f"   {escape('; '.join(item.faults))} ({item.answer['intent']})")
