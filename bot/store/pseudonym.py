"""Who asks, and where → keyed hashes, so that the store knows the same person again without knowing whom."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from bot.store.database import StoreFault

# 128 bits: no two meet, and an index stays small.
LENGTH = 32


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """HMAC-SHA256 under the secret of this installation; without it a hash leads to nobody."""

    secret: bytes

    def of(self, kind: str, *parts: str) -> str:
        """The hash of e.g. `("person", "slack", team, user)`, 32 hexadecimal digits; empty parts count too."""
        named = "\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, named, hashlib.sha256).hexdigest()[:LENGTH]


def read_secret(file: Path) -> bytes:
    """The secret in `file`, made when there is none yet. Raises StoreFault."""
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
        found = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreFault(f"the secret {file} cannot be used: {error}") from error
    if len(found) < LENGTH:
        raise StoreFault(f"the secret {file} is damaged: restore it, or the persons in the store are not known again")
    return found.encode()


def new_id() -> str:
    """An id that cannot be guessed: 128 bits, 22 characters that fit addresses and buttons."""
    return secrets.token_urlsafe(16)
