"""Example questions, judged questions, and frames about things and roles → what the model of targets learns from."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.behaviour import fill, fits
from corpus.language import LANGUAGES, Language
from corpus.library import Library
from corpus.role import Role
from intents import train
from intents.duties import facts_of
from intents.judged import judged_questions, targets_of
from intents.kind import Kind, read_frames, read_kinds
from retrieval.entry import Entry
from retrieval.index import Index
from retrieval.target import OUTSIDE, target_features
from retrieval.train_classifier import Lesson

# Kinds whose frames about things are asked: each may be asked of what the policy does not hold.
KINDS = ("who", "must", "may", "whether", "how", "why", "define", "when", "where", "cost", "law", "form", "escalate")
# Each thing is asked about in so many frames, each frame about so many roles.
FRAMES = 2
ROLES = 2
# What a question counts: one that was judged as a person asked it, one of a thing outside or a detail, any other.
JUDGED, FRAMED = 2.0, 0.5
_OTHERS = ("ROLE", "BODY", "CAMPUS", "TERM")


def lessons(
    entries: Sequence[Entry], library: Library, index: Index, seen: Callable[[str], bool] = lambda text: True
) -> list[Lesson]:
    """All texts with the targets they ask for; of judged questions, things and frames those that are `seen`."""

    def lesson(text: str, targets: Iterable[str], weight: float = 1.0) -> Lesson:
        analysis = index.lexicon.analyse(text)
        return Lesson(target_features(text, analysis, index.mentions(analysis)), frozenset(targets), weight)

    known = {entry.target for entry in entries}
    nothing = {target for target in known if target.startswith("gap:")} | {OUTSIDE}
    found = [lesson(entry.text, [entry.target]) for entry in entries]
    found += [
        lesson(text, known & targets or nothing, JUDGED) for text, targets in judged_questions(library) if seen(text)
    ]
    frames = [row for row in read_frames() if seen(row[2])]
    by_kind = topic_frames(frames)
    for thing in (thing for thing in train.read_lines("things") if seen(thing["nb"])):
        targets = targets_of([thing["quote"]], library) if "quote" in thing else {OUTSIDE}
        weight = 1.0 if "quote" in thing else FRAMED
        found += [lesson(text, targets, weight) for text in _about(thing, by_kind)]
    found += [lesson(text, nothing, FRAMED) for text in _details(frames, library)]
    return found


def topic_frames(frames: Iterable[tuple[Language, str, str]]) -> Mapping[tuple[Language, str], list[str]]:
    """Frames about a thing and nobody, by language and kind."""
    found: dict[tuple[Language, str], list[str]] = defaultdict(list)
    for language, kind, frame in frames:
        if kind in KINDS and "TOPIC" in frame and not any(other in frame for other in _OTHERS):
            found[language, kind].append(frame)
    return found


def _about(thing: Mapping[str, Any], frames: Mapping[tuple[Language, str], Sequence[str]]) -> Iterator[str]:
    """A thing alone, and in a few frames: who sees to it, and others."""
    draw = random.Random(f"{train.SEED} {thing['nb']}")
    for language in LANGUAGES:
        yield thing[language]
        kinds = [kind for kind in KINDS if frames.get((language, kind))]
        for kind in ("who", *draw.choices(kinds, k=FRAMES - 1)):
            yield draw.choice(frames[language, kind]).replace("TOPIC", thing[language])


def roles_asked(frame: str, kind: Kind, library: Library) -> list[Role]:
    """The roles that a frame may ask about by itself: those of whom something is said, but not the detail it wants."""
    if kind.gives or any(other in frame for other in ("TOPIC", "CAMPUS", "TERM")):
        return []
    fitting = (role for role in library.roles.values() if fits(role, frame))
    told = ((role, facts_of(role.id, library)) for role in fitting)
    return [role for role, facts in told if facts and not any(map(kind.is_given_by, facts))]


def _details(frames: Sequence[tuple[Language, str, str]], library: Library) -> Iterator[str]:
    """Frames that ask somebody for a detail that no fact of theirs gives."""
    draw = random.Random(train.SEED)
    for language, name, frame in frames:
        kind = read_kinds()[name]
        if kind.route == "detail":
            fitting = roles_asked(frame, kind, library)
            for role in draw.sample(fitting, min(ROLES, len(fitting))):
                yield fill(frame, role, language)
