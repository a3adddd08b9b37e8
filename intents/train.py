"""Frames, labelled questions and answers that were judged → the weights of kinds and decision.

Needs the extra `models`. Seeded: the same data give the same weights.
"""

import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from corpus.language import Language
from intents.courtesies import BOUNDS, SHORTEST, Side, observe_bound, observe_piece, pieces_of
from intents.courtesies import WEIGHTS as COURTESIES
from intents.kind import BUCKETS, MODEL, Shape, features, frame_words, read_frames
from intents.situation import BUCKETS as SITUATION_BUCKETS
from retrieval.classifier import Bag, save
from retrieval.train_classifier import Lesson, train_classifier
from retrieval.words import normalise, words

TRAINING = Path(__file__).parent / "training"
SEED = 20200214
# Each frame is seen with this many things.
FILLS = 3
# A word of this many kinds' frames tells nothing of the matter in any kind. Of 5,922 questions of all sets five more
# are right than with 3, seven with 8.
COMMON = 5
# Of 2,581 frames of two writers that were left out 73 of 100 are of their own kind, and 80 of 934 questions; with 6
# epochs 71 and 80, with 0.3 dropped 73 and 79. A logistic regression without lemmas, cues and concepts had 68 and 79.
EPOCHS = 8
DROPPED = 0.6
# Inverse strengths of regularisation, the best of those tried on what was left out.
DECISION_STRENGTH = 1.0
POLARITY_STRENGTH = 0.3
COURTESIES_STRENGTH = 0.3
BOUNDS_STRENGTH = 1.0
THREADS_STRENGTH = 0.3
# So many questions are wrapped to learn where they begin and end, of fewer words than these; such shares of them not at
# all, without the marks between, and two at once; beside each bound so many other places. With twice as many no more
# are found.
WRAPPED, LONG = 10_000, 30
UNWRAPPED, UNMARKED, TWICE = 0.25, 0.5, 0.15
OTHERS = 6
MARKS = " .,:;!?\u2013()-\n"
SITUATION_STRENGTH = 30.0

Thing = Mapping[str, str]
# A frame, its words and its kind.
Framed = tuple[str, tuple[str, ...], str]


