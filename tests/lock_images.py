"""Holds the images that `.deploy` names by their digests: `python tests/lock_images.py` asks where they come from, by
`docker buildx imagetools inspect`, and writes each behind its tag. Those that are held already are asked for anew."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".deploy"
FILES = ("Dockerfile", "compose.yaml")
# The image that is built here has no tag and comes from nowhere.
IMAGE = re.compile(
    r"^(?P<before>FROM |\s+image: )(?P<image>[\w./-]+:[\w.-]+)(?:@(?P<digest>sha256:[0-9a-f]{64}))?(?=\s|$)",
    re.MULTILINE,
)
_DIGEST = re.compile(r"^Digest:\s+(sha256:[0-9a-f]{64})$", re.MULTILINE)


def by_tag_alone(text: str) -> list[str]:
    """The images in a file that are held by no digest: what is built from them may change without a word."""
    return [found["image"] for found in IMAGE.finditer(text) if not found["digest"]]


def hold(text: str, digest_of: Callable[[str], str]) -> str:
    """The file with the digest behind each tag."""
    return IMAGE.sub(lambda found: f"{found['before']}{found['image']}@{digest_of(found['image'])}", text)


def digest_of(image: str) -> str:
    """The digest of the list of its platforms. Raises CalledProcessError where the registry does not answer."""
    command = ["docker", "buildx", "imagetools", "inspect", image]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = _DIGEST.search(told)
    if found is None:
        raise SystemExit(f"{image}: no digest in what docker tells of it")
    return found[1]


def main() -> None:
    for file in map(FOLDER.joinpath, FILES):
        file.write_text(hold(file.read_text(encoding="utf-8"), digest_of), encoding="utf-8")


if __name__ == "__main__":
    main()
