"""An address → whether anybody but this machine can reach it, as Slack and Teams must to show what it holds."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def reachable(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return bool(host) and not is_loopback(host)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
