"""The data → every model that ships: embedder, kinds of question, decision, polarity.

The decision is learnt on questions that no example stands for: folds of our own, each with an index and an embedder
that never saw it, frames about things the policy does not hold, and questions judged by hand.
"""

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.behaviour import fill, fits
from bot.bootstrap import read_content, read_entries
from corpus.language import LANGUAGES, Language
from corpus.library import Library, read_library
from intents import train
from intents.answer import Answer
from intents.answering import Answerer
from intents.decision import WEIGHTS as DECISION
from intents.decision import Decision, read_decision
from intents.duties import facts_of
from intents.kind import MODEL as KIND_MODEL
from intents.kind import KindModel, read_frames, read_kinds, shape
from intents.polarity import WEIGHTS as POLARITY
from intents.polarity import Polarity, observe_claim
from intents.question import Question
from retrieval.embedding import MODEL, Embedder, StaticEmbedder
from retrieval.entry import Entry
from retrieval.index import Index, open_index
from retrieval.search import Searcher
from retrieval.train import train as train_embedder

FOLDS = 3
# Of the examples left out of a fold, so many are asked; of each frame about a thing, so many things.
ASKED = 1_500
# What a row of each source counts, so that none drowns the others.
WEIGHTS = {"fact": 1.5, "gap": 0.7, "outside": 1.0, "inside": 1.0, "role": 1.0, "judged": 4.0}
# Questions for all duties of a role are many: each counts so much of a frame.
LISTED = 0.1
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
        seen = list(_kind_rows(library, index))
        train.train_kinds((row for _, row in seen), intents_folder)
        kinds = KindModel(intents_folder / KIND_MODEL.name)
        searcher = Searcher(index, embedder)
        halves = []
        for half in (0, 1):
            # What a model of kinds has seen it is too sure of: the decision is learnt from one that has not.
            train.train_kinds((row for text, row in seen if train.half(text) != half), Path(scratch) / f"half{half}")
            unseen = KindModel(Path(scratch) / f"half{half}" / KIND_MODEL.name)
            halves.append(Answerer(library, searcher, unseen, Decision({}), Polarity({})))
        rows = [*_asked(halves), *_about_roles(halves)]
        for fold in range(FOLDS):
            progress(f"decision, fold {fold + 1} of {FOLDS}")
            rows += _fold(library, entries, fold, kinds, Path(scratch))
        progress("decision")
        decision = intents_folder / DECISION.name
        train.train_weights(rows, decision, train.DECISION_STRENGTH)
        progress("polarity")
        for answerer in halves:
            answerer.decision = read_decision(decision)
        train.train_weights(_claims(halves), intents_folder / POLARITY.name, train.POLARITY_STRENGTH)


def _index(library: Library, entries: list[Entry], embedder: Embedder, file: Path) -> Index:
    return open_index(file, file.name, lambda: read_content(library, entries), embedder)


def _kind_rows(library: Library, index: Index) -> Iterator[tuple[str, tuple[train.Shape, str, float]]]:
    """Frames, and labelled questions as a dozen frames each; each with its text."""
    terms = [term.names for term in library.terms.values()]
    for frame, tokens, kind in train.framed(train.read_lines("things"), terms):
        yield frame, (tokens, kind, 0.7)
    for row in (*train.read_lines("labelled"), *train.read_lines("judged")):
        if "kind" in row:
            yield row["q"], (_shape(row["q"], library, index), row["kind"], 6.0)
    for entry in read_entries(library):
        target = entry.target.removeprefix("ask:")
        if told := _EXAMPLES.get(target, "duties" if target.startswith("duties/") else ""):
            weight = LISTED if told == "duties" else 0.5
            yield entry.text, (_shape(entry.text, library, index), told, weight)


