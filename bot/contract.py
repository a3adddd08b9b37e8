"""Answer and reply → the JSON object of the command line and the API."""

import json
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from bot.bootstrap import Assistant
from bot.reply import Cited, Group, Reply
from intents.answer import Answer, verdict_of
from intents.question import Question
from intents.unanswered import detail_asked


@with_config(ConfigDict(extra="ignore", strict=True))
class QuestionRow(TypedDict):
    id: NotRequired[str | int]
    q: str
    history: NotRequired[list[str]]


_QUESTION_ROW = TypeAdapter(QuestionRow)


def read_asked(row: Any) -> tuple[str | None, Question]:
    """A line or body as its id and question. Raises ValidationError."""
    asked = _QUESTION_ROW.validate_python(row)
    ident = str(asked["id"]) if "id" in asked else None
    return ident, Question(asked["q"], tuple(asked.get("history", ())))


def well_formed(value: Any) -> Any:
    """What JSON gave, without half surrogate pairs: it can write them, and nothing else can."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [well_formed(each) for each in value]
    if isinstance(value, dict):
        return {well_formed(name): well_formed(each) for name, each in value.items()}
    return value


def answer_object(assistant: Assistant, question: Question, ident: str | None = None) -> tuple[Answer, dict[str, Any]]:
    """Ask, and give the answer as it is and as the contract has it."""
    start = perf_counter()
    answer, reply = assistant.ask(question)
    return answer, as_object(question, answer, reply, perf_counter() - start, ident)


def as_object(
    question: Question, answer: Answer, reply: Reply, seconds: float, ident: str | None = None
) -> dict[str, Any]:
    """An answer as the contract has it."""
    quoted = {"quoted": [_quoted(cited) for cited in reply.every_quoted]} if reply.every_quoted else {}
    return {
        "id": ident,
        "question": question.text,
        "language": reply.language,
        "intent": answer.intent,
        "outcome": answer.outcome,
        "verdict": verdict_of(answer),
        "yes_no": answer.yes_no,
        "text": reply.text,
        "lead": reply.each[0].lead,
        "groups": [_group(group) for part in reply.each for group in part.groups],
        "choices": [choice.label for choice in reply.every_choice],
        "contacts": [{"topic": link.kind, "name": link.label, "url": link.url} for link in reply.contacts],
        "checklist": reply.checklist.url if reply.checklist else None,
        "citations": [citation_object(cited) for cited in reply.citations],
        **quoted,
        "facts": list(answer.fact_ids),
        "query": _query(answer.each[0]),
        "confidence": answer.confidence,
        "elapsed_ms": round(seconds * 1000, 2),
    }


def answer_lines(assistant: Assistant, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer for each line, in order; a line that is no such object gets the outcome `error`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            ident, question = read_asked(well_formed(json.loads(line)))
        except (ValueError, RecursionError) as error:
            yield _error(assistant, number, _ident(line), tell(error))
            continue
        yield answer_object(assistant, question, ident)[1]


def _group(group: Group) -> dict[str, Any]:
    """Points under their heading; `citations` are the numbers (from 1) of those they stand on."""
    points = [{"text": point.text, "citations": list(point.passages)} for point in group.points]
    return {"title": group.title or None, "folded": group.folded, "points": points}


def _query(answer: Answer) -> dict[str, Any] | None:
    """What was understood of the (first) question; null where nothing was."""
    query = answer.query
    if query is None:
        return None
    return {
        "kind": query.kind,
        "roles": {"subject": list(query.subject), "object": list(query.object), "asker": list(query.asker)},
        "topics": list(query.topics),
        "campuses": list(query.campuses),
        "modality": query.modality,
        "negated": query.negated,
        "premise": " ".join(query.premise) or None,
        "detail": detail_asked(query) or None,
        "left_over": list(query.left_over),
    }


def citation_object(cited: Cited) -> dict[str, Any]:
    """A passage as the contract has it."""
    citation = cited.citation
    return {
        "document": citation.document.id,
        "version": version.isoformat() if (version := citation.document.version) else None,
        "section": list(citation.passage.section.path),
        "passage": citation.passage.id,
        "lead_in": citation.passage.lead_in,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "translation": citation.passage.translation,
        "url": cited.url,
    }


def _quoted(cited: Cited) -> dict[str, Any]:
    """A passage of a document beside the policy, which answers nothing."""
    stands = citation_object(cited)
    named = ("document", "section", "passage", "lead_in", "quote", "start", "end", "url")
    return {"title": cited.citation.document.title, **{name: stands[name] for name in named}}


def _error(assistant: Assistant, number: int, ident: str | None, problem: str) -> dict[str, Any]:
    return {
        "id": ident,
        "question": None,
        "language": "en",
        "intent": "error",
        "outcome": "error",
        "verdict": None,
        "yes_no": None,
        "text": assistant.wordings["en"]["error.line"].format(line=number, problem=problem),
        "lead": "",
        "groups": [],
        "choices": [],
        "contacts": [],
        "checklist": None,
        "citations": [],
        "facts": [],
        "query": None,
        "confidence": 0.0,
        "elapsed_ms": 0.0,
    }


def _ident(line: str) -> str | None:
    try:
        found = well_formed(json.loads(line))
    except (ValueError, RecursionError):
        return None
    ident = found.get("id") if isinstance(found, dict) else None
    return str(ident) if isinstance(ident, str | int) else None


def tell(error: Exception) -> str:
    """What is wrong with a line or body, in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the object'}: {first['msg'][0].lower()}{first['msg'][1:]}"
    return f"not a JSON object ({error})"
