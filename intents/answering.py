"""The way from a question to its answer, step by step."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import Answer
from intents.applicability import answer_applicability, decide, deciding_facts
from intents.comparison import answer_comparison, answer_comparison_of_facts, compared_facts, compared_roles
from intents.duties import UNNAMED, answer_duties, own_role, plausible
from intents.escalation import answer_escalation
from intents.fact import answer_fact
from intents.question import Question, Understanding
from intents.sensitive import matter_told, sensitive_matter
from intents.several import questions_in
from intents.silence import answer_gap, answer_unknown
from intents.smalltalk import answer_smalltalk
from intents.understanding import asks, understand
from retrieval.hit import Hit
from retrieval.search import Searcher

# Longer messages are cut: nobody asks in more, and a question is not to cost more than a moment.
LONGEST = 2_000
_RUNS = re.compile(r"([^\w\s])\1{2,}")
# Under this share of what was asked being found in the best target, nothing is answered.
COVERED = 0.35
# Under this share of words that are known at all, the message is in another language or none; so it is where this
# share of them are little words of another one.
KNOWN = 0.35
FOREIGN = 0.2
# Gaps use the policy's words too, so a gap has to lead: what comes this close to it answers instead. Of 1,010
# questions in five sets, those with an answer came closer than 0.957, those without one stayed below 0.955.
GAP_LEAD = 0.955
# A fact with a legal reference this near answers a question for one; a known gap may stand further off.
NEAR = 0.75
FAR = 0.6
# The list of a role's duties begins with the one that the question turns on, so it may answer for it.
LIST = 0.95
ESCALATION = frozenset({"verneombudslinjen/videre"})
# Kinds of answers that do not answer to what somebody tells of a sensitive matter.
WIDE = frozenset({"duties", "unknown"})
# The policy names no number to call.
EMERGENCY = "nodnummer"
# A fact on who sees to it that students count as employees is hit by questions whether they do.
ON_STUDENTS = frozenset({"linjeleder/studenter"})


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
        question = replace(question, text=_cut(question.text), history=tuple(map(_cut, question.history)))
        answer, traces = self._answer_each(question)
        matter = sensitive_matter(question, answer, self.searcher.index)
        if matter and (other := self._fitting(matter, question, answer, traces[-1])):
            last = replace(traces[-1], steps=(*traces[-1].steps, f"the message tells of {matter}, and asks for less"))
            answer, traces = other, (*traces[:-1], last)
        return replace(answer, sensitive=matter), traces

    def _fitting(self, matter: str, question: Question, answer: Answer, trace: Trace) -> Answer | None:
        """Another answer where what was found does not answer to what somebody tells of a sensitive matter."""
        if matter == "danger":
            if asks(question.text, trace.asked.mentions):
                return None
            # "It is burning!": what the policy lacks is what is needed, and nobody in it is "a good place to start".
            return replace(answer_gap(self.library.gaps[EMERGENCY], trace.asked, self.library), role=None)
        told = matter_told(question.text, self.searcher.index) == matter
        if not told or answer.intent not in WIDE or answer.role not in {None, *UNNAMED}:
            return None
        # Who tells of bullying has little use for all the duties of a manager.
        fact = next(fact for fact in self.library.facts.values() if fact.sensitive == matter)
        return answer_fact(fact, (), trace.asked, self.library)

    def _answer_each(self, question: Question) -> tuple[Answer, tuple[Trace, ...]]:
        texts = questions_in(question.text)
        if len(texts) == 1:
            answer, trace = self._answer_one(question)
            return answer, (trace,)
        answered = []
        for i, text in enumerate(texts):
            answered.append(self._answer_one(replace(question, text=text, history=(*question.history, *texts[:i]))))
        return self._joined([a for a, _ in answered]), tuple(t for _, t in answered)

    def _answer_one(self, question: Question) -> tuple[Answer, Trace]:
        asked = understand(question, self.searcher.index)
        findings = self.searcher.search(asked.texts)
        steps: list[str] = []
        known = findings.analysis.known
        if not known:
            return answer_smalltalk("empty", asked), Trace(asked, (), ("no words",))
        if _is_foreign(asked, known):
            trace = Trace(asked, findings.hits, ("the message is in another language",))
            return answer_unknown((), asked, self.library, key="language"), trace
        answer = self._route(asked, findings.hits, steps)
        confidence = round(min(1.0, findings.hits[0].coverage), 3)
        return replace(answer, confidence=confidence), Trace(asked, findings.hits, tuple(steps))

    def _route(self, asked: Understanding, hits: Sequence[Hit], steps: list[str]) -> Answer:
        """The kind of the best hit decides which intent answers."""
        library = self.library
        hits = _prefer(asked, plausible(hits, asked, library), library, steps)
        top = hits[0]
        steps.append(f"best hit: {top.target}")
        if role := own_role(asked, top, library):
            steps.append(f"the asker is {role}")
            kinds = library.kinds_of(role)
            return answer_duties(kinds[min(1, len(kinds) - 1)], hits, replace(asked, roles=(role,)), library)
        if roles := compared_roles(asked, library):
            return answer_comparison(roles, asked, library)
        if facts := compared_facts(hits, asked, library):
            return answer_comparison_of_facts(facts, asked, library)
        if top.kind == "gap":
            return answer_gap(library.gaps[top.ident], asked, library)
        if top.coverage < COVERED:
            steps.append(f"only {top.coverage:.2f} of what was asked is found there")
            return answer_unknown(hits, asked, library)
        if top.ident.startswith("smalltalk/"):
            return answer_smalltalk(top.ident.removeprefix("smalltalk/"), asked)
        if top.kind == "fact" and (missing := _missing(asked, library.facts[top.ident])):
            steps.append(f"{top.target} gives no {missing}")
            return answer_unknown(hits, asked, library, key=missing)
        if top.ident.startswith("duties/"):
            return answer_duties(top.ident.removeprefix("duties/"), hits, asked, library)
        if top.ident == "escalation" or top.ident in ESCALATION:
            return answer_escalation(asked, library)
        if self._asks_applicability(asked, hits):
            return answer_applicability(asked, hits, library)
        return answer_fact(library.facts[top.ident], hits, asked, library)

    def _asks_applicability(self, asked: Understanding, hits: Sequence[Hit]) -> bool:
        """Whether the act applies is decided, not looked up, as soon as the message says anything of the situation."""
        top = hits[0]
        if top.ident == "applicability":
            return True
        fact = self.library.facts[top.ident]
        if not decide(asked.conditions).when:
            return False
        if fact.relation == "applies_to":
            return fact.id in deciding_facts()
        return fact.id in ON_STUDENTS and "who" not in asked.cues

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


def _cut(text: str) -> str:
    """The text without what makes it long: its end, and runs of the same mark, which cost most to take apart."""
    return _RUNS.sub(r"\1", text[:LONGEST])


def _is_foreign(asked: Understanding, known: Sequence[bool]) -> bool:
    """Whether a message is in a language that the bot does not speak: few words are known, or they are others'."""
    foreign = sum(mention.term == "cue:foreign" for mention in asked.mentions)
    return sum(known) < KNOWN * len(known) or (foreign > 1 and foreign >= FOREIGN * len(known))


