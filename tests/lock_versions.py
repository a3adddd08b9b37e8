"""Holds all that is installed to a version and to the hashes of its files: writes `.deploy/constraints*.txt` anew.

`pip install pip-tools`, then `python tests/lock_versions.py`, some ten minutes. Versions stay as they are held where
they still fit; delete a line to let one rise. Hashes are of the files for every platform, and no address is written.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".deploy"
# Each file with the extras that it is for; one holds what those before it do not.
FILES = {
    "constraints.txt": ("postgres", "slack", "teams", "mcp"),
    "constraints-test.txt": ("test",),
    "constraints-models.txt": ("test", "benchmark"),
}
ABOUT = {
    "constraints.txt": "What the image is built from: the newest versions that the tests have passed with.",
    "constraints-test.txt": "What the tests need besides.",
    "constraints-models.txt": "What the extras `models` and `benchmark` need besides.",
}
HEAD = """# {about}
# For Python 3.11 on Linux, with the hashes of their files for every platform, and no address.
# Made by tests/lock_versions.py.
"""
# The CPU build of torch comes from elsewhere than the others. Its own file alone counts: were those of the registry
# allowed, pip would take one of them, whose hash it knows before, and gigabytes of CUDA with it.
TORCH = "torch==2.13.0"
TORCH_FROM_ELSEWHERE = ("6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",)
_PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def pins_of(text):
    """Name → its version and hashes, as a file of requirements has them."""
    return {name: (version, re.findall(r"[0-9a-f]{64}", hashes)) for name, version, hashes in _PIN.findall(text)}


def held():
    """What is held now, as constraints without hashes."""
    texts = [file.read_text(encoding="utf-8") for file in FOLDER.glob("constraints*.txt")]
    return [f"{name}=={version}" for text in texts for name, (version, _) in pins_of(text).items()]


def compiled(folder):
    """Everything that any extra needs, by pip-tools."""
    known, found = folder / "held.txt", folder / "all.txt"
    known.write_text("\n".join(held()), encoding="utf-8")
    quiet = ["--quiet", "--no-header", "--no-annotate", "--no-emit-options", "--no-emit-index-url"]
    quiet += ["--no-emit-find-links", "--no-emit-trusted-host", "--strip-extras", "--allow-unsafe"]
    extras = [f"--extra={extra}" for extra in sorted({extra for names in FILES.values() for extra in names})]
    command = [sys.executable, "-m", "piptools", "compile", "--generate-hashes", *quiet, *extras]
    subprocess.run(
        [*command, f"--constraint={known}", f"--output-file={found}", "pyproject.toml"], cwd=ROOT, check=True
    )
    pins = pins_of(found.read_text(encoding="utf-8"))
    pins.pop("hms-bot", None)
    return pins


def needed(extras, pins, folder):
    """Names of what the project needs with these extras."""
    known = folder / "pins.txt"
    known.write_text("\n".join(f"{name}=={version}" for name, (version, _) in pins.items()), encoding="utf-8")
    wanted = [f"{ROOT}[{','.join(extras)}]", "--constraint", str(known)]
    return {one["metadata"]["name"].lower().replace("_", "-").replace(".", "-") for one in _report(wanted, folder)}


def _report(given, folder):
    """What pip would install."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    subprocess.run([*command, "--report", report, *given], check=True)
    return json.loads(report.read_text(encoding="utf-8"))["install"]


def write(pins, folder):
    before, written = "", set()
    for file, extras in FILES.items():
        names = sorted((needed(extras, pins, folder) - written) & set(pins))
        lines = [HEAD.format(about=ABOUT[file]), f"-r {before}\n" if before else ""]
        for name in names:
            version, hashes = pins[name]
            lines.append(" \\\n    ".join([f"{name}=={version}", *(f"--hash=sha256:{one}" for one in hashes)]) + "\n")
        (FOLDER / file).write_text("".join(lines), encoding="utf-8")
        before, written = file, written | set(names)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pins = compiled(folder)
        pins["torch"] = (TORCH.partition("==")[2], list(TORCH_FROM_ELSEWHERE))
        write(pins, folder)


if __name__ == "__main__":
    main()
