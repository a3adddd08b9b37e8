"""The documents that replicas share: each state of an organisation's folder that was published, as an archive."""

import base64
from dataclasses import dataclass

from bot.store.database import Database

# States that are kept: a replica that starts from one of them takes the newest.
KEPT = 20


@dataclass(frozen=True, slots=True)
class Publication:
    """`digest` names what a folder holds, `base` what it held before; `archive` is a ZIP of its files."""

    digest: str
    base: str
    archive: bytes


def share(database: Database, publication: Publication) -> bool:
    """Have others take it; whether they do: not where it is the newest already. Raises StoreUnavailable."""
    with database.transaction() as at:
        newest = at.run("SELECT digest FROM publication ORDER BY number DESC LIMIT 1")
        if newest and newest[0]["digest"] == publication.digest:
            return False
        at.run(
            "INSERT INTO publication (number, digest, base, archive, at)"
            " SELECT COALESCE(MAX(number), 0) + 1, :digest, :base, :archive, :now FROM publication",
            digest=publication.digest,
            base=publication.base,
            archive=base64.b64encode(publication.archive).decode(),
        )
        at.run("DELETE FROM publication WHERE number <= (SELECT MAX(number) FROM publication) - :kept", kept=KEPT)
    return True


def known_digests(database: Database) -> list[tuple[str, str]]:
    """What was published, by its digest and the one before it, the newest first. Raises StoreUnavailable."""
    with database.transaction() as at:
        rows = at.run("SELECT digest, base FROM publication ORDER BY number DESC")
    return [(row["digest"], row["base"]) for row in rows]


def archive_of(database: Database, digest: str) -> bytes | None:
    """Raises StoreUnavailable."""
    with database.transaction() as at:
        rows = at.run(
            "SELECT archive FROM publication WHERE digest = :digest ORDER BY number DESC LIMIT 1", digest=digest
        )
    return base64.b64decode(rows[0]["archive"]) if rows else None
