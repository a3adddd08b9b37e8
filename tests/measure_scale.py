"""How the search of quoted passages grows: time, memory, and whether the right passage is found, beside rank-bm25.

`python tests/measure_scale.py 10000 100000 1000000`. The passages are made: sentences of the texts that ship, cut and
joined anew with words of the dictionary, so that no two are the same, in documents of a thousand. Asked is for some of
them by a few of their rarest words, in other forms where the dictionary has any. Each way searches the same passages in
a process of its own, whose peak of memory is told; `--without-bm25` leaves rank-bm25 out, which holds all in memory.
"""

import json
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from corpus.document import Document, Passage, Section
from corpus.library import read_library

SEED, QUESTIONS, PER_DOCUMENT, WORDS, NEW_WORDS = 7, 100, 1000, (10, 30), 4
FIRST, AMONG = 1, 3
_WORD = re.compile(r"[a-zæøå]{3,}")


def made_documents(size: int) -> dict[str, Document]:
    """Documents with so many passages, the same ones each time."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    chance = random.Random(SEED)
    dictionary = DefaultDictionaryFactory().get_dictionary("nb")
    rare = sorted(
        {form for form, _ in dictionary.items() if form.isalpha() and form.islower() and 5 <= len(form) <= 12}
    )
    rare = chance.sample(rare, 20_000)
    said = [word for p in read_library().leading.passages for word in _WORD.findall(p.quote.lower())]
    found = {}
    for number in range(0, size, PER_DOCUMENT):
        quotes = [_sentence(chance, said, rare) for _ in range(min(PER_DOCUMENT, size - number))]
        ident = f"d{number // PER_DOCUMENT}"
        found[ident] = _document(ident, quotes)
    return found


def _sentence(chance: random.Random, said: Sequence[str], rare: Sequence[str]) -> str:
    start = chance.randrange(len(said) - WORDS[1])
    words = [*said[start : start + chance.randint(*WORDS)], *chance.sample(rare, NEW_WORDS)]
    chance.shuffle(words)
    return f"{' '.join(words).capitalize()}."


def _document(ident: str, quotes: Sequence[str]) -> Document:
    text = "\n".join([ident, *quotes]) + "\n"
    section = Section(ident, (ident,), (ident,), 0, len(text))
    passages, at = [], len(ident) + 1
    for number, quote in enumerate(quotes):
        passages.append(Passage(f"{ident}/{number}", section, None, quote, at, at + len(quote), None, None))
        at += len(quote) + 1
    return Document(
        id=ident,
        title=ident,
        kind="regulation",
        rank=2,
        publisher=None,
        language="nb",
        approved=None,
        approved_by=None,
        revised=None,
        url=None,
        reference=None,
        text=text,
        sections=(section,),
        passages=tuple(passages),
    )


def asked(documents: Mapping[str, Document]) -> list[tuple[str, str]]:
    """Questions, each with the id of the passage that it is about."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    chance = random.Random(SEED + 1)
    forms: dict[str, list[str]] = defaultdict(list)
    lemma_of = DefaultDictionaryFactory().get_dictionary("nb")
    for form, lemma in lemma_of.items():
        if form.isalpha() and form.islower():
            forms[lemma].append(form)
    passages = [passage for document in documents.values() for passage in document.passages]
    seen = Counter(
        word for p in passages[:: max(len(passages) // 20_000, 1)] for word in _WORD.findall(p.quote.lower())
    )
    questions = []
    for passage in chance.sample(passages, QUESTIONS):
        rarest = sorted({*_WORD.findall(passage.quote.lower())}, key=lambda word: (seen[word], word))[:3]
        said = [chance.choice(forms.get(lemma_of.get(word, word)) or [word]) for word in rarest]
        questions.append((f"hva gjelder for {' og '.join(said)}?", passage.id))
    return questions


def measure(way: str, size: int) -> dict[str, float]:
    """Seconds to make an index and to open it again, seconds a question, memory in MB, and how often what was asked
    for is the first and among the first three."""
    documents = made_documents(size)
    questions = asked(documents)
    before = _memory()
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        search, again = {"fts5": _fts5, "rank-bm25": _bm25}[way](documents, Path(folder))
        built = perf_counter() - start - again
        places = []
        start = perf_counter()
        for question, right in questions:
            found = search(question)
            places.append(found.index(right) if right in found else len(found) + AMONG)
        each = (perf_counter() - start) / len(questions)
    return {
        "build_s": built, "open_s": again, "ms": 1000 * each, "passages_mb": before, "peak_mb": _memory(),
        "first": sum(place < FIRST for place in places), "among": sum(place < AMONG for place in places),
    }  # fmt: skip


def _fts5(documents, folder):
    from retrieval.quotation import open_passages

    def opened():
        return open_passages(folder / "index", "made", documents, {}, list, list)

    opened()
    start = perf_counter()
    searched = opened()
    again = perf_counter() - start
    return lambda text: [c.passage.id for c, _ in searched.ranked(text, "nb", 0.0)], again


def _bm25(documents, folder):  # noqa: ARG001  # each way takes both
    import numpy as np
    from rank_bm25 import BM25Okapi

    ids = [p.id for d in documents.values() for p in d.passages]
    index = BM25Okapi([_WORD.findall(p.quote.lower()) for d in documents.values() for p in d.passages])

    def search(text):
        scores = index.get_scores(_WORD.findall(text.lower()))
        best = np.argpartition(-scores, AMONG)[: AMONG * 20]
        return [ids[i] for i in sorted(best, key=lambda i: -scores[i])]

    return search, 0.0


def _memory() -> float:
    """The peak of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rows(sizes: Sequence[int], ways: Sequence[str]) -> Iterator[str]:
    for size in sizes:
        for way in ways:
            child = subprocess.run(
                [sys.executable, __file__, "--measure", way, str(size)], capture_output=True, text=True, check=False
            )
            if child.returncode:
                yield f"{size:>9,} {way:<9} failed ({child.returncode}): {child.stderr.strip().splitlines()[-1:]}"
                continue
            m = json.loads(child.stdout)
            yield (
                f"{size:>9,} {way:<9} built in {m['build_s']:.1f} s, opened in {m['open_s']:.2f} s, "
                f"{m['ms']:.1f} ms a question, {m['peak_mb']:.0f} MB ({m['passages_mb']:.0f} MB of them the passages); "
                f"right first {m['first']}, among three {m['among']} of {QUESTIONS}"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
    else:
        given = [int(word) for word in sys.argv[1:] if word.isdecimal()] or [10_000]
        for line in _rows(given, ["fts5"] if "--without-bm25" in sys.argv else ["fts5", "rank-bm25"]):
            print(line, flush=True)
