"""A question with its roles and places taken out → what kind of question it is.

What is asked is about the shape of a sentence, not about its words for things: "hvilke plikter har ROLE". A linear
model over word and character n-grams of that shape; `intents/train.py` fits it, and it is read here with numpy alone.
"""

import re
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NotRequired

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict
from typing_extensions import TypedDict

from corpus.fact import Relation
from corpus.language import LANGUAGES, Language
from corpus.library import Library
from retrieval.term import Mention
from retrieval.words import normalise, words

HERE = Path(__file__).parent
REGISTRY = HERE / "kinds.toml"
FRAMES = HERE / "frames"
MODEL = HERE / "model" / "kind.safetensors"

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
# Features are counted by hash: no vocabulary to load, and few of some 60,000 collide.
BUCKETS = 1 << 16
CHARACTERS = (3, 4, 5)
WORDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: how it is answered, and by what a fact shows that it answers it."""

    id: str
    route: Route
    gives: str = ""
    relation: str = ""
    as_: Literal["subject", "object", "either"] = "either"
    never: bool = False
    sometimes: str = ""

    @property
    def given(self) -> str:
        """The detail as the facts that give it name it."""
        return self.gives or self.sometimes


# A row of the registry, as `hms check` expects it.
KindRow = TypedDict(
    "KindRow",
    {
        "route": Route,
        "gives": NotRequired[str],
        "relation": NotRequired[Relation],
        "as": NotRequired[Literal["subject", "object", "either"]],
        "sometimes": NotRequired[str],
        "never": NotRequired[bool],
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
            never=row.get("never", False),
            sometimes=row.get("sometimes", ""),
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


def shape(found: Sequence[str], mentions: Iterable[Mention], library: Library, last: str = "") -> tuple[str, ...]:
    """The words with a placeholder for each role, body and campus that is mentioned; `last` is the one that stands for
    pronouns, where they mean somebody."""
    spans: dict[int, tuple[int, str]] = {}
    for mention in mentions:
        if mention.kind == "campus":
            spans.setdefault(mention.start, (mention.end, "CAMPUS"))
        elif mention.kind == "role":
            spans[mention.start] = (mention.end, placeholder(mention.ident, library))
        elif mention.kind == "pronoun" and last:
            spans.setdefault(mention.start, (mention.end, last))
    tokens: list[str] = []
    at = 0
    while at < len(found):
        end, token = spans.get(at, (at + 1, found[at]))
        if at not in spans or tokens[-1:] != [token]:  # "the working environment committee (AMU)" is one
            tokens.append(token)
        at = max(end, at + 1)
    return tuple(tokens)


def frame_shape(frame: str, topic: str) -> tuple[str, ...]:
    """A frame as the shape of a question about `topic`, a matter or a term."""
    parts: list[str] = []
    at = 0
    for match in _PLACEHOLDER.finditer(frame):
        parts += words(normalise(frame[at : match.start()]))
        parts += [PLACEHOLDERS[match[1]]] if match[1] in PLACEHOLDERS else words(normalise(topic))
        at = match.end()
    return (*parts, *words(normalise(frame[at:])))


def features(tokens: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Buckets and weights of a shape's word and character n-grams; words and characters weigh the same in all."""
    padded = ("<", *tokens, ">")
    by_word = [
        f"w{' '.join(padded[i : i + n])}"
        for n in WORDS
        for i in range(len(padded) - n + 1)
        if n > 1 or 0 < i <= len(tokens)
    ]
    by_word += [f"first {' '.join(tokens[:n])}" for n in (1, 2)] + [f"last {' '.join(tokens[-2:])}"]
    by_character = []
    for token in tokens:
        marked = f" {token} "
        by_character += [f"c{marked[i : i + n]}" for n in CHARACTERS for i in range(len(marked) - n + 1)]
    buckets: list[int] = []
    weights: list[float] = []
    for found, share in ((by_word, 1.0), (by_character, 0.7)):
        hashed = [zlib.crc32(text.encode()) % BUCKETS for text in found]
        buckets += hashed
        weights += [share / max(len(found), 1) ** 0.5] * len(hashed)
    if not buckets:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    unique, inverse = np.unique(np.array(buckets, dtype=np.int64), return_inverse=True)
    return unique, np.bincount(inverse, weights=weights).astype(np.float32)


class KindModel:
    """The probability of each kind, for the shape of a question."""

    def __init__(self, file: Path = MODEL) -> None:
        from safetensors.numpy import load_file

        tensors = load_file(file)
        self.kinds = tuple(read_kinds())
        self._weights = tensors["weights"].astype(np.float32)
        self._bias = tensors["bias"].astype(np.float32)
        if self._weights.shape != (BUCKETS, len(self.kinds)):
            raise RuntimeError(f"{file} was trained for other kinds than those of {REGISTRY.name}: run `hms train`")

    def probabilities(self, tokens: Sequence[str]) -> Mapping[str, float]:
        """By kind, likeliest first."""
        buckets, weights = features(tokens)
        scores = weights @ self._weights[buckets] + self._bias if len(buckets) else self._bias
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        order = np.lexsort((np.arange(len(shares)), -np.round(shares, 6)))
        return {self.kinds[i]: float(shares[i]) for i in order}
