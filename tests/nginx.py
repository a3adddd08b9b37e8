"""nginx as it is configured in .deploy, on a free port of loopback, in front of a server."""

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from ports import free_port, is_answered

CONF = Path(__file__).parents[1] / ".deploy" / "nginx.conf"


@contextmanager
def nginx_before(address, folder):
    """Its address and the file of what it says."""
    if not shutil.which("nginx"):
        pytest.skip("needs nginx")
    port, log = free_port(), folder / "errors"
    text = CONF.read_text(encoding="utf-8")
    for old, new in (
        ("bot:8080", urlparse(address).netloc),
        ("listen 8080", f"listen 127.0.0.1:{port}"),
        ("/tmp/", f"{folder}/"),
        ("/dev/stderr", str(log)),
    ):
        assert old in text
        text = text.replace(old, new)
    file = folder / "nginx.conf"
    file.write_text(text)
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    process = subprocess.Popen(["nginx", "-c", file, "-g", "daemon off;"], stderr=subprocess.PIPE)
    assert is_answered(port) and process.poll() is None, log.read_text()
    yield f"http://127.0.0.1:{port}", log
    process.terminate()
    process.wait(timeout=20)
