"""What the policy does not say → an honest answer that names what stands nearest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from rapidfuzz import fuzz, process

from corpus.citation import Citation
from corpus.fact import Relation, RoleFact
from corpus.gap import Gap
from corpus.language import Language
from corpus.library import Library
from intents.answer import Answer, DetailAnswer, GapAnswer, OfferAnswer, OneAnswer, SeveralAnswers, WordedAnswer
from intents.claim import asks_yes_or_no
from intents.duties import facts_of, question_for_all
from intents.kind import SURE, read_kinds, route_shares
from intents.question import Query
from intents.split_questions import opens_openly
from intents.understanding import SHORT
from retrieval.hit import Hit
from retrieval.index import Index
from retrieval.search import Findings

MOST_NEAREST = 2
MOST_OFFERED = 3
# So near, of its score, a fact of another document has to come to the gap that yields to it.
YIELDS = 0.8
# What Slack shows of a button.
LONGEST_OFFERED = 75
# A gap says what is missing where it comes this near the best hit and holds this share of what was asked.
LEADING = 0.8
KNOWN_GAP = 0.6
# And so like one of its examples it has to be in meaning: of 110 refusals of blind questions that named a known gap,
# read one by one, 17 were below this, 13 of which named what nobody had asked about; of the others 11 of 93 did. Where
# it is not plainly like, the model of targets has to hold it likely too: of 22 refusals of ten sets of which it did
# not, 13 named what nobody had asked about, of some 190 others about ten.
LIKE_GAP, PLAINLY_LIKE = 0.45, 0.6
LIKELY_GAP = 0.05
# With so few words left over, what is asked about is the role itself.
BARE = 2


# The flows that an organisation may have nothing for, and the relation of facts that say what each would put together.
FLOWS: Mapping[str, Relation] = {"escalation": "escalates_to", "applicability": "applies_to"}


# Where other documents are quoted beside what is not said.
QUOTED_BESIDE = frozenset({"detail", "gap", "off", "unknown"})
# What is asked, in which language, and what is near it in documents that are only quoted.
Quotes = Callable[[str, Language], tuple[Citation, ...]]


def answer_gap(gap: Gap, asked: Query, library: Library) -> GapAnswer:
    """A known gap: what the policy is silent on, the nearest passage and the role it names."""
    nearest = _fact_on(gap, library)
    return GapAnswer(
        language=asked.language,
        outcome="unanswered",
        gap=gap,
        related=(nearest,) if nearest else (),
        role=gap.role,
    )


def answer_detail(kind: str, query: Query, library: Library, role: str | None = None) -> DetailAnswer:
    """What was asked about the role, or about the matter, is not said: by the name of the detail."""
    facts = facts_of(role, library) if role else ()
    return DetailAnswer(
        language=query.language,
        outcome="unanswered",
        key=kind,
        related=facts[:1],
        role=role,
    )


def yielded(hits: Sequence[Hit], library: Library) -> tuple[Hit, ...]:
    """The hits, a gap of one document behind a fact of another that comes near it and holds as much of what was asked:
    what one does not say, another may."""
    if not hits or hits[0].kind != "gap" or len(library.documents) == 1:
        return tuple(hits)
    first, silent = hits[0], library.gaps[hits[0].ident].document
    for place, hit in enumerate(hits):
        says = hit.kind == "fact" and library.facts[hit.ident].citation.document.id != silent
        if says and hit.score >= YIELDS * first.score and hit.coverage >= first.coverage:
            return (hit, *hits[:place], *hits[place + 1 :])
    return tuple(hits)


def beside_gap(answer: DetailAnswer, hits: Sequence[Hit], library: Library) -> DetailAnswer:
    """A refusal, with the known gap that leads the search: it is counted among what people ask for, and what it knows
    to be nearest is shown, where that is about the same role."""
    if not hits or hits[0].kind != "gap":
        return answer
    gap = library.gaps[hits[0].ident]
    nearest = _fact_on(gap, library)
    if nearest is None or (answer.role and answer.role not in {*nearest.subjects, *nearest.objects}):
        return replace(answer, gap=gap)
    return replace(answer, gap=gap, related=(nearest,))


def with_quotes(answer: Answer, quotes: Quotes) -> Answer:
    """The answer, each refusal in it with what is near in other documents. In danger nothing is to be read first."""
    if answer.sensitive == "danger":
        return answer
    if isinstance(answer, SeveralAnswers):
        return replace(answer, parts=tuple(_with_quotes(part, quotes) for part in answer.parts))
    return _with_quotes(answer, quotes)


def _with_quotes(answer: OneAnswer, quotes: Quotes) -> OneAnswer:
    asked = answer.query
    if answer.outcome != "unanswered" or answer.intent not in QUOTED_BESIDE or asked is None:
        return answer
    return replace(answer, quoted=quotes(next(iter(asked.texts)), asked.language))


def refuses_detail(answer: Answer) -> bool:
    """Whether an answer says that a detail is not given."""
    return isinstance(answer, DetailAnswer)


def is_left_to_facts(flow: str, library: Library) -> bool:
    """Whether a flow is off, and single facts may answer what it would."""
    return _is_off(flow, library) and any(fact.relation == FLOWS[flow] for fact in library.facts.values())


def answer_off(flow: str, asked: Query, library: Library) -> WordedAnswer | None:
    """That a flow is asked for which is off, as nothing else is sure to answer it: the search finds what only stands
    near. None where it is on, or facts may answer."""
    if not _is_off(flow, library) or is_left_to_facts(flow, library):
        return None
    return WordedAnswer(language=asked.language, intent="off", outcome="unanswered", key=flow)


def _is_off(flow: str, library: Library) -> bool:
    return {"escalation": library.slots.escalation, "applicability": library.applicability}[flow] is None


def answer_unknown(
    hits: Sequence[Hit], asked: Query, library: Library, key: str = "unknown", role: str | None = None
) -> WordedAnswer:
    """Nothing fits, or not what was asked for (`key` names the detail): say so, and show what is nearest, or of the
    role that it was asked of."""
    nearest = [library.facts[hit.ident] for hit in hits if hit.kind == "fact"]
    if role:
        on_role = [fact for fact in nearest if role in {*fact.subjects, *fact.objects}]
        nearest = on_role or list(facts_of(role, library)[:1])
    return WordedAnswer(
        language=asked.language,
        intent="unknown",
        outcome="unanswered",
        key=key,
        related=tuple(nearest[:MOST_NEAREST]),
        role=role,
    )


def detail_asked(query: Query) -> str:
    """The detail a query asks for, if it does: the likeliest, where details are likelier than all else."""
    if route_shares(query.kinds).get("detail", 0.0) < SURE:
        return ""
    return next(kind for kind in query.kinds if read_kinds()[kind].route == "detail")


def refuse(asked: Query, findings: Findings, library: Library) -> Answer:
    """What is not said, by its name: a known gap where one leads, else the detail asked for."""
    hits = findings.hits
    gap = next((hit for hit in hits if hit.kind == "gap"), None)
    detail = detail_asked(asked)
    role = next(iter(asked.subject), None)
    if detail and role and len(asked.left_over) <= BARE:
        return beside_gap(answer_detail(detail, asked, library, role), hits, library)
    near = gap and gap.score >= LEADING * hits[0].score and gap.coverage >= KNOWN_GAP
    if gap and near and _is_like(gap, findings):
        return answer_gap(library.gaps[gap.ident], asked, library)
    if detail:
        return answer_detail(detail, asked, library)
    # Whom a question is about or points back to it is refused of; the asker's own role explains only why they ask.
    meant = (asked.named_now or "follow-up" in asked.cues) and not asked.asker
    return answer_unknown(hits, asked, library, role=role if meant else None)


def _is_like(gap: Hit, findings: Findings) -> bool:
    """Whether it is the gap that is asked about, and not only its words that are used."""
    likely = findings.likely is None or findings.likely.shares.get(gap.target, 0.0) >= LIKELY_GAP
    return gap.embedding >= (LIKE_GAP if likely else PLAINLY_LIKE)


def answer_offer(hits: Sequence[Hit], asked: Query, index: Index, library: Library) -> OfferAnswer | None:
    """Questions that may be meant, each of which one of the best facts answers, or all that is said of the one role
    that is named; None where there are none."""
    text = next(iter(asked.texts))
    facts = (hit for hit in hits if hit.kind == "fact" and library.facts[hit.ident].statement)
    openly = not asks_yes_or_no(asked)
    offered = (_nearest(text, index.examples(hit.target, asked.language), openly) for hit in facts)
    chosen = tuple(islice(dict.fromkeys(filter(None, chain([_all_of(asked, library)], offered))), MOST_OFFERED))
    return OfferAnswer(language=asked.language, outcome="clarification", offered=chosen) if chosen else None


def _all_of(asked: Query, library: Library) -> str | None:
    """The question for all that is said of the role that is named, where it is one, and not whose asks."""
    if not asked.named_now or len(asked.roles) != 1 or asked.asker or not facts_of(asked.roles[0], library):
        return None
    question = question_for_all(asked.roles[0], asked.language, library)
    return question if len(question) <= LONGEST_OFFERED else None


def _nearest(text: str, examples: Sequence[str], openly: bool) -> str | None:
    """The example most like a text, of those that fit on a button and stand alone; who asks `openly` is offered no
    claim, where there is another."""
    plain = [e for e in examples if len(e) <= LONGEST_OFFERED and e.endswith("?") and len(e.split()) > SHORT]
    fitting = [e for e in plain if opens_openly(e)] if openly else []
    found = process.extractOne(text, fitting or plain, scorer=fuzz.token_set_ratio)
    return found[0] if found else None


def _fact_on(gap: Gap, library: Library) -> RoleFact | None:
    """The fact that stands nearest to a gap, if any does."""
    if gap.nearest is None:
        return None
    on_passage = [f for f in library.facts.values() if f.citation.passage == gap.nearest.passage]
    return next((f for f in on_passage if gap.role in f.subjects), on_passage[0] if on_passage else None)