_EXAMPLES = {
    "applicability": "applies", "escalation": "escalate", "smalltalk/greeting": "greeting",
    "smalltalk/thanks": "thanks", "smalltalk/praise": "thanks", "smalltalk/ok": "thanks", "smalltalk/goodbye": "bye",
    "smalltalk/bot": "bot", "smalltalk/help": "help",
}  # fmt: skip


def _shape(text: str, library: Library, index: Index) -> train.Shape:
    analysis = index.lexicon.analyse(text)
    return shape(analysis.words, index.mentions(analysis), library)


def _asked(halves: Sequence[Answerer]) -> Iterator[Row]:
    """Questions judged by hand, and frames about things inside and outside the policy."""
    for row in train.read_lines("judged"):
        yield from _row(halves[train.half(row["q"])], row["q"], row["quotes"], WEIGHTS["judged"])
    draw = random.Random(train.SEED)
    things = train.read_lines("things")
    frames: dict[tuple[Language, str], list[str]] = defaultdict(list)
    for language, kind, frame in read_frames():
        if kind in KINDS and "TOPIC" in frame and not any(p in frame for p in ("ROLE", "BODY", "CAMPUS", "TERM")):
            frames[language, kind].append(frame)
    for thing in things:
        for language in LANGUAGES:
            for kind in ("who", draw.choice(KINDS[1:])) if "quote" not in thing else ("who",):
                frame = draw.choice(frames[language, kind])
                text = frame.replace("TOPIC", thing[language])
                quotes = [thing["quote"]] if "quote" in thing else []
                yield from _row(halves[train.half(frame)], text, quotes, WEIGHTS["inside" if quotes else "outside"])


def _claims(halves: Sequence[Answerer]) -> Iterator[Row]:
    """Claims judged by hand that a right fact answers, as polarity sees them, and whether they are so."""
    for row in (r for r in train.read_lines("judged") if r.get("yes_no")):
        answerer = halves[train.half(row["q"])]
        answer, traces = answerer.answer(Question(row["q"]))
        if not answer.parts and not answer.verdict and _right(answer, row["quotes"]):
            seen = observe_claim(traces[-1].asked, answer, traces[-1].seen.get("explained", 1.0), answerer.library)
            if seen is not None:
                yield seen, row["yes_no"] == "yes", 1.0


def _about_roles(halves: Sequence[Answerer]) -> Iterator[Row]:
    """Frames about a role or body: for a detail that no fact gives, and for its duties."""
    draw = random.Random(train.SEED)
    library = halves[0].library
    roles = [role for role in library.roles.values() if facts_of(role.id, library)]
    for language, name, frame in read_frames():
        kind = read_kinds()[name]
        if (
            kind.route not in {"detail", "list", "define"}
            or kind.gives
            or any(p in frame for p in ("TOPIC", "CAMPUS", "TERM"))
        ):
            continue
        if not (fitting := [role for role in roles if fits(role, frame)]):
            continue
        role = draw.choice(fitting)
        own = {fact.id for fact in facts_of(role.id, library)}
        for proposed, seen in halves[train.half(frame)].proposals(Question(fill(frame, role, language))):
            right = kind.route != "detail" and bool(proposed.facts) and proposed.facts[0].id in own
            yield seen, right, WEIGHTS["role"]


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
    answerer = Answerer(library, Searcher(index, embedder), kinds, Decision({}), Polarity({}))
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
        listed = proposed.intent == "duties" and proposed.role is not None
        return listed and ident.removeprefix("duties/") in library.kinds_of(str(proposed.role))
    return proposed.intent == ident


def _row(answerer: Answerer, text: str, quotes: Sequence[str], weight: float) -> Iterator[Row]:
    """What the decision would see of a question, and whether the proposal is right; none where it is not asked."""
    for proposed, seen in answerer.proposals(Question(text)):
        yield seen, _right(proposed, quotes), weight


def _right(proposed: Answer, quotes: Sequence[str]) -> bool:
    cited = [citation.quote for citation in proposed.citations[:3]]
    return any(a in b or b in a for a in cited for b in quotes)
