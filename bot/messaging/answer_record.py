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
from corpus.citation import Citation
from corpus.library import Library
from intents.answer import Answer, gap_of, verdict_of
from intents.answering import Trace
from retrieval.index import fingerprint

# Hits of each question that are kept with it.
HITS = 5
# Digits of a wording's hash: a passage has few wordings in its life.
WORDING = 16


@dataclass(frozen=True, slots=True)
class BuildVersion:
    """What answers are made from just now, as SHA-256, the program's version, and which document leads."""

    document_hash: str
    data_hash: str
    version: str
    leading: str = ""


def read_build_version(library: Library) -> BuildVersion:
    documents = hashlib.sha256()
    for ident, document in sorted(library.every_document.items()):
        documents.update(f"{ident}\n{document.text}\n".encode())
    return BuildVersion(
        documents.hexdigest(), fingerprint(data_files(library.folder)), version("hms-bot"), library.leading.id
    )


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asked what, when and where; `asked` in seconds since 1970, persons and conversations as hashes."""

    id: str
    asked: float
    channel: str
    person: str
    conversation: str
    question: str
    profile: Profile
    history: tuple[str, ...] = ()


def stored(
    context: RequestContext, answer: Answer, reply: Reply, traces: Sequence[Trace], build: BuildVersion
) -> StoredAnswer:
    """The row of an answer. Of a sensitive matter only that there was one is kept, and on which day."""
    gaps = [gap.id for gap in map(gap_of, answer.each) if gap]
    nearest = _place(answer.citations[0]) if answer.citations else ""
    kept = StoredAnswer(
        id=context.id,
        asked=context.asked,
        channel=context.channel,
        person=context.person,
        conversation=context.conversation,
        sensitive=answer.sensitive,
        question=context.question,
        history=context.history,
        language=answer.language,
        intent=answer.intent,
        outcome=answer.outcome,
        verdict=verdict_of(answer),
        confidence=answer.confidence,
        facts=answer.fact_ids,
        gap=gaps[0] if gaps else "",
        nearest=nearest,
        trace=tuple(line for trace in traces for line in _lines(trace)),
        profile=(context.profile.role, context.profile.campus, context.profile.language),
        text_hash=hash_text(reply),
        document_hash=build.document_hash,
        data_hash=build.data_hash,
        version=build.version,
        cited=tuple(map(_cited, answer.citations)),
    )
    if not kept.sensitive:
        return kept
    day = context.asked // DAY * DAY
    kept = replace(kept, asked=day, person="", conversation="", profile=("", "", ""))
    return replace(kept, question=None, history=(), trace=(), cited=())


def _place(citation: Citation) -> str:
    """A passage as it is called outside its document."""
    return f"{citation.document.id}:{citation.passage.id}"


def _cited(citation: Citation) -> str:
    """A passage, and the hash of what it says and what that hangs on."""
    wording = hashlib.sha256("\n".join(citation.wording).encode()).hexdigest()
    return f"{_place(citation)} {wording[:WORDING]}"


def hash_text(reply: Reply) -> str:
    return hashlib.sha256(reply.text.encode()).hexdigest()


def _lines(trace: Trace) -> list[str]:
    return [*(f"{hit.target} {hit.score:.3f}" for hit in trace.hits[:HITS]), *trace.steps]
