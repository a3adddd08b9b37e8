"""Replayed answers → the terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.maintenance.replay import UNEXPLAINED, Replayed


def show_replayed(one: Replayed, console: Console) -> None:
    """One question: what would be said now, what is different, and why."""
    console.print(f"[bold]{escape(one.after.question or one.before.question or '')}[/bold] [dim]{one.before.id}[/dim]")
    for question in one.before.history:
        console.print(f"  after: {escape(question)}")
    if one.same:
        console.print("  the same would be said now:")
    else:
        console.print(f"  another answer now, because of {' and '.join(one.causes) or UNEXPLAINED}:")
    for name, before, after in one.differences:
        console.print(f"  {name}: {escape(before or 'none')} → {escape(after or 'none')}")
    for title, passages in (("passages that read differently", one.reworded), ("other passages", one.passages)):
        if passages:
            console.print(f"  {title}: {escape(', '.join(passages))}")
    if one.went:
        console.print(f"  facts gone: {escape(', '.join(one.went))}")
    if one.came:
        console.print(f"  facts new: {escape(', '.join(one.came))}")
    for line in one.reply.text.splitlines():
        console.print(f"    {escape(line)}")


def show_summary(replayed: Sequence[Replayed], asked: int, console: Console) -> None:
    """How many would be answered differently, and why."""
    other = [one for one in replayed if not one.same]
    said = [one for one in other if not one.same_words]
    table = Table("asked again", "questions")
    table.add_row("the same words", str(len(replayed) - len(other)))
    table.add_row("the same words, other passages", str(len(other) - len(said)))
    table.add_row("other words, the same facts", str(sum(not (one.came or one.went) for one in said)))
    table.add_row("other facts", str(sum(bool(one.came or one.went) for one in other)))
    table.add_row("another outcome", str(sum(one.before.outcome != one.after.outcome for one in other)))
    for cause, count in sorted(Counter(cause for one in other for cause in one.causes or (UNEXPLAINED,)).items()):
        table.add_row(f"because of {cause}", str(count))
    if asked > len(replayed):
        table.add_row("sensitive, so not kept", str(asked - len(replayed)))
    console.print(table)
