"""Entries and terms → Index, kept in SQLite with the hash of what it was built from."""

import gc
import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.database import (
    column,
    new_database,
    read_only,
    stored_arrays,
    stored_lemmas,
    stored_meta,
    stored_phrases,
    stored_vectors,
)
from retrieval.embedding import Embedder
from retrieval.entry import Content
from retrieval.index_build import Progress, build_index
from retrieval.judged import JudgedQuestions
from retrieval.keyword import KeywordIndex
from retrieval.language import LanguageModel
from retrieval.lexicon import Analysis, Lexicon
from retrieval.ngram import NgramIndex
from retrieval.postings import Postings
from retrieval.term import Mention, SecondMatcher, TermMatcher

FORMAT = 6

log = logging.getLogger(__name__)


class IndexUnusable(Exception):
    """The file is no index of this version and data, or is damaged: it has to be built."""


@dataclass(frozen=True, slots=True)
class Index:
    """All that a search needs, loaded. `owner` maps each entry to its target, shape (entries,), ascending; `texts`
    gives an entry's source and text, `examples` the example questions of a target in a language."""

    targets: tuple[str, ...]
    owner: npt.NDArray[np.int32]
    lexicon: Lexicon
    matcher: TermMatcher
    keyword: KeywordIndex
    ngram: NgramIndex
    vectors: npt.NDArray[np.float32]
    languages: LanguageModel
    texts: Callable[[int], tuple[str, str]]
    examples: Callable[[str, str], list[str]]
    second_matcher: SecondMatcher
    judged: JudgedQuestions

    def mentions(self, analysis: Analysis) -> list[Mention]:
        return self.matcher.find(analysis)


def fingerprint(files: Iterable[Path], *settings: str) -> str:
    """The hash of data files and settings, by which an index is known to be current."""
    digest = hashlib.sha256(f"{FORMAT}|{'|'.join(settings)}".encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def open_index(
    file: Path,
    hash_: str,
    load: Callable[[], Content],
    embedder: Embedder,
    progress: Progress = lambda step: None,
) -> Index:
    """The index in `file` if it is current, else one built from what `load` gives and written there, if it can be."""
    try:
        return _read(file, hash_)
    except IndexUnusable as reason:
        log.info("index is built: %s", reason)
    content = load()
    with _without_collection():
        try:
            _write(file, hash_, content, embedder, progress)
            return _read(file, hash_)
        except (OSError, sqlite3.Error, IndexUnusable) as error:
            log.warning("the index could not be written to %s (%s): it is built again next time", file, error)
        database = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
        build_index(database, hash_, content, embedder, progress)
        return _load(database)


def _write(file: Path, hash_: str, content: Content, embedder: Embedder, progress: Progress) -> None:
    """Build an index on the disk, whole or not at all, with what is still true of the one before."""
    try:
        with new_database(file) as made:
            build_index(made, hash_, content, embedder, progress, earlier=file)
    except (sqlite3.Error, ValueError) as error:
        log.info("nothing is taken over of the earlier index, which may be damaged (%s)", error)
        with new_database(file) as made:
            build_index(made, hash_, content, embedder, progress)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Of the millions of objects that an index is built through none is part of a cycle: the collector, which would
    walk through all that is alive again and again, takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(file: Path, hash_: str) -> Index:
    if not file.is_file():
        raise IndexUnusable("there is none yet")
    try:
        database = read_only(file)
        if stored_meta(database).get("hash") != hash_:
            raise IndexUnusable("the data, the model or the version has changed")
        return _load(database)
    except (sqlite3.Error, ValueError, KeyError) as error:
        raise IndexUnusable(f"{file} is damaged ({error})") from error


def _load(database: sqlite3.Connection) -> Index:
    arrays, vectors = stored_arrays(database), stored_vectors(database)
    targets, size = column(database, "target"), len(arrays["owner"])
    lemmas, of_signs = stored_lemmas(database, "lemma", "form"), stored_lemmas(database, "sign_lemma", "sign_form")
    spellings = dict(database.execute("select form, full from spelling"))
    vocabulary = column(database, "word")
    judged = list(database.execute("select text, targets from judged order by row"))

    def texts(row: int) -> tuple[str, str]:
        source, text = database.execute("select source, text from entry where row = ?", [row]).fetchone()
        return source, text

    def examples(target: str, language: str) -> list[str]:
        chosen = "select text from entry where target = ? and language = ? and source = 'example' order by row"
        return [text for (text,) in database.execute(chosen, [target, language])]

    return Index(
        targets=tuple(targets),
        owner=arrays["owner"],
        lexicon=Lexicon(lemmas, spellings, vocabulary),
        matcher=TermMatcher(stored_phrases(database, "phrase")),
        keyword=KeywordIndex(
            {feature: i for i, feature in enumerate(column(database, "feature"))},
            arrays["keyword idf"],
            Postings.from_arrays("keyword", arrays, len(targets)),
        ),
        ngram=NgramIndex(arrays["ngram idf"], Postings.from_arrays("ngram", arrays, size)),
        vectors=vectors[:size],
        languages=LanguageModel(_likelihoods(database, "word"), _likelihoods(database, "ending")),
        texts=texts,
        examples=examples,
        second_matcher=SecondMatcher(
            Lexicon(
                lemmas | lemmas.beside(of_signs),
                spellings,
                (*vocabulary, *column(database, "sign_word")),
                # Who is in danger misspells what is told, in any form of it.
                frozenset(of_signs.forms),
            ),
            TermMatcher(stored_phrases(database, "sign")),
        ),
        judged=JudgedQuestions(
            [text for text, _ in judged], [frozenset(found.split()) for _, found in judged], vectors[size:]
        ),
    )


def _likelihoods(database: sqlite3.Connection, kind: str) -> dict[str, tuple[float, float, float]]:
    rows = database.execute("select text, nb, nn, en from language where kind = ?", [kind])
    return {text: (nb, nn, en) for text, nb, nn, en in rows}
