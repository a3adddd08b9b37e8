"""The data → every model that ships: embedder, kinds of question, decision.

The decision is learnt on questions that no example stands for: folds of our own, each with an index and an embedder
that never saw it, frames about things the policy does not hold, and questions judged by hand.
"""

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bot.behaviour import fill, fits
from bot.bootstrap import read_entries
from corpus.language import LANGUAGES, Language
from corpus.library import Library, read_library
from intents import train
from intents.answer import Answer
from intents.answering import Answerer
from intents.decision import Decision
from intents.duties import facts_of
from intents.kind import MODEL as KIND_MODEL
from intents.kind import KindModel, read_kinds, shape
from intents.question import Question
from intents.sensitive import read_signs
from intents.understanding import read_terms
from retrieval.embedding import MODEL, Embedder, StaticEmbedder
from retrieval.entry import Entry
from retrieval.glossary import read_glossary
from retrieval.index import Content, Index, open_index
from retrieval.search import Searcher
from retrieval.train import train as train_embedder

FOLDS = 3
# Of the examples left out of a fold, so many are asked; of each frame about a thing, so many things.
ASKED = 1_500
# What a row of each source counts, so that none drowns the others.
WEIGHTS = {"fact": 1.5, "gap": 0.7, "outside": 0.7, "inside": 1.5, "role": 0.5, "judged": 4.0}
# Kinds whose frames about things are asked: each may be asked of what the policy does not hold.
KINDS = ("who", "must", "may", "whether", "how", "why", "define", "when", "where", "cost", "law", "form", "escalate")

Row = tuple[Mapping[str, float], bool, float]


def train_all(folder: Path | None, progress: Callable[[str], None]) -> None:
    """Train every model and save it in the package, or as `embedder` and `intents` under a folder."""
    embedder_folder = folder / "embedder" if folder else MODEL
    intents_folder = folder / "intents" if folder else KIND_MODEL.parent
    library = read_library()
    entries = read_entries(library)
    progress("embedder")
    train_embedder(entries, embedder_folder)
    with tempfile.TemporaryDirectory() as scratch:
        progress("kinds of question")
        embedder = StaticEmbedder(embedder_folder)
        index = _index(library, entries, embedder, Path(scratch) / "index")
        train.train_words(intents_folder)
        train.train_kinds(_kind_rows(library, index), intents_folder)
        kinds = KindModel(intents_folder / KIND_MODEL.name)
        answerer = Answerer(library, Searcher(index, embedder), kinds, Decision({}))
        rows = [*_asked(answerer), *_about_roles(answerer)]
        for fold in range(FOLDS):
            progress(f"decision, fold {fold + 1} of {FOLDS}")
            rows += _fold(library, entries, fold, kinds, Path(scratch))
    progress("decision")
    train.train_decision(rows, intents_folder)


def _index(library: Library, entries: list[Entry], embedder: Embedder, file: Path) -> Index:
    content = Content(entries, read_terms(library), read_glossary(), read_signs())
    return open_index(file, file.name, lambda: content, embedder)


def _kind_rows(library: Library, index: Index) -> Iterator[tuple[train.Shape, str, float]]:
    """Frames, and labelled questions as three frames each."""
    yield from ((tokens, kind, 1.0) for tokens, kind in train.framed(train.read_lines("things")))
    for row in (*train.read_lines("labelled"), *train.read_lines("judged")):
        if "kind" in row:
            yield _shape(str(row["q"]), library, index), str(row["kind"]), 3.0
    for entry in read_entries(library):
        target = entry.target.removeprefix("ask:")
        kind = _EXAMPLES.get(target, "duties" if target.startswith("duties/") else "")
        if kind:
            yield _shape(entry.text, library, index), kind, 0.15 if kind == "duties" else 0.5


_EXAMPLES = {
    "applicability": "applies", "escalation": "escalate", "smalltalk/greeting": "greeting",
    "smalltalk/thanks": "thanks", "smalltalk/praise": "thanks", "smalltalk/ok": "thanks", "smalltalk/goodbye": "bye",
    "smalltalk/bot": "bot", "smalltalk/help": "help",
}  # fmt: skip


