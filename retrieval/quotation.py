"""Passages of documents that are only quoted → the few that are near a question.

They are searched apart from all that answers stand on, in SQLite's full-text index (FTS5), by lemmas, parts of
compounds and concepts: so inflection, misspelling and everyday words do not matter.
"""

import math
import sqlite3
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.citation import Citation, cite
from corpus.document import Document
from corpus.language import Language
from retrieval.database import stored_lemmas, stored_meta, stored_phrases
from retrieval.glossary import Glossary
from retrieval.lexicon import Lexicon
from retrieval.quotation_index import Sources, build_index, read_index, write_index
from retrieval.term import Term, TermMatcher
from retrieval.words import normalise

FILE = Path(__file__).with_name("legal.toml")
MOST = 3
# So many of the best by BM25 are looked at.
CANDIDATES = 200
# So much of what is asked about a passage has to hold, weighted by rarity. Of tests/quoted/questions.toml, with the
# Working Environment Act and the Internal Control Regulation (tests/measure_quoted.py), the right section is among the
# three for 35, 35 and 25 of 46 questions in bokmål, nynorsk and English, of 38, 36 and 28 that are shown any; 5 of 91
# about something else are, none about coffee. At 0.5 it is 39, 39 and 34, and 14 of the others; at 0.7 33, 32 and 22.
BAR = 0.6
# What counts of a word whose like is there: said in the law's words, by a concept that is wider, as part of a compound.
SAID, NEAR, PART = 0.9, 0.5, 0.4
# What a word that no passage has weighs where it is asked in another language than theirs.
FOREIGN = 0.5
# Weights of what stands above a passage, of what it hangs on, and of itself.
WEIGHTS = (1.5, 0.7, 1.0)
_BEST = f"""
select document, place, heading || ' ' || lead_in || ' ' || quote from found join passage on number = found.rowid
where found match ? order by bm25(found, {", ".join(map(str, WEIGHTS))}), number limit ?
"""


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word of a question is looked for by: its lemma, the concepts it is part of, and its parts."""

    lemma: str
    concepts: tuple[str, ...]
    parts: tuple[str, ...]


class QuotedPassages:
    """Searches the passages of some documents."""

    def __init__(self, database: sqlite3.Connection, documents: Mapping[str, Document], spellings: Mapping[str, str]):
        self._database = database
        self._documents = documents
        self._matcher = TermMatcher(stored_phrases(database, "phrase"))
        known = [word for (word,) in database.execute("select word from word")]
        self._lexicon = Lexicon(stored_lemmas(database, "lemma", "form"), spellings, known)
        self._frame = read_frame()
        self._size = database.execute("select count(*) from passage").fetchone()[0]

    def near(self, text: str, language: Language) -> tuple[Citation, ...]:
        """At most three that hold most of what a question asks about, the best first; none of those that hold less."""
        return tuple(citation for citation, _ in self.ranked(text, language))[:MOST]

    def ranked(self, text: str, language: Language, bar: float = BAR) -> list[tuple[Citation, float]]:
        """Each with the share that it holds of what is asked about, weighted by how rare that is."""
        asked = self._asked(text)
        features = {f for word in asked for f in (word.lemma, *word.concepts, *word.parts)}
        rarity = self._rarity(features)
        match = " OR ".join(f'"{feature}"' for feature in rarity)
        if not match:
            return []
        best = self._database.execute(_BEST, [match, CANDIDATES]).fetchall()
        held = []
        for document, place, bag in best:
            unknown = self._rarest * (FOREIGN if "en" in {language} ^ {self._documents[document].language} else 1)
            held.append((document, place, _share(asked, {*bag.split(" ")}, rarity, unknown)))
        kept = sorted((row for row in held if row[2] >= bar), key=lambda row: -round(row[2], 1))
        return [(self._cited(document, place), share) for document, place, share in kept]

    @property
    def _rarest(self) -> float:
        return math.log(1 + (self._size + 0.5) / 0.5)

    def _cited(self, document: str, place: int) -> Citation:
        return cite(self._documents[document], self._documents[document].passages[place])

    def _asked(self, text: str) -> list[_Word]:
        analysis = self._lexicon.analyse(text)
        said = list(zip(analysis.words, analysis.lemmas, analysis.parts, strict=True))
        tells = [not {word, lemma} & self._frame for word, lemma, _ in said]
        concepts: dict[int, list[str]] = {}
        for mention in self._matcher.find(analysis):
            # "Hvor ofte" asks; "si opp" tells, as acts have words for it, and so does a role, whatever it is made of.
            if any(tells[mention.start : mention.end]) or mention.kind in {"legal", "role"}:
                for i in range(mention.start, mention.end):
                    concepts.setdefault(i, []).append(mention.term)
        found = [
            _Word(lemma, tuple(concepts.get(i, ())), parts)
            for i, (_, lemma, parts) in enumerate(said)
            if tells[i] or i in concepts
        ]
        return list(dict.fromkeys(found))

    def _rarity(self, features: set[str]) -> dict[str, float]:
        """The idf of those that some passage holds."""
        sought = sorted(features)
        marks = ", ".join("?" * len(sought))
        rows = self._database.execute(f"select term, doc from held where term in ({marks})", sought)
        return {term: math.log(1 + (self._size - count + 0.5) / (count + 0.5)) for term, count in rows}


def _share(asked: Sequence[_Word], held: set[str], rarity: Mapping[str, float], unknown: float) -> float:
    total = got = 0.0
    matter = False  # that somebody is named, by another word, is not what a question is about
    for word in asked:
        known = [rarity[f] for f in (word.lemma, *word.concepts) if f in rarity]
        weight = max(known, default=unknown)
        total += weight
        if word.lemma in held:
            share = 1.0
        elif common := held & {*word.concepts}:
            share = NEAR if all(term.startswith("concept:") for term in common) else SAID
        else:
            share = PART if held & {*word.parts} else 0.0
        got += share * weight
        matter |= share == 1 or (share > 0 and not any(term.startswith("role:") for term in word.concepts))
    return got / total if matter else 0.0


def read_frame() -> frozenset[str]:
    """Words that say nothing of what a question is about."""
    from spacy.lang.en.stop_words import STOP_WORDS

    return frozenset(map(normalise, (*tomllib.loads(FILE.read_text(encoding="utf-8"))["frame"], *STOP_WORDS)))


def read_concepts(glossary: Glossary) -> list[Term]:
    """What says the same in three languages and in the law's words, in answers and beside them."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["concepts"]
    return [*glossary.concepts, *(Term(f"legal:{ident}", tuple(phrases)) for ident, phrases in rows.items())]


def open_passages(
    file: Path,
    hash_: str,
    documents: Mapping[str, Document],
    spellings: Mapping[str, str],
    terms: Callable[[], Sequence[Term]],
    questions: Callable[[], Iterable[str]],
) -> QuotedPassages:
    """The index in `file` if it is current, else one built and written there, if it can be. The words of `questions`
    are words, and not slips of others that are like them."""
    database = read_index(file)
    if database is None or stored_meta(database)["hash"] != hash_:
        sources = Sources(documents, terms(), spellings, questions)
        database = write_index(file, hash_, sources, database)
        if database is None:
            database = build_index(sqlite3.connect(":memory:", check_same_thread=False), hash_, sources)
    return QuotedPassages(database, documents, spellings)
