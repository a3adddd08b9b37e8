"""Where an answer goes, and what has to be known to write it there."""

from dataclasses import asdict, dataclass, replace
from typing import Any

# Slack's response addresses live 30 minutes; one minute is left for the way.
RESPONSE_LIFE = 29 * 60.0


@dataclass(frozen=True, slots=True)
class Address:
    """A place in Slack, by Slack's ids.

    With `response_url` the answer goes there while it lives (`until`, seconds since 1970), seen by the asker alone
    unless `public`; else into `channel`, in the thread of `thread` if there is one, shown to the asker alone where it
    is `ephemeral`. One that is `alone`, or has no channel, is a direct message to `user`: `channel` and `thread` are
    then where they asked, where they are told `notice` once it has been sent, and where it is shown to them alone if
    Slack lets nobody write to them.

    `since` is the time stamp of what was asked: the answer is not older. `echo` says that the question is nowhere to
    be seen and has to be shown, `hint` is the wording of what has to be said first, e.g. that it was too long.
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
    hint: str = ""
    alone: bool = False
    ephemeral: bool = False
    notice: str = ""

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def direct(self) -> bool:
        """Whether it is a conversation between the bot and the asker."""
        return self.alone or not self.channel or self.channel.startswith("D")

    def as_direct(self, notice: str = "") -> "Address":
        """The same asker, reached by a direct message."""
        return replace(self, response_url="", until=0.0, public=False, ephemeral=False, alone=True, notice=notice)


def read_address(given: dict[str, Any]) -> Address:
    """An address as it was kept, also by 0.2: what waits when a server is upgraded is sent all the same."""
    known = {name: value for name, value in given.items() if name in Address.__dataclass_fields__}
    if given.get("cut"):
        known["hint"] = "channel.too_long"
    if isinstance(known.get("notice", ""), str):
        return Address(**known)
    told = known.pop("notice") or ("", "", "")
    address = Address(**known)
    return replace(address, channel=told[0], thread=told[1], notice=told[2], alone=True) if told[0] else address
