"""What reads and decides a question, as it was trained: one value, so that a fold may exchange any part of it."""

from dataclasses import dataclass
from pathlib import Path

from intents import decision, kind, polarity, situation, thread
from intents.courtesies import Courtesies, read_courtesies
from intents.decision import Decision, read_decision
from intents.kind import KindModel
from intents.polarity import Polarity, read_polarity
from intents.situation import SituationModel
from intents.thread import Threads, read_threads

FOLDER = kind.MODEL.parent


@dataclass(frozen=True, slots=True)
class Models:
    kinds: KindModel
    situations: SituationModel
    courtesies: Courtesies
    threads: Threads
    decision: Decision
    polarity: Polarity


def read_models(folder: Path = FOLDER) -> Models:
    """All of them, as `hms train` left them in a folder."""
    return Models(
        KindModel(folder / kind.MODEL.name),
        SituationModel(folder / situation.MODEL.name),
        read_courtesies(folder),
        read_threads(folder / thread.WEIGHTS.name),
        read_decision(folder / decision.WEIGHTS.name),
        read_polarity(folder / polarity.WEIGHTS.name),
    )