def read_lines(name: str) -> list[dict[str, Any]]:
    """The objects of a file of training data, one a line."""
    text = (TRAINING / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def framed(things: Sequence[Thing], terms: Sequence[Mapping[Language, Sequence[str]]]) -> Iterator[Framed]:
    """Every frame of every kind with its words, about each of a few things or terms."""
    draw = random.Random(SEED)
    for language, kind, frame in read_frames():
        if "TERM" in frame:
            topics = [draw.choice(list(term[language])) for term in draw.sample(list(terms), FILLS)]
        else:
            topics = [thing[language] for thing in draw.sample(list(things), FILLS if "TOPIC" in frame else 1)]
        for topic in topics:
            yield frame, frame_words(frame, topic), kind


def train_words(folder: Path) -> None:
    """The words of frames, by kind; those of several kinds under ""."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for _, kind, frame in read_frames():
        by_kind[kind].update(token for token in frame_words(frame, "") if not token.isupper())
    count = Counter(word for found in by_kind.values() for word in found)
    common = {word for word, kinds in count.items() if kinds >= COMMON}
    rows = {"": sorted(common)} | {kind: sorted(found - common) for kind, found in by_kind.items()}
    _write(folder / "words.json", rows)


def train_courtesies(folder: Path) -> None:
    """What people put around their questions, and what they put into them, piece by piece. Courtesies are few, and
    count as much as all else together."""
    around = {piece for row in read_lines("wrappings") for side in ("before", "after") for piece in _pieces(row[side])}
    inside = {piece for name in ("judged", "labelled") for row in read_lines(name) for piece in _pieces(row["q"])}
    inside -= around
    rows = [(observe_piece(found), True, len(inside) / len(around)) for found in sorted(around)]
    rows += [(observe_piece(found), False, 1.0) for found in sorted(inside)]
    train_weights(rows, folder / COURTESIES.name, COURTESIES_STRENGTH)


def train_bounds(folder: Path) -> None:
    """Where a question begins and ends within what people put around it: judged questions in wrappings, with the marks
    between them and without; and some with nothing around them."""
    draw = random.Random(SEED)
    wrappings = read_lines("wrappings")
    asked: dict[str, list[str]] = defaultdict(list)
    for row in read_lines("judged"):
        if "history" not in row and len(row["q"].split()) < LONG:
            asked[row["lang"]].append(row["q"])
    rows: list[tuple[Mapping[str, float], bool, float]] = []
    for _ in range(WRAPPED):
        wrapping = draw.choice(wrappings)
        around = ("", "") if draw.random() < UNWRAPPED else (wrapping["before"], wrapping["after"])
        said = draw.sample(asked[wrapping["lang"]], 2 if draw.random() < TWICE else 1)
        parts = [around[0], " ".join(said), around[1]]
        bare = draw.random() < UNMARKED
        before, question, after = (part.strip(MARKS).split() if bare else part.split() for part in parts)
        typed = [*before, *question, *after]
        begin, end = len(before), len(before) + len(question)
        bounds: tuple[tuple[Side, int, int], ...] = ("before", begin, 1), ("after", end, SHORTEST)
        for side, bound, first in bounds:
            others = [at for at in range(first, len(typed)) if at != bound]
            places = [*([bound] if first <= bound < len(typed) else []), *draw.sample(others, min(OTHERS, len(others)))]
            rows += [(observe_bound(typed, at, side), at == bound, 1.0) for at in places]
    train_weights(rows, folder / BOUNDS.name, BOUNDS_STRENGTH, seen_by=5, least=0.05)


def _pieces(text: str) -> Iterator[tuple[str, ...]]:
    yield from (found for piece in pieces_of(text) if (found := tuple(words(normalise(piece)))))


def half(text: str) -> int:
    """Which of two halves of the training data a frame or question is in."""
    return zlib.crc32(text.encode()) % 2


def train_kinds(rows: Iterable[tuple[Shape, str, float]], folder: Path) -> None:
    """Fit the kinds on (shape, kind, weight) and save the model."""
    lessons = [Lesson(features(asked), {kind}, weight) for asked, kind, weight in rows if asked.words]
    train_classifier(lessons, folder / MODEL.name, BUCKETS, EPOCHS, DROPPED)


def train_situations(rows: Iterable[tuple[Bag, Mapping[str, str], float]], file: Path) -> None:
    """Fit what is told of a situation on what the model sees of a question, what is told of each aspect that something
    is known of, and what it counts."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    bags, told, counts = zip(*rows, strict=True)
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in bags)])
    buckets, weights = (np.concatenate(part) for part in zip(*bags, strict=True))
    matrix = csr_matrix((weights, buckets, starts), shape=(len(bags), SITUATION_BUCKETS))
    fitted = {}
    for aspect in told[0]:
        known = [i for i, row in enumerate(told) if aspect in row]
        values, weight = np.array([told[i][aspect] for i in known]), np.array(counts)[known]
        for value in np.unique(values):
            # A tolerance of 1e-4 takes twice the time, and judges one of 735 situations otherwise.
            model = LogisticRegression(C=SITUATION_STRENGTH, solver="liblinear", tol=1e-2, random_state=SEED)
            fitted[f"{aspect}:{value}"] = model.fit(matrix[known], values == value, sample_weight=weight)
    vectors = np.stack([one.coef_[0] for one in fitted.values()], axis=1).astype(np.float32)
    bias = np.concatenate([one.intercept_ for one in fitted.values()]).astype(np.float32)
    save([*fitted], vectors, {"weights": np.eye(len(fitted), dtype=np.float32), "bias": bias}, file)


def train_weights(
    rows: Iterable[tuple[Mapping[str, float], bool, float]],
    file: Path,
    strength: float,
    seen_by: int = 2,
    least: float = 0.0,
) -> None:
    """Fit what decides between two on (features, holds, weight) and save its weights by name, of those that as many
    rows show, and that are no smaller than the least."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    seen, holds, weights = zip(*rows, strict=True)
    # What is seen in one row alone tells nothing of others.
    often = {name for name, rows_with in Counter(chain.from_iterable(seen)).items() if rows_with >= seen_by}
    vectorizer = DictVectorizer(sort=True)
    matrix = vectorizer.fit_transform([{n: value for n, value in row.items() if n in often} for row in seen])
    model = LogisticRegression(C=strength, max_iter=2000, fit_intercept=False)
    model.fit(matrix, holds, sample_weight=weights)
    names = vectorizer.get_feature_names_out()
    fitted = zip(names, model.coef_[0], strict=True)
    _write(file, {n: round(float(w), 3) for n, w in fitted if abs(w) >= least})


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
