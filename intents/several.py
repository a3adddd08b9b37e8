"""A message → the questions in it."""

from retrieval.words import normalise, sentences, words

# "Really?" and "right?" are no questions of their own.
SHORTEST = 3
# More than these in one message are no questions somebody waits for an answer to.
MOST = 6


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a message, each with what was said before it; the whole text where there is but one."""
    found: list[str] = []
    said: list[str] = []
    for sentence in sentences(text):
        said.append(sentence)
        if sentence.endswith("?") and len(words(normalise(sentence))) >= SHORTEST:
            found.append(" ".join(said))
            said = []
    found = list(dict.fromkeys(found))
    return tuple(found) if 1 < len(found) <= MOST else (text,)


def focus(text: str) -> str:
    """The question itself, without the story around it; the whole text where no sentence asks."""
    asking = [sentence for sentence in sentences(text) if sentence.endswith("?")]
    return " ".join(asking) or text
