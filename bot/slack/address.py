"""Where an answer goes, and what has to be known to write it there."""

from dataclasses import asdict, dataclass, replace
from typing import Any

# Slack's response addresses live 30 minutes; one minute is left for the way.
RESPONSE_LIFE = 29 * 60.0


@dataclass(frozen=True, slots=True)
class Address:
    """A place in Slack, by Slack's ids.

    With `response_url` the answer goes there while it lives (`until`, seconds since 1970), seen by the asker alone
    unless `public`; else into `channel`, in the thread of `thread` if there is one; without a channel as a direct
    message to `user`. `since` is the time stamp of what was asked: the answer is not older. `echo` says that the
    question is nowhere to be seen and has to be shown, `cut` that it was too long. `notice` is a channel,
    a thread in it, and what the asker alone is told there: that the answer went out privately.
    """

    team: str
    user: str
    since: str
    enterprise: str = ""
    channel: str = ""
    thread: str = ""
    response_url: str = ""
    until: float = 0.0
    public: bool = False
    echo: bool = False
    cut: bool = False
    notice: tuple[str, str, str] | None = None

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def as_direct(self) -> "Address":
        """The same asker, reached by a direct message."""
        return replace(self, channel="", thread="", response_url="", until=0.0, public=False)


def read_address(given: dict[str, Any]) -> Address:
    notice = given.get("notice")
    return Address(**{**given, "notice": tuple(notice) if notice else None})
