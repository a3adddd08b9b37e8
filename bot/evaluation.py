"""A question set and an assistant → how many answers are right, by kind and by language."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# How a right answer is judged, as the question sets define it.
CITATIONS = 3
TEXT = 1_200
LONG_TEXT = 2_500
LONG_KINDS = {"duties", "followup"}


class QuestionSetFault(Exception):
    """A question set cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its contract answer and what was wrong with it; nothing means it was right."""

    question: Mapping[str, Any]
    answer: Mapping[str, Any]
    faults: tuple[str, ...]


def read_questions(file: Path) -> list[dict[str, Any]]:
    """The questions of a JSON Lines file. Raises QuestionSetFault."""
    questions = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            question = json.loads(line)
            missing = {"id", "q", "lang", "kind", "answerable"} - set(question)
        except (json.JSONDecodeError, TypeError) as error:
            raise QuestionSetFault(f"{file}:{number}: not a JSON object: {error}") from error
        if missing:
            raise QuestionSetFault(f"{file}:{number}: lacks {', '.join(sorted(missing))}")
        questions.append(question)
    if not questions:
        raise QuestionSetFault(f"{file}: holds no question")
    return questions


def judge(question: Mapping[str, Any], answer: Mapping[str, Any], texts: Mapping[str, str]) -> Judged:
    """Compare a contract answer with what the question set holds right. `texts` are the documents by id."""
    faults = []
    citations = answer["citations"]
    if any(texts[c["document"]][c["start"] : c["end"]] != c["quote"] for c in citations):
        faults.append("a citation is not verbatim")
    if not question["answerable"]:
        if answer["outcome"] == "answered":
            faults.append("answered what the policy does not say")
        return Judged(question, answer, tuple(faults))
    verdict = question.get("verdict")
    if answer["outcome"] != "answered" and not (verdict == "depends" and answer["outcome"] == "clarification"):
        faults.append(f"outcome {answer['outcome']}")
    if verdict and answer["verdict"] != verdict:
        faults.append(f"verdict {answer['verdict']}, not {verdict}")
    if not any(_overlaps(c, quote, texts) for c in citations[:CITATIONS] for quote in question["quotes"]):
        faults.append("cites another passage")
    length = LONG_TEXT if question["kind"] in LONG_KINDS else TEXT
    said = " ".join([answer["text"][:length], *(c["quote"] for c in citations[:CITATIONS])]).lower()
    faults += [f"lacks {group[0]}" for group in question["points"] if not any(point in said for point in group)]
    return Judged(question, answer, tuple(faults))


def tally(judged: Iterable[Judged]) -> Iterator[tuple[str, int, int]]:
    """Rows of (what, right, of): all, by language, by kind, and the figures that have a bar of their own."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for item in judged:
        question, answer = item.question, item.answer
        rows = ["all", question["lang"], question["kind"]]
        rows.append("answerable" if question["answerable"] else "unanswerable")
        for row in rows:
            total[row] += 1
            right[row] += not item.faults
        total["language recognised"] += 1
        right["language recognised"] += answer["language"] == question["lang"]
        total["citations verbatim"] += 1
        right["citations verbatim"] += "a citation is not verbatim" not in item.faults
        if question.get("verdict"):
            total["verdicts"] += 1
            right["verdicts"] += answer["verdict"] == question["verdict"]
    first = [
        "all",
        "nb",
        "nn",
        "en",
        "answerable",
        "unanswerable",
        "verdicts",
        "citations verbatim",
        "language recognised",
    ]
    for row in [*(r for r in first if r in total), *sorted(set(total) - set(first))]:
        yield row, right[row], total[row]


def _overlaps(citation: Mapping[str, Any], quote: str, texts: Mapping[str, str]) -> bool:
    text = texts[citation["document"]]
    start = text.find(quote)
    while start >= 0:
        if citation["start"] < start + len(quote) and start < citation["end"]:
            return True
        start = text.find(quote, start + 1)
    return False
