"""Entries and terms → Index, kept in SQLite with the hash of what it was built from."""

import gc
import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlite_utils

from retrieval.database import column, insert_rows, new_database, stored_lemmas, stored_phrases
from retrieval.dictionary import is_known
from retrieval.embedding import Embedder
from retrieval.entry import Entry
from retrieval.glossary import Glossary
from retrieval.judged import JudgedQuestions
from retrieval.keyword import KeywordIndex, build_keyword_index, features
from retrieval.language import LanguageModel, build_language_model
from retrieval.lexicon import Analysis, Lexicon, collect_lemmas
from retrieval.ngram import NgramIndex, build_ngram_index
from retrieval.postings import Postings
from retrieval.term import Mention, SecondMatcher, Term, TermMatcher, read_phrases, words_of
from retrieval.words import normalise, words

FORMAT = 5

log = logging.getLogger(__name__)

Array = npt.NDArray[Any]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Content:
    """What an index is built from. `signs` are terms to be spotted in questions, but not searched by, `judged` are
    questions with the targets that answer them."""

    entries: Sequence[Entry]
    terms: Sequence[Term]
    glossary: Glossary
    signs: Sequence[Term] = ()
    judged: Sequence[tuple[str, frozenset[str]]] = ()


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
    with _without_collection():
        database = sqlite3.connect(":memory:", check_same_thread=False)
        _build(sqlite_utils.Database(database), hash_, load(), embedder, progress)
        _keep(database, file)
        return _load(sqlite_utils.Database(database))


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
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        database = sqlite_utils.Database(connection)
        found = next(iter(database.table("meta").rows), {}).get("hash")
        if found != hash_:
            raise IndexUnusable("the data, the model or the version has changed")
        return _load(database)
    except (sqlite3.Error, ValueError, KeyError) as error:
        raise IndexUnusable(f"{file} is damaged ({error})") from error


def _keep(database: sqlite3.Connection, file: Path) -> None:
    """Write an index; where that cannot be done (disk full, read-only) it serves from memory, and the log says so."""
    try:
        with new_database(file) as made:
            database.backup(made)
    except (OSError, sqlite3.Error) as error:
        log.warning("the index could not be written to %s (%s): it is built again next time", file, error)


def _build(
    database: sqlite_utils.Database, hash_: str, content: Content, embedder: Embedder, progress: Progress
) -> None:
    glossary, terms = content.glossary, content.terms
    entries = sorted(content.entries, key=lambda e: (e.target, e.language, e.source, e.text))
    targets = sorted({e.target for e in entries})
    number = {target: i for i, target in enumerate(targets)}
    progress("words")
    texts = [words(normalise(e.text)) for e in entries]
    named = words_of((*terms, *glossary.concepts))
    known = sorted({*(w for text in texts for w in text), *named})
    spotted = words_of(content.signs)
    spelt = {w for full in glossary.spellings.values() for w in full.split()}
    roles = words_of(term for term in terms if term.id.startswith("role:"))
    lemmas = collect_lemmas({*known, *spelt}, roles)
    # What only people have typed may be misspelt itself: nothing is read as a slip of that.
    written = {word for e, text in zip(entries, texts, strict=True) if e.source != "example" for word in text} | named
    meant = [word for word in known if word in written or is_known(word)]
    lexicon = Lexicon(lemmas, glossary.spellings, meant)
    progress("terms")
    phrases = read_phrases((*terms, *glossary.concepts), lexicon)
    matcher = TermMatcher(phrases)
    of_signs = collect_lemmas(spotted, roles)
    more = lemmas.beside(of_signs)
    signs = read_phrases(content.signs, Lexicon(lemmas | more, glossary.spellings, ()))
    bags: list[list[str]] = [[] for _ in targets]
    analysed = [lexicon.analyse_words(text, repair=False) for text in texts]
    for entry, analysis, mentions in zip(entries, analysed, matcher.find_each(analysed), strict=True):
        bags[number[entry.target]] += features(analysis, mentions)
    progress("keywords")
    keyword = build_keyword_index(bags)
    progress("n-grams")
    ngram = build_ngram_index(texts)
    progress("vectors")
    vectors = embedder.passages([normalise(e.text) for e in entries])
    judged = embedder.passages([normalise(text) for text, _ in content.judged])
    progress("file")
    database.table("meta").insert({"hash": hash_, "format": FORMAT})
    languages = build_language_model(zip(entries, texts, strict=True))
    rows: dict[tuple[str, ...], Iterable[tuple[object, ...]]] = {
        ("entry", "row", "target", "language", "source", "text"): (
            (i, e.target, e.language, e.source, e.text) for i, e in enumerate(entries)
        ),
        ("target", "target"): ((target,) for target in targets),
        ("judged", "text", "targets"): ((text, " ".join(sorted(found))) for text, found in content.judged),
        ("feature", "feature"): ((feature,) for feature in keyword.numbers),
        ("phrase", "term", "as_written", "words"): ((p.term, p.as_written, " ".join(p.words)) for p in phrases),
        ("sign", "term", "as_written", "words"): ((p.term, p.as_written, " ".join(p.words)) for p in signs),
        ("lemma", "word", "lemma"): sorted(lemmas.words.items()),
        ("form", "checksum", "lemma"): sorted(lemmas.forms.items()),
        ("sign_lemma", "word", "lemma"): sorted(more.words.items()),
        ("sign_form", "checksum", "lemma"): sorted(more.forms.items()),
        ("spelling", "form", "full"): glossary.spellings.items(),
        ("word", "word"): ((word,) for word in meant),
        ("sign_word", "sign_word"): ((word,) for word in sorted(spotted)),
        ("language", "kind", "text", "nb", "nn", "en"): (
            (kind, text, *shares)
            for kind, table in (("word", languages.words), ("ending", languages.endings))
            for text, shares in table.items()
        ),
    }
    for (name, *columns), values in rows.items():
        insert_rows(database.conn, name, columns, values)
    arrays = {
        "owner": np.array([number[e.target] for e in entries], dtype=np.int32),
        "vectors": vectors,
        "judged": judged,
        "sign forms": np.array(sorted(of_signs.forms), dtype=np.uint32),
        "keyword idf": keyword.idf,
        **keyword.postings.to_arrays("keyword"),
        "ngram idf": ngram.idf,
        **ngram.postings.to_arrays("ngram"),
    }
    database.table("array").insert_all(
        (
            {"name": n, "type": a.dtype.str, "shape": json.dumps(a.shape), "data": a.tobytes()}
            for n, a in arrays.items()
        ),
        pk="name",
    )


