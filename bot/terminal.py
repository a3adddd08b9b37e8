"""Replies → a person's terminal."""

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel

from bot.bootstrap import Assistant
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
    if reply.first:
        console.print(Panel(f"[bold]{escape(reply.first)}[/bold]"))
    lead, *lines = reply.after_first.splitlines()
    console.print(f"[bold]{escape(lead)}[/bold]")
    for line in lines:
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
            text = console.input("[bold cyan]? [/bold cyan]")
        except (EOFError, KeyboardInterrupt):
            return
        if not text.strip():
            return
        _, reply = assistant.ask(Question(text, tuple(history)))
        show(reply, assistant.wordings, console)
        if reply.next:
            console.print(f"[dim]{assistant.wordings[reply.language]['next.heading']}:[/dim]")
        for question in reply.next:
            console.print(f"  [dim]›[/dim] {escape(question)}")
        console.print()
        history.append(text)
