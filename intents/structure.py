"""A query whose kind and role are sure → its answer, where no search is needed; None where one is.

The list of a role, what a body is, who sits in it, whom somebody reports to: these are looked up, complete. A detail
that no fact gives is refused by its name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import Answer, FactAnswer, OneAnswer
from intents.applicability import (
    answer_applicability,
    asks_if_counted,
    asks_otherwise,
    asks_whether_employed,
    is_told,
)
from intents.comparison import answer_comparison, compare_roles, compared_roles
from intents.definition import all_of_sort, answer_definition, define_term
from intents.duties import answer_duties, answer_each, asks_as_offered, facts_of, plausible
from intents.escalation import answer_escalation
from intents.kind import SURE, Kind, Route, read_kinds, route_shares
from intents.question import Query
from intents.smalltalk import answer_smalltalk
from intents.unanswered import answer_detail, answer_off, beside_gap
from intents.understanding import OWN_DUTIES, matters
from intents.withheld import withhold
from retrieval.hit import Hit
from retrieval.term import places

# Of 956 frames that no training saw 929 had a route that was taken as sure, and 900 of those (97 of 100) took their
# own. That share is the confidence of what needs no decision.
SURE_RIGHT = 0.97
# So many words left over are believed to be a way of asking for it.
_LEFT: Mapping[Route, int] = {"list": 2, "define": 2, "applies": 99, "escalate": 99, "sort": 2}
# From this probability on a question for a reason may be for what something is for. Of 21 frames that ask why a rule is
# so two are above it, of 43 that ask what a role or body is for 35; none saw training. At 0.1 it is five, and 36.
PURPOSE = 0.2
# Of details the likeliest has to stand out.
LIKELIEST = 0.35
# Whether the act applies is asked back where nothing of the situation is said, and the ladder shown where nothing else
# is, if it is this plain that it is asked.
PLAIN = 0.8
# Where nothing was said before it has to be plainer yet: of 535 situations 488 are above it, of 2,900 questions for
# other things 11; and something has to be likely of the situation.
PLAINLY_ACT, LIKELY = 0.9, 0.3
# A list so plainly asked for is given whatever fact the search finds, and whatever gap where no word is left over: of
# 7,189 examples of known gaps 11 are asked so.
PLAIN_LIST = 0.9
_SMALLTALK = {"bye": "goodbye"}
# Kinds that ask for what whoever asks has to do, where they speak of themselves.
_OF_ONESELF = frozenset({"duties", "must"})


def answer_by_structure(query: Query, hits: Sequence[Hit], library: Library) -> Answer | None:
    """The answer that kind and roles alone decide."""
    for is_asked, tell in _PLAINLY:
        if is_asked(query, hits, library):
            return tell(query, hits, library)
    # Details are many, and refused alike: what counts is the probability of their route.
    route, share = max(route_shares(query.kinds).items(), key=lambda item: item[1])
    kind = next(k for k in map(read_kinds().__getitem__, query.kinds) if k.route == route)
    if share < SURE or len(query.left_over) > _LEFT.get(route, 0):
        return None
    # Ties are few, and told each in its own way.
    if query.kinds[kind.id] < {"detail": LIKELIEST, "tie": SURE}.get(route, 0.0):
        return None
    if route in _WITHOUT_ROLE:
        return _WITHOUT_ROLE[route](kind, query, hits, library)
    # "Am I a student or employed?" compares nothing.
    if route not in _ROUTES or (route == "compare" and is_told(query.conditions, library)):
        return None
    if query.own_role and not query.roles and (OWN_DUTIES in query.cues or (route == "list" and query.oneself)):
        return answer_duties(query.own_role, query, library)
    if route == "define" and query.defined and not (query.named_now if query.follow_up else query.roles):
        return define_term(query, library)
    return _ROUTES[route](kind, query, hits, library) if _of_role(route, share, query, hits, library) else None


def _of_role(route: Route, share: float, query: Query, hits: Sequence[Hit], library: Library) -> bool:
    """Whether it is one role that is asked about, and all of it where a list is asked for."""
    leans = query.follow_up and (not query.asks or (query.named_now and query.named_before) or query.campuses)
    # "I'm a student and lead a field course. What must I see to?": who said what they are said more of themselves.
    told = route == "list" and query.follow_up and not query.named_now and query.asker and query.oneself
    if not query.subject or leans or told:
        return False
    return route not in {"list", "define"} or _about(query, share, hits, library)


def _is_but_part(query: Query) -> bool:
    """Whether an English name is but the first part of another: "the student democracy"."""
    after = {query.words[m.end] for m in query.mentions if m.kind == "role" and m.end < len(query.words)}
    return query.language == "en" and bool(after.intersection(query.left_over))


def _asks_who_is_next(query: Query, hits: Sequence[Hit], library: Library) -> bool:
    """Whether it is asked who takes a matter further, by what the search finds first, and nothing else is said; of a
    role, only where it may be asked so."""
    may = not query.roles or query.kinds.get("escalate", 0.0) >= LIKELY
    alone = not (query.left_over or query.follow_up) and library.slots.escalation is not None
    return may and alone and bool(hits) and hits[0].ident == "escalation"


def _asks_what_for(query: Query) -> bool:
    """Whether it is asked why there is a role or body at all, and nothing else: its reason is what it does."""
    purpose = query.kinds.get("purpose", 0.0)
    asked = purpose >= PURPOSE and purpose + query.kinds.get("why", 0.0) >= SURE
    alone = not query.object and not query.left_over and not _named_beside(query)
    return asked and bool(query.subject) and not query.follow_up and alone


def _named_beside(query: Query) -> bool:
    """Whether a matter is named besides the roles: "why do so few employees report deviations?"."""
    within = places(m for m in query.mentions if m.kind == "role")
    return any(not within.intersection(range(m.start, m.end)) for m in matters(query.mentions))


def _asks_checklist(query: Query) -> bool:
    """Whether a list to tick off is asked for, for one role or whoever asks, and for nothing in particular."""
    listed = places(m for m in query.mentions if m.term == "cue:checklist")
    rest = {word for i, word in enumerate(query.words) if i not in listed}
    return bool(listed) and len(_listed_for(query)) == 1 and not rest & set(query.left_over)


def _listed_for(query: Query) -> tuple[str, ...]:
    """The roles that a list may be for: those named, or whoever asks."""
    return query.roles or query.asker or ((query.own_role,) if query.own_role else ())


def _compares_terms(query: Query) -> bool:
    return len(query.defined) > 1 and not query.roles and "compare" in query.cues | {query.kind}


def _is_name(query: Query) -> bool:
    """Whether the message is a role's name and nothing else."""
    named = places(m for m in query.mentions if m.kind == "role")
    return bool(query.subject) and not query.follow_up and len(named) == len(query.words)


