"""A word → what bokmål, nynorsk and English have it as, by the forms and lemmas in simplemma's dictionaries.

The dictionaries themselves take a second and two hundred megabytes to open. `python -m retrieval.dictionary` keeps of
them `dictionary.npy`, the checksum of each form (ascending) and what is known of it, shape (2, forms), uint32, 8 MB;
and `lemmas.txt`, the lemmas in order, by whose place a form has its own. One word in some ten thousand that no
language has is taken for one that it has.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).with_suffix(".npy")
LEMMAS = FILE.with_name("lemmas.txt")
# A Norwegian reading of a form comes before an English one, as most of the text is Norwegian.
LANGUAGES = ("nb", "nn", "en")
# Longer words are most often made of others, and few names are longer.
LONGEST = 16
# Of the parts of a compound: "lab" + "frakk", "arbeid" + "s" + "miljø".
HEAD, TAIL = 3, 4
JOINTS = ("", "s", "e")
# What is known of a form: the place of its lemma, its language, and whether it is written in small letters.
_LANGUAGE, _SMALL = 24, 1 << 26
_LEMMA = (1 << _LANGUAGE) - 1
# In place of the language of forms that share a checksum with others: which lemma they have cannot be told.
_UNCLEAR = len(LANGUAGES)

_Uints = npt.NDArray[np.uint32]


def is_known(plain: str) -> bool:
    """Whether a language has the word, in small letters, whole or made of two that it has."""
    return is_form(plain) or any(
        is_form(plain[at:])
        and any(plain[:at].endswith(joint) and is_form(plain[: at - len(joint)]) for joint in JOINTS)
        for at in range(HEAD, len(plain) - TAIL + 1)
    )


def known_words(words: Iterable[str]) -> set[str]:
    """Those of many words of which `is_known` is true, in a tenth of the time."""
    rest = {*words}
    whole = _forms_among(rest)
    parts = [(word, word[:at], word[at:]) for word in rest - whole for at in range(HEAD, len(word) - TAIL + 1)]
    tails = _forms_among({tail for _, _, tail in parts})
    heads = [(word, head) for word, head, tail in parts if tail in tails]
    stems = [(word, head.removesuffix(joint)) for word, head in heads for joint in JOINTS if head.endswith(joint)]
    known = _forms_among({stem for _, stem in stems})
    return whole | {word for word, stem in stems if stem in known}


def is_form(plain: str) -> bool:
    """Whether a language has the word whole, in small letters; some forms are names too."""
    return 1 < len(plain) <= LONGEST and any(_known(plain))


def checksum(word: str) -> int:
    """By which a form is looked for."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def forms_of(words: Iterable[str]) -> dict[int, str]:
    """The checksum of every form that shares a lemma with one of the words, or has one of them as its own; with that
    lemma."""
    lemmas = LEMMAS.read_text(encoding="utf-8").split("\n")
    sought = [*words]
    wanted = np.zeros((len(LANGUAGES) + 1, len(lemmas)), dtype=bool)
    places = [bisect_left(lemmas, word) for word in sought]
    wanted[:, [at for at, word in zip(places, sought, strict=True) if lemmas[at : at + 1] == [word]]] = True
    _, known = _known_of(sought)
    wanted[known >> _LANGUAGE & 3, known & _LEMMA] = True
    wanted[_UNCLEAR] = False
    forms, known_of = _forms()
    languages, found = known_of >> _LANGUAGE & 3, known_of & _LEMMA
    rows = np.flatnonzero(wanted[languages, found])
    # Of a form's readings the first counts, a name before a word: "Grunnloven" is none of many.
    checksums, first = np.unique(forms[rows], return_index=True)
    return dict(zip(checksums.tolist(), map(lemmas.__getitem__, found[rows[first]].tolist()), strict=True))


def _known(word: str) -> list[int]:
    """What is known of a word in small letters, by language."""
    forms, known = _forms()
    start = end = int(np.searchsorted(forms, np.uint32(sought := checksum(word))))
    while end < len(forms) and forms[end] == sought:
        end += 1
    return [found for found in known[start:end].tolist() if found & _SMALL]


def _known_of(words: Sequence[str]) -> tuple[npt.NDArray[np.intp], _Uints]:
    """The same of many words at once: the place of a word among them, and what is known of it, which may be several."""
    forms, known = _forms()
    sought = np.array([checksum(word) for word in words], dtype=np.uint32)
    starts = np.searchsorted(forms, sought)
    counts = np.searchsorted(forms, sought, side="right") - starts
    places = np.repeat(np.arange(len(words)), counts)
    found = known[np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(len(places))]
    small = found & _SMALL > 0
    return places[small], found[small]


def _forms_among(words: Iterable[str]) -> set[str]:
    """Those of which `is_form` is true."""
    sought = [word for word in words if 1 < len(word) <= LONGEST]
    return {sought[place] for place in _known_of(sought)[0].tolist()}


@cache
def _forms() -> tuple[_Uints, _Uints]:
    forms, known = np.load(FILE, mmap_mode="r")
    return forms, known


def _readings() -> Iterator[tuple[str, str, int]]:
    """Every form with its lemma and the number of its language."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    for number, language in enumerate(LANGUAGES):
        for form, lemma in DefaultDictionaryFactory().get_dictionary(language).items():
            if form.isalpha():
                yield form, lemma.casefold(), number


def build() -> tuple[list[str], _Uints]:
    """The lemmas, and the forms with what is known of each, as they are kept."""
    readings = list(_readings())
    lemmas = sorted({lemma for _, lemma, _ in readings})
    numbers = {lemma: number for number, lemma in enumerate(lemmas)}
    alike: dict[int, set[str]] = {}
    for form, _, _ in readings:
        alike.setdefault(checksum(form.casefold()), set()).add(form.casefold())
    rows = []
    for form, lemma, language in readings:
        sum_ = checksum(form.casefold())
        rows.append((sum_, language if len(alike[sum_]) == 1 else _UNCLEAR, form.islower(), numbers[lemma]))
    rows.sort()
    known = [lemma | language << _LANGUAGE | (_SMALL if small else 0) for _, language, small, lemma in rows]
    return lemmas, np.array([[form for form, *_ in rows], known], dtype=np.uint32)


if __name__ == "__main__":
    lemmas, forms = build()
    LEMMAS.write_text("\n".join(lemmas), encoding="utf-8")
    np.save(FILE, forms)
