"""proposals.toml → Proposal: what a document may say of a role, as a program has read it; nobody answers from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.fact import Modality, Relation
from corpus.source import Slug, quoted, read_source

FILE = "proposals.toml"
HEAD = """\
# What `hms document propose` has read in the text. Nothing is answered from it: `hms review` makes a fact of what is
# right, once somebody has said it in three languages. What was dropped stays here, so as not to be proposed again.
"""
Status = Literal["proposed", "dropped"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`subjects` and `objects` are ids of roles."""

    passage: str
    subjects: tuple[str, ...]
    relation: Relation
    modality: Modality
    objects: tuple[str, ...] = ()
    status: Status = "proposed"


@with_config(ConfigDict(extra="forbid"))
class ProposalRow(TypedDict):
    status: Status
    passage: Slug
    subject: list[Slug]
    relation: Relation
    modality: Modality
    object: NotRequired[list[Slug]]


@with_config(ConfigDict(extra="forbid"))
class ProposalRows(TypedDict):
    proposal: NotRequired[list[ProposalRow]]


def read_proposals(folder: Path) -> tuple[Proposal, ...]:
    """A document's proposals in the order of their file, none where there is no file. Raises DataFault."""
    file = folder / FILE
    if not file.is_file():
        return ()
    return tuple(
        Proposal(
            row["passage"],
            (*row["subject"],),
            row["relation"],
            row["modality"],
            (*row.get("object", ()),),
            row["status"],
        )
        for row in read_source(file).parse(ProposalRows).get("proposal", ())
    )


def written(proposals: tuple[Proposal, ...]) -> str:
    """The text of a file of proposals."""
    lines = [HEAD]
    for one in proposals:
        fields = {"status": one.status, "passage": one.passage, "relation": one.relation, "modality": one.modality}
        lines += ["[[proposal]]", *(f"{name} = {quoted(value)}" for name, value in fields.items())]
        lines.append(f"subject = [{', '.join(map(quoted, one.subjects))}]")
        lines += [f"object = [{', '.join(map(quoted, one.objects))}]"] if one.objects else []
        lines.append("")
    return "\n".join(lines)
