"""A message → the questions in it, and the parts that ask."""

import re

from intents.courtesies import PIECES, SHORTEST
from retrieval.words import normalise, sentences, words

# More than these in one message are no questions somebody waits for an answer to.
MOST = 6

_WHO = (
    "hvem|hva|hvor|hvordan|hvilke|hvilken|hvilket|hvorfor|når|kven|kva|kvar|kor|korleis|kvifor|kem|ka|kossn|koffor|vem|vad|hur|hvad|"
    "who|whom|whose|what|which|how|where|why|when"
)
_ASKS = re.compile(rf"\b(?:{_WHO})\b", re.IGNORECASE)
_VERBS = (
    "is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|need|"
    "er|var|har|kan|kunne|må|skal|bør|burde|vil|får|fins|finnes|finst|gjelder|gjeld|stemmer|trenger|treng|blir"
)
_OPENLY = re.compile(rf"\W*(?:{_WHO})\b", re.IGNORECASE)
_OPENS = re.compile(rf"\W*(?:og |and |men |but |so |så )?(?:{_WHO}|{_VERBS})\b", re.IGNORECASE)
_AND = re.compile(rf",?\s+(?:og|and|och|samt)\s+(?=(?:{_WHO})\b)", re.IGNORECASE)

# "Since the forum has decided it, when …?", "when he has handed it over, who …?", "they have no duties, so why …?",
# "who pays, since we are employed by the host?": what a question takes to be so.
_SINCE = (
    r"siden(?! av\b)|sidan(?! av\b)|ettersom|fordi|i og med at|gitt at|since|because|given that|seeing that|now that"
)
_STATED = re.compile(
    rf"(?:^|[.!?:]\s+)(?:\w+\s+)?(?:{_SINCE}|når|when|as(?! an?\b))\s+(?!(?:{_VERBS})\b)(?P<first>[^?]+?),\s+[^?]*\?"
    rf"|(?:^|[.!?:]\s+)(?P<told>[^.!?]+?),\s+(?:så|so)\s+(?:{_WHO})\b[^?]*\?"
    rf"|,\s+(?:{_SINCE})\s+(?P<last>[^?.]+)\?",
    re.IGNORECASE,
)


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a message, each with what was said before it; the whole text where there is but one."""
    found: list[str] = []
    said: list[str] = []
    for sentence in (part for whole in sentences(text) for part in _apart(whole)):
        said.append(sentence)
        if sentence.endswith("?") and len(words(normalise(sentence))) >= SHORTEST:
            found.append(" ".join(said))
            said = []
    found = list(dict.fromkeys(found))
    return tuple(found) if 1 < len(found) <= MOST else (text,)


def _apart(sentence: str) -> list[str]:
    """Two questions joined by "and", each of which asks by itself: "who adopts … and who chairs …"."""
    parts = _AND.split(sentence)
    asks = (_ASKS.search(part) or _OPENS.match(part) for part in parts)
    if len(parts) < 2 or not all(asks) or min(len(words(normalise(part))) for part in parts) < SHORTEST:
        return [sentence]
    return [part if part.endswith("?") else f"{part}?" for part in parts]


def stated(text: str) -> str:
    """What a message takes to be so, in a clause beside its question; nothing where it takes nothing so."""
    found = _STATED.search(text)
    return next(filter(None, found.groups()), "") if found else ""


def opens_openly(text: str) -> bool:
    """Whether a text begins with who, what, when or the like, so that neither yes nor no answers it."""
    return bool(_OPENLY.match(text))


def focus(text: str) -> str:
    """The question itself, without the story around it; the whole text where no part of it asks."""
    return " ".join(asking_pieces(text)) or text


def asking_pieces(text: str) -> list[str]:
    """The parts of a message that ask something: they end with a question mark, else begin as questions do."""
    pieces = [[piece.strip() for piece in PIECES.split(sentence) if piece.strip()] for sentence in sentences(text)]
    asking = [_asking_end(found) for found in pieces if found and found[-1].endswith("?")]
    asking = [piece for piece in asking if len(words(normalise(piece))) >= SHORTEST]
    return asking or [piece for found in pieces for piece in found if _OPENS.match(piece)]


def _asking_end(pieces: list[str]) -> str:
    """The end of a sentence that asks: "…, for the board?" does not by itself."""
    for at in range(len(pieces) - 1, 0, -1):
        if _ASKS.search(pieces[at]) or _OPENS.match(pieces[at]):
            return " ".join(pieces[at:])
    return " ".join(pieces)
