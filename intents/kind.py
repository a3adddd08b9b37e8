"""A question with its roles and places taken out → what kind of question it is.

What is asked is about the shape of a sentence, not about its words for things: "hvilke plikter har ROLE". A classifier
over word and character n-grams of that shape, lemmas, and the cues and concepts it holds; `intents/train.py` fits it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, NotRequired

from pydantic import ConfigDict
from typing_extensions import TypedDict

from corpus.fact import Detail, Relation, RoleFact
from corpus.language import LANGUAGES, Language
from corpus.library import Library
from retrieval.classifier import Bag, Classifier, to_bag
from retrieval.lexicon import Analysis
from retrieval.term import Mention
from retrieval.words import normalise, words

HERE = Path(__file__).parent
REGISTRY = HERE / "kinds.toml"
FRAMES = HERE / "frames"
MODEL = HERE / "model" / "kind.safetensors"
# From this probability on the route of a question is taken as sure.
SURE = 0.5

Route = Literal[
    "list", "define", "search", "tie", "detail", "polar", "compare", "escalate", "applies", "sort", "smalltalk"
]
ROLE, BODY = "ROLE", "BODY"
# The placeholders of frames, and what stands for them in a shape.
PLACEHOLDERS: Mapping[str, str] = {
    "ROLES": "ROLE", "ROLE_A": "ROLE", "ROLE_S": "ROLE", "ROLE": "ROLE",
    "BODY_S": "BODY", "BODY": "BODY", "CAMPUS": "CAMPUS",
}  # fmt: skip
_PLACEHOLDER = re.compile(r"\b(ROLES|ROLE_A|ROLE_S|ROLE|BODY_S|BODY|CAMPUS|TOPIC|TERM)(?:'s|s)?\b")
# With half of them 70 of 100 frames that were left out are of their own kind, with these or twice as many 73.
BUCKETS = 1 << 16
CHARACTERS = (3, 4, 5)
WORDS = (1, 2, 3)
# Words and pairs of them, runs of letters, and lemmas with what is known of them weigh so much each.
SHARES = (1.0, 0.7, 1.0)
# Kinds of terms that say what is asked, whatever it is about.
TELLING = frozenset({"wanted", "cue", "concept"})


@dataclass(frozen=True, slots=True)
class Shape:
    """A question's words with a placeholder for each role, body and campus, their lemmas likewise, the parts of
    compounds, and the telling terms it mentions outside of names."""

    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    parts: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: how it is answered, and by what a fact shows that it answers it."""

    id: str
    route: Route
    gives: str = ""
    relation: str = ""
    as_: Literal["subject", "object", "either"] = "either"
    rarely: bool = False
    sometimes: tuple[Detail, ...] = ()
    offered: Mapping[Language, str] = field(default_factory=dict)

    def is_given_by(self, fact: RoleFact) -> bool:
        """Whether a fact gives the detail, if only of the matter it is on."""
        if self.gives == "law":
            return bool(fact.laws)
        return self.gives in fact.gives or not set(self.sometimes).isdisjoint(fact.gives)


# A row of the registry, as `hms check` expects it.
KindRow = TypedDict(
    "KindRow",
    {
        "route": Route,
        "gives": NotRequired[str],
        "relation": NotRequired[Relation],
        "as": NotRequired[Literal["subject", "object", "either"]],
        "sometimes": NotRequired[list[Detail]],
        "rarely": NotRequired[bool],
        "offered": NotRequired[dict[Language, str]],
    },
)
KindRow.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]


@cache
def read_kinds(file: Path = REGISTRY) -> Mapping[str, Kind]:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        ident: Kind(
            id=ident,
            route=row["route"],
            gives=row.get("gives", ""),
            relation=row.get("relation", ""),
            as_=row.get("as", "either"),
            rarely=row.get("rarely", False),
            sometimes=tuple(row.get("sometimes", ())),
            offered=row.get("offered", {}),
        )
        for ident, row in rows.items()
    }


def read_frames() -> Iterator[tuple[Language, str, str]]:
    """Every frame with its language and kind."""
    for language in LANGUAGES:
        rows = tomllib.loads((FRAMES / f"{language}.toml").read_text(encoding="utf-8"))
        for kind, frames in rows.items():
            yield from ((language, kind, frame) for frame in frames)


