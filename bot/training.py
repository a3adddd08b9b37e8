"""The data → every model that ships: embedder, targets, kinds of question, decision, polarity.

The decision is learnt on questions that no example stands for: folds of our own, each with an index, an embedder
and a model of targets that never saw it, frames about things the policy does not hold, and questions judged by hand.
"""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bot.behaviour import fill
from bot.bootstrap import read_content, read_entries
from bot.training_set import (
    KINDS,
    KindRow,
    kind_rows,
    lessons,
    question_of,
    roles_asked,
    situation_rows,
    thread_rows,
    topic_frames,
)
from corpus.language import LANGUAGES
from corpus.library import Library, read_library
from intents import train
from intents.answer import Answer, ApplicabilityAnswer, SeveralAnswers, verdict_of
from intents.answering import Answerer
from intents.courtesies import read_courtesies
from intents.decision import NEARER, Decision, read_decision, untaught
from intents.decision import WEIGHTS as DECISION
from intents.duties import facts_of
from intents.judged import as_said, is_same
from intents.kind import MODEL as KIND_MODEL
from intents.kind import KindModel, read_frames, read_kinds
from intents.models import Models
from intents.polarity import WEIGHTS as POLARITY
from intents.polarity import Polarity, observe_claim
from intents.question import Question
from intents.situation import MODEL as SITUATIONS
from intents.situation import SituationModel
from intents.thread import WEIGHTS as THREADS
from intents.thread import read_threads
from retrieval.embedding import MODEL, Embedder, StaticEmbedder
from retrieval.entry import Entry
from retrieval.index import Index, open_index
from retrieval.search import Searcher
from retrieval.target import BUCKETS, TargetModel
from retrieval.target import MODEL as TARGETS
from retrieval.train import train as train_embedder
from retrieval.train_classifier import Lesson, train_classifier

FOLDS = 3
# Of the model of targets. With 128 dimensions and 0.4 dropped whole question sets are answered no better, though of
# 2,120 judged questions that were left out one in a hundred more is found; with twice the buckets no more is.
EPOCHS = 6
DROPPED = 0.3
# Of the examples left out of a fold, so many are asked; of each frame about a thing, so many things.
ASKED = 1_500
# What a row of each source counts, so that none drowns the others.
# Kinds of question answered by a table, a ladder or a list are few, and worded least like what answers them: with a
# third of this 85 rather than 91 of 100 left out are right, and one in three hundred more of those that a fact answers.
WEIGHTS = {
    "kind": 4.5, "fact": 1.5, "gap": 0.7, "outside": 1.0, "inside": 1.0, "role": 1.0, "judged": 4.0, "situation": 0.5,
}  # fmt: skip
# What hits count before which another was nearer. With 0.25, 0.5 and 1 blind sets differ by a third of a point.
OTHER = 0.5
HALVES = (0, 1)

