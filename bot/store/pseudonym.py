"""Who asks, and where → keyed hashes, so that the store knows the same person again without knowing whom."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.store.database import Database, StoreFault

# 128 bits: no two meet, and an index stays small.
LENGTH = 32
# What is known by a hash; another word would make another hash of the same.
Kind = Literal[
    "activity", "conversation", "deed", "event", "message", "notice", "ordering_key", "person", "place", "vote"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """HMAC-SHA256 under the secret of this installation; without it a hash leads to nobody."""

    secret: bytes

    def of(self, kind: Kind, *parts: str) -> str:
        """The hash of e.g. `("person", "slack", team, user)`, 32 hexadecimal digits; empty parts count too."""
        named = "\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, named, hashlib.sha256).hexdigest()[:LENGTH]


def open_secret(file: Path, database: Database) -> bytes:
    """The secret in `file`, made when there is none yet and nobody is known by one. Raises StoreFault."""
    if not file.exists():
        if knows_persons(database):
            raise StoreFault(
                f"{database.describe()} knows persons by a secret, and {file} is not there: put it back from its"
                " backup, or set HMS_SECRET to it. If it is lost: `hms store new-secret` makes another,"
                " and nobody in the store is known again"
            )
        make_secret(file)
    return read_secret(file)


def read_secret(file: Path) -> bytes:
    """Raises StoreFault, also where others than its owner can read it."""
    try:
        mode, found = file.stat().st_mode, file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreFault(f"the secret {file} cannot be used: {error}") from error
    if os.name == "posix" and mode & 0o077:
        raise StoreFault(
            f"others can read the secret {file} (mode {mode & 0o777:o}): chmod 600 it. If somebody has read it, move it"
            " away and make another with `hms store new-secret`: persons then begin anew"
        )
    if len(found) < LENGTH:
        raise StoreFault(f"the secret {file} is damaged: restore it, or the persons in the store are not known again")
    return found.encode()


def make_secret(file: Path) -> None:
    """One that is there stays. Raises StoreFault."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as new:
            new.write(secrets.token_hex(32))
        try:
            os.link(partial, file)  # whoever comes second keeps what the first one made
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    except OSError as error:
        raise StoreFault(f"the secret {file} cannot be made: {error}") from error


def knows_persons(database: Database) -> bool:
    """Whether anything in a store belongs to a person. Raises StoreUnavailable."""
    tables = ("answer", "job", "outbox", "profile", "feedback")
    with database.transaction() as at:
        return any(at.run(f"SELECT 1 AS one FROM {table} WHERE person <> '' LIMIT 1") for table in tables)


def new_id() -> str:
    """An id that cannot be guessed: 128 bits, 22 characters that fit addresses and buttons, and commands, whose options
    begin with a hyphen."""
    while (made := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return made
