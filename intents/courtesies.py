"""A message → what is left of it without the greetings, excuses, thanks and signatures around what it asks.

A piece at either end that is made of courteous words alone is left out, and so is one that reads as people's own
courtesies do and names nothing. Where no mark sets them apart, the question may be read from the word at which it most
likely begins to its last one. `intents/train.py` learns both from `training/wrappings.jsonl`.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from intents.decision import logistic
from retrieval.words import normalise, words

# Fewer words are no question of their own: "really?", "right?", "what can you" before "help me with".
SHORTEST = 3
FILE = Path(__file__).with_name("courtesies.toml")
WEIGHTS = Path(__file__).parent / "model" / "courtesies.json"
BOUNDS = Path(__file__).parent / "model" / "bounds.json"
# From this probability on a piece that names nothing is a courtesy. Of 360 questions that were wrapped by writers of
# whom nothing was learnt 349 are answered as without; at 0.7 348, with the list of words alone 329.
COURTEOUS = 0.8
# From this probability on a question begins, or ends, at a word. Of 300 questions that a writer of whom nothing was
# learnt wrapped, without marks between, 46 in 100 are found whole so, by pieces 10; of 200 not wrapped 17 are cut.
BOUND = 0.5
# Of a long message its courtesies are looked for within so many words of either end.
FURTHEST = 40
PIECES = re.compile(r"(?<=[.!?:,])\s+|(?<=[:;]\))\s+|(?<=[:;]-\))\s+|\n+|\s+(?=[\U0001f300-\U0001faff])")
# Pictures at either end, and a comma or dash that courtesies leave behind.
_ENDS = re.compile(r"^[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\s]+|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\s,–-]+$")
# What a mail program writes around a message that is passed on.
_HEADERS = re.compile(
    r"^(?:>\s*)*(?:(?:from|to|cc|sent|date|subject|fra|frå|til|kopi|sendt|dato|emne)\s*:.*|-{2,}.*|.*-{4,}|"
    r"(?:videresendt|vidaresendt?|forwarded)\b.*|(?:(?:vs|sv|re|fwd?|ad)\s*:\s*)+.*(?=\n)|.*:\s*(?=\n\s*>))$|^(?:>\s?)+",
    re.IGNORECASE | re.MULTILINE,
)
# A name on a line of its own ends a mail.
_NAME = re.compile(r"\n\s*[A-ZÆØÅ][\w-]+(?: [A-ZÆØÅ][\w-]+)?[^\w?]*$")


Side = Literal["before", "after"]


class Courtesies:
    """What of a message is but a courtesy."""

    def __init__(self, weights: Mapping[str, float], bounds: Mapping[str, float]) -> None:
        self._weights = weights
        self._bounds = bounds

    def without(self, text: str, names: Callable[[Sequence[str]], bool]) -> str:
        """The text without courtesies; the whole where there is nothing else. `names` tells whether the words of a
        piece name something that may be asked about."""
        known = _known()

        def is_courtesy(found: Sequence[str]) -> bool:
            if known.words.issuperset(found):
                return True
            return logistic(self._weights, observe_piece(found)) >= COURTEOUS and not names(found)

        pieces = pieces_of(text)
        if pieces:  # "hello who is …", "… of the dean Thanks in advance": only the words tell where a courtesy ends
            if (greeting := known.greeting.match(pieces[0])) and greeting.end() < len(pieces[0]):
                pieces[:1] = [pieces[0][: greeting.end()], pieces[0][greeting.end() :]]
            parts = known.opener.split(pieces[-1])
            if len(words(normalise(parts[0]))) >= SHORTEST:
                pieces[-1:] = parts
        said = [words(normalise(piece)) for piece in pieces]
        last = next((i for i, found in enumerate(said) if i and " ".join(found) in known.sign_offs), len(pieces))
        last = next((i for i in range(1, last) if said[i] and said[i][0] in known.sign_offs and i == last - 1), last)
        first = 0
        while first < last and is_courtesy(said[first]):
            first += 1
        while last > first and is_courtesy(said[last - 1]):
            last -= 1
        return _ENDS.sub("", " ".join(pieces[first:last])) if first < last else text

    def within(self, text: str) -> str:
        """The question within a text, where no mark may set it apart from what is around it."""
        typed = text.split()
        begin = self._bound(typed, "before", range(1, min(len(typed) - SHORTEST + 1, FURTHEST)), 0)
        least = max(begin + SHORTEST, len(typed) - FURTHEST)
        end = self._bound(typed, "after", range(least, len(typed)), len(typed))
        return _ENDS.sub("", " ".join(typed[begin:end]))

    def _bound(self, typed: Sequence[str], side: Side, places: range, none: int) -> int:
        """The place of all where the question most likely begins or ends; `none` where none is likely."""
        likely = {at: logistic(self._bounds, observe_bound(typed, at, side)) for at in places}
        best = max(likely, key=likely.__getitem__, default=none)
        return best if likely.get(best, 0.0) >= BOUND else none


def read_courtesies(folder: Path = WEIGHTS.parent) -> Courtesies:
    weights, bounds = (json.loads((folder / file.name).read_text(encoding="utf-8")) for file in (WEIGHTS, BOUNDS))
    return Courtesies(weights, bounds)


def pieces_of(text: str) -> list[str]:
    """The parts of a message that marks and lines set apart, without what a mail program writes."""
    return [piece for piece in PIECES.split(_NAME.sub("", _HEADERS.sub("", text))) if piece.strip()]


def observe_piece(found: Sequence[str]) -> dict[str, float]:
    """What tells whether the words of a piece are a courtesy: each of them, and each two that follow."""
    seen = {"bias": 1.0, "length": len(found) / 10} | dict.fromkeys(found, 1.0)
    return seen | {f"{before} {after}": 1.0 for before, after in pairwise(("", *found, ""))}


def observe_bound(typed: Sequence[str], at: int, side: Side) -> dict[str, float]:
    """What tells whether a question begins before, or ends after, the word at a place: the words about it, a mark, and
    all those that would be left out."""
    said = [next(iter(words(normalise(word))), "·") for word in typed]
    around = ["_", "_", *said, "_", "_"]
    two_before, before, after, two_after = around[at : at + 4]
    out, rest = (said[:at], said[at:]) if side == "before" else (said[at:], said[:at])
    last = typed[at - 1][-1:]
    true = {
        "bias": True,
        f"behind {before}": True,
        f"behind {two_before} {before}": True,
        f"ahead {after}": True,
        f"ahead {after} {two_after}": True,
        f"between {before} {after}": True,
        f"mark {last}": not last.isalnum(),
        "capital": typed[at][:1].isupper() and not typed[at].isupper(),
        f"{min(len(out), 10)} out": True,
        f"{min(len(rest), 6)} left": True,
    }
    seen = {name: 1.0 for name, holds in true.items() if holds}
    for word, count in Counter(out).items():
        seen[f"out {word}"] = count / max(4, len(out))
    return {f"{side}: {name}": value for name, value in seen.items()}


@dataclass(frozen=True, slots=True)
class _Known:
    words: frozenset[str]
    sign_offs: frozenset[str]
    opener: re.Pattern[str]
    greeting: re.Pattern[str]


@cache
def _known(file: Path = FILE) -> _Known:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return _Known(
        words=frozenset(rows["words"]),
        sign_offs=frozenset(rows["sign_offs"]),
        opener=re.compile(rf"\s+(?=(?:{'|'.join(map(re.escape, rows['openers']))})\b)", re.IGNORECASE),
        greeting=re.compile(rf"\W*(?:(?:{'|'.join(map(re.escape, rows['greetings']))})\b\W*)+", re.IGNORECASE),
    )
