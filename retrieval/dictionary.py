"""A word → whether bokmål, nynorsk or English has it, by the forms in simplemma's dictionaries.

The dictionaries themselves take a second and two hundred megabytes to open. `python -m retrieval.dictionary` keeps
the checksum of each form in `dictionary.npy`: uint32, in order, 3 MB. One word in some ten thousand that no language
has is taken for one that it has.
"""

import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).with_suffix(".npy")
LANGUAGES = ("nb", "nn", "en")
# Longer words are most often made of others, and few names are longer.
LONGEST = 16
# Of the parts of a compound: "lab" + "frakk", "arbeid" + "s" + "miljø".
HEAD, TAIL = 3, 4
JOINTS = ("", "s", "e")


def is_known(plain: str) -> bool:
    """Whether a language has the word, in small letters, whole or made of two that it has."""
    return is_form(plain) or any(
        is_form(plain[at:])
        and any(plain[:at].endswith(joint) and is_form(plain[: at - len(joint)]) for joint in JOINTS)
        for at in range(HEAD, len(plain) - TAIL + 1)
    )


def is_form(plain: str) -> bool:
    """Whether a language has the word whole."""
    forms = _forms()
    checksum = zlib.crc32(plain.encode("utf-8", "surrogatepass"))
    at = int(np.searchsorted(forms, np.uint32(checksum)))
    return len(plain) > 1 and at < len(forms) and int(forms[at]) == checksum


@cache
def _forms() -> npt.NDArray[np.uint32]:
    return np.asarray(np.load(FILE, mmap_mode="r"))


def read_forms() -> Iterator[str]:
    """Every form in small letters, of all the languages; some are names too."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    for language in LANGUAGES:
        for form in DefaultDictionaryFactory().get_dictionary(language):
            if form.isalpha() and form.islower() and 1 < len(form) <= LONGEST:
                yield form


if __name__ == "__main__":
    np.save(FILE, np.unique(np.fromiter((zlib.crc32(form.encode()) for form in read_forms()), np.uint32)))
