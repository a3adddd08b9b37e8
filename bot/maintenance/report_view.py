"""Report → the terminal, or a table that a spreadsheet reads."""

import csv
import io
import unicodedata
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.maintenance.report import Report, name_of
from bot.store.answer import StoredAnswer
from corpus.language import Language
from corpus.library import Library

# Rows of a count that are shown in the terminal; the CSV has all.
SHOWN = 12
COLUMNS = (
    "table", "group", "name", "count", "question", "language", "channel", "passage", "could_be", "reason",
    "trace", "id",
)  # fmt: skip
# What a spreadsheet would take for the beginning of a formula.
_FORMULA = set("=+-@|%\u2212")


def show_report(report: Report, library: Library, console: Console) -> None:
    """The report for reading, with the ids that `hms teach` and `hms replay` take."""
    console.print(f"[bold]{report.first} – {report.last}: {report.total} question(s)[/bold]")
    for title, counts in (
        ("outcome", report.outcomes),
        ("language", report.languages),
        ("channel", report.channels),
        ("section of the policy", report.sections),
        ("passage", report.passages),
        ("known gap", report.gaps),
    ):
        if counts:
            table = Table(title, "questions", "%")
            for count in counts[:SHOWN]:
                name = name_of(count.key, library, "en")
                table.add_row(escape(name[:90]), str(count.count), f"{100 * count.count / report.total:.0f}")
            if counts[SHOWN:]:
                table.add_row(f"{len(counts) - SHOWN} more", str(sum(c.count for c in counts[SHOWN:])), "")
            console.print(table)
    console.print(f"\n[bold]Not answered[/bold]: {len(report.unanswered)} group(s) of questions")
    for group in report.unanswered:
        known = f"known gap {group.gap}" if group.gap else f"not known; could be {', '.join(group.targets) or 'new'}"
        console.print(f"\n[bold]{len(group.questions)}[/bold] × {escape(known)}; nearest: {group.passage or 'nothing'}")
        for answer in group.questions:
            where = f"({answer.language}, {answer.channel}) {answer.id}"
            console.print(f"   {escape(answer.question or '')} [dim]{where}[/dim]")
    if report.ungrouped:
        console.print(f"{report.ungrouped} earlier ones were too many to be compared")
    console.print(f"\n[bold]Did not help[/bold]: {len(report.unhelpful)}; helped: {report.helpful}")
    for poor in report.unhelpful:
        console.print(f"   {escape(poor.answer.question or '')} [dim]{poor.answer.id}[/dim]")
        console.print(f"     {escape(poor.reason or 'no reason given')}")
        for line in poor.answer.trace:
            console.print(f"     [dim]{escape(line)}[/dim]")
    sensitive = ", ".join(f"{c.key} {c.count}" for c in report.sensitive) or "none"
    console.print(f"\nsensitive, counted only: {sensitive}")
    console.print(f"waiting: {report.waiting}, given up: {report.given_up}, could not be delivered: {report.unsent}")


def report_csv(report: Report, library: Library, language: Language) -> str:
    """One table of everything, its first column saying what a row is."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(report, library, language):
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue()


def _rows(report: Report, library: Library, language: Language) -> Iterator[dict[str, object]]:
    for table, counts in (
        ("day", report.days),
        ("outcome", report.outcomes),
        ("language", report.languages),
        ("channel", report.channels),
        ("section", report.sections),
        ("passage", report.passages),
        ("gap", report.gaps),
        ("sensitive", report.sensitive),
    ):
        for count in counts:
            name = name_of(count.key, library, language)
            yield {"table": table, "group": count.key, "name": name, "count": count.count}
    for number, group in enumerate(report.unanswered, 1):
        for answer in group.questions:
            yield {
                "table": "unanswered",
                "group": group.gap or f"new {number}",
                "name": name_of(group.gap, library, language) if group.gap else "",
                "count": len(group.questions),
                "passage": group.passage,
                "could_be": " ".join(group.targets),
                **_answer(answer),
            }
    for poor in report.unhelpful:
        yield {"table": "unhelpful", "reason": poor.reason, "passage": poor.answer.nearest, **_answer(poor.answer)}
    for name, number in (
        ("helpful", report.helpful),
        ("ungrouped", report.ungrouped),
        ("waiting", report.waiting),
        ("given up", report.given_up),
        ("unsent", report.unsent),
    ):
        yield {"table": "total", "group": name, "count": number}


def _answer(answer: StoredAnswer) -> dict[str, object]:
    return {
        "question": answer.question,
        "language": answer.language,
        "channel": answer.channel,
        "trace": " | ".join(answer.trace),
        "id": answer.id,
    }


def _harmless(value: object) -> object:
    """What people typed, without being a formula: also not one that begins with a line break, or with full width."""
    if not isinstance(value, str):
        return value
    visible = (c for c in value if unicodedata.category(c) not in {"Cf", "Zs", "Zl", "Zp"})
    first = unicodedata.normalize("NFKC", next(visible, ""))
    return f"'{value}" if first in _FORMULA or unicodedata.category(first or " ") == "Cc" else value
