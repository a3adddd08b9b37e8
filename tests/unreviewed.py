"""The library while some of its facts wait for a review, and what they would say."""

from dataclasses import replace

from corpus.example import read_examples
from corpus.library import DATA, read_library

SHIPPED = read_library()
FACTS, LINE = SHIPPED.slots.escalation.facts, SHIPPED.slots.escalation.line
DECIDING = SHIPPED.applicability.facts
ADOPTS = "rektor/vedtar-politikken"
# Where the words are the same and only what stands behind them is not reviewed; one of each way to an answer.
STALE = {ADOPTS, FACTS[0], "ansatt/alle-i-tjeneste", "amu/kan-vedta", "prinsipper/lavest-niva"}


def stale(library, *idents):
    """The library as it is while these facts, and the translations of their passages, wait for a review."""
    passages = {c.passage.id for ident in idents for c in library.facts[ident].citations}
    document = library.documents["hms-politikk"]
    document = replace(
        document, passages=tuple(replace(p, translation=None) if p.id in passages else p for p in document.passages)
    )

    def moved(citation):
        return replace(citation, document=document, passage=document.passage(citation.passage.id))

    facts = {
        ident: replace(
            fact,
            citation=moved(fact.citation),
            further=tuple(map(moved, fact.further)),
            statement=None if ident in idents else fact.statement,
        )
        for ident, fact in library.facts.items()
    }
    gaps = {ident: replace(gap, nearest=gap.nearest and moved(gap.nearest)) for ident, gap in library.gaps.items()}
    return replace(library, documents={document.id: document}, facts=facts, gaps=gaps)


def examples(idents, most=2):
    folder = DATA / "documents/hms-politikk/questions/facts"
    counted = {}
    for _, example in read_examples("fact", folder):
        key = example.target, example.language
        counted[key] = counted.get(key, 0) + 1
        if example.target.partition(":")[2] in idents and counted[key] <= most:
            yield example.target.partition(":")[2], example.text


def said(idents, library, language):
    """What facts state in other words than their passages."""
    facts = [library.facts[ident] for ident in idents]
    return {f.statement.of(language) for f in facts if f.statement.of(language) not in f.citation.quote}
