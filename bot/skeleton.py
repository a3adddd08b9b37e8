"""A folder that is not there → an organisation of its own that runs at once, to be changed line by line."""

import tempfile
from pathlib import Path

from corpus.refusal import Refusal

SKELETON = Path(__file__).with_name("skeleton")


class NotMade(Refusal):
    """The folder cannot be made there; names why, and nothing has been changed."""


def make_skeleton(folder: Path) -> None:
    """Whole or not at all: made beside its place first. Raises NotMade."""
    folder = folder.absolute()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotMade("no_folder", folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise NotMade("not_empty", folder)
    if not folder.parent.is_dir():
        raise NotMade("no_parent", folder.parent, name=folder.name)
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
        raise NotMade.because(error, folder) from error
