"""Takes the README's picture of the page: `python tests/take_picture.py` writes bot/web/page.png, or the file it is
given. Where that fails, it says why in a line, and the picture stays as it was."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx
from playwright.sync_api import Error, sync_playwright
from ports import free_port

PICTURE = Path(__file__).parents[1] / "bot" / "web" / "page.png"
QUESTION = "Hvilke plikter har viserektor?"


def main(picture):
    with tempfile.TemporaryDirectory() as folder:
        try:
            taken = take(Path(folder))
            shutil.copyfile(taken, picture.with_suffix(".new"))
            picture.with_suffix(".new").replace(picture)
        except (OSError, RuntimeError, Error) as error:
            sys.exit(f"no picture was taken: {str(error).splitlines()[0]}")
    print(picture)


def take(folder):
    """A picture in the folder, of a server with a store of its own, and of the settings around it only the index."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise RuntimeError("there is no Chromium (Debian's package chromium)")
    port = free_port()
    url, taken = f"http://127.0.0.1:{port}", folder / "page.png"
    own = {name: value for name, value in os.environ.items() if not name.startswith("HMS_") or name == "HMS_INDEX_FILE"}
    environment = {"HMS_PORT": str(port), "HMS_STORE_FILE": str(folder / "store.sqlite"), "HMS_LOG_LEVEL": "error"}
    server = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=own | environment, stderr=subprocess.PIPE)
    try:
        _await(url, server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 900, "height": 780})
            shown = page.goto(f"{url}/?lang=nb&q={quote(QUESTION)}")
            if shown is None or not shown.ok or page.locator(".reply").count() == 0:
                raise RuntimeError("the page shows no answer")
            page.screenshot(path=taken)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return taken


def _await(url, server, seconds=120.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            said = server.stderr.read().decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"the server has ended: {said[-1] if said else server.returncode}")
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
