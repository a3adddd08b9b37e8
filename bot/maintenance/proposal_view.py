"""What is proposed → shown in a terminal beside its passage, and accepted, edited, dropped or left."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal, get_args

from rich.console import Console
from rich.markup import escape

from bot.maintenance.acceptance import Accepted, NotAccepted, accept, drop, edited, listed
from bot.wording import capital, refused
from corpus.completeness import FEWEST_EXAMPLES
from corpus.document import Document
from corpus.fact import Modality
from corpus.folder_swap import Occupied
from corpus.language import LANGUAGES, NAMES, Language
from corpus.library import Library
from corpus.proposal import Proposal

# A question with what is taken where nothing is typed → what was typed.
Ask = Callable[[str, str], str]
# What became of a proposal; quitting leaves it and all after it.
Done = Literal["accepted", "dropped", "left", "quit"]


def review_proposals(
    waiting: Mapping[str, Sequence[Proposal]],
    library: Library,
    ask: Ask,
    by: str,
    on: date,
    console: Console,
    words: Mapping[str, str],
) -> int:
    """One after the other, in the language of `words`, until somebody quits; how many became facts. Raises DataFault,
    OSError."""
    say, done = _Saying(words), Counter[Done]()
    for ident, one in ((ident, one) for ident, proposals in waiting.items() for one in proposals):
        did = _review_one(one, library, ident, ask, by, on, console, say)
        done[did] += 1
        if did == "quit":
            break
    console.print(say("counted", accepted=done["accepted"], dropped=done["dropped"]))
    return done["accepted"]


def _review_one(
    one: Proposal, library: Library, ident: str, ask: Ask, by: str, on: date, console: Console, say: "_Saying"
) -> Done:
    """Until it is decided, or left; what was typed is kept where it is refused, and offered again."""
    document, typed = library.every_document[ident], None
    while True:
        right = typed.proposal if typed else one
        show_proposal(right, document, library, console, say)
        choice = ask(say("choices"), "s")[:1].lower()
        try:
            if choice == "d":
                drop(library, ident, one.passage)
                return "dropped"
            if choice not in {"a", "e"}:
                return "quit" if choice == "q" else "left"
            right = _edit(right, ask, say) if choice == "e" else right
            typed = _said(right, document, ask, say, typed)
            fact = accept(library, ident, typed, by, on)
            console.print(say("accepted", fact=escape(fact)))
            return "accepted"
        except (NotAccepted, Occupied) as error:
            console.print(f"{say('problem')} {escape(refused(error, say.words))}")
            if typed is None:
                return "left"


class _Saying:
    """The wordings of a review, filled in."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def __call__(self, key: str, **values: object) -> str:
        return self.words[f"review.{key}"].format(**values)


def show_proposal(one: Proposal, document: Document, library: Library, console: Console, say: _Saying) -> None:
    passage = document.passage(one.passage)
    console.print(f"[bold]{escape(document.id)}:{escape(one.passage)}[/bold]")
    if passage is None:
        console.print(f"  {say('gone')}")
        return
    for line in passage.wording:
        console.print(f"    {escape(line)}")
    names = [library.roles[role].name.nb if role in library.roles else role for role in one.subjects]
    console.print(f"  {say('subject')}: {escape(', '.join(names))} ({escape(', '.join(one.subjects))})")
    console.print(f"  {say('relation')}: {one.relation}; {say('modality')}: {one.modality}")
    if one.objects:
        console.print(f"  {say('object')}: {escape(', '.join(one.objects))}")


def _edit(one: Proposal, ask: Ask, say: _Saying) -> Proposal:
    return edited(
        one,
        ask(f"{say('subject')} ({say('ids')})", ", ".join(one.subjects)),
        ask(say("relation"), one.relation),
        ask(f"{say('modality')} ({', '.join(get_args(Modality))})", one.modality),
        ask(f"{say('object')} ({say('ids')})", ", ".join(one.objects)),
    )


def _said(one: Proposal, document: Document, ask: Ask, say: _Saying, typed: Accepted | None) -> Accepted:
    """What the fact says in each language, no more and no less than its passage, and how people ask for it; what was
    typed before is taken where nothing is."""
    passage = document.passage(one.passage)
    if passage is None:
        raise NotAccepted("no_passage", passage=one.passage)
    said: dict[Language, str] = {}
    examples: dict[Language, list[str]] = {}
    for language in LANGUAGES:
        draft = capital(passage.quote) if language == document.language and not passage.lead_in else ""
        said[language] = ask(f"{say('says')}: {NAMES[language]}", typed.statements[language] if typed else draft)
    topics = listed(ask(say("topics"), ", ".join(typed.topics) if typed else passage.section.heading))
    for language in LANGUAGES:
        examples[language] = []
        before = [*typed.examples[language]] if typed else []
        for number in range(1, FEWEST_EXAMPLES + 1):
            asked = say("asked", language=NAMES[language], number=number, of=FEWEST_EXAMPLES)
            if not (text := ask(asked, "".join(before[number - 1 : number]))):
                break
            examples[language].append(text)
    return Accepted(one, topics, said, examples)
