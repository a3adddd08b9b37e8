"""What is to be reviewed → shown beside its wording, asked for, and kept where it was found right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from difflib import ndiff
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.maintenance.review import Pending, keep_reviews
from corpus.language import LANGUAGES
from corpus.library import Library

_STYLES = {"- ": "red", "+ ": "green", "  ": "default"}


def review_all(
    pending: Sequence[Pending],
    library: Library,
    is_right: Callable[[Pending], bool],
    by: str,
    on: date,
    console: Console,
    words: Mapping[str, str],
) -> list[Path]:
    """Show one after the other, in the language of `words`, and keep those that `is_right` says are; the files
    that were written.

    What was found right stays so where it ends before the last one. Raises NotReviewed.
    """
    accepted: list[Pending] = []
    try:
        for one in pending:
            show_pending(one, library, console, words)
            if is_right(one):
                accepted.append(one)
    finally:
        written = keep_reviews(accepted, by, on)
        left = len(pending) - len(accepted)
        console.print(words["review.reviewed"].format(count=len(accepted), left=left))
    return written


def show_pending(one: Pending, library: Library, console: Console, words: Mapping[str, str]) -> None:
    """The wording as it was reviewed and as it is, and what is said of it."""
    console.print(f"[bold]{escape(one.target)}[/bold]")
    key = "last" if one.last else "never"
    last = {"on": one.last.on, "by": escape(one.last.by)} if one.last else {}
    console.print(f"  {words[f'review.{key}'].format(**last)}")
    old = one.last.wording if one.last else one.wording or ()
    for line in ndiff(old, one.wording or ()):
        if style := _STYLES.get(line[:2]):  # the other lines mark letters of these
            console.print(f"    {escape(line)}", style=style)
    for said in _said(one, library, words):
        console.print(f"  {escape(said)}")


def _said(one: Pending, library: Library, words: Mapping[str, str]) -> Iterator[str]:
    kind, _, ident = one.target.partition(":")
    if one.wording is None:
        yield words["review.gone"]
    elif kind == "fact":
        fact = library.facts[ident]
        yield from (f"{language}: {fact.statement.of(language)}" for language in LANGUAGES if fact.statement)
    else:
        passage = library.documents[one.folder.name].passage(ident)
        yield f"en: {passage.translation if passage else ''}"
