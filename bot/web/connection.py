"""A connection and what proxies say of it → the client whom limits count; given up where it is too slow."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from uvicorn.protocols.http.h11_impl import H11Protocol

Network = IPv4Network | IPv6Network
# Whoever has one IPv6 address has all that begin alike: providers give a /64 to each line.
LINE = 64


@dataclass(frozen=True, slots=True)
class Proxies:
    """Whose word on where a request comes from is believed: whoever connects, if `next_hop` says so, and what stands
    in `networks`."""

    next_hop: bool = False
    networks: tuple[Network, ...] = ()

    def speaks(self, peer: str) -> bool:
        """Whether a peer is a proxy, so that what it connects for is not its own."""
        return self.next_hop or self._knows(read_address(peer))

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """Who asks: the last address that a believed proxy names, IPv6 by its /64.

        `forwarded` are the lines of X-Forwarded-For. Each proxy adds at the end whom it saw, so that what stands
        before the first stranger is that stranger's word. What is no address is as good as nothing said.
        """
        hops = [hop for line in forwarded for hop in line.split(",")]
        found, believed = read_address(peer), self.speaks(peer)
        while believed and hops:
            named = read_address(hops.pop())
            if named is None:
                break
            found, believed = named, self._knows(named)
        return _line(found) if found else peer

    def _knows(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self.networks)


def read_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by spaces or commas. Raises ValueError, which names the one that is none."""
    return tuple(ip_network(part) for part in text.replace(",", " ").split())


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it, also with a port or a zone; None where it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def _line(address: IPv4Address | IPv6Address) -> str:
    return str(address if address.version == 4 else ip_network((address, LINE), strict=False))


# Seconds that a client may take to send the head of a request, and to take in a piece of what is written to it.
HEAD = 10.0
PIECE = 30.0

_FULL = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1, which by itself waits for ever for a head to end and for what is written to be read.

    Bodies have a time of their own, where they are read.
    """

    most: int | None = None
    """Connections that a client may have open; a proxy may have as many as it needs."""
    proxies = Proxies()

    _peer = ""
    _given = 0.0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        peer = str((transport.get_extra_info("peername") or ("",))[0])
        self._peer = self.proxies.client(peer, ())
        if self._is_one_too_many(peer):
            transport.write(_FULL)
            transport.close()
            return
        super().connection_made(transport)
        # Writing pauses as soon as anything is left over: so also the last piece before closing is timed.
        transport.set_write_buffer_limits(high=0)
        self._time()

    def _is_one_too_many(self, peer: str) -> bool:
        if self.most is None or self.proxies.speaks(peer):
            return False
        own = [other for other in self.connections if isinstance(other, Connection) and other._peer == self._peer]
        return len(own) >= self.most

    def data_received(self, data: bytes) -> None:
        if self not in self.connections:
            return  # it was one too many
        super().data_received(data)
        self._time()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._time()

    def connection_lost(self, exc: Exception | None) -> None:
        self._give(0)
        if self in self.connections:
            super().connection_lost(exc)

    def _time(self) -> None:
        """Give the client the time for what it has to do now; doing a little of it gives no more."""
        answering = self.cycle is not None and not self.cycle.response_complete
        wanted = PIECE if self.flow.write_paused else 0 if answering else HEAD
        if wanted != self._given:
            self._give(wanted)

    def _give(self, seconds: float) -> None:
        self._given = seconds
        if self._clock is not None:
            self._clock.cancel()
        self._clock = self.loop.call_later(seconds, self.transport.abort) if seconds else None


def limited(most: int, proxies: Proxies) -> type[Connection]:
    """Connections of which a client that is no proxy may have so many."""
    return type("LimitedConnection", (Connection,), {"most": most, "proxies": proxies})