def _about(query: Query, share: float, hits: Sequence[Hit], library: Library) -> bool:
    """Whether it is the role as a whole that is asked about: nothing is left over, or it is plain, or the search finds
    it first too; not where what is asked is known not to be in the policy."""
    # All that is said of a role is not asked for by whoever tells of another, or of a situation ("in placement").
    situation = {query.words[i] for i in places(m for m in query.mentions if m.kind == "condition")}
    others = set(query.subject) - set(query.asker)
    # Nor by whoever asks for what they have to do themselves ("what must I see to when I lead students?").
    told = query.oneself and query.kind in _OF_ONESELF and query.left_over
    if others and (query.asker or told):
        return False
    if situation.intersection(query.left_over) or _is_but_part(query):
        return False
    plain = share >= PLAIN_LIST
    if plain and not query.left_over:
        return True
    if hits and hits[0].kind == "gap":
        return False
    if plain or not (query.left_over or _named_beside(query)):
        return True
    best = next((hit for hit in plausible(hits, query, library) if hit.kind != "gap"), None)
    if best is None:
        return False
    if best.kind == "fact":
        return library.facts[best.ident] in facts_of(query.subject[0], library)
    return best.ident.removeprefix("duties/") in library.kinds_of(query.subject[0])


def _compare_terms(query: Query, library: Library) -> Answer:
    return answer_comparison([library.facts_on(term) for term in query.defined[:2]], query)


def _tie(kind: Kind, query: Query, hits: Sequence[Hit], library: Library) -> Answer | None:
    """The facts in which the role, or the last one named before, stands in the relation and on the side asked for."""
    tied = _tied(kind, query, library)
    for role in tied:
        if found := [fact for fact in library.facts.values() if _stands(role, fact, kind)]:
            return _facts(found, role, query)
    if route_shares(query.kinds)["tie"] < PLAIN:  # that no fact says it is sure only where it is plain what is asked
        return None
    return beside_gap(answer_detail(kind.id, query, library, next(iter(tied), query.subject[0])), hits, library)


def _tied(kind: Kind, query: Query, library: Library) -> tuple[str, ...]:
    """The roles whose tie may be asked for, the likeliest first: of who sits where, the body that is named, and of two
    the one that the policy ties to whoever else is."""
    if not query.named_now:
        return query.named_before
    if kind.relation != "member_of":
        return query.subject[:1]
    named = {*query.subject, *query.object}
    members = [
        {*fact.subjects, *fact.objects} & named for fact in library.facts.values() if fact.relation == "member_of"
    ]
    bodies = [role for role in query.roles if library.roles[role].kind == "body"]
    both = (body for body in bodies if any(body in tie and len(tie) > 1 for tie in members))
    return (next(both, _body(query, library)),)


