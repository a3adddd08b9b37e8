"""A role → all that the policy lays on it, complete and in the policy's order."""

from collections import Counter
from collections.abc import Sequence, Set
from functools import cache
from itertools import pairwise

from corpus.fact import RoleFact, first_of_each
from corpus.language import Language
from corpus.library import Library
from intents.answer import Answer, DutiesAnswer, FactGroup, Outcome, SeveralAnswers, WithheldAnswer
from intents.kind import read_kinds, route_shares
from intents.question import Query
from intents.understanding import OWN_DUTIES
from intents.withheld import withhold
from retrieval.hit import Hit
from retrieval.search import Findings
from retrieval.words import normalise

# Words between roles that are named together.
_AND = frozenset({"og", "and", "eller", "or", "samt", "the", "en", "ein", "et", "eit", "både", "a", "an", "mot", "vs"})
# A role with fewer facts of its own is shown with those that concern it, too.
FEW = 3
# Relations that say what somebody does; the others say what they are or where a matter goes.
DUTIES = frozenset({"duty", "responsible_for", "decides", "delegates", "may_delegate", "reports_to", "consults"})


# What a role shares with all of its kind is told under one heading.
GENERAL = "general"
# What another document than the leading one says of a role, by its id.
DOCUMENT = "document:"
HEADINGS = ("own", "special", "delegation", "unsolved", "more", GENERAL)

# From this probability on all duties of a role may be what is asked for.
LIKELY = 0.2
# From this probability on a fact of a list is told first. Of 241 lists that were asked for in eighteen sets, 67 so and
# with more said, the one so found is on what was asked in 60; before it was none or another in ten of them.
NEAREST = 0.25


def plausible(hits: Sequence[Hit], asked: Query, library: Library) -> list[Hit]:
    """The hits without those on roles and bodies that cannot be meant, as others are named."""
    named = {kind for role in asked.roles for kind in library.kinds_of(role)}
    unnamed = library.slots.anybody.roles  # everybody is one of these at times without saying so
    lists = named | (unnamed if not named or (asked.oneself and not asked.asker) else set())
    bodies = {role for role in asked.roles if library.roles[role].kind == "body"}
    meant = {kind for body in bodies for kind in library.kinds_of(body)}
    return [hit for hit in hits if _can_be_meant(hit, lists, meant, library)] or list(hits)


def _can_be_meant(hit: Hit, lists: Set[str], bodies: Set[str], library: Library) -> bool:
    if hit.ident.startswith("duties/"):
        return hit.ident.removeprefix("duties/") in lists
    if hit.kind != "fact" or not bodies:
        return True
    fact = library.facts[hit.ident]
    if not fact.subjects or any(library.roles[role].kind != "body" for role in fact.subjects):
        return True
    return not bodies.isdisjoint(kind for role in (*fact.subjects, *fact.objects) for kind in library.kinds_of(role))


def listed_roles(asked: Query, library: Library) -> tuple[str, ...]:
    """The roles whose duties may be asked for: those named, the asker's own ("what are my duties?"), and what anybody
    may be without saying so, where it is about whoever asks."""
    asks = route_shares(asked.kinds).get("list", 0.0) >= LIKELY
    if asked.own_role and not asked.roles:
        return (asked.own_role,) if asks or OWN_DUTIES in asked.cues else ()
    if not asks:
        return ()
    if asked.asker:
        return asked.asker[:1]
    unnamed = sorted(library.slots.anybody.roles) if asked.oneself else ()
    return tuple(dict.fromkeys((*asked.subject, *unnamed)))


def answer_duties(role: str, asked: Query, library: Library) -> DutiesAnswer | WithheldAnswer:
    """Every fact of the role and of what it is a kind of; never a selection. What a body is comes first."""
    own, _ = _facts_by_kind(role, library)
    defined = next((fact for fact in own if fact.relation == "defined_as" and role in fact.subjects), None)
    return list_facts(role, defined, asked.language, library)


def nearest_first(answer: Answer, asked: Query, findings: Findings, library: Library) -> Answer:
    """A list with the fact first that it may be asked for, where one is hit best of all, or is likely and the message
    says more than that it asks for a list ("we share a workshop with a firm: what must the manager do?")."""
    if not isinstance(answer, DutiesAnswer) or len(answer.facts) <= FEW:
        return answer
    told = {fact.id: fact for fact in answer.facts}
    shares = findings.likely.shares if findings.likely and asked.left_over else {}
    nearest = max(told, key=lambda ident: shares.get(f"fact:{ident}", 0.0))
    # That it is a list has been decided: what speaks for one says nothing of which fact it is asked for.
    lists = sum(shares.get(f"ask:duties/{kind}", 0.0) for kind in library.kinds_of(answer.role))
    if shares.get(f"fact:{nearest}", 0.0) < NEAREST * (1 - lists):
        nearest = next((hit.ident for hit in findings.hits if hit.kind != "gap"), "")
    if nearest not in told or told[nearest].relation not in DUTIES:
        return answer
    return list_facts(answer.role, told[nearest], asked.language, library)


