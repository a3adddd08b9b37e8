"""Takes the README's picture of the page: `PYTHONPATH=tests python tests/take_picture.py` writes bot/web/page.png."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx
from playwright.sync_api import sync_playwright
from ports import free_port

PICTURE = Path(__file__).parents[1] / "bot" / "web" / "page.png"
QUESTION = "Hvilke plikter har viserektor?"


def main():
    with tempfile.TemporaryDirectory() as folder:
        take(Path(folder))
    print(PICTURE)


def take(folder):
    """With a store of its own, and nothing of the settings around it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("HMS_")}
    environment = {"HMS_PORT": str(port), "HMS_STORE_FILE": str(folder / "store.sqlite"), "HMS_LOG_LEVEL": "error"}
    server = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=own | environment)
    try:
        _await(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 900, "height": 780})
            page.goto(f"{url}/?lang=nb&q={quote(QUESTION)}")
            page.screenshot(path=PICTURE)
            browser.close()
    finally:
        server.terminate()
        server.wait()


def _await(url, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError(url)


if __name__ == "__main__":
    main()
