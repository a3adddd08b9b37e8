"""The way from a question to its answer, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.library import Library
from intents.answer import Answer
from intents.applicability import answer_applicability
from intents.comparison import answer_comparison, compared_roles
from intents.duties import answer_duties
from intents.escalation import answer_escalation
from intents.fact import answer_fact
from intents.question import Question, Understanding
from intents.several import questions_in
from intents.silence import answer_gap, answer_unknown
from intents.smalltalk import answer_smalltalk
from intents.understanding import understand
from retrieval.hit import Hit
from retrieval.search import Searcher

# Longer messages are cut: nobody asks in more, and a question is not to cost more than a moment.
LONGEST = 2_000
# Under this share of what was asked being found in the best target, nothing is answered.
COVERED = 0.3
# Under this share of words that are known at all, the message is in another language or none.
KNOWN = 0.35


@dataclass(frozen=True, slots=True)
class Trace:
    """Why an answer is what it is: what was understood, what was found, and what was chosen for which reason."""

    asked: Understanding
    hits: tuple[Hit, ...]
    steps: tuple[str, ...]


class Answerer:
    """Answers questions from a library and its index."""

    def __init__(self, library: Library, searcher: Searcher) -> None:
        self.library = library
        self.searcher = searcher

    def answer(self, question: Question) -> tuple[Answer, tuple[Trace, ...]]:
        """The answer, and the trace of each question in the message."""
        question = replace(question, text=question.text[:LONGEST], history=tuple(h[:LONGEST] for h in question.history))
        texts = questions_in(question.text)
        if len(texts) == 1:
            answer, trace = self._answer_one(question)
            return answer, (trace,)
        answered = []
        for i, text in enumerate(texts):
            answered.append(self._answer_one(Question(text, (*question.history, *texts[:i]))))
        return self._joined([a for a, _ in answered]), tuple(t for _, t in answered)

    def _answer_one(self, question: Question) -> tuple[Answer, Trace]:
        asked = understand(question, self.searcher.index)
        findings = self.searcher.search(asked.text)
        steps: list[str] = []
        known = findings.analysis.known
        if not known:
            return answer_smalltalk("empty", asked), Trace(asked, (), ("no words",))
        if sum(known) / len(known) < KNOWN:
            return answer_unknown((), asked, self.library, key="language"), Trace(asked, findings.hits, ("unknown words",))
        answer = self._route(asked, findings.hits, steps)
        confidence = round(min(1.0, findings.hits[0].coverage), 3)
        return replace(answer, confidence=confidence), Trace(asked, findings.hits, tuple(steps))

    def _route(self, asked: Understanding, hits: Sequence[Hit], steps: list[str]) -> Answer:
        """The kind of the best hit decides which intent answers."""
        top = hits[0]
        steps.append(f"best hit: {top.target}")
        roles = compared_roles(asked, self.library)
        if roles:
            steps.append(f"compares {', '.join(roles)}")
            return answer_comparison(roles, asked, self.library)
        if top.kind == "gap":
            return answer_gap(self.library.gaps[top.ident], asked, self.library)
        if top.ident.startswith("smalltalk/"):
            return answer_smalltalk(top.ident.removeprefix("smalltalk/"), asked)
        if top.coverage < COVERED:
            steps.append(f"only {top.coverage:.2f} of what was asked is found there")
            return answer_unknown(hits, asked, self.library)
        if top.ident.startswith("duties/"):
            return answer_duties(top.ident.removeprefix("duties/"), asked, self.library)
        if top.ident == "escalation":
            return answer_escalation(asked, self.library)
        if top.ident == "applicability":
            return answer_applicability(asked, self.library)
        fact = self.library.facts[top.ident]
        silent = self._silent_detail(asked, fact.gives, hits)
        if silent:
            steps.append(f"{fact.id} gives no {', '.join(sorted(asked.wanted))}")
            return silent
        if fact.id in ESCALATION_FACTS:
            return answer_escalation(asked, self.library)
        return answer_fact(fact, hits, asked, self.library)

    def _silent_detail(self, asked: Understanding, gives: Sequence[str], hits: Sequence[Hit]) -> Answer | None:
        """Where a detail is asked for that the fact does not give: the gap for it, if one was hit."""
        if not asked.wanted or asked.wanted & set(gives):
            return None
        for hit in hits:
            if hit.kind == "gap" and self.library.gaps[hit.ident].wanted in asked.wanted:
                return answer_gap(self.library.gaps[hit.ident], asked, self.library)
        return None

    def _joined(self, answers: list[Answer]) -> Answer:
        """One answer of several: small talk is left out, and the same answer is given once."""
        said = [a for a in answers if a.outcome != "smalltalk"] or answers[-1:]
        kept = list({(a.intent, a.key, a.facts, a.gap): a for a in said}.values())
        if len(kept) == 1:
            return kept[0]
        outcomes = [a.outcome for a in kept]
        return Answer(
            language=kept[-1].language,
            intent="several",
            outcome=next((o for o in ("answered", "clarification") if o in outcomes), "unanswered"),
            verdict=next((a.verdict for a in kept if a.verdict), None),
            confidence=min(a.confidence for a in kept),
            parts=tuple(kept),
        )


ESCALATION_FACTS = {"verneombudslinjen/videre"}