def _prefer(asked: Understanding, hits: Sequence[Hit], library: Library, steps: list[str]) -> list[Hit]:
    """The hits with the one first that fits what kind of thing is asked for, where one comes near the best."""
    for reason, fitting in (
        ("does not lead clearly", _clear_of_gaps(hits)),
        ("is about who counts as an employee, which is not asked", _apart_from_status(asked, hits, library)),
        ("lacks the detail asked for", _with_detail(asked, hits, library)),
        ("is one of the duties of the role asked about", _whole_list(asked, hits)),
    ):
        if fitting is not None and fitting is not hits[0]:
            steps.append(f"{hits[0].target} {reason}: {fitting.target} comes first")
            return [fitting, *(hit for hit in hits if hit is not fitting)]
    return list(hits)


def _near(hits: Sequence[Hit], share: float) -> list[Hit]:
    return [hit for hit in hits if hit.score >= share * hits[0].score]


def _clear_of_gaps(hits: Sequence[Hit]) -> Hit | None:
    if hits[0].kind != "gap":
        return None
    return next((hit for hit in _near(hits, GAP_LEAD) if hit.kind != "gap"), None)


def _apart_from_status(asked: Understanding, hits: Sequence[Hit], library: Library) -> Hit | None:
    """Acids and machines are named in other questions than whether the act applies: then a gap may be meant."""
    if asked.follow_up or "status" in asked.cues:
        return None
    decides = hits[0].kind == "fact" and library.facts[hits[0].ident].relation == "applies_to"
    if not decides and hits[0].ident != "applicability":
        return None
    return next((hit for hit in _near(hits, FAR) if hit.kind == "gap"), None)


def _with_detail(asked: Understanding, hits: Sequence[Hit], library: Library) -> Hit | None:
    """A fact that gives the detail, or a gap that is known to be about the lack of it."""
    if "law" in asked.wanted:
        with_law = [h for h in _near(hits, NEAR) if h.kind == "fact" and library.facts[h.ident].laws]
        return next(iter(with_law), None)
    if not asked.wanted or hits[0].kind != "fact" or asked.wanted & set(library.facts[hits[0].ident].gives):
        return None
    named = {kind for role in asked.roles for kind in library.kinds_of(role)}
    for hit in _near(hits, FAR):
        if hit.kind == "gap" and library.gaps[hit.ident].wanted in asked.wanted:
            return hit
        if hit.kind == "fact" and asked.wanted & set(library.facts[hit.ident].gives):
            fact = library.facts[hit.ident]
            if not named or named & {*fact.subjects, *fact.objects}:
                return hit
    return None


def _whole_list(asked: Understanding, hits: Sequence[Hit]) -> Hit | None:
    """All duties of a role that is named, where they were hit nearly as well as one of them, or one of another's."""
    if hits[0].kind != "fact":
        return None
    lists = {f"duties/{role}" for role in asked.roles}
    return next((hit for hit in _near(hits, LIST) if hit.ident in lists), None)


# Details that a text either gives or does not. ("When" and "how much" also ask for conditions and degrees.)
STRICT = ("contact", "name", "number", "date", "frequency", "opinion")


def _missing(asked: Understanding, fact: RoleFact) -> str:
    """The kind of detail asked for that the fact does not give, if there is one."""
    return next((detail for detail in STRICT if detail in asked.wanted and detail not in fact.gives), "")
