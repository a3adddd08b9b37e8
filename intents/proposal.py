"""A query and its hits → what would be answered, whether or not it is to be given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.library import Library
from intents.answer import Answer
from intents.applicability import IN_DOUBT, answer_applicability, asks_otherwise, is_told
from intents.comparison import answer_comparison, compare_roles, compared_roles, compared_terms
from intents.definition import answer_definition
from intents.duties import LIKELY, answer_duties, listed_roles, plausible
from intents.escalation import answer_escalation
from intents.fact import answer_fact
from intents.kind import SURE, read_kinds, route_shares
from intents.question import Query
from intents.smalltalk import answer_smalltalk
from intents.unanswered import FLOWS, answer_gap, answer_off, answer_unknown, is_left_to_facts
from retrieval.hit import Hit
from retrieval.search import Findings

# A fact with a legal reference this near answers a question for one.
NEAR = 0.75
# A fact about another role than the one named has to be this much better.
MISSED = 0.85
# So likely it is asked who does something where a word for "who" is there.
WHO = 0.25
# A text whose n-grams are all the same is the same text.
EXACT = 0.999


def proposals(asked: Query, findings: Findings, library: Library) -> Iterator[tuple[Answer, Hit, list[str]]]:
    """What may be answered: what was hit best, the list of a role where it may be asked for, and what the fact hit
    next best, and the likeliest one, lead to."""
    hits = findings.hits
    steps: list[str] = []
    proposed, hit = propose(asked, hits, library, steps)
    yield proposed, hit, steps
    if proposed.intent == "smalltalk":
        return
    told: set[tuple[str, str | None]] = {(proposed.intent, proposed.role)}
    for answer, step in _lists(asked, library) if proposed.intent != "applicability" else ():
        if (answer.intent, answer.role) not in told:
            told.add((answer.intent, answer.role))
            yield answer, hit, [step]
    yield from _next_best(asked, findings, proposed, library)


def _lists(asked: Query, library: Library) -> Iterator[tuple[Answer, str]]:
    """All duties of each role where they may be asked for, and what a role or body is where that may be."""
    for role in listed_roles(asked, library):
        yield answer_duties(role, asked, library), f"all duties of {role}"
    if route_shares(asked.kinds).get("define", 0.0) >= LIKELY and (defined := answer_definition(asked, library)):
        yield defined, f"what {defined.role} is"


def _next_best(
    asked: Query, findings: Findings, first: Answer, library: Library
) -> Iterator[tuple[Answer, Hit, list[str]]]:
    """What the fact hit next best, and the likeliest one, lead to, as far as it begins with another passage. A second
    next best is no better; without the likeliest 10 of 100 matters in unusual words are missed that are found with it.
    """
    facts = [
        hit for hit in _fitting_roles(plausible(findings.hits, asked, library), asked, library) if hit.kind == "fact"
    ]
    shares = findings.likely.shares if findings.likely else {}
    said = {_leading(first)} if first.intent != "duties" else set()
    answers = ((_answer_hit(asked, facts[i:], library), hit) for i, hit in enumerate(facts))
    if other := next(((answer, hit) for answer, hit in answers if _leading(answer) not in said), None):
        said.add(_leading(other[0]))
        yield *other, [f"next best: {other[1].target}"]
    # A fact that the model of targets was not trained with is not to yield to those it knows. Whom one names misleads
    # more than all words together: what is likeliest may be on others.
    known = [hit for hit in findings.hits if hit.kind == "fact"]
    if facts and facts[0].target in shares:
        likeliest = max(known, key=lambda hit: shares.get(hit.target, 0.0))
        answer = _answer_hit(asked, [likeliest, *facts], library)
        if _leading(answer) not in said:
            yield answer, likeliest, [f"likeliest: {likeliest.target}"]


def _leading(answer: Answer) -> tuple[str, str] | None:
    """The passage that an answer begins with, and its document."""
    return answer.facts[0].place if answer.facts else None


def propose(asked: Query, hits: Sequence[Hit], library: Library, steps: list[str]) -> tuple[Answer, Hit]:
    """The best answer there is, whether or not it is to be given: the kind of the best hit decides which intent."""
    left = [hit for hit in hits if not (hit.ident in FLOWS and is_left_to_facts(hit.ident, library))]
    if _asks_no_verdict(asked, library):
        left = [hit for hit in left if hit.ident != "applicability"]
    if not left:
        return answer_unknown((), asked, library), hits[0]
    polite = read_kinds()[asked.kind].route == "smalltalk" and not asked.roles
    hits = [
        hit
        for hit in left
        if hit.kind != "gap" and (polite or hit.ngram >= EXACT or not hit.ident.startswith("smalltalk/"))
    ] or left
    meant = plausible(hits, asked, library)
    steps += [f"{hit.target} is dropped: it is on others than those named" for hit in hits if hit not in meant]
    fitting = _fitting_roles(meant, asked, library)
    if fitting[0] is not meant[0]:
        steps.append(f"{meant[0].target} is on another role than the one named: {fitting[0].target} comes first")
    hits = _prefer(asked, fitting, library, steps)
    top = hits[0]
    steps.append(f"best hit: {top.target}")
    asks = route_shares(asked.kinds).get("escalate", 0.0) >= SURE
    if asks and (ladder := answer_escalation(asked, library)):
        return ladder, next((hit for hit in hits if _is_on_ladder(hit, library)), top)
    return _answer_hit(asked, hits, library), top


def _answer_hit(asked: Query, hits: Sequence[Hit], library: Library) -> Answer:
    """What the first hit leads to."""
    top = hits[0]
    if top.ident.startswith("duties/"):
        # "I am head of department": the hit is on line managers, the role named is the narrower one.
        kind = top.ident.removeprefix("duties/")
        role = next((role for role in asked.roles if kind in library.kinds_of(role)), kind)
        return answer_duties(role, asked, library)
    if roles := compared_roles(asked, library):
        return compare_roles(roles, asked, library)
    if terms := compared_terms(hits, asked, library):
        return answer_comparison(terms, asked)
    if top.kind == "gap":
        return answer_gap(library.gaps[top.ident], asked, library)
    if top.ident.startswith("smalltalk/"):
        return answer_smalltalk(top.ident.removeprefix("smalltalk/"), asked)
    if top.ident in FLOWS and (off := answer_off(top.ident, asked, library)):
        return off
    if _is_on_ladder(top, library) and (ladder := answer_escalation(asked, library)):
        return ladder
    act = library.applicability
    if act and top.ident in act.doubt and asked.oneself:  # whose employer is unclear is told what then holds
        asked = replace(asked, conditions=asked.conditions | {IN_DOUBT})
    if _asks_applicability(asked, hits, library) and (decided := answer_applicability(asked, hits, library)):
        return decided
    return answer_fact(library.facts[top.ident], hits, asked, library)


def _is_on_ladder(hit: Hit, library: Library) -> bool:
    """Whether a hit is on where an unsolved matter goes: an example of asking so, or the fact on the ladder."""
    slot = library.slots.escalation
    return hit.ident == "escalation" or (slot is not None and hit.ident == slot.facts[0])


def _asks_no_verdict(asked: Query, library: Library) -> bool:
    """Whether it is asked who sees to it that the act is kept, where it is said, whether somebody counts as what it
    says nothing of, or nothing of the act: that decides no situation."""
    who = asked.kinds.get("who", 0.0)
    if "law" in asked.wanted or who >= SURE or (who >= WHO and "who" in asked.cues):
        return True
    return asks_otherwise(asked, library)


def _asks_applicability(asked: Query, hits: Sequence[Hit], library: Library) -> bool:
    """Whether the act applies is decided, not looked up, as soon as the message says anything of the situation."""
    top, act = hits[0], library.applicability
    if act is None or _asks_no_verdict(asked, library):
        return False
    if top.ident == "applicability":
        return True
    fact = library.facts[top.ident]
    if not (asked.asks or asked.follow_up):
        return False
    if not is_told(asked.conditions, library):
        return asked.oneself and library.slots.anybody.employee in asked.roles and fact.id in act.facts
    if fact.relation == "applies_to":
        return fact.id in act.facts
    # A fact on who sees to it that students count as employees is hit by questions whether they do.
    return fact.id in act.students and "who" not in asked.cues


def _fitting_roles(hits: Sequence[Hit], asked: Query, library: Library) -> list[Hit]:
    """The hits with those on other roles than the one asked about behind those that come near them."""
    subjects = set(asked.subject) - set(asked.asker)
    if not subjects:
        return list(hits)
    named = {kind for role in (*subjects, *asked.object) for kind in library.kinds_of(role)}

    def weighed(hit: Hit) -> float:
        if hit.kind != "fact":
            return hit.score
        fact = library.facts[hit.ident]
        concerned = {*fact.subjects, *fact.objects}
        return hit.score * (MISSED if concerned and not concerned & named else 1.0)

    return sorted(hits, key=lambda hit: -weighed(hit))


def _prefer(asked: Query, hits: Sequence[Hit], library: Library, steps: list[str]) -> list[Hit]:
    """The hits with one that holds a provision first, where one is asked for and comes near the best."""
    fitting = _with_law(asked, hits, library)
    if fitting is None or fitting is hits[0]:
        return list(hits)
    steps.append(f"{hits[0].target} holds no provision: {fitting.target} comes first")
    return [fitting, *(hit for hit in hits if hit is not fitting)]


def _with_law(asked: Query, hits: Sequence[Hit], library: Library) -> Hit | None:
    if "law" not in asked.wanted:
        return None
    near = (hit for hit in hits if hit.kind == "fact" and hit.score >= NEAR * hits[0].score)
    return next((hit for hit in near if library.facts[hit.ident].laws), None)
