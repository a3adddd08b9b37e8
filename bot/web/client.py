"""A connection and what proxies say of it → the client whom limits count."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

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
