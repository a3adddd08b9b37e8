"""Question, answer and trace → the row that is kept, with what is needed to ask again and compare."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from bot.bootstrap import data_files
from bot.reply import Reply
from bot.store.answer import StoredAnswer
from bot.store.profile import Profile
from bot.store.retention import DAY
from corpus.library import Library
from intents.answer import Answer
from intents.answering import Trace
from retrieval.index import fingerprint

# Hits of each question that are kept with it.
HITS = 5


@dataclass(frozen=True, slots=True)
class Receipts:
    """What answers are made from just now, as SHA-256, and the program's version."""

    document_hash: str
    data_hash: str
    version: str


def read_receipts(library: Library) -> Receipts:
    documents = hashlib.sha256()
    for ident, document in sorted(library.documents.items()):
        documents.update(f"{ident}\n{document.text}\n".encode())
    return Receipts(documents.hexdigest(), fingerprint(data_files()), version("hms-bot"))


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asked what, when and where; `asked` in seconds since 1970, persons and conversations as hashes."""

    id: str
    asked: float
    channel: str
    person: str
    conversation: str
    question: str
    profile: Profile
    history: tuple[str, ...] = ()


def stored(asking: Asking, answer: Answer, reply: Reply, traces: Sequence[Trace], receipts: Receipts) -> StoredAnswer:
    """The row of an answer. Of a sensitive matter only that there was one is kept, and on which day."""
    gaps = [part.gap.id for part in answer.each if part.gap]
    nearest = answer.citations[0].passage.id if answer.citations else ""
    kept = StoredAnswer(
        id=asking.id,
        asked=asking.asked,
        channel=asking.channel,
        person=asking.person,
        conversation=asking.conversation,
        sensitive=answer.sensitive,
        question=asking.question,
        history=asking.history,
        language=answer.language,
        intent=answer.intent,
        outcome=answer.outcome,
        verdict=answer.verdict,
        confidence=answer.confidence,
        facts=answer.fact_ids,
        gap=gaps[0] if gaps else "",
        nearest=nearest,
        trace=tuple(line for trace in traces for line in _lines(trace)),
        profile=(asking.profile.role, asking.profile.campus, asking.profile.language),
        text_hash=hash_text(reply),
        document_hash=receipts.document_hash,
        data_hash=receipts.data_hash,
        version=receipts.version,
    )
    if not kept.sensitive:
        return kept
    day = asking.asked // DAY * DAY
    return replace(
        kept, asked=day, person="", conversation="", question=None, history=(), trace=(), profile=("", "", "")
    )


def hash_text(reply: Reply) -> str:
    return hashlib.sha256(reply.text.encode()).hexdigest()


def _lines(trace: Trace) -> list[str]:
    return [*(f"{hit.target} {hit.score:.3f}" for hit in trace.hits[:HITS]), *trace.steps]
