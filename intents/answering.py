"""The way from a question to its answer, step by step."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from corpus.library import Library
from intents.answer import Answer, ApplicabilityAnswer, DutiesAnswer, SeveralAnswers, joined
from intents.applicability import is_told
from intents.claim import is_tag
from intents.decision import ANSWER, ANSWER_ACT, OFFER, observe
from intents.duties import nearest_first
from intents.kind import read_kinds
from intents.models import Models
from intents.polarity import PLAINLY_NOT
from intents.proposal import EXACT, proposals, propose
from intents.question import Query, Question
from intents.sensitive import fitting, sensitive_matter
from intents.smalltalk import answer_smalltalk
from intents.split_questions import asking_pieces, questions_in, stated
from intents.structure import SURE_RIGHT, answer_by_structure
from intents.thread import FOLLOWS, SURELY_FOLLOWS, completed
from intents.unanswered import (
    Quotes,
    answer_gap,
    answer_offer,
    answer_unknown,
    detail_asked,
    refuse,
    refuses_detail,
    with_quotes,
    yielded,
)
from intents.understanding import (
    SHORT,
    is_about_something,
    is_foreign,
    names_something,
    understand,
)
from retrieval.hit import Hit
from retrieval.search import Findings, Searcher
from retrieval.words import plain

# Longer messages are cut: nobody asks in more, and a question is not to cost more than a moment.
LONGEST = 2_000
_RUNS = re.compile(r"([^\w\s])\1{2,}")
# So many targets are looked at: known gaps stand between the facts.
MOST = 24
# So probable the best fact has to be to be given where a detail is asked for that no fact is known to give. Of 0.45 to
# 0.9, tried on what was held out: at 0.8 no more details are answered wrongly than without, and follow-ups gain.
OVERRULED = 0.8
# From here on yes or no is said: a passage that may not be on what is asked says neither.
SURE_TO_SAY = 0.65
# So likely a fact that a sure list lacks has to be for the list to be in doubt.
PLAINLY_ELSE = 0.5


@dataclass(frozen=True, slots=True)
class Trace:
    """Why an answer is what it is: what was understood, what was found, and what was chosen for which reason."""

    asked: Query
    hits: tuple[Hit, ...]
    steps: tuple[str, ...]
    seen: Mapping[str, float] = field(default_factory=dict)


class Answerer:
    """Answers questions from a library and its index."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        models: Models,
        quotes: Quotes | None = None,
    ) -> None:
        self.library = library
        self.searcher = searcher
        self.models = models
        self.quotes = quotes

    def answer(self, question: Question) -> tuple[Answer, tuple[Trace, ...]]:
        """The answer, and the trace of each question in the message."""
        try:
            return self._answered(question)
        finally:
            self.searcher.index.lexicon.forget_typed()

    def _answered(self, question: Question) -> tuple[Answer, tuple[Trace, ...]]:
        question = self._read(question)
        answer, traces = self._answer_each(question)
        matter = sensitive_matter(question, answer, self.searcher.index)
        if matter and (other := fitting(matter, question, answer, traces[-1].asked, self.searcher.index, self.library)):
            last = replace(traces[-1], steps=(*traces[-1].steps, f"the message tells of {matter}, and asks for less"))
            answer, traces = other, (*traces[:-1], last)
        answer = replace(answer, sensitive=matter)
        return with_quotes(answer, self.quotes) if self.quotes else answer, traces

    def understand(self, question: Question) -> Query:
        return understand(question, self.searcher.index, self.models, self.library)

    def _read(self, question: Question) -> Question:
        repaired = self.searcher.index.lexicon.repaired
        text, *history = (repaired(_cut(typed)) for typed in (question.text, *question.history))
        return replace(question, text=text, history=tuple(history))

    def _answer_each(self, question: Question) -> tuple[Answer, tuple[Trace, ...]]:
        text = self._asked_of(question.text)
        texts = questions_in(text)
        if len(texts) == 1:
            return self._corrected(replace(question, text=text), *self._answer_one(replace(question, text=text)))
        answered = []
        for i, text in enumerate(texts):
            answered.append(self._answer_one(replace(question, text=text, history=(*question.history, *texts[:i]))))
        return joined([a for a, _ in answered]), tuple(t for _, t in answered)

    def _corrected(self, question: Question, answer: Answer, trace: Trace) -> tuple[Answer, tuple[Trace, ...]]:
        """The answer behind what the policy says against what the question takes to be so, if it does; alone, if what
        is asked beside it has no answer."""
        claim = stated(question.text)
        if not claim or answer.outcome == "smalltalk" or isinstance(answer, ApplicabilityAnswer):
            return answer, (trace,)
        query = self.understand(replace(question, text=claim))
        query = replace(query, premise=query.words)
        against, why = self._decide(query, self._find(query))
        explained = why.seen.get("explained", 0.0)
        against = replace(against, yes_no=self.models.polarity.of(query, against, explained, self.library, PLAINLY_NOT))
        if against.yes_no != "no" or against.confidence < ANSWER or isinstance(against, SeveralAnswers):
            return answer, (trace,)
        why = replace(why, steps=(*why.steps, "what the question takes to be so is not"))
        beside = answer.outcome == "answered" and answer.facts[:1] != against.facts[:1]
        return (joined([against, answer]), (why, trace)) if beside else (against, (why,))

    def _answer_one(self, question: Question) -> tuple[Answer, Trace]:
        question = completed(question, self.searcher.index, self.library)
        asked = self.understand(question)
        findings = self._find(asked)
        known = findings.analysis.known
        foreign = is_foreign(asked, known)
        if not known or foreign:
            asked = replace(asked, language=question.language or question.reader or asked.language)
        if not known:
            return answer_smalltalk("empty", asked), Trace(asked, (), ("no words",))
        if foreign:
            trace = Trace(asked, findings.hits, ("the message is in another language",))
            return answer_unknown((), asked, self.library, key="language"), trace
        if taught := next((hit for hit in findings.hits if hit.ngram >= EXACT), None):
            return self._taught(taught, asked, findings.hits)
        if _points_nowhere(asked, findings.hits):
            trace = Trace(asked, findings.hits, ("it points back, and nothing was said before",))
            return answer_unknown((), asked, self.library), trace
        readings: list[tuple[Query, Findings]] = []
        # The parts of a message are searched for only where the whole is not sure.
        for query, found in chain(
            [(asked, findings)], self._alone(question, asked), self._without_story(question, asked)
        ):
            readings.append((query, found))
            if sure := answer_by_structure(query, found.hits, self.library):
                return self._by_structure(nearest_first(sure, asked, findings, self.library), query, found)
        # A part that asks somebody for a detail is the question, whatever else the message tells but a situation.
        if not is_told(asked.conditions, self.library):
            readings = [r for r in readings[1:] if detail_asked(r[0])] or readings
        decided = [self._decide(query, found) for query, found in readings]
        if decided[0][0].outcome == "smalltalk":
            return decided[0]
        answer, trace = max(decided, key=lambda pair: pair[0].confidence)
        told = answer.intent == "applicability" and is_told(trace.asked.conditions, self.library)
        # What is asked for may be in doubt where it is off: to name it offers as much as questions that miss it.
        least = ANSWER_ACT if told else OFFER if answer.intent == "off" else ANSWER
        if answer.confidence >= least:
            return answer, trace
        query, found = readings[0]
        offers = answer.confidence >= OFFER and not detail_asked(query)
        offer = answer_offer(trace.hits, trace.asked, self.searcher.index, self.library) if offers else None
        instead = offer or refuse(query, found, self.library)
        return replace(instead, query=query, confidence=answer.confidence), trace

    def _by_structure(self, sure: Answer, query: Query, findings: Findings) -> tuple[Answer, Trace]:
        """What kind and roles decide; a detail that no fact is known to give may be what one says all the same, and so
        may a fact that a list lacks be what is asked for."""
        # Who reports to whom, and who sits where, is known.
        refused = refuses_detail(sure) and read_kinds()[sure.key].relation not in {"reports_to", "member_of"}
        if refused or (isinstance(sure, DutiesAnswer) and findings.plainly(PLAINLY_ELSE) not in {"", *sure.fact_ids}):
            decided = self._decide(query, findings)
            if decided[0].confidence >= OVERRULED:
                return decided
        step = f"{query.kind} of {', '.join(query.subject) or 'nobody'}: sure"
        sure = replace(sure, confidence=min(SURE_RIGHT, sure.confidence))
        return self._said(sure, query, 1.0), Trace(query, findings.hits, (step,))

    def _find(self, asked: Query) -> Findings:
        findings = self.searcher.search(asked.texts, MOST)
        return replace(findings, hits=yielded(findings.hits, self.library))

    def _alone(self, question: Question, asked: Query) -> Iterator[tuple[Query, Findings]]:
        """A message of which it is not sure that it goes on with its thread, as if nothing had been said before."""
        if FOLLOWS <= asked.goes_on < SURELY_FOLLOWS:
            query = replace(self.understand(replace(question, history=())), language=asked.language)
            yield query, self._find(query)

    def _without_story(self, question: Question, asked: Query) -> Iterator[tuple[Query, Findings]]:
        """Each part of a message that asks by itself, where something is told around it, or it is wrapped."""
        if asked.follow_up:
            return
        for piece in dict.fromkeys((*asking_pieces(question.text), self.models.courtesies.within(question.text))):
            if piece != question.text:
                query = self.understand(replace(question, text=piece))
                # It names whom it is about, or nothing is told before it, and it points back to nothing.
                alone = query.named_now or (bool(query.left_over) and question.text.startswith(piece))
                back = "follow-up" in query.cues and (not query.named_now or set(asked.roles) - set(query.roles))
                if alone and not query.asker and not back:
                    campuses = query.campuses or asked.campuses
                    query = replace(query, asker=asked.asker, campuses=campuses)
                    query = replace(query, conditions=asked.conditions, situation=asked.situation)
                    yield query, self._find(query)

    def _decide(self, asked: Query, findings: Findings) -> tuple[Answer, Trace]:
        """The likeliest answer, its confidence the probability that it is right; the trace begins with what was
        proposed, the likeliest first."""
        hits = findings.hits
        weighed = []
        for proposed, hit, steps in proposals(asked, findings, self.library):
            seen = observe(asked, findings, hit, proposed, self.library, self.searcher.index)
            weighed.append((round(self.models.decision.probability(seen), 3), proposed, hit, steps, seen))
        weighed.sort(key=lambda row: -row[0])
        probability, proposed, _, steps, seen = weighed[0]
        proposed = nearest_first(proposed, asked, findings, self.library)
        steps.append(f"right with a probability of {probability:.2f}")
        sure = probability >= SURE_TO_SAY
        said = self._said(proposed, asked, seen.get("explained", 0.0)) if sure else replace(proposed, query=asked)
        answer = replace(said, confidence=probability)
        ranked = dict.fromkeys((*(hit for _, _, hit, _, _ in weighed), *hits))
        return answer, Trace(asked, tuple(ranked), tuple(steps), seen)

    def _taught(self, hit: Hit, asked: Query, hits: Sequence[Hit]) -> tuple[Answer, Trace]:
        """What an example says that reads like the question, word for word: somebody has decided it."""
        steps = [f"{hit.target} has this question among its examples"]
        answer: Answer
        if hit.kind == "gap":
            answer = answer_gap(self.library.gaps[hit.ident], asked, self.library)
        else:
            answer, _ = propose(asked, (hit, *(h for h in hits if h is not hit)), self.library, steps)
        return self._said(answer, asked, 1.0), Trace(asked, tuple(hits), tuple(steps))

    def _asked_of(self, text: str) -> str:
        """A message without its courtesies; what only makes a question of what stands before it is none."""
        index = self.searcher.index

        def asks(found: Sequence[str]) -> bool:
            return is_tag(found) or names_something(index.mentions(index.lexicon.analyse_words(found)))

        return self.models.courtesies.without(text, asks)

    def _said(self, answer: Answer, asked: Query, explained: float) -> Answer:
        return replace(answer, query=asked, yes_no=self.models.polarity.of(asked, answer, explained, self.library))

    def proposals(self, question: Question) -> Iterator[tuple[Answer, Mapping[str, float]]]:
        """What would be answered if it were right, with what the decision sees of it; none where structure decides."""
        question = self._read(question)
        for text in questions_in(self._asked_of(question.text)):
            one = completed(replace(question, text=text), self.searcher.index, self.library)
            asked = self.understand(one)
            findings = self._find(asked)
            hits = findings.hits
            sure = answer_by_structure(asked, hits, self.library) if hits else None
            if hits and (sure is None or refuses_detail(sure)):
                for proposed, hit, _ in proposals(asked, findings, self.library):
                    if proposed.outcome != "smalltalk":
                        yield proposed, observe(asked, findings, hit, proposed, self.library, self.searcher.index)


def _cut(text: str) -> str:
    """The text as somebody would type it, without what makes it long: its end, and runs of the same mark, which cost
    most to take apart. Half an emoji, as where a text was cut, is none."""
    whole = text[:LONGEST].encode("utf-8", "replace").decode("utf-8")
    return _RUNS.sub(r"\1", plain(whole))


def _points_nowhere(asked: Query, hits: Sequence[Hit]) -> bool:
    """Whether a message only points back ("who leads it?"), where there is nothing that it could follow."""
    if asked.follow_up or "follow-up" not in asked.cues or len(asked.words) > SHORT:
        return False
    polite = read_kinds()[asked.kind].route == "smalltalk" or hits[0].ident.startswith("smalltalk/")
    return not (polite or asked.left_over or asked.conditions or is_about_something(asked))
