"""What is asked, whom it is about, and what is left over: the parts of a Query that hang on the shape of a question."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.language import Language
from corpus.library import Library
from retrieval.lexicon import Analysis
from retrieval.term import Mention, places

NEUTRAL = Path(__file__).parent / "model" / "words.json"
# "I'm a new dean", "som verneombud", "as a PI": words by which somebody says what they are, just before the role.
_I_AM = frozenset({
    "jeg er", "eg er", "æ e", "i er", "er jeg", "er eg", "i'm", "im", "i am", "am i", "jeg jobber som",
    "eg jobbar som", "jeg som", "eg som", "jeg har blitt", "eg har vorte", "i work as", "i have become",
    "i've become", "ble jeg", "vart eg", "vi er", "me er", "we are", "we're", "er blitt", "begynt som", "starta som",
    "startet som", "started as", "starting as", "meg som", "oss som", "me as", "mæ som", "me to be",
    "me to become", "jeg skal være", "eg skal vere", "til å være", "til å bli", "til å vere",
})  # fmt: skip
_AS = frozenset({"som", "as"})
# "Do I count as …?", "regnes hun for å være …?": a role that follows is what somebody may be, within so many words.
_COUNTS = frozenset({
    "regnes", "regne", "regnet", "reknast", "reknes", "rekne", "rekna", "telle", "teller", "telje", "tel", "anses",
    "ansees", "ansett", "ansedd", "betraktes", "betraktast", "betrakta", "betraktet", "behandles", "behandlast",
    "behandla", "behandlet", "handsamast", "handsama", "sees", "sett", "går", "gjelder", "gjeld", "defineres",
    "definerast", "klassifiseres", "klassifiserast", "likestilles", "likestillast", "likestilt", "count", "counts",
    "counted", "regarded", "considered", "treated", "seen", "classed", "classified", "viewed", "qualify", "qualifies",
})  # fmt: skip
_NEAR = 4
# "Must I treat the guest as …?": of what is done with somebody, only an employee is believed to be what they may be.
_TREATS = _COUNTS | frozenset({
    "regner", "reknar", "anse", "anser", "betrakte", "betrakter", "betraktar", "behandle", "behandler", "behandlar",
    "handsame", "handsamar", "se", "ser", "sjå", "definere", "definerer", "likestille", "likestiller",
    "likestillar", "regard", "regards", "consider", "considers", "treat", "treats", "treating", "see", "class",
    "classify", "view", "handle", "handled",
})  # fmt: skip
_FAR = 6
_TO_BE = (
    ("som",), ("as",), ("like",), ("for", "å", "være"), ("for", "å", "vere"), ("to", "be"), ("på", "linje", "med"),
    ("på", "lik", "linje", "med"), ("likt", "med"), ("on", "par", "with"),
)  # fmt: skip
# What may stand before the role that somebody counts as: "as one of our own employees".
_ONE_OF = frozenset({
    "av", "of", "våre", "vår", "vårt", "our", "your", "deres", "dykkar", "egne", "eigne", "own", "de", "dei", "andre",
    "other", "vanlige", "vanlege", "regular", "any", "enhver", "alle", "ekte", "real", "full",
})  # fmt: skip
_BETWEEN = frozenset({
    "en", "ein", "et", "eit", "ei", "a", "an", "the", "ny", "nye", "nytt", "fersk", "new", "newly", "nyvalgt",
    "nyvald", "nyansatt", "nytilsett", "selv", "sjølv", "bare", "berre", "just", "only", "nå", "no", "now", "her",
    "here", "vanlig", "vanleg", "ordinary", "appointed", "elected", "hired", "nyutnevnt", "brand", "also", "også",
    "både",
})  # fmt: skip
# "What must I see to?": what is asked is about whoever asks, whomever else it names.
_ONESELF = {
    "nb": frozenset({"jeg", "eg", "æ", "meg", "vi", "me", "oss"}),
    "en": frozenset({"i", "i'm", "we", "we're", "me", "us", "my", "mine", "our"}),
}
# Words beside them where whoever asks only wants to know, or counts on another.
_LEARNS = frozenset({
    "vente", "venter", "ventar", "forvente", "forventer", "forventar", "regne", "rekne", "lurer", "lurar", "undrer",
    "fortell", "fortel", "fortelle", "fortelja", "forklar", "forklare", "vis", "si", "sei", "seie", "gi", "gje", "vite",
    "expect", "count", "wonder", "wondering", "tell", "explain", "show", "give", "know",
})  # fmt: skip
# "My boss says that …": who says it is not whom it is about.
_SAYS = frozenset({
    "sier", "seier", "sa", "mener", "meiner", "påstår", "hevder", "hevdar", "insisterer",
    "says", "said", "claims", "thinks", "told", "tells", "insists", "wants", "ønsker", "ønskjer", "spurte", "asked",
})  # fmt: skip
# Words before a place; after some of them it may also be whose tasks are asked for.
_AT = frozenset(
    {"på", "i", "ved", "til", "in", "at", "to", "of", "my", "our", "min", "vår", "mi", "vårt", "mitt", "åt"}
)
_OF = frozenset({"til", "to", "of", "åt"})
_HERE = frozenset({"her", "here"})


@dataclass(frozen=True, slots=True)
class Named:
    """The roles a question names, by their function: whom it is about, who else is in it, who asks."""

    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    asker: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.subject, *self.object)


def name_roles(analysis: Analysis, mentions: Sequence[Mention], library: Library) -> Named:
    """Each role with its function. Who only says what they are is the asker, and whom it is about where no other is."""
    asker: list[str] = []
    others: list[str] = []
    others_say: list[str] = []
    places: list[str] = []
    for mention in mentions:
        if mention.kind != "role":
            continue
        if at_place(analysis, mention, library):
            if _OF.intersection(_before(analysis, mention)):
                places.append(mention.ident)
            continue
        says = analysis.words[mention.end : mention.end + 1]
        found = asker if _is_asker(analysis.words, mention) else others_say if _SAYS.intersection(says) else others
        found.append(mention.ident)
    if not asker and not others:  # "the tasks of the department", and nobody else's
        others = others_say or places
    asking, named = tuple(dict.fromkeys(asker)), tuple(dict.fromkeys(r for r in others if r not in asker))
    return Named(named[:1], named[1:], asking) if named else Named(asking, (), asking)


def counted_as(words: Sequence[str], mentions: Iterable[Mention], employee: str) -> tuple[str, ...]:
    """The roles that it is asked of somebody whether they count as; `employee` is whoever works here."""
    found = []
    for mention in mentions:
        start = mention.start
        while start and words[start - 1] in _BETWEEN | _ONE_OF:
            start -= 1
        before = next((start - len(b) for b in _TO_BE if tuple(words[start - len(b) : start]) == b), None)
        if before is None and words[start - 1 : start] == ("considered",):
            before = start
        verbs, near = (_TREATS, _FAR) if mention.ident == employee else (_COUNTS, _NEAR)
        if mention.kind == "role" and before is not None and verbs.intersection(words[max(0, before - near) : before]):
            found.append(mention.ident)
    return tuple(dict.fromkeys(found))


def about_oneself(asking: Sequence[str], language: Language) -> bool:
    """Whether the words of a question are about whoever asks it, and not only who wants to know ("what can I expect of
    the dean?", "tell me what …")."""
    pronouns = _ONESELF["en" if language == "en" else "nb"]
    return any(
        word in pronouns and not _LEARNS.intersection(asking[max(0, i - 1) : i + 3]) for i, word in enumerate(asking)
    )


def at_place(analysis: Analysis, mention: Mention, library: Library) -> bool:
    """Whether a role that is also a place is named as one: "at the department"."""
    place = mention.kind == "role" and library.roles[mention.ident].place
    return place and bool(_AT.intersection(_before(analysis, mention)))


def _before(analysis: Analysis, mention: Mention) -> tuple[str, ...]:
    return analysis.words[max(0, mention.start - 2) : mention.start]


def _is_asker(words: Sequence[str], mention: Mention) -> bool:
    start = mention.start
    while start and words[start - 1] in _BETWEEN:
        start -= 1
    before = " ".join(words[max(0, start - 3) : start])
    if any(before == said or before.endswith(f" {said}") for said in _I_AM):
        return True
    if start and words[start - 1] in _AS:
        return True
    opens = start == 0 and mention.start > 0 and mention.end < len(words) and mention.start <= 2
    return (opens or start == 0) and mention.end < len(words) and words[mention.end] in _HERE


# Whose question it is says nothing of what is asked; nor does the organisation's own name.
OURS = frozenset({"hms", "hse", "universitetet", "university", "hei", "hi", "hello", "takk", "thanks", "please"})


@cache
def _read_neutral(file: Path) -> Mapping[str, Sequence[str]]:
    rows: Mapping[str, Sequence[str]] = json.loads(file.read_text(encoding="utf-8"))
    return rows


@cache
def neutral_words(kind: str, file: Path = NEUTRAL) -> frozenset[str]:
    """Words of frames: they say what is asked, never about what. Some do in any kind, some in one alone. Written by
    `hms train`."""
    rows = _read_neutral(file)
    return frozenset((*rows[""], *rows.get(kind, ()))) | OURS


def is_neutral(word: str, file: Path = NEUTRAL) -> bool:
    """Whether a word is one of frames of any kind."""
    return word in _all_neutral(file)


@cache
def _all_neutral(file: Path) -> frozenset[str]:
    return frozenset(word for found in _read_neutral(file).values() for word in found)


def left_over(
    analysis: Analysis, mentions: Iterable[Mention], kind: str, named: Collection[str] = ()
) -> tuple[str, ...]:
    """The words that neither the frame of the question nor its roles and places explain, nor the words that the
    organisation is `named` by."""
    explained = places(m for m in mentions if m.kind in {"role", "campus"})
    neutral = neutral_words(kind) | {*named} | {f"{word}s" for word in named}
    return tuple(word for i, word in enumerate(analysis.words) if i not in explained and word not in neutral)