def _load(database: sqlite_utils.Database) -> Index:
    arrays: dict[str, Array] = {
        row["name"]: np.frombuffer(row["data"], dtype=row["type"]).reshape(json.loads(row["shape"]))
        for row in database.table("array").rows
    }
    targets = column(database.conn, "target")
    size = len(arrays["owner"])
    lemmas = stored_lemmas(database.conn, "lemma", "form")
    spellings = dict(database.execute("select form, full from spelling"))
    vocabulary = column(database.conn, "word")
    judged = list(database.execute("select text, targets from judged order by rowid"))

    def texts(row: int) -> tuple[str, str]:
        found = next(iter(database.query("select source, text from entry where row = ?", [row])))
        return found["source"], found["text"]

    def examples(target: str, language: str) -> list[str]:
        chosen = "select text from entry where target = ? and language = ? and source = 'example' order by row"
        return [text for (text,) in database.execute(chosen, [target, language])]

    return Index(
        targets=tuple(targets),
        owner=arrays["owner"],
        lexicon=Lexicon(lemmas, spellings, vocabulary),
        matcher=TermMatcher(stored_phrases(database.conn, "phrase")),
        keyword=KeywordIndex(
            {feature: i for i, feature in enumerate(column(database.conn, "feature"))},
            arrays["keyword idf"],
            Postings.from_arrays("keyword", arrays, len(targets)),
        ),
        ngram=NgramIndex(arrays["ngram idf"], Postings.from_arrays("ngram", arrays, size)),
        vectors=arrays["vectors"],
        languages=LanguageModel(_likelihoods(database, "word"), _likelihoods(database, "ending")),
        texts=texts,
        examples=examples,
        second_matcher=SecondMatcher(
            Lexicon(
                lemmas | stored_lemmas(database.conn, "sign_lemma", "sign_form"),
                spellings,
                (*vocabulary, *column(database.conn, "sign_word")),
                # Who is in danger misspells what is told, in any form of it.
                frozenset(arrays["sign forms"].tolist()),
            ),
            TermMatcher(stored_phrases(database.conn, "sign")),
        ),
        judged=JudgedQuestions(
            [text for text, _ in judged], [frozenset(found.split()) for _, found in judged], arrays["judged"]
        ),
    )


def _likelihoods(database: sqlite_utils.Database, kind: str) -> dict[str, tuple[float, float, float]]:
    rows = database.execute("select text, nb, nn, en from language where kind = ?", [kind])
    return {text: (nb, nn, en) for text, nb, nn, en in rows}
