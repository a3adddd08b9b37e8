"""What is proposed → shown in a terminal beside its passage, and accepted, edited, dropped or left."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal

from rich.console import Console
from rich.markup import escape

from bot.maintenance.acceptance import Accepted, NotAccepted, accept, drop, edited, listed
from bot.wording import capital
from corpus.completeness import FEWEST_EXAMPLES
from corpus.document import Document
from corpus.folder_swap import Occupied
from corpus.language import LANGUAGES, NAMES, Language
from corpus.library import Library
from corpus.proposal import Proposal

# A question with what is taken where nothing is typed → what was typed.
Ask = Callable[[str, str], str]
Choice = Literal["a", "e", "d", "s", "q"]
CHOICES = "accept (a), edit (e), drop (d), skip (s), quit (q)"


def review_proposals(
    waiting: Mapping[str, Sequence[Proposal]], library: Library, ask: Ask, by: str, on: date, console: Console
) -> int:
    """One after the other, until somebody quits; how many became facts. Raises DataFault, OSError."""
    accepted = dropped = 0
    for ident, proposals in waiting.items():
        document = library.every_document[ident]
        for one in proposals:
            show_proposal(one, document, library, console)
            choice = ask(CHOICES, "s")[:1].lower()
            if choice == "q":
                console.print(f"{accepted} accepted, {dropped} dropped")
                return accepted
            try:
                if choice == "d":
                    drop(library, ident, one.passage)
                    dropped += 1
                elif choice in {"a", "e"}:
                    right = _edit(one, ask) if choice == "e" else one
                    fact = accept(library, ident, _said(right, document, ask), by, on)
                    console.print(f"fact:{escape(fact)} is answered from now")
                    accepted += 1
            except (NotAccepted, Occupied) as error:
                console.print(f"not accepted: {escape(str(error))}")
    console.print(f"{accepted} accepted, {dropped} dropped")
    return accepted


def show_proposal(one: Proposal, document: Document, library: Library, console: Console) -> None:
    passage = document.passage(one.passage)
    console.print(f"[bold]{escape(document.id)}:{escape(one.passage)}[/bold]")
    if passage is None:
        console.print("  the passage is not there any more: `hms document propose` reads the text anew")
        return
    for line in passage.wording:
        console.print(f"    {escape(line)}")
    names = [library.roles[role].name.nb if role in library.roles else role for role in one.subjects]
    console.print(f"  who: {escape(', '.join(names))} ({escape(', '.join(one.subjects))})")
    console.print(f"  relation: {one.relation}, modality: {one.modality}")
    if one.objects:
        console.print(f"  whom else it names: {escape(', '.join(one.objects))}")


def _edit(one: Proposal, ask: Ask) -> Proposal:
    return edited(
        one,
        ask("who (ids of roles.toml, apart by commas)", ", ".join(one.subjects)),
        ask("relation", one.relation),
        ask("modality (must, may, must_not, is)", one.modality),
        ask("whom else it names (ids)", ", ".join(one.objects)),
    )


def _said(one: Proposal, document: Document, ask: Ask) -> Accepted:
    """What the fact says in each language, no more and no less than its passage, and how people ask for it."""
    passage = document.passage(one.passage)
    if passage is None:
        raise NotAccepted("the passage is not there any more")
    said: dict[Language, str] = {}
    examples: dict[Language, list[str]] = {}
    for language in LANGUAGES:
        draft = capital(passage.quote) if language == document.language and not passage.lead_in else ""
        said[language] = ask(f"what it says, {NAMES[language]}", draft)
    topics = listed(ask("topics, apart by commas", passage.section.heading))
    for language in LANGUAGES:
        examples[language] = []
        for number in range(1, FEWEST_EXAMPLES + 1):
            if not (text := ask(f"how people ask for it, {NAMES[language]}, {number} of {FEWEST_EXAMPLES}", "")):
                break
            examples[language].append(text)
    return Accepted(one, topics, said, examples)
