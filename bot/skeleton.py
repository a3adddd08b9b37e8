"""A folder that is not there → an organisation of its own that runs at once, to be changed line by line."""

import tempfile
from pathlib import Path

SKELETON = Path(__file__).with_name("skeleton")


class NotMade(Exception):
    """The folder cannot be made there; says why, and nothing has been changed."""


def make_skeleton(folder: Path) -> None:
    """Whole or not at all: made beside its place first. Raises NotMade."""
    folder = folder.absolute()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotMade(f"{folder} is there, and is no folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise NotMade(f"{folder} is not empty: name a folder that is not there yet")
    if not folder.parent.is_dir():
        raise NotMade(f"{folder.parent} is not there, in which {folder.name} would be made")
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as beside:
            made = Path(beside) / folder.name
            for file in sorted(SKELETON.rglob("*")):
                if file.is_file():
                    copy = made / file.relative_to(SKELETON)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(file.read_bytes())  # its mode is the owner's own, not that of the installed file
            if folder.is_dir():
                folder.rmdir()
            made.rename(folder)
    except OSError as error:
        raise NotMade(f"{folder} cannot be made: {error}") from error
