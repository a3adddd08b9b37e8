"""laws.toml → LawReference: a provision, its official link, and whether it still stands."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from corpus.language import Wording, WordingRow
from corpus.source import DataFault, Slug, read_source


@dataclass(frozen=True, slots=True)
class LawReference:
    """A provision as the document cites it. Where it has moved, `now` says where to and `since` when."""

    id: str
    name: Wording
    url: str
    status: Literal["current", "moved"]
    since: date | None
    now: Wording | None
    note: Wording | None


@with_config(ConfigDict(extra="forbid"))
class LawRow(TypedDict):
    id: Slug
    name: WordingRow
    url: str
    status: Literal["current", "moved"]
    since: NotRequired[date]
    now: NotRequired[WordingRow]
    note: NotRequired[WordingRow]


@with_config(ConfigDict(extra="forbid"))
class LawRows(TypedDict):
    law: list[LawRow]


def read_laws(file: Path) -> dict[str, LawReference]:
    """Law references by id. Raises DataFault."""
    source = read_source(file)
    laws = {}
    for row in source.parse(LawRows)["law"]:
        if row["status"] == "moved" and not ("since" in row and "now" in row):
            raise DataFault(source.fault(f"{row['id']} has moved: say `since` when and `now` where", row["id"]))
        laws[row["id"]] = LawReference(
            id=row["id"],
            name=Wording(**row["name"]),
            url=row["url"],
            status=row["status"],
            since=row.get("since"),
            now=Wording(**row["now"]) if "now" in row else None,
            note=Wording(**row["note"]) if "note" in row else None,
        )
    return laws
