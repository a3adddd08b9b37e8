"""gaps/*.toml → Gap: a topic people ask about on which the policy is silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.citation import Citation, cite
from corpus.document import Document
from corpus.language import Wording, WordingRow
from corpus.organisation import Topic
from corpus.role import Role
from corpus.source import DataFault, Fault, Slug, read_source

Wanted = Literal[
    "steps", "name", "contact", "number", "date", "amount", "place", "content",
    "right", "instance", "permission", "advice", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """`silent` completes “the policy does not say …”; `nearest` is what stands closest, if anything does; `turn_to`
    names who may know, beside those who may know everything."""

    id: str
    wanted: Wanted
    silent: Wording
    nearest: Citation | None
    role: str | None
    turn_to: Topic | None = None
    document: str = ""
    """Which document does not say it."""


@with_config(ConfigDict(extra="forbid"))
class GapRow(TypedDict):
    id: Slug
    asks: Wanted
    nearest: NotRequired[str]
    role: NotRequired[str]
    silent: WordingRow


@with_config(ConfigDict(extra="forbid"))
class GapRows(TypedDict):
    turn_to: NotRequired[Topic]
    gap: list[GapRow]


def read_gaps(folder: Path, document: Document, roles: Mapping[str, Role]) -> dict[str, Gap]:
    """A document's gaps by id. Raises DataFault."""
    gaps: dict[str, Gap] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.toml")):
        source = read_source(file)
        rows = source.parse(GapRows)
        for row in rows["gap"]:
            near = f'id = "{row["id"]}"'
            nearest = document.passage(row["nearest"]) if "nearest" in row else None
            if row["id"] in gaps:
                faults.append(source.fault(f"the gap {row['id']} stands twice", near))
            if "nearest" in row and nearest is None:
                faults.append(source.fault(f"{row['id']}: the document has no passage {row['nearest']}", near))
            if row.get("role", next(iter(roles))) not in roles:
                faults.append(source.fault(f"{row['id']}: {row.get('role')} is no role in roles.toml", near))
            gaps[row["id"]] = Gap(
                id=row["id"],
                wanted=row["asks"],
                silent=Wording(**row["silent"]),
                nearest=cite(document, nearest) if nearest else None,
                role=row.get("role"),
                turn_to=rows.get("turn_to"),
                document=document.id,
            )
    if faults:
        raise DataFault(*faults)
    return gaps
