"""What a channel has to remember of each place it is installed in, encrypted where a key is set."""

from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from bot.store.database import Database, StoreFault

# What tells an encrypted row from a plain one.
_SEALED = "fernet:"


@dataclass(frozen=True, slots=True)
class Installations:
    """Rows of one channel by key. `key` is a Fernet key; without one, rows are kept as they are."""

    database: Database
    channel: str
    fernet: Fernet | None

    def keep(self, key: str, data: str) -> None:
        sealed = f"{_SEALED}{self.fernet.encrypt(data.encode()).decode()}" if self.fernet else data
        with self.database.transaction() as at:
            at.run(
                "INSERT INTO installation (channel, key, data, at) VALUES (:channel, :key, :data, :now)"
                " ON CONFLICT (channel, key) DO UPDATE SET data = excluded.data, at = excluded.at",
                channel=self.channel, key=key, data=sealed,
            )  # fmt: skip

    def find(self, key: str) -> str | None:
        """What was kept under a key. Raises StoreFault where it cannot be decrypted."""
        with self.database.transaction() as at:
            rows = at.run(
                "SELECT data FROM installation WHERE channel = :channel AND key = :key", channel=self.channel, key=key
            )
        return self._opened(rows[0]["data"]) if rows else None

    def remove(self, prefix: str) -> int:
        """Forget the keys that begin so; how many there were."""
        with self.database.transaction() as at:
            gone = at.run(
                "DELETE FROM installation WHERE channel = :channel AND substr(key, 1, :length) = :prefix RETURNING key",
                channel=self.channel, length=len(prefix), prefix=prefix,
            )  # fmt: skip
        return len(gone)

    def _opened(self, data: str) -> str:
        if not data.startswith(_SEALED):
            return data
        if self.fernet is None:
            raise StoreFault("an installation is encrypted, but HMS_ENCRYPTION_KEY is not set")
        try:
            return self.fernet.decrypt(data.removeprefix(_SEALED)).decode()
        except InvalidToken as error:
            raise StoreFault("an installation was encrypted with another HMS_ENCRYPTION_KEY") from error