def _shape(text: str, library: Library, index: Index) -> train.Shape:
    analysis = index.lexicon.analyse(text)
    return shape(analysis.words, index.mentions(analysis), library)


def _asked(answerer: Answerer) -> Iterator[Row]:
    """Questions judged by hand, and frames about things inside and outside the policy."""
    for row in train.read_lines("judged"):
        yield from _row(answerer, str(row["q"]), list(row["quotes"]), WEIGHTS["judged"])
    draw = random.Random(train.SEED)
    things = train.read_lines("things")
    frames: dict[tuple[Language, str], list[str]] = defaultdict(list)
    for language, kind, frame in train.read_frames():
        if kind in KINDS and "TOPIC" in frame and not any(p in frame for p in ("ROLE", "BODY", "CAMPUS")):
            frames[language, kind].append(frame)
    for thing in things:
        for language in LANGUAGES:
            for kind in ("who", draw.choice(KINDS[1:])) if "quote" not in thing else ("who",):
                text = draw.choice(frames[language, kind]).replace("TOPIC", str(thing[language]))
                quotes = [str(thing["quote"])] if "quote" in thing else []
                yield from _row(answerer, text, quotes, WEIGHTS["inside" if quotes else "outside"])


def _about_roles(answerer: Answerer) -> Iterator[Row]:
    """Frames for a detail that no fact gives, each about a role or body."""
    draw = random.Random(train.SEED)
    roles = [role for role in answerer.library.roles.values() if facts_of(role.id, answerer.library)]
    for language, kind, frame in train.read_frames():
        if read_kinds()[kind].route != "detail" or read_kinds()[kind].gives or "TOPIC" in frame or "CAMPUS" in frame:
            continue
        if fitting := [role for role in roles if fits(role, frame)]:
            yield from _row(answerer, fill(frame, draw.choice(fitting), language), (), WEIGHTS["role"])


def _fold(library: Library, entries: list[Entry], fold: int, kinds: KindModel, scratch: Path) -> Iterator[Row]:
    """The examples of a fold, asked where neither index nor embedder knows them."""
    examples = [entry for entry in entries if entry.source == "example"]
    random.Random(train.SEED).shuffle(examples)
    out = set(examples[fold::FOLDS])
    kept = [entry for entry in entries if entry not in out]
    folder = scratch / f"embedder{fold}"
    train_embedder(kept, folder)
    embedder = StaticEmbedder(folder)
    index = _index(library, kept, embedder, scratch / f"index{fold}")
    answerer = Answerer(library, Searcher(index, embedder), kinds, Decision({}))
    asked = [entry for entry in examples[fold::FOLDS] if not entry.target.startswith("ask:smalltalk/")][:ASKED]
    for entry in asked:
        kind, _, ident = entry.target.partition(":")
        if kind == "ask":
            for proposed, seen in answerer.proposals(Question(entry.text)):
                yield seen, _kind_right(proposed, ident, library), WEIGHTS["fact"]
            continue
        quotes = [library.facts[ident].citation.passage.quote] if kind == "fact" else []
        yield from _row(answerer, entry.text, quotes, WEIGHTS[kind])


def _kind_right(proposed: Answer, ident: str, library: Library) -> bool:
    if ident.startswith("duties/"):
        return proposed.role is not None and ident.removeprefix("duties/") in library.kinds_of(proposed.role)
    return proposed.intent == ident


def _row(answerer: Answerer, text: str, quotes: Iterable[str], weight: float) -> Iterator[Row]:
    """What the decision would see of a question, and whether the proposal is right; none where it is not asked."""
    for proposed, seen in answerer.proposals(Question(text)):
        yield seen, _right(proposed, quotes), weight


def _right(proposed: Answer, quotes: Iterable[str]) -> bool:
    cited = [citation.quote for citation in proposed.citations[:3]]
    return any(a in b or b in a for a in cited for b in quotes)
