"""A word → what bokmål, nynorsk and English have it as, by the forms and lemmas in simplemma's dictionaries.

The dictionaries themselves take a second and two hundred megabytes to open. `python -m retrieval.dictionary` keeps of
them `dictionary.npy`, the checksum of each form (ascending) and what is known of it, shape (2, forms), uint32, 8 MB;
and `lemmas.txt`, the lemmas in order, by whose place a form has its own. One word in some ten thousand that no
language has is taken for one that it has.
"""

import zlib
from collections.abc import Iterable, Iterator
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
    numbers = {lemma: number for number, lemma in enumerate(lemmas)}
    wanted = np.zeros((len(LANGUAGES) + 1, len(lemmas)), dtype=bool)
    for word in words:
        if word in numbers:
            wanted[:, numbers[word]] = True
        for known in _known(word):
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