def list_facts(
    role: str, first: RoleFact | None, language: Language, library: Library, campus: str = ""
) -> DutiesAnswer | WithheldAnswer:
    """All facts of a role, with one of them first, if any; of those that hold on some campuses only, those of `campus`,
    where one is given. What is not reviewed is not told first, and says nothing of what others repeat."""
    own, general = (
        tuple(fact for fact in facts if not campus or not fact.campus or campus in fact.campus)
        for facts in _facts_by_kind(role, library)
    )
    first = first if len(own) + len(general) > 1 and first and first.statement else None
    groups = _grouped(own, general, first)
    # In the order in which they are told, so that passages are numbered as one reads.
    told = (fact for group in groups for point in group.points for fact in point)
    facts = tuple(dict.fromkeys((*((first,) if first else ()), *told, *own, *general)))
    return withhold(
        DutiesAnswer(
            language=language,
            outcome="answered" if facts else "unanswered",
            key="kind" if general else "",
            facts=facts,
            first=first,
            groups=groups,
            role=role,
        )
    )


def _grouped(own: Sequence[RoleFact], general: Sequence[RoleFact], first: RoleFact | None) -> tuple[FactGroup, ...]:
    """A role's own facts by their headings, then what it shares with its kind under one; what says the same, once."""
    named: list[tuple[str, RoleFact]] = [(fact.heading, fact) for fact in own]
    named += [(GENERAL if own else fact.heading, fact) for fact in general]
    known = {fact.id: fact for _, fact in named if fact.statement}
    repeated = {ident for fact in known.values() for ident in fact.repeats if ident in known}
    points: dict[str, list[tuple[RoleFact, ...]]] = {heading: [] for heading in HEADINGS}
    for heading, fact in named:
        if fact is not first and fact.id not in repeated:
            same = [known[ident] for ident in fact.repeats if ident in known] if fact.id in known else []
            document = fact.citation.document
            # What other documents say of the role stands under their names, by their rank.
            points.setdefault(heading if document.leads else f"{DOCUMENT}{document.id}", []).append((fact, *same))
    return tuple(FactGroup(heading, tuple(found)) for heading, found in points.items() if found)


def question_for_all(role: str, language: Language, library: Library) -> str:
    """The question for all that is said of a role, as it is offered."""
    return read_kinds()["duties"].offered[language].replace("ROLE", library.roles[role].the.of(language))


def asks_as_offered(query: Query, library: Library) -> bool:
    """Whether the message is the question that is offered of the role it names, word for word, whatever was said
    before."""
    said = set(map(normalise, query.texts))
    return any(normalise(question_for_all(role, query.language, library)) in said for role in query.subject)


def facts_of(role: str, library: Library) -> tuple[RoleFact, ...]:
    """The role's facts, those of its own section first, and what it is a kind of after them."""
    own, general = _facts_by_kind(role, library)
    return (*own, *general)


@cache  # a library is read once, and its facts are asked for with every answer
def _facts_by_kind(role: str, library: Library) -> tuple[tuple[RoleFact, ...], tuple[RoleFact, ...]]:
    own = _subject_facts(role, library)
    general = tuple(
        fact for kind in library.kinds_of(role)[1:] for fact in _subject_facts(kind, library) if fact not in own
    )
    if len(own) + len(general) < FEW:
        own += tuple(f for f in library.facts.values() if role in f.objects and f not in own)
    return own, general


def _subject_facts(role: str, library: Library) -> tuple[RoleFact, ...]:
    facts = [fact for fact in library.facts.values() if role in fact.subjects]
    if library.roles[role].kind == "person":
        facts = [fact for fact in facts if fact.relation != "defined_as"]  # what they are is no duty
    sections = Counter(fact.citation.passage.section.id for fact in facts if fact.citation.document.leads)
    home = sections.most_common(1)[0][0] if sections else ""
    # Of facts on the same words the first is enough: the others say it for another question.
    first = first_of_each(facts, lambda fact: (fact.citation.document.id, fact.citation.start))
    order = {ident: place for place, ident in enumerate(library.documents)}
    return tuple(
        sorted(
            first,
            key=lambda f: (
                order.get(f.citation.document.id, 0),
                f.citation.passage.section.id != home,
                f.citation.start,
            ),
        )
    )


def answer_each(query: Query, library: Library) -> Answer | None:
    """All duties of each role that is asked about, those named together apart."""
    answers = [answer_duties(role, query, library) for role in _asked_about(query, library)]
    answers = [answer for answer in answers if answer.facts]
    if len(answers) < 2:
        return answers[0] if answers else None
    outcome: Outcome = "unanswered" if all(isinstance(a, WithheldAnswer) for a in answers) else "answered"
    return SeveralAnswers(language=query.language, outcome=outcome, parts=tuple(answers))


def _asked_about(query: Query, library: Library) -> tuple[str, ...]:
    """The roles to tell of: those named together, but not what one of them is a kind of; on a campus what is theirs.
    Of whom something is asked that has to do with another ("what does the rector give the board?") it is that one."""
    roles = (*query.subject, *query.object) if _are_joined(query) else query.subject
    named = [_at_campus(role, query.campuses, library) for role in roles]
    return tuple(r for r in named if not any(r in library.kinds_of(other)[1:] for other in named))


def _are_joined(query: Query) -> bool:
    """Whether the roles that a question names stand side by side: "the rector and the dean"."""
    mentions = sorted((m for m in query.mentions if m.kind == "role"), key=lambda m: m.start)
    between = (query.words[one.end : other.start] for one, other in pairwise(mentions))
    return all(_AND.issuperset(found) for found in between)


def _at_campus(role: str, campuses: Sequence[str], library: Library) -> str:
    """The role as a campus has it, where it has one of its own."""
    own = [r.id for r in library.roles.values() if role in library.kinds_of(r.id)[1:] and {*r.campus} & {*campuses}]
    return own[0] if len(own) == 1 else role