def _body(query: Query, library: Library) -> str:
    """The body that is named, else the first role."""
    roles = (*query.subject, *query.object)
    return next((role for role in roles if library.roles[role].kind == "body"), roles[0])


def _stands(role: str, fact: RoleFact, kind: Kind) -> bool:
    if kind.id in fact.gives and role in {*fact.subjects, *fact.objects}:
        return True
    if fact.relation != kind.relation:
        return False
    return (kind.as_ != "object" and role in fact.subjects) or (kind.as_ != "subject" and role in fact.objects)


def _detail(kind: Kind, query: Query, hits: Sequence[Hit], library: Library) -> Answer | None:
    roles = (*query.subject, *query.object)
    # A committee is what somebody leads.
    told = ((f, {*f.subjects, *(f.objects if kind.as_ == "object" else ())}) for f in library.facts.values())
    if found := [f for f, of in told if of & set(roles) and _gives(kind, f)]:
        return _facts(found, _body(query, library), query)
    on_them = (f for f in library.facts.values() if set(roles) & {*f.subjects, *f.objects})
    if any(map(kind.is_given_by, on_them)):
        return None
    return beside_gap(answer_detail(kind.id, query, library, _body(query, library)), hits, library)


def _gives(kind: Kind, fact: RoleFact) -> bool:
    return bool(fact.laws) if kind.gives == "law" else bool(kind.gives) and kind.gives in fact.gives


def _applies(query: Query, hits: Sequence[Hit], library: Library) -> Answer | None:
    """Whether the act applies, where something of the situation is said or nothing else can be asked."""
    if "who" in query.cues or "law" in query.wanted or asks_otherwise(query, library):
        return None
    if off := answer_off("applicability", query, library):
        return off
    goes_on = query.follow_up and (is_told(query.conditions, library) or query.sureness >= PLAIN)
    if not goes_on and query.kinds.get("applies", 0.0) < PLAINLY_ACT:
        return None
    decided = answer_applicability(query, hits, library)
    return decided if decided and decided.confidence >= LIKELY else None


def _escalate(query: Query, library: Library) -> Answer | None:
    """The ladder where it is asked for plainly and nothing else is said; else it comes with what the search finds."""
    if off := answer_off("escalation", query, library):
        return off
    plain = query.kinds.get("escalate", 0.0) >= PLAIN and not query.left_over
    return answer_escalation(query, library) if plain else None


def _compare(query: Query, library: Library) -> Answer | None:
    roles = compared_roles(replace(query, cues=query.cues | {"compare"}), library)
    return compare_roles(roles, query, library) if roles else None


def _smalltalk(kind: Kind, query: Query) -> Answer | None:
    if query.roles or query.follow_up:
        return None
    return answer_smalltalk(_SMALLTALK.get(kind.id, kind.id), query)


def _facts(found: list[RoleFact], role: str, query: Query) -> OneAnswer:
    answer = FactAnswer(language=query.language, intent="role", outcome="answered", facts=tuple(found), role=role)
    return withhold(answer)


# What a few words and names ask so plainly that no probability is looked at.
_Asks = Callable[[Query, Sequence[Hit], Library], bool]
_Tells = Callable[[Query, Sequence[Hit], Library], Answer | None]
_PLAINLY: Sequence[tuple[_Asks, _Tells]] = (
    (lambda query, _, __: _is_name(query), lambda query, _, library: answer_definition(query, library)),
    (
        lambda query, _, library: asks_as_offered(query, library),
        lambda query, _, library: answer_duties(query.subject[0], query, library),
    ),
    (lambda query, _, library: asks_whether_employed(query, library), answer_applicability),
    (lambda query, _, library: asks_if_counted(query, library), answer_applicability),
    (lambda query, _, __: _asks_what_for(query), lambda query, _, library: answer_definition(query, library)),
    (
        lambda query, _, __: _asks_checklist(query),
        lambda query, _, library: answer_duties(_listed_for(query)[0], query, library),
    ),
    (lambda query, _, __: _compares_terms(query), lambda query, _, library: _compare_terms(query, library)),
    (_asks_who_is_next, lambda query, _, library: answer_escalation(query, library)),
)
_Route = Callable[[Kind, Query, Sequence[Hit], Library], Answer | None]
_WITHOUT_ROLE: Mapping[Route, _Route] = {
    "smalltalk": lambda kind, query, _, __: _smalltalk(kind, query),
    "applies": lambda _, query, hits, library: _applies(query, hits, library),
    "escalate": lambda _, query, __, library: _escalate(query, library),
    "sort": lambda _, query, __, library: all_of_sort(query, library),
}
_ROUTES: Mapping[Route, _Route] = {
    "list": lambda _, query, __, library: answer_each(query, library),
    "define": lambda _, query, __, library: answer_definition(query, library),
    "tie": _tie,
    "detail": _detail,
    "compare": lambda _, query, __, library: _compare(query, library),
}
