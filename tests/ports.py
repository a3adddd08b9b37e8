"""A port of loopback that nobody listens on, and whether somebody listens there by now."""

import socket
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_answered(port: int, path: str = "/healthz", seconds: float = 60.0) -> bool:
    """Ask until somebody answers, whatever it is; not by httpx, whose every client reads all certificates anew."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as client:
                client.request("GET", path)
                client.getresponse()
            return True
        except (OSError, HTTPException):
            time.sleep(0.01)
    return False
