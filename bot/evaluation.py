"""A question set and an assistant → how many answers are right, by kind and by language."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from bot.bootstrap import Assistant
from bot.contract import answer_object
from intents.question import Question

# How a right answer is judged, as the question sets define it.
CITATIONS = 3
TEXT = 1_200
LONG_TEXT = 2_500
LONG_KINDS = {"duties", "followup"}


class QuestionSetFault(Exception):
    """A question set cannot be used; the message names file and line."""


# Confidences are compared with what was right in so many classes of them; risk is told at these shares of the answers.
CLASSES = 10
COVERAGES = (0.5, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its contract answer and what was wrong with it; nothing means it was right. `pressed` says that
    one of the questions it was offered is answered right."""

    question: Mapping[str, Any]
    answer: Mapping[str, Any]
    faults: tuple[str, ...]
    pressed: bool = False

    @property
    def answered(self) -> bool:
        return bool(self.answer["outcome"] == "answered")


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
    decided = question.get("yes_no")
    if decided and answer["yes_no"] not in {None, decided}:
        faults.append(f"says {answer['yes_no']}, not {decided}")
    if not any(_overlaps(c, quote, texts) for c in citations[:CITATIONS] for quote in question["quotes"]):
        faults.append("cites another passage")
    length = LONG_TEXT if question["kind"] in LONG_KINDS else TEXT
    said = " ".join([answer["text"][:length], *(c["quote"] for c in citations[:CITATIONS])]).lower()
    faults += [f"lacks {group[0]}" for group in question["points"] if not any(point in said for point in group)]
    return Judged(question, answer, tuple(faults))


def evaluate(assistant: Assistant, questions: Iterable[Mapping[str, Any]]) -> Iterator[Judged]:
    """Ask each question, and press what is offered where that is not the answer."""
    texts = {document.id: document.text for document in assistant.library.documents.values()}
    for question in questions:
        asked = Question(question["q"], tuple(question.get("history", ())))
        item = judge(question, answer_object(assistant, asked)[1], texts)
        if question["answerable"] and item.faults and not question.get("verdict"):
            pressed = (Question(choice, (*asked.history, asked.text)) for choice in item.answer["choices"])
            found = any(not judge(question, answer_object(assistant, q)[1], texts).faults for q in pressed)
            item = replace(item, pressed=found)
        yield item


def tally(judged: Iterable[Judged]) -> Iterator[tuple[str, int, int]]:
    """Rows of (what, right, of): all, by language, by kind, and the figures that have a bar of their own."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for item in judged:
        question, answer = item.question, item.answer
        rows = ["all", question["lang"], question["kind"]]
        rows.append("answerable" if question["answerable"] else "unanswerable")
        if item.answered:
            rows.append("of what is answered")
        if question["answerable"]:
            total["answerable, within one press"] += 1
            right["answerable, within one press"] += not item.faults or item.pressed
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
        if decided := question.get("yes_no"):
            total["yes or no, said"] += 1
            right["yes or no, said"] += bool(answer["yes_no"])
            total["yes or no, of what is said"] += bool(answer["yes_no"])
            right["yes or no, of what is said"] += answer["yes_no"] == decided
    first = [
        "all",
        "nb",
        "nn",
        "en",
        "answerable",
        "answerable, within one press",
        "unanswerable",
        "of what is answered",
        "verdicts",
        "citations verbatim",
        "language recognised",
    ]
    for row in [*(r for r in first if r in total), *sorted(set(total) - set(first))]:
        if total[row]:
            yield row, right[row], total[row]


def confidence_figures(judged: Sequence[Judged]) -> Iterator[tuple[str, float]]:
    """Rows of (what, figure) on the confidence of what was answered: all, then by language.

    Its expected calibration error, its AUROC for being right, and the risk (share of wrong answers) at some coverages,
    the surest first.
    """
    answered = sorted((j for j in judged if j.answered), key=lambda j: -j.answer["confidence"])
    for language in ("", "nb", "nn", "en"):
        rows = [j for j in answered if not language or j.question["lang"] == language]
        if not rows:
            continue
        said = f", {language}" if language else ""
        yield f"calibration error{said}", _calibration_error(rows)
        right, wrong = ([j.answer["confidence"] for j in rows if bool(j.faults) == fault] for fault in (False, True))
        if right and wrong:
            better = sum((r > w) + (r == w) / 2 for r in right for w in wrong)
            yield f"AUROC{said}", better / (len(right) * len(wrong))
        for coverage in COVERAGES if not language else ():
            kept = rows[: max(1, round(coverage * len(rows)))]
            yield f"risk at {coverage:.0%} of the answers", sum(bool(j.faults) for j in kept) / len(kept)


def _calibration_error(rows: Sequence[Judged]) -> float:
    classes: dict[int, list[Judged]] = {}
    for row in rows:
        classes.setdefault(min(int(row.answer["confidence"] * CLASSES), CLASSES - 1), []).append(row)
    apart = 0.0
    for members in classes.values():
        apart += abs(sum(not j.faults for j in members) - sum(float(j.answer["confidence"]) for j in members))
    return apart / len(rows)


def _overlaps(citation: Mapping[str, Any], quote: str, texts: Mapping[str, str]) -> bool:
    text = texts[citation["document"]]
    start = text.find(quote)
    while start >= 0:
        if citation["start"] < start + len(quote) and start < citation["end"]:
            return True
        start = text.find(quote, start + 1)
    return False


def show_scores(assistant: Assistant, name: str, questions: Iterable[Mapping[str, Any]], wrong: bool) -> None:
    """How many answers are right, as a table; with `wrong`, what was the matter with the others."""
    console = Console(highlight=False)
    shown = track(list(questions), description=name, console=Console(stderr=True), transient=True)
    judged = list(evaluate(assistant, shown))
    table = Table(name, "right", "of", "%")
    for row, right, total in tally(judged):
        table.add_row(row, str(right), str(total), f"{100 * right / total:.1f}")
    for what, figure in confidence_figures(judged):
        table.add_row(what, "", "", f"{figure:.3f}")
    console.print(table)
    if wrong:
        for item in judged:
            if item.faults:
                console.print(f"[bold]{escape(str(item.question['id']))}[/bold] {escape(item.question['q'])}")
                console.print(f"   {escape('; '.join(item.faults))} ({item.answer['intent']})")