Row = tuple[Mapping[str, float], bool, float]


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a training leaves its models, and in `scratch` what it needs only meanwhile."""

    embedder: Path
    intents: Path
    scratch: Path


def train_all(folder: Path | None, progress: Callable[[str], None]) -> None:
    """Train every model and save it in the package, or as `embedder` and `intents` under a folder. What does not need
    one another is trained side by side, on as many processors as there are: the models are the same."""
    embedder = folder / "embedder" if folder else MODEL
    intents = folder / "intents" if folder else KIND_MODEL.parent
    decision = intents / DECISION.name
    with tempfile.TemporaryDirectory() as scratch, ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        folders = Folders(embedder, intents, Path(scratch))
        progress("embedder")
        library = read_library()
        entries = read_entries(library)
        train_embedder(entries, embedder)
        progress("kinds of question")
        index = _index(library, entries, StaticEmbedder(embedder), _index_file(folders))
        train.train_words(intents)
        train.train_courtesies(intents)
        train.train_bounds(intents)
        train.train_situations((row for _, row in situation_rows(index)), intents / SITUATIONS.name)
        threads = (row for _, row in thread_rows(index))
        train.train_weights(threads, intents / THREADS.name, train.THREADS_STRENGTH)
        seen = list(kind_rows(entries, library, index))
        train.train_kinds((row for _, row in seen), intents)
        progress("targets, two halves and three folds")
        # What a model of kinds has seen it is too sure of: the decision is learnt from one that has not.
        others = [[row for text, row in seen if train.half(text) != half] for half in HALVES]
        halves = [pool.submit(_half, half, kinds, folders) for half, kinds in zip(HALVES, others, strict=True)]
        folds = [pool.submit(_fold, fold, folders) for fold in range(FOLDS)]
        pool.submit(_targets, folders).result()
        rows = [*_in_order(halves), *chain.from_iterable(fold.result() for fold in folds)]
        progress("decision")
        # All of it twice: as it is, and as it would be of a target that the model of targets does not know.
        weighed = [(seen, right, weight * (OTHER if seen.get(NEARER) else 1)) for seen, right, weight in rows]
        unknown = [(untaught(seen), right, weight) for seen, right, weight in weighed]
        train.train_weights((*weighed, *unknown), decision, train.DECISION_STRENGTH)
        progress("polarity")
        claims = [pool.submit(_claims, half, folders) for half in HALVES]
        train.train_weights(_in_order(claims), intents / POLARITY.name, train.POLARITY_STRENGTH)


def _in_order(halves: Iterable[Future[list[list[Row]]]]) -> Iterator[Row]:
    """The rows of each question, of whichever half it is, in the order in which they are asked."""
    for found in zip(*(half.result() for half in halves), strict=True):
        yield from chain.from_iterable(found)


def _index(library: Library, entries: list[Entry], embedder: Embedder, file: Path) -> Index:
    return open_index(file, file.name, lambda: read_content(library, entries), embedder)


def _index_file(folders: Folders) -> Path:
    return folders.scratch / "index"


def _opened(folders: Folders) -> tuple[Library, list[Entry], Embedder, Index]:
    """The data with the embedder and the index that all of it gave, as another process left them."""
    library, embedder = read_library(), StaticEmbedder(folders.embedder)
    entries = read_entries(library)
    return library, entries, embedder, _index(library, entries, embedder, _index_file(folders))


def _train_targets(found: Sequence[Lesson], file: Path) -> None:
    train_classifier(found, file, BUCKETS, EPOCHS, DROPPED)


def _targets(folders: Folders) -> None:
    """The model of targets that ships."""
    library, entries, _, index = _opened(folders)
    _train_targets(lessons(entries, library, index), folders.embedder / TARGETS.name)


def _half(half: int, kinds: Sequence[KindRow], folders: Folders) -> list[list[Row]]:
    """What the questions of a half give the decision, each by itself, where the models have seen the others alone."""
    folder = folders.scratch / f"half{half}"
    train.train_kinds(kinds, folder)
    library, entries, _, index = _opened(folders)
    _train_targets(lessons(entries, library, index, lambda text: train.half(text) != half), folder / TARGETS.name)
    told = (row for text, row in situation_rows(index) if train.half(text) != half)
    train.train_situations(told, folder / SITUATIONS.name)
    threads = (row for text, row in thread_rows(index) if train.half(text) != half)
    train.train_weights(threads, folder / THREADS.name, train.THREADS_STRENGTH)
    answerer = _answerer(half, folders, Decision({}))
    return [*_asked(half, answerer), *_about_roles(half, answerer)]


def _answerer(half: int, folders: Folders, decision: Decision) -> Answerer:
    """One whose models have seen the other half alone."""
    folder = folders.scratch / f"half{half}"
    library, _, embedder, index = _opened(folders)
    judged = index.judged.where([train.half(text) != half for text in index.judged.texts])
    searcher = Searcher(replace(index, judged=judged), embedder, model=TargetModel(folder / TARGETS.name))
    return Answerer(library, searcher, _models(folder, folders, decision))


def _models(folder: Path, folders: Folders, decision: Decision) -> Models:
    """What reads a question as a folder has it, with a decision, and a polarity that says nothing."""
    kinds, situations = KindModel(folder / KIND_MODEL.name), SituationModel(folder / SITUATIONS.name)
    threads = read_threads(folder / THREADS.name)
    return Models(kinds, situations, read_courtesies(folders.intents), threads, decision, Polarity({}))


def _asked(half: int, answerer: Answerer) -> Iterator[list[Row]]:
    """Questions judged by hand, situations, and frames about things inside and outside the policy; of another half,
    nothing."""
    for row in train.read_lines("judged"):
        own = train.half(as_said(row)) == half
        yield [*_row(answerer, question_of(row), row["quotes"], WEIGHTS["judged"])] if own else []
    for row in train.read_lines("situations"):
        found = answerer.proposals(Question(row["q"])) if train.half(row["q"]) == half else ()
        yield [(seen, verdict_of(proposed) == row["verdict"], WEIGHTS["situation"]) for proposed, seen in found]
    draw = random.Random(train.SEED)
    things = train.read_lines("things")
    frames = topic_frames(read_frames())
    for thing in things:
        for language in LANGUAGES:
            for kind in ("who", draw.choice(KINDS[1:])) if "quote" not in thing else ("who",):
                frame = draw.choice(frames[language, kind])
                text = frame.replace("TOPIC", thing[language])
                quotes = [thing["quote"]] if "quote" in thing else []
                weight = WEIGHTS["inside" if quotes else "outside"]
                own = train.half(frame) == half
                yield [*_row(answerer, Question(text), quotes, weight)] if own else []


def _claims(half: int, folders: Folders) -> list[list[Row]]:
    """Claims judged by hand, each by itself: where a right fact answers it, what polarity sees of it, and whether it is
    so."""
    answerer = _answerer(half, folders, read_decision(folders.intents / DECISION.name))
    claims = (row for row in train.read_lines("judged") if row.get("yes_no"))
    return [[*_claim(answerer, row)] if train.half(as_said(row)) == half else [] for row in claims]


def _claim(answerer: Answerer, row: Mapping[str, Any]) -> Iterator[Row]:
    answer, traces = answerer.answer(question_of(row))
    if not isinstance(answer, SeveralAnswers | ApplicabilityAnswer) and _right(answer, row["quotes"]):
        seen = observe_claim(traces[-1].asked, answer, traces[-1].seen.get("explained", 1.0), answerer.library)
        if seen is not None:
            yield seen, row["yes_no"] == "yes", 1.0


def _about_roles(half: int, answerer: Answerer) -> Iterator[list[Row]]:
    """Frames about a role or body: for a detail that no fact gives, and for its duties; of another half, nothing."""
    draw = random.Random(train.SEED)
    library = answerer.library
    for language, name, frame in read_frames():
        kind = read_kinds()[name]
        if kind.route not in {"detail", "list", "define"} or not (fitting := roles_asked(frame, kind, library)):
            continue
        role = draw.choice(fitting)
        facts = {fact.id for fact in facts_of(role.id, library)} if kind.route != "detail" else set()
        own = train.half(frame) == half
        found = answerer.proposals(Question(fill(frame, role, language))) if own else ()
        yield [(seen, any(f.id in facts for f in proposed.facts[:1]), WEIGHTS["role"]) for proposed, seen in found]


def _fold(fold: int, folders: Folders) -> list[Row]:
    """What examples of a fold give the decision, asked where neither index nor embedder knows them."""
    library = read_library()
    entries = read_entries(library)
    examples = [entry for entry in entries if entry.source == "example"]
    random.Random(train.SEED).shuffle(examples)
    out = set(examples[fold::FOLDS])
    kept = [entry for entry in entries if entry not in out]
    folder = folders.scratch / f"embedder{fold}"
    train_embedder(kept, folder)
    embedder = StaticEmbedder(folder)
    index = _index(library, kept, embedder, folders.scratch / f"index{fold}")
    _train_targets(lessons(kept, library, index), folder / TARGETS.name)
    searcher = Searcher(index, embedder, model=TargetModel(folder / TARGETS.name))
    answerer = Answerer(library, searcher, _models(folders.intents, folders, Decision({})))
    left_out = [entry for entry in examples[fold::FOLDS] if not entry.target.startswith("ask:smalltalk/")]
    # Of kinds of question, most of which structure decides, all are asked: few are left to learn from.
    of_kinds = [entry for entry in left_out if entry.target.startswith("ask:")]
    of_things = [entry for entry in left_out if not entry.target.startswith("ask:")]
    return [row for entry in (*of_kinds, *of_things[:ASKED]) for row in _example(answerer, entry)]


def _example(answerer: Answerer, entry: Entry) -> Iterator[Row]:
    kind, _, ident = entry.target.partition(":")
    if kind != "ask":
        quotes = [answerer.library.facts[ident].citation.passage.quote] if kind == "fact" else []
        yield from _row(answerer, Question(entry.text), quotes, WEIGHTS[kind])
        return
    for proposed, seen in answerer.proposals(Question(entry.text)):
        yield seen, _kind_right(proposed, ident, answerer.library), WEIGHTS["kind"]


def _kind_right(proposed: Answer, ident: str, library: Library) -> bool:
    if ident.startswith("duties/"):
        listed = proposed.intent == "duties" and proposed.role is not None
        return listed and ident.removeprefix("duties/") in library.kinds_of(str(proposed.role))
    return proposed.intent == ident


def _row(answerer: Answerer, question: Question, quotes: Sequence[str], weight: float) -> Iterator[Row]:
    """What the decision would see of a question, and whether the proposal is right; none where it is not asked."""
    for proposed, seen in answerer.proposals(question):
        yield seen, _right(proposed, quotes), weight


def _right(proposed: Answer, quotes: Sequence[str]) -> bool:
    cited = [citation.quote for citation in proposed.citations[:3]]
    return any(is_same(quote, said) for said in cited for quote in quotes)
