"""Entries and terms → the tables of an index, in a stream: nothing but its arrays is as large as the entries are many.

What is computed of a text stands in a table of its own, a value a row. Of an index that was built before, by the same
models, dictionaries and code, it is taken over: whatever depends on the text alone where the text is there, and its
features, which other words and the terms have a part in, where none of its words reads differently now. What weighs a
text against all others is summed up anew.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.database import (
    column,
    insert_lemmas,
    insert_phrases,
    insert_rows,
    stored_lemmas,
    stored_meta,
    stored_phrases,
    write_array,
)
from retrieval.dictionary import known_words
from retrieval.embedding import Embedder
from retrieval.entry import Content
from retrieval.keyword import build_keyword_index, features
from retrieval.language import LANGUAGES, TELLING, build_language_model
from retrieval.lexicon import Lexicon, collect_lemmas
from retrieval.ngram import build_ngram_index, find_ngrams
from retrieval.term import TermMatcher, read_phrases, words_of
from retrieval.vocabulary import NumberedTexts, Vocabulary
from retrieval.words import normalise, words

# Texts that are read at once.
CHUNK = 2_000

Progress = Callable[[str], None]

_SCHEMA = """
create table {0}.meta (name text, value text);
create table {0}.entry (row integer primary key, target text, language text, source text, text text);
create table {0}.judged (row integer primary key, text text, targets text);
create table {0}.vector (row integer primary key, vector blob);
create table {0}.words (row integer primary key, words blob);
create table {0}.ngrams (row integer primary key, ngrams blob);
create table {0}.features (row integer primary key, features text);
create table {0}.vocabulary (word text, reading text);
create table {0}.word (word text);
create table {0}.lemma (word text, lemma text);
create table {0}.form (checksum integer, lemma text);
create table {0}.phrase (term text, as_written integer, words text);
create table {0}.sign (term text, as_written integer, words text);
create table {0}.sign_word (sign_word text);
create table {0}.sign_lemma (word text, lemma text);
create table {0}.sign_form (checksum integer, lemma text);
create table {0}.array (name text primary key, type text, shape text, data blob);
create view {0}.said as select row, text from entry union all select row, text from judged;
"""


def build_index(
    database: sqlite3.Connection,
    hash_: str,
    content: Content,
    embedder: Embedder,
    progress: Progress = lambda step: None,
    earlier: Path | None = None,
) -> None:
    """Fill an empty database that was opened with `uri=True`. Raises sqlite3.DatabaseError or ValueError where the
    `earlier` index is damaged."""
    build = _Build(database, content, earlier)
    vocabulary = build.vocabulary
    progress("words")
    build.write_texts()
    build.fill("words", "text from entry", lambda texts: [vocabulary.number(words(normalise(text))) for text in texts])
    progress("n-grams")
    build.fill("ngrams", "words from words", lambda said: find_ngrams([" ".join(vocabulary.text(s)) for s in said]))
    progress("vectors")
    build.fill("vector", "text from said", lambda texts: _rows(embedder.passages([normalise(text) for text in texts])))
    progress("terms")
    build.write_lexicon()
    build.write_phrases()
    build.write_signs()
    build.fill("features", "words from words", build.read_features)
    progress("keywords")
    build.write_sums()
    progress("file")
    build.finish(hash_)


class _Build:
    """The tables of a new index while they are filled, with those of the one before as `earlier`: `same` has each row
    whose text is there, with its row there."""

    def __init__(self, database: sqlite3.Connection, content: Content, earlier: Path | None) -> None:
        self._database = database
        self._content = content
        self._roles = sorted(words_of(term for term in content.terms if term.id.startswith("role:")))
        database.executescript(_SCHEMA.format("main"))
        self._before = _attach(database, earlier, content.tools)
        self._keys: dict[str, str] = {}
        self.vocabulary = Vocabulary(word for (word,) in database.execute("select word from earlier.vocabulary"))

    def write_texts(self) -> None:
        database = self._database
        entries = sorted(self._content.entries, key=lambda e: (e.target, e.language, e.source, e.text))
        number = {target: i for i, target in enumerate(sorted({entry.target for entry in entries}))}
        insert_rows(database, "target", ["target"], ((target,) for target in number))
        write_array(database, "owner", np.array([number[entry.target] for entry in entries], dtype=np.int32))
        rows = ((i, e.target, e.language, e.source, e.text) for i, e in enumerate(entries))
        database.executemany("insert into entry values (?, ?, ?, ?, ?)", rows)
        judged = enumerate(self._content.judged, len(entries))
        rows_of_judged = ((i, text, " ".join(sorted(targets))) for i, (text, targets) in judged)
        database.executemany("insert into judged values (?, ?, ?)", rows_of_judged)
        database.execute("create temp table same (row integer primary key, earlier integer)")
        # Of a text that stands in several rows the first has all that was computed: judged ones come last.
        earlier = dict(database.execute("select text, row from earlier.said order by row desc"))
        said = database.execute("select row, text from main.said")
        same = ((row, earlier[text]) for row, text in said if text in earlier)
        database.executemany("insert into same values (?, ?)", same)

    def fill(self, table: str, source: str, compute: Callable[[list[Any]], Iterable[str | bytes]]) -> None:
        """What is computed of each text of a source (its column and table): as it was, or anew, some at a time."""
        database, texts = self._database, f"(select row, {source})"
        database.execute(
            f"insert into {table} select same.row, theirs.{table} from {texts} natural join same"
            f" join earlier.{table} theirs on theirs.row = same.earlier"
        )
        database.execute("create temp table missing (row integer primary key)")
        database.execute(f"insert into missing select row from {texts} where row not in (select row from {table})")
        column = source.partition(" ")[0]
        found = database.execute(f"select row, {column} from {texts} natural join missing order by row")
        while batch := found.fetchmany(CHUNK):
            computed = compute([text for _, text in batch])
            rows = ((row, value) for (row, _), value in zip(batch, computed, strict=True))
            database.executemany(f"insert into {table} values (?, ?)", rows)
        database.execute("drop table missing")

    def write_lexicon(self) -> None:
        database, glossary, everything = self._database, self._content.glossary, np.array(self.vocabulary.words)
        self._texts = NumberedTexts.of([said for (said,) in database.execute("select words from words order by row")])
        columns = database.execute("select language, source from entry order by row").fetchall()
        self._languages, self._sources = map(np.array, zip(*columns, strict=True))
        self._used = self._texts.found(len(everything))
        # What only people have typed may be misspelt itself: nothing is read as a slip of that.
        of_data = self._texts.where(self._sources != "example").found(len(everything))
        written = {*everything[of_data].tolist()} | words_of((*self._content.terms, *glossary.concepts))
        typed = {*everything[self._used].tolist()} - written
        spelt = {word for full in glossary.spellings.values() for word in full.split()}
        known = written | typed | spelt
        if self._is_as_before("lemmas", (sorted(known), self._roles), "lemma", "form"):
            self._lemmas = stored_lemmas(database, "lemma", "form")
        else:
            self._lemmas = collect_lemmas(known, {*self._roles})
            insert_lemmas(database, self._lemmas, "lemma", "form")
        if not self._is_as_before("meant", (sorted(written), sorted(typed)), "word"):
            database.executemany("insert into word values (?)", zip(sorted(written | known_words(typed)), strict=True))
        insert_rows(database, "spelling", ["form", "full"], glossary.spellings.items())
        self._lexicon = Lexicon(self._lemmas, glossary.spellings, ())

    def write_phrases(self) -> None:
        """The names of terms, and how each word of the texts is read. A text with a word that reads otherwise than it
        did, or may begin another name, is not the `same` any more."""
        database, content = self._database, self._content
        terms = (*content.terms, *content.glossary.concepts)
        is_same = self._is_as_before("lexicon", (self._keys["lemmas"], content.glossary.spellings))
        begin: set[str] = set()
        if self._is_as_before("phrases", (self._keys["lexicon"], terms), "phrase"):
            phrases = stored_phrases(database, "phrase")
        else:
            phrases = read_phrases(terms, self._lexicon)
            insert_phrases(database, phrases, "phrase")
            begin = {phrase.words[0] for phrase in {*phrases} ^ {*stored_phrases(database, "earlier.phrase")}}
        before = [reading for (reading,) in database.execute("select reading from earlier.vocabulary")]
        before += [""] * (len(self.vocabulary.words) - len(before))
        readings = [""] * len(before)
        changed = np.zeros(len(before), dtype=bool)
        for number in np.flatnonzero(self._used).tolist():
            if is_same and not begin and before[number]:
                readings[number] = before[number]
                continue
            read = self._lexicon.analyse_words([self.vocabulary.words[number]], repair=False)
            readings[number] = repr((read.words, read.lemmas, read.parts))
            names = (*read.words, *read.lemmas, *(parts[-1] for parts in read.parts if parts))
            changed[number] = before[number] != readings[number] or not begin.isdisjoint(names)
        rows = zip(self.vocabulary.words, readings, strict=True)
        database.executemany("insert into vocabulary values (?, ?)", rows)
        others = np.unique(self._texts.rows[changed[self._texts.numbers]])
        database.executemany("delete from same where row = ?", ((row,) for row in others.tolist()))
        self._matcher = TermMatcher(phrases)

    def write_signs(self) -> None:
        database, signs = self._database, self._content.signs
        if not self._is_as_before("spotted", (signs, self._roles), "sign_word", "sign_lemma", "sign_form"):
            spotted = sorted(words_of(signs))
            insert_lemmas(database, collect_lemmas(spotted, {*self._roles}), "sign_lemma", "sign_form")
            database.executemany("insert into sign_word values (?)", zip(spotted, strict=True))
        if self._is_as_before("sign lexicon", (self._keys["lexicon"], self._keys["spotted"]), "sign"):
            self._keys["signs"] = self._before["signs"]
            return
        lemmas = self._lemmas | self._lemmas.beside(stored_lemmas(database, "sign_lemma", "sign_form"))
        lexicon = Lexicon(lemmas, self._content.glossary.spellings, ())
        readings = [lexicon.analyse_words([word], repair=False) for word in column(database, "sign_word")]
        if not self._is_as_before("signs", (self._keys["spotted"], readings), "sign"):
            insert_phrases(database, read_phrases(signs, lexicon), "sign")

    def read_features(self, said: Iterable[bytes]) -> list[str]:
        analysed = [self._lexicon.analyse_words(self.vocabulary.text(text), repair=False) for text in said]
        mentions = self._matcher.find_each(analysed)
        return ["\n".join(features(text, found)) for text, found in zip(analysed, mentions, strict=True)]

    def write_sums(self) -> None:
        """What weighs the texts against each other."""
        database = self._database
        tells = np.isin(self._sources, TELLING)
        texts = {language: self._texts.where(tells & (self._languages == language)) for language in LANGUAGES}
        model = build_language_model(self.vocabulary.words, texts)
        tables = (("word", model.words), ("ending", model.endings))
        likelihoods = ((kind, text, *shares) for kind, table in tables for text, shares in table.items())
        insert_rows(database, "language", ["kind", "text", "nb", "nn", "en"], likelihoods)
        rows = database.execute("select target, features from entry natural join features order by row")
        bags = (_split("\n".join(text for _, text in found if text)) for _, found in groupby(rows, itemgetter(0)))
        keyword = build_keyword_index(bags)
        insert_rows(database, "feature", ["feature"], ((feature,) for feature in keyword.numbers))
        ngram = build_ngram_index(self._ngrams)
        arrays = keyword.postings.to_arrays("keyword") | ngram.postings.to_arrays("ngram")
        for name, array in (arrays | {"keyword idf": keyword.idf, "ngram idf": ngram.idf}).items():
            write_array(database, name, array)

    def finish(self, hash_: str) -> None:
        database = self._database
        database.execute("create index entry_target on entry (target, language)")
        meta = {"hash": hash_, "tools": self._content.tools, **self._keys}
        database.executemany("insert into meta values (?, ?)", meta.items())
        database.commit()
        database.execute("detach earlier")

    def _is_as_before(self, name: str, made_of: object, *tables: str) -> bool:
        """Whether what tables are made of is what the earlier ones were made of, which are taken over then."""
        self._keys[name] = _hash(made_of)
        if self._before.get(name) != self._keys[name]:
            return False
        for table in tables:
            self._database.execute(f"insert into {table} select * from earlier.{table} order by rowid")
        return True

    def _ngrams(self) -> Iterator[list[bytes]]:
        found = self._database.execute("select ngrams from ngrams order by row")
        while batch := found.fetchmany(CHUNK):
            yield [buckets for (buckets,) in batch]


def _hash(made_of: object) -> str:
    return hashlib.sha256(repr(made_of).encode()).hexdigest()


def _attach(database: sqlite3.Connection, file: Path | None, tools: str) -> dict[str, str]:
    """The index in a file as `earlier`, an empty one where it is of no use; and what it was made of."""
    try:
        database.execute("attach ? as earlier", [f"{file.resolve().as_uri()}?mode=ro" if file else ":memory:"])
        before = stored_meta(database, "earlier.meta")
    except sqlite3.DatabaseError:
        before = {}
    if tools and before.get("tools") == tools:
        return before
    with suppress(sqlite3.DatabaseError):
        database.execute("detach earlier")
    database.execute("attach ':memory:' as earlier")
    database.executescript(_SCHEMA.format("earlier"))
    return {}


def _rows(vectors: npt.NDArray[np.float32]) -> list[bytes]:
    return [vector.tobytes() for vector in vectors]


def _split(features: str) -> list[str]:
    return features.split("\n") if features else []
