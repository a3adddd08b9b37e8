"""A publication that is killed at one of its steps: the old version or the new one, whole, and no half of a draft."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from corpus.library import read_library
from corpus.revising.draft import NotRevised, revise
from corpus.revising.publication import publish

IDENT, TODAY = "hms-handboka", date(2026, 12, 1)


@pytest.fixture
def new(organisation, tmp_path):
    """The document's text with another subject of a sentence."""
    text = (organisation / "documents" / IDENT / "text.nb.txt").read_text(encoding="utf-8")
    file = tmp_path / "new.txt"
    file.write_text(text.replace("Høgskolerådet vedtar", "Kansleren vedtar"), encoding="utf-8")
    return file


@pytest.mark.parametrize("step", ["versions", "before", "made"])
def test_a_publication_that_is_killed_leaves_the_old_or_the_new_whole(organisation, new, step):
    revise(organisation, IDENT, new, TODAY)
    rename, live = Path.rename, organisation / "documents" / IDENT

    def killed(self, target):
        here = {"versions": "versions" in Path(target).parts, "before": Path(target).name == "before",
                "made": Path(target) == live and self.name == IDENT}  # fmt: skip
        if here[step]:
            os._exit(9)
        return rename(self, target)

    if (child := os.fork()) == 0:
        Path.rename = killed
        publish(organisation, IDENT, TODAY, TODAY)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert "Høgskolerådet vedtar" in read_library(organisation).leading.text, "whoever reads takes back what was begun"
    publish(organisation, IDENT, TODAY, TODAY)
    assert "Kansleren vedtar" in read_library(organisation).leading.text


def test_of_a_publication_that_is_killed_while_it_removes_the_draft_no_half_is_left(organisation, new):
    revise(organisation, IDENT, new, TODAY)
    if (child := os.fork()) == 0:
        remove = shutil.rmtree

        def killed(folder, *given, **named):
            if "drafts" in Path(folder).parts:
                next(Path(folder).rglob("passages.toml")).unlink()
                os._exit(9)
            remove(folder, *given, **named)

        shutil.rmtree = killed
        publish(organisation, IDENT, TODAY, TODAY)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert "Kansleren vedtar" in read_library(organisation).leading.text
    with pytest.raises(NotRevised, match="no_draft"):
        publish(organisation, IDENT, TODAY, TODAY)
    revise(organisation, IDENT, new, TODAY)
