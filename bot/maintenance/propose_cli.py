"""The command that drafts facts: propose."""

from collections import Counter

import typer

from bot.maintenance.document_cli import Ident, Into, faults_told, usable_folder
from bot.maintenance.sharing import shared_with_replicas
from bot.startup import terminal_words

# Names that are told of those that are no role.
UNKNOWN = 8


def propose(ident: Ident, into: Into = None) -> None:
    """Draft facts of a document: who shall, may or is what, by the roles in roles.toml.

    A draft answers nothing: `hms review` shows each beside its passage, to be accepted, edited or dropped; `/review` of
    a running server does the same. Passages that have a fact, are waived or were dropped are left alone. Again after
    roles.toml has changed: what was not reviewed is drafted anew.

    `hms document propose aml`
    """
    from bot.maintenance.propose import Proposer
    from bot.maintenance.propose import propose as draft
    from corpus.folder_swap import changing
    from corpus.library import read_library
    from corpus.proposal import FILE, read_proposals, written
    from corpus.refusal import Refusal
    from corpus.source import write_source

    folder, words = usable_folder(into), terminal_words()
    with faults_told(), shared_with_replicas(folder, into), changing(folder / "documents"):
        library = read_library(folder, unreviewed=True)
        document = library.every_document.get(ident)
        if document is None:
            raise Refusal("no_document", folder / "documents", ident=ident)
        stated = [c.passage.id for f in library.facts.values() for c in f.citations if c.document.id == ident]
        place = folder / "documents" / ident
        found = tuple(draft(document, library.roles, stated, read_proposals(place)))
        write_source(place / FILE, written(found))
    waiting = [one for one in found if one.status == "proposed"]
    open_ = [p for p in document.passages if p.id not in {*stated} and p.waived is None]
    typer.echo(
        words["proposal.drafted"].format(
            file=place / FILE, count=len(waiting), passages=len(open_), dropped=len(found) - len(waiting)
        )
    )
    for role, count in Counter(role for one in waiting for role in one.subjects).most_common():
        typer.echo(f"  {role}: {count}")
    proposer = Proposer(library.roles.values(), document.language)
    unknown = Counter(
        name for p in open_ if p.id not in {one.passage for one in found} if (name := proposer.unknown_subject(p))
    )
    if unknown:
        told = ", ".join(f"{name} ({count})" for name, count in unknown.most_common(UNKNOWN))
        typer.echo(words["proposal.unknown"].format(names=told))
    if waiting:
        typer.echo("hms review")
