"""A wording → the same wording however it is typed: which dash, quotation mark or space stands in it says nothing."""

import unicodedata

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# One character for one, so that places in a line stay what they are.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’‚", "'"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
    }
)


def alike(line: str) -> str:
    """A line as long as it was, its dashes, quotation marks and spaces the plainest of their kind."""
    return line.translate(_ALIKE)


def plain(text: str) -> str:
    """A text in one line, plain, with one space between words and nothing unseen."""
    return " ".join(alike(unicodedata.normalize("NFC", text).translate(_UNSEEN)).split())