def route_shares(kinds: Mapping[str, float]) -> dict[Route, float]:
    """The probability of each route: that of all its kinds together."""
    shares: dict[Route, float] = {}
    for kind, share in kinds.items():
        route = read_kinds()[kind].route
        shares[route] = shares.get(route, 0.0) + share
    return shares


def placeholder(role: str, library: Library) -> str:
    """What stands for a role, or a body, in a shape."""
    return BODY if library.roles[role].kind == "body" else ROLE


def shape(analysis: Analysis, mentions: Iterable[Mention], library: Library, last: str = "") -> Shape:
    """The shape of a question; `last` is the placeholder that stands for pronouns, where they mean somebody."""
    mentions = tuple(mentions)
    spans: dict[int, tuple[int, str]] = {}
    for mention in mentions:
        if mention.kind == "campus":
            spans.setdefault(mention.start, (mention.end, "CAMPUS"))
        elif mention.kind == "role":
            spans[mention.start] = (mention.end, placeholder(mention.ident, library))
        elif mention.kind == "pronoun" and last:
            spans.setdefault(mention.start, (mention.end, last))
    found: list[str] = []
    lemmas: list[str] = []
    parts: list[str] = []
    at = 0
    while at < len(analysis.words):
        end, token = spans.get(at, (at + 1, ""))
        if not token:
            found.append(analysis.words[at])
            lemmas.append(analysis.lemmas[at])
            parts += analysis.parts[at]
        elif found[-1:] != [token]:  # "the working environment committee (AMU)" is one
            found.append(token)
            lemmas.append(token)
        at = max(end, at + 1)
    inside = {i for start, (end, _) in spans.items() for i in range(start, end)}
    terms = (m.term for m in mentions if m.kind in TELLING and inside.isdisjoint(range(m.start, m.end)))
    return Shape(tuple(found), tuple(lemmas), tuple(parts), tuple(terms))


def frame_words(frame: str, topic: str) -> tuple[str, ...]:
    """A frame as the words of a question about `topic`, a matter or a term, with its other placeholders."""
    parts: list[str] = []
    at = 0
    for match in _PLACEHOLDER.finditer(frame):
        parts += words(normalise(frame[at : match.start()]))
        parts += [PLACEHOLDERS[match[1]]] if match[1] in PLACEHOLDERS else words(normalise(topic))
        at = match.end()
    return (*parts, *words(normalise(frame[at:])))


def features(asked: Shape) -> Bag:
    """What the model sees of a shape."""
    padded = ("<", *asked.words, ">")
    by_word = {
        f"w{' '.join(padded[i : i + n])}"
        for n in WORDS
        for i in range(len(padded) - n + 1)
        if n > 1 or 0 < i <= len(asked.words)
    }
    by_word |= {f"first {' '.join(asked.words[:n])}" for n in (1, 2)} | {f"last {' '.join(asked.words[-2:])}"}
    by_character = character_runs(asked.words, CHARACTERS)
    known = {f"m:{term}" for term in asked.terms} | {f"mm:{one} {other}" for one, other in pairwise(asked.terms)}
    known |= {f"l:{lemma}" for lemma in asked.lemmas} | {f"p:{part}" for part in asked.parts}
    known |= {f"ll:{one} {other}" for one, other in pairwise(("<", *asked.lemmas, ">"))}
    return to_bag(zip((by_word, by_character, known), SHARES, strict=True), BUCKETS)


def character_runs(found: Iterable[str], sizes: Iterable[int]) -> set[str]:
    """The runs of letters in each word."""
    return {
        f"c{marked[i : i + n]}"
        for marked in (f" {word} " for word in found)
        for n in sizes
        for i in range(len(marked) - n + 1)
    }


class KindModel(Classifier):
    """The probability of each kind, for the shape of a question."""

    def __init__(self, file: Path = MODEL) -> None:
        super().__init__(file)
        if set(self.labels) != set(read_kinds()):
            raise RuntimeError(f"{file} was trained for other kinds than those of {REGISTRY.name}: run `hms train`")

    def probabilities(self, asked: Shape) -> Mapping[str, float]:
        """By kind, likeliest first."""
        shares = self.shares(features(asked))
        return dict(sorted(shares.items(), key=lambda item: (-round(item[1], 6), item[0])))
