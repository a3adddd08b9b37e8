"""What answers say is the same, byte for byte, before and after a document is imported; refusals may quote from it."""

import json
import shutil
from pathlib import Path

import pytest

from bot.bootstrap import build_assistant
from bot.contract import answer_object
from corpus.importing.folder import import_document
from corpus.importing.reader import read_file
from corpus.library import DATA
from intents.question import Question

HERE = Path(__file__).parent
ABOUT = {"id": "verksted", "title": "Verkstedforskriften", "kind": "regulation", "rank": 1}
# Every so many of the questions are asked; all 840 were, with the Working Environment Act (corpus/README.md).
EACH = 4


@pytest.fixture(scope="module")
def with_document(settings, index_file, tmp_path_factory):
    """The assistant of the organisation that ships, with a regulation beside its policy and the same index."""
    folder = tmp_path_factory.mktemp("beside")
    for name in ("roles.toml", "laws.toml", "documents", "organisation.toml", "applicability.toml"):
        (shutil.copytree if (DATA / name).is_dir() else shutil.copy)(DATA / name, folder / name)
    import_document(folder / "documents", ABOUT, read_file(HERE / "quoted" / "workshop.md"))
    index = Path(shutil.copy(index_file, folder / "index.sqlite"))
    before = index.read_bytes()
    made = build_assistant(settings.model_copy(update={"organisation": folder, "index_file": index}))
    assert index.read_bytes() == before, "what answers stand on is not built anew"
    return made


def asked(assistant, row):
    question = Question(row["q"], tuple(row.get("history", ())))
    return answer_object(assistant, question)[1] | {"elapsed_ms": 0.0}


def test_answers_are_the_same_and_refusals_but_for_what_they_quote(assistant, with_document):
    lines = [line for file in sorted((HERE / "questions").glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    rows = [json.loads(line) for line in lines[::EACH]] + [
        {"q": "Har jeg krav på matpause?"},
        {"q": "Hvor lang er matpausen?"},
    ]
    quoting = 0
    for row in rows:
        before, after = asked(assistant, row), asked(with_document, row)
        if quoted := after.pop("quoted", []):
            quoting += 1
            assert before["outcome"] == "unanswered", row
            [shown] = [group for group in after["groups"] if group not in before["groups"]]
            assert "Verkstedforskriften" in shown["title"]
            assert [q["document"] for q in quoted] == ["verksted"] * len(shown["points"])
            after["groups"].remove(shown)
            said = [shown["title"], *(point["text"] for point in shown["points"])]
            kept = [line for line in after["text"].splitlines() if not any(part in line for part in said)]
            after["text"] = "\n".join(kept)
        assert json.dumps(after, ensure_ascii=False) == json.dumps(before, ensure_ascii=False), row
    assert quoting
