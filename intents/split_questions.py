"""A message → the questions in it, without the courtesies around them."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retrieval.words import normalise, sentences, words

# "Really?" and "right?" are no questions of their own.
SHORTEST = 3
# More than these in one message are no questions somebody waits for an answer to.
MOST = 6

COURTESIES = Path(__file__).with_name("courtesies.toml")
_PIECES = re.compile(r"(?<=[.!?:,])\s+|(?<=[:;]\))\s+|(?<=[:;]-\))\s+|\n+|\s+(?=[\U0001f300-\U0001faff])")
# Pictures at either end, and a comma or dash that courtesies leave behind.
_ENDS = re.compile(r"^[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\s]+|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\s,–-]+$")
# What a mail program writes around a message that is passed on.
_HEADERS = re.compile(
    r"^(?:>\s*)*(?:(?:from|to|cc|sent|date|subject|fra|frå|til|kopi|sendt|dato|emne)\s*:.*|-{2,}.*|.*-{4,}|"
    r"(?:videresendt|vidaresend|forwarded)\b.*)$|^(?:>\s?)+",
    re.IGNORECASE | re.MULTILINE,
)

# A name on a line of its own ends a mail.
_NAME = re.compile(r"\n\s*[A-ZÆØÅ][\w-]+(?: [A-ZÆØÅ][\w-]+)?\W*$")
_WHO = (
    "hvem|hva|hvor|hvordan|hvilke|hvilken|hvilket|hvorfor|når|kven|kva|kvar|kor|korleis|kvifor|kem|ka|kossn|koffor|vem|vad|hur|hvad|"
    "who|whom|whose|what|which|how|where|why|when"
)
_ASKS = re.compile(rf"\b(?:{_WHO})\b", re.IGNORECASE)
_VERBS = (
    "is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|need|"
    "er|var|har|kan|kunne|må|skal|bør|burde|vil|får|fins|finnes|finst|gjelder|gjeld|stemmer|trenger|treng|blir"
)
_OPENS = re.compile(rf"\W*(?:og |and |men |but |so |så )?(?:{_WHO}|{_VERBS})\b", re.IGNORECASE)
_AND = re.compile(rf",?\s+(?:og|and|och|samt)\s+(?=(?:{_WHO})\b)", re.IGNORECASE)

# "Since the forum has decided it, when …?", "when he has handed it over, who …?", "they have no duties, so why …?",
# "who pays, since we are employed by the host?": what a question takes to be so.
_SINCE = (
    r"siden(?! av\b)|sidan(?! av\b)|ettersom|fordi|i og med at|gitt at|since|because|given that|seeing that|now that"
)
_STATED = re.compile(
    rf"(?:^|[.!?:]\s+)(?:\w+\s+)?(?:{_SINCE}|når|when|as)\s+(?!(?:{_VERBS})\b)(?P<first>[^?]+?),\s+[^?]*\?"
    rf"|(?:^|[.!?:]\s+)(?P<told>[^.!?]+?),\s+(?:så|so)\s+(?:{_WHO})\b[^?]*\?"
    rf"|,\s+(?:{_SINCE})\s+(?P<last>[^?.]+)\?",
    re.IGNORECASE,
)


@cache
def _courtesies(file: Path = COURTESIES) -> "_Courtesies":
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return _Courtesies(
        words=frozenset(rows["words"]),
        sign_offs=frozenset(rows["sign_offs"]),
        opener=re.compile(rf"\s+(?=(?:{'|'.join(map(re.escape, rows['openers']))})\b)", re.IGNORECASE),
        greeting=re.compile(rf"\W*(?:(?:{'|'.join(map(re.escape, rows['greetings']))})\b\W*)+", re.IGNORECASE),
    )


@dataclass(frozen=True, slots=True)
class _Courtesies:
    words: frozenset[str]
    sign_offs: frozenset[str]
    opener: re.Pattern[str]
    greeting: re.Pattern[str]


def without_courtesies(text: str) -> str:
    """The text without greetings, thanks and signatures around the question; the whole where there is nothing else."""
    known = _courtesies()
    polite, sign_offs = known.words, known.sign_offs
    pieces = [piece for piece in _PIECES.split(_NAME.sub("", _HEADERS.sub("", text))) if piece.strip()]
    if pieces:  # "hello who is …", "… of the dean Thanks in advance": nothing but the words tells where a courtesy ends
        if (greeting := known.greeting.match(pieces[0])) and greeting.end() < len(pieces[0]):
            pieces[:1] = [pieces[0][: greeting.end()], pieces[0][greeting.end() :]]
        parts = known.opener.split(pieces[-1])
        if len(words(normalise(parts[0]))) >= SHORTEST:  # "what can you help me with" is no courtesy
            pieces[-1:] = parts
    said = [words(normalise(piece)) for piece in pieces]
    last = next((i for i, found in enumerate(said) if i and " ".join(found) in sign_offs), len(pieces))
    last = next((i for i in range(1, last) if said[i] and said[i][0] in sign_offs and i == last - 1), last)
    first = 0
    while first < last and polite.issuperset(said[first]):
        first += 1
    while last > first and polite.issuperset(said[last - 1]):
        last -= 1
    return _ENDS.sub("", " ".join(pieces[first:last])) if first < last else text


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


def focus(text: str) -> str:
    """The question itself, without the story around it; the whole text where no part of it asks."""
    return " ".join(asking_pieces(text)) or text


def asking_pieces(text: str) -> list[str]:
    """The parts of a message that ask something: they end with a question mark, else begin as questions do."""
    pieces = [[piece.strip() for piece in _PIECES.split(sentence) if piece.strip()] for sentence in sentences(text)]
    asking = [_asking_end(found) for found in pieces if found and found[-1].endswith("?")]
    asking = [piece for piece in asking if len(words(normalise(piece))) >= SHORTEST]
    return asking or [piece for found in pieces for piece in found if _OPENS.match(piece)]


def _asking_end(pieces: list[str]) -> str:
    """The end of a sentence that asks: "…, for the board?" does not by itself."""
    for at in range(len(pieces) - 1, 0, -1):
        if _ASKS.search(pieces[at]) or _OPENS.match(pieces[at]):
            return " ".join(pieces[at:])
    return " ".join(pieces)
