"""Of an index that is built again what holds is taken over, and it is the one that would be built from nothing."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from bot.bootstrap import read_content, read_entries
from corpus.library import read_library
from retrieval import index_build
from retrieval.dictionary import is_known, known_words
from retrieval.embedding import StaticEmbedder
from retrieval.index import open_index
from retrieval.keyword import K1, B, build_keyword_index
from retrieval.ngram import build_ngram_index, find_ngrams
from retrieval.term import Term, TermMatcher
from retrieval.words import normalise, words

SMALL = Path(__file__).parent / "organisation"
# Words have a number by when they were first read.
NUMBERED = {"words", "vocabulary", "meta"}


class Embedder(StaticEmbedder):
    """One that notes what it is given."""

    def __init__(self):
        super().__init__()
        self.given = []

    def passages(self, texts):
        self.given += texts
        return super().passages(texts)


@pytest.fixture(scope="module")
def embedder():
    return Embedder()


@pytest.fixture(scope="module")
def content():
    library = read_library(SMALL)
    judged = (("hvem er det da", frozenset({"ask:escalation"})), ("hva er klokka", frozenset()))
    return replace(read_content(library, read_entries(library)), tools="these", judged=judged)


@pytest.fixture(scope="module")
def original(content, embedder, tmp_path_factory):
    file = tmp_path_factory.mktemp("index") / "index.sqlite"
    open_index(file, "before", lambda: content, embedder)
    return file


@pytest.fixture
def built(original, embedder, tmp_path):
    """The file of an index, and nothing noted yet."""
    embedder.given.clear()
    return Path(shutil.copy(original, tmp_path))


def changed(content, change):
    """The content with one statement put in other words."""
    *entries, last = sorted(content.entries, key=lambda entry: (entry.source == "statement", entry.target))
    return replace(content, entries=[*entries, replace(last, text=change(last.text))])


def tables(file):
    """All rows of an index, and the words of its texts as words."""
    with closing(sqlite3.connect(file)) as database:
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        vocabulary = [word for (word,) in database.execute("select word from vocabulary")]
        said = database.execute("select words from words order by row").fetchall()
        found = {name: database.execute(f"select * from {name} order by rowid").fetchall() for name in names}
        readings = set(database.execute("select word, reading from vocabulary where reading != ''"))
    texts = [[vocabulary[number] for number in np.frombuffer(text, dtype=np.int32)] for (text,) in said]
    return {name: rows for name, rows in found.items() if name not in NUMBERED}, texts, readings


def anew(content, embedder, tmp_path):
    """What the tables would be of an index that is built from nothing."""
    open_index(tmp_path / "anew.sqlite", "after", lambda: content, embedder)
    return tables(tmp_path / "anew.sqlite")


def test_a_file_may_be_named_from_where_one_stands(built, content, embedder, monkeypatch):
    monkeypatch.chdir(built.parent)
    open_index(Path(built.name), "after", lambda: content, embedder)
    assert [file.name for file in built.parent.iterdir()] == [built.name]
    assert execute(built, "select value from meta where name = 'hash'") == [("after",)]
    assert embedder.given == []


def test_of_a_changed_text_nothing_else_is_computed(built, content, embedder, monkeypatch):
    counted, read = [], []
    monkeypatch.setattr(index_build, "find_ngrams", lambda texts: counted.extend(texts) or find_ngrams(texts))
    find = TermMatcher.find_each
    monkeypatch.setattr(TermMatcher, "find_each", lambda self, texts: read.extend(texts) or find(self, texts))
    for computed in ("collect_lemmas", "known_words", "read_phrases"):
        monkeypatch.setattr(index_build, computed, lambda *_, of=computed: pytest.fail(f"{of}: no word is new"))
    turned = changed(content, lambda text: " ".join(text.split()[::-1]))
    open_index(built, "after", lambda: turned, embedder)
    assert embedder.given == [normalise(turned.entries[-1].text)]
    assert counted == [" ".join(words(embedder.given[0]))]
    assert [text.words for text in read] == [tuple(words(embedder.given[0]))]


def test_where_nothing_is_new_nothing_is_computed(built, content, embedder, tmp_path):
    open_index(built, "after", lambda: replace(content, entries=content.entries[::-1]), embedder)
    assert embedder.given == []
    assert tables(built) == anew(content, embedder, tmp_path)


EDITS = {
    "in other words": lambda content: changed(content, lambda text: "Rektor leder AMU"),
    "in new words": lambda content: changed(content, lambda text: f"{text} Sildesalat på kvantedatamaskinen"),
    "of a target less": lambda content: replace(
        content, entries=[entry for entry in content.entries if entry.target != content.entries[-1].target]
    ),
    "of a name more": lambda content: replace(content, terms=(*content.terms, Term("concept:who", ("hvem", "=kven")))),
    "of a name less": lambda content: replace(content, terms=content.terms[:-20]),
    "of spellings": lambda content: replace(
        content, glossary=replace(content.glossary, spellings={**content.glossary.spellings, "hvem": "hvilken person"})
    ),
    "of signs": lambda content: replace(content, signs=(*content.signs, Term("sign:fish", ("død fisk",)))),
    "of judged questions": lambda content: replace(content, judged=(("hvem da", frozenset()), *content.judged[1:])),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_after_a_change_all_is_as_if_it_were_built_from_nothing(edit, built, content, embedder, tmp_path):
    before = tables(built)
    open_index(built, "after", lambda: edit(content), embedder)
    assert len(embedder.given) < 10
    after = tables(built)
    assert after == anew(edit(content), embedder, tmp_path)
    assert after != before


def test_texts_are_read_again_where_a_word_of_theirs_is_read_otherwise(built, content, embedder, monkeypatch):
    read = []
    find = TermMatcher.find_each
    monkeypatch.setattr(TermMatcher, "find_each", lambda self, texts: read.extend(texts) or find(self, texts))
    open_index(built, "after", lambda: EDITS["of a name more"](content), embedder)
    assert all({"hvem", "kven"} & {*text.words, *text.lemmas} for text in read)
    assert 10 < len(read) < len(content.entries) / 2


def test_nothing_is_taken_over_of_an_index_of_other_models_or_code(built, content, embedder):
    open_index(built, "after", lambda: replace(content, tools="others"), embedder)
    assert len(embedder.given) == len(content.entries) + len(content.judged)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: os.truncate(file, file.stat().st_size // 2),
        lambda file: file.write_bytes(b"".join((file.read_bytes()[:8192], os.urandom(file.stat().st_size - 8192)))),
        lambda file: execute(file, "update ngrams set ngrams = x'000102'"),
        lambda file: execute(file, "drop table vocabulary"),
    ],
    ids=["torn", "overwritten", "of no meaning", "lacking"],
)
def test_of_a_damaged_index_nothing_is_taken_over(damage, built, content, embedder, tmp_path):
    damage(built)
    open_index(built, "after", lambda: content, embedder)
    assert tables(built) == anew(content, embedder, tmp_path)


def execute(file, statement):
    with closing(sqlite3.connect(file)) as database:
        found = database.execute(statement).fetchall()
        database.commit()
        return found


def killed(file, at):
    """Build an index and die in the middle of it."""
    library = read_library(SMALL)
    content = replace(read_content(library, read_entries(library)), tools="these")
    kill = lambda step: os.kill(os.getpid(), signal.SIGKILL) if step == at else None  # noqa: E731
    open_index(file, "after", lambda: content, StaticEmbedder(), kill)


@pytest.mark.parametrize("at", ["terms", "file"])
def test_who_is_killed_while_building_leaves_the_index_as_it_was(at, built, content, embedder):
    before = built.read_bytes()
    process = multiprocessing.get_context("spawn").Process(target=killed, args=(built, at))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert built.read_bytes() == before
    # What it left is taken for dead, and removed, when nobody has written to it for long.
    (left,) = set(built.parent.iterdir()) - {built}
    open_index(built, "after", lambda: content, embedder)
    assert left.exists()
    os.utime(left, (0, 0))
    open_index(built, "again", lambda: content, embedder)
    assert [*built.parent.iterdir()] == [built]


def test_the_weights_are_those_of_rank_bm25():
    bags = [["a", "b", "b", "c"], ["b"], ["c", "d", "d", "d", "a"], ["b", "e"], []]
    index, theirs = build_keyword_index(iter(bags)), BM25Okapi(bags, k1=K1, b=B)
    for feature, number in index.numbers.items():
        weights = index.postings.sums(np.array([number]), np.array([1.0]))
        assert weights.tolist() == theirs.get_scores([feature]).astype(np.float32).tolist()
        assert index.idf[number] == np.float32(theirs.idf[feature])


def test_ngrams_are_summed_alike_however_the_texts_are_parted():
    texts = ["hvem har ansvar", "ansvar for hms", "", "x", "a" * 20_000, "hvem " * 30]
    texts += [f"{number:x}" * 5 for number in range(60)]  # what stands in many tells nothing
    found = find_ngrams(texts)
    whole = build_ngram_index(lambda: [found])
    parted = build_ngram_index(lambda: [[text] for text in found])
    for one, other in zip(whole.postings.to_arrays("").values(), parted.postings.to_arrays("").values(), strict=True):
        assert np.array_equal(one, other)
    assert whole.similarities("ansvar for hms")[1] == pytest.approx(1)
    assert whole.similarities("a" * 20_000)[4] == pytest.approx(1)


def test_many_words_at_once_are_known_as_one_by_one(content):
    typed = {word for entry in content.entries[::3] for word in words(normalise(entry.text))} | {"", "x", "labfrakkx"}
    assert known_words(typed) == {*filter(is_known, typed)}


def test_passages_have_the_vectors_that_they_have_as_questions(content, embedder):
    texts = [normalise(entry.text) for entry in content.entries[::7]]
    texts += ["", " ", "to  mellomrom", " foran", "etter ", "linje\nskift", "tabulator\tog 12.5 %", "▁", "𝕳𝕸𝕾"]
    assert np.array_equal(embedder.passages(texts), embedder.queries(texts))
