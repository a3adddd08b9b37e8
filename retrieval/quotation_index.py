"""Documents that are only quoted → an index of their passages on the disk, as large as they may be.

Passages are read one after the other. Of those that read as they did, what they are found by is taken from the index
before, where no word is read differently now.
"""

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.document import Document, Passage
from retrieval.database import new_database, read_only, stored_lemmas, stored_meta
from retrieval.keyword import features
from retrieval.lexicon import Lexicon, collect_lemmas
from retrieval.term import Term, TermMatcher, read_phrases, words_of
from retrieval.words import vocabulary

# A longer passage fills a message, and is not quoted.
LONGEST = 1_500
# Another number where texts are read in another way than before: what an earlier index has is of no use then.
SAME_READING = 2

log = logging.getLogger(__name__)

_SCHEMA = """
create table meta (name text, value text);
create table lemma (word text, lemma text);
create table form (checksum integer, lemma text);
create table word (word text);
create table phrase (term text, as_written integer, words text);
create table passage (number integer primary key, document text, place integer, digest text);
create virtual table found using fts5 (
    heading, lead_in, quote, tokenize = "unicode61 remove_diacritics 0 tokenchars ':/_-§&'"
);
create virtual table held using fts5vocab (found, row);
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """What an index is built from."""

    documents: Mapping[str, Document]
    terms: Sequence[Term]
    spellings: Mapping[str, str]
    questions: Callable[[], Iterable[str]]

    def passages(self) -> Iterator[tuple[Document, int, Passage]]:
        """One after the other, however many there are, each with its place among its document's."""
        for document in self.documents.values():
            for place, passage in enumerate(document.passages):
                if sum(map(len, _texts(passage))) <= LONGEST:
                    yield document, place, passage


def read_index(file: Path) -> sqlite3.Connection | None:
    """An index, None where there is none or it is damaged or of another version."""
    if not file.is_file():
        return None
    try:
        database = read_only(file)
        return database if {"hash", "words", "terms"} == {*stored_meta(database)} else None
    except (sqlite3.Error, KeyError, TypeError):
        return None


def write_index(
    file: Path, hash_: str, sources: Sources, before: sqlite3.Connection | None
) -> sqlite3.Connection | None:
    """Built on the disk, whole or not at all, so that its size is not that of the memory; None where that cannot be."""
    try:
        with new_database(file) as made:
            build_index(made, hash_, sources, before)
        return read_index(file)
    except (OSError, sqlite3.Error) as error:
        log.warning("the index of quotations could not be written to %s (%s): it is built again next time", file, error)
        return None


def build_index(
    database: sqlite3.Connection, hash_: str, sources: Sources, before: sqlite3.Connection | None = None
) -> sqlite3.Connection:
    """Fill a database. What `before` has of passages that read as they did is taken from there, where no word is read
    differently now."""
    known = words_of(sources.terms)
    for _, _, passage in sources.passages():
        known |= vocabulary(_texts(passage))
    words = fingerprint_of([str(SAME_READING), *sorted(known | vocabulary(sources.questions()))])
    old = stored_meta(before) if before else {}
    if before and old["words"] == words:
        lemmas = stored_lemmas(before, "lemma", "form")
    else:
        lemmas = collect_lemmas(known | vocabulary(sources.questions()))
    lexicon = Lexicon(lemmas, sources.spellings, ())
    phrases = read_phrases(sources.terms, lexicon)
    rows = [(p.term, p.as_written, " ".join(p.words)) for p in phrases]
    terms = fingerprint_of(map(repr, (rows, sorted(sources.spellings.items()))))
    database.executescript(_SCHEMA)
    database.executemany("insert into lemma values (?, ?)", sorted(lemmas.words.items()))
    database.executemany("insert into form values (?, ?)", sorted(lemmas.forms.items()))
    database.executemany("insert into word values (?)", ((word,) for word in sorted(known)))
    database.executemany("insert into phrase values (?, ?, ?)", rows)
    is_same = before is not None and (old["words"], old["terms"]) == (words, terms)
    known_bags = _Bags(before if is_same else None, lexicon, TermMatcher(phrases))
    for number, (document, place, passage) in enumerate(sources.passages()):
        texts = _texts(passage)
        digest = fingerprint_of(texts)
        database.execute("insert into passage values (?, ?, ?, ?)", [number, document.id, place, digest])
        bags = known_bags.of(digest, texts)
        database.execute("insert into found (rowid, heading, lead_in, quote) values (?, ?, ?, ?)", [number, *bags])
    database.execute("create index passage_digest on passage (digest)")
    meta = {"hash": hash_, "words": words, "terms": terms}
    database.executemany("insert into meta values (?, ?)", meta.items())
    database.commit()
    return database


class _Bags:
    """What passages are found by: as an earlier index has it, or read anew."""

    def __init__(self, before: sqlite3.Connection | None, lexicon: Lexicon, matcher: TermMatcher) -> None:
        self._before, self._lexicon, self._matcher = before, lexicon, matcher

    def of(self, digest: str, texts: Sequence[str]) -> Sequence[str]:
        if self._before is not None:
            found = self._before.execute(
                "select heading, lead_in, quote from found where rowid ="
                " (select number from passage where digest = ? limit 1)",
                [digest],
            ).fetchone()
            if found:
                return tuple(found)
        analysed = [self._lexicon.analyse(text, repair=False) for text in texts]
        mentions = self._matcher.find_each(analysed)
        return [" ".join(features(text, found)) for text, found in zip(analysed, mentions, strict=True)]


def fingerprint_of(texts: Iterable[str]) -> str:
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode())
        found.update(b"\0")
    return found.hexdigest()


def _texts(passage: Passage) -> tuple[str, str, str]:
    return " ".join(passage.section.path[-2:]), passage.lead_in or "", passage.quote
