"""The documents that replicas share: each state of an organisation's folder that was published, as an archive."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.database import Database, Transaction

# States that are kept: a replica that starts from one of them takes the newest.
KEPT = 20


class Superseded(Exception):
    """Something else was published since what is to be published was begun; the store is as it was."""


@dataclass(frozen=True, slots=True)
class Publication:
    """`digest` names what a folder holds, `base` what it held before; `archive` is a ZIP of its files."""

    digest: str
    base: str
    archive: bytes


def share(database: Database, publication: Publication) -> bool:
    """Have others take it; whether they do: not where it is the newest already. What the store does not know the base
    of is newer than all that it has. Raises Superseded, StoreUnavailable."""
    with database.transaction() as at:
        database.lock_publications(at)
        known = _known(at)
        if known and known[0][0] == publication.digest:
            return False
        _check_newest(known, publication.base)
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
        return _known(at)


def check_newest(database: Database, digest: str, base: str) -> None:
    """Whether what a folder holds, made from `base`, may be changed and shared. Raises Superseded, StoreUnavailable."""
    known = known_digests(database)
    if known and known[0][0] != digest:
        _check_newest(known, base)


def _known(at: Transaction) -> list[tuple[str, str]]:
    rows = at.run("SELECT digest, base FROM publication ORDER BY number DESC")
    return [(row["digest"], row["base"]) for row in rows]


def _check_newest(known: Sequence[tuple[str, str]], base: str) -> None:
    if known and known[0][0] != base and any(base in pair for pair in known):
        raise Superseded("something else was published meanwhile, from which the servers on this store answer")


def archive_of(database: Database, digest: str) -> bytes | None:
    """Raises StoreUnavailable."""
    with database.transaction() as at:
        rows = at.run(
            "SELECT archive FROM publication WHERE digest = :digest ORDER BY number DESC LIMIT 1", digest=digest
        )
    return base64.b64decode(rows[0]["archive"]) if rows else None
