"""A query, its hits and the answer proposed → the probability that the answer would be right.

A logistic regression over a few dozen named features, fitted on questions that no example stands for
(`intents/train.py`); its weights are data, read here and shown by `hms why`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from corpus.library import Library
from intents.answer import Answer
from intents.kind import read_kinds, route_shares
from intents.question import Query
from retrieval.hit import Hit
from retrieval.index import Index
from retrieval.search import Findings

WEIGHTS = Path(__file__).parent / "model" / "decision.json"
# Answered from here on. Of 0.45, 0.5 and 0.55, tried on 2,131 questions of fifteen sets that it was not fitted on: each
# step refuses half of one in a hundred of those that have an answer, and rightly almost one more of the others. A wrong
# answer is worse than none.
ANSWER = 0.5
# From here on what may be meant is offered.
OFFER = 0.25
# Whether the act applies is decided by a table: where the situation is told, it is answered from here on, rather than
# asked back. Of 2,217 questions of fourteen sets two stand between: both are then right.
ANSWER_ACT = 0.25


def logistic(weights: Mapping[str, float], seen: Mapping[str, float]) -> float:
    """The probability that a logistic regression gives to named features."""
    score = sum(weights.get(name, 0.0) * value for name, value in seen.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


class Decision:
    """Whether an answer that was proposed is to be given."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def parts(self, seen: Mapping[str, float]) -> list[tuple[str, float]]:
        """What each feature adds to the log odds of being right."""
        return [(name, self._weights.get(name, 0.0) * value) for name, value in seen.items()]

    def probability(self, seen: Mapping[str, float]) -> float:
        return logistic(self._weights, seen)


def read_decision(file: Path = WEIGHTS) -> Decision:
    return Decision(json.loads(file.read_text(encoding="utf-8")))


def observe(
    query: Query, findings: Findings, hit: Hit, answer: Answer, library: Library, index: Index
) -> dict[str, float]:
    """What the decision is made of; `hit` is the one that the proposed answer stands on."""
    hits = findings.hits
    likely = _observe_likely(findings, _targets(hit, answer, library), index)
    if answer.intent == "duties":
        seen = _observe_list(query, hits, answer, library) | {f"a list, {name}": x for name, x in likely.items()}
    else:
        seen = _observe_fact(query, hits, hit, answer, library, index) | likely
    return seen if likely else untaught(seen)


def untaught(seen: Mapping[str, float]) -> dict[str, float]:
    """What is seen of a target that was added after the training: it is weighed by itself, as less is known of it."""
    taught = {name: value for name, value in seen.items() if not name.removeprefix("a list, ").startswith(_LIKELY)}
    return {f"new: {name}": value for name, value in taught.items()}


def _targets(hit: Hit, answer: Answer, library: Library) -> set[str]:
    """The targets that ask for what is proposed: the list; or the kind of question and every fact on a passage that the
    answer begins with."""
    if answer.intent == "duties":
        return {f"ask:duties/{kind}" for kind in library.kinds_of(answer.role or "")}
    targets = {hit.target}
    begun = {answer.facts[0].id} if answer.facts else set()
    if hit.kind == "fact":
        begun.add(hit.ident)
    # A table or the ladder answers whatever is asked of it: each of its facts speaks for it.
    if answer.intent == "applicability":
        targets.add("ask:applicability")
        begun |= library.applicability.facts if library.applicability else frozenset()
    elif answer.intent == "escalation":
        targets.add("ask:escalation")
        begun |= {fact.id for fact in (*answer.facts, *answer.related)}
    passages = {library.facts[ident].place for ident in begun}
    return targets | {f"fact:{fact.id}" for fact in library.facts.values() if fact.place in passages}


# A fact before which another was hit.
NEARER = "another is nearer"
# What the model of targets and the judged questions say.
_LIKELY = ("likely", "judged")
# Probabilities are told apart down to here.
LEAST = 1e-4


def _observe_likely(findings: Findings, targets: set[str], index: Index) -> dict[str, float]:
    """What a question like this asks for, of all that is asked, known gaps and matters outside included; nothing where
    the model was trained before these targets were there."""
    likely = findings.likely
    if likely is None or likely.shares.keys().isdisjoint(targets):
        return {}
    shares = likely.shares
    found = [shares[target] for target in targets if target in shares]
    own, each = math.fsum(found), max(found)
    other = next((share for target, share in shares.items() if target not in targets), 0.0)
    before = sum(1 for _ in takewhile(lambda share: share > each, shares.values()))
    none = likely.gaps + likely.outside
    return {
        "likely": _odds(own),
        "likely a gap": likely.gaps,
        "likely outside": _odds(likely.outside),
        "likely none": _odds(none),
        "likely before the next": math.log((own + LEAST) / (other + LEAST)) / 5,
        "likely, rank": 1 / (1 + before),
        "likely rather than none": math.log((own + 10 * LEAST) / (none + 10 * LEAST)) / 5,
        **index.judged.signs(findings.judged, targets),
    }


def _odds(share: float) -> float:
    return math.log((share + LEAST) / (1 - share + LEAST)) / 5


def _observe_fact(
    query: Query, hits: Sequence[Hit], hit: Hit, answer: Answer, library: Library, index: Index
) -> dict[str, float]:
    gap = next((h for h in hits if h.kind == "gap"), None)
    top = hits[0]
    named = {kind for role in (*query.subject, *query.object) for kind in library.kinds_of(role)}
    told = library.facts[hit.ident] if hit.kind == "fact" else None
    concerned = {*told.subjects, *told.objects} if told else {answer.role} if answer.role else set()
    subjects = set(query.subject) - set(query.asker)
    explained, unknown, weight = _explained(query, hit, index)
    routes = route_shares(query.kinds)
    kinds = [(read_kinds()[kind], share) for kind, share in query.kinds.items()]
    words = len(query.words)
    margin = _margin(hits, hit)
    seen = {
        "bias": 1.0,
        "score": hit.score,
        "keyword": min(hit.keyword, 40.0) / 20,
        "ngram": hit.ngram,
        "embedding": hit.embedding,
        "coverage": hit.coverage,
        "gap score - score": (gap.score if gap else 0.0) - hit.score,
        "gap ngram - ngram": (gap.ngram if gap else 0.0) - hit.ngram,
        "gap embedding - embedding": (gap.embedding if gap else 0.0) - hit.embedding,
        "gap coverage - coverage": (gap.coverage if gap else 0.0) - hit.coverage,
        "gap leads": float(top.kind == "gap"),
        "gaps among five": sum(h.kind == "gap" for h in hits[:5]) / 5,
        "margin": margin,
        NEARER: float(margin < 0),
        "explained": explained,
        "unexplained": weight * (1 - explained),
        "unknown words": unknown,
        "left over": min(len(query.left_over), 6) / 6,
        "nothing left over": float(not query.left_over),
        "words": min(words, 40) / 40,
        "follow-up": float(query.follow_up),
        "role named": float(bool(subjects)),
        "role missed": float(bool(subjects) and bool(concerned) and not concerned & named),
        "role met": float(bool(subjects & concerned)),
        "sureness": query.sureness,
        "rarely given": query.sureness**2 * read_kinds()[query.kind].rarely,
        "detail & given": math.fsum(
            share for kind, share in kinds if told and kind.route == "detail" and kind.is_given_by(told)
        ),
        "fact with law & law": query.kinds.get("law", 0.0) * float(bool(told and told.laws)),
    }
    asked = routes.get("detail", 0.0)
    seen |= {f"detail & {name}": asked * seen[name] for name in _OF_DETAILS}
    seen |= {f"route {route}": share for route, share in routes.items()}
    seen |= {f"kind {kind}": share for kind, share in query.kinds.items() if share > 0.05}
    seen[f"intent {answer.intent}"] = 1.0
    if told:
        seen[f"relation {told.relation}"] = 1.0
        for route, share in routes.items():
            if share > 0.2:
                seen[f"route {route} & {told.relation}"] = share
        if query.kind in {"may", "must", "whether"}:
            seen[f"polar & {told.modality}"] = 1.0
    return seen


# What shows that a fact says a detail that facts of its sort do not give.
_OF_DETAILS = ("ngram", "embedding", "coverage", "margin", "explained", "nothing left over")


def _observe_list(query: Query, hits: Sequence[Hit], answer: Answer, library: Library) -> dict[str, float]:
    """A list is right where all that a role has to do is asked for: no one fact has to be hit, and none counts."""
    routes = route_shares(query.kinds)
    facts = {fact.id for fact in answer.facts}
    best = [hit for hit in hits if hit.kind == "fact"][:5]
    lists = {f"duties/{kind}" for kind in library.kinds_of(answer.role or "")}
    read = next((hit for hit in hits if hit.ident in lists), None)
    return {
        "a list": 1.0,
        "a list, asked for": routes.get("list", 0.0),
        "a list, what it is": routes.get("define", 0.0),
        "a list, surely": routes.get("list", 0.0) ** 4,
        "a list, a detail": routes.get("detail", 0.0),
        "a list, yes or no": routes.get("polar", 0.0),
        "a list, who": routes.get("search", 0.0),
        "a list, left over": min(len(query.left_over), 6) / 6,
        "a list, nothing left over": float(not query.left_over),
        "a list, words": min(len(query.words), 40) / 40,
        "a list, of the asker": float(answer.role in query.asker),
        "a list, of whoever is meant": float(answer.role not in {*query.subject, *query.asker}),
        "a list, of whom it names, to oneself": float(answer.role in query.subject and query.oneself),
        f"a list of {answer.role}, to oneself": float(
            answer.role in library.slots.anybody.roles and query.oneself and not query.asker
        ),
        "a list, several roles": float(len({*query.subject, *query.object}) > 1),
        "a list, hit": sum(hit.ident in facts for hit in best) / 5,
        "a list, hit by its own": sum(answer.role in library.facts[hit.ident].subjects for hit in best) / 5,
        "a list, hit first": float(bool(best) and best[0].ident in facts),
        "a list, read like one": read.score if read else 0.0,
        "a list, nearest like one": read.ngram + read.embedding if read else 0.0,
        "a list, leads": float(read is next((hit for hit in hits if hit.kind != "gap"), None)),
        "a list, gap leads": float(hits[0].kind == "gap"),
        "a list, follow-up": float(query.follow_up),
    }


def _margin(hits: Sequence[Hit], hit: Hit) -> float:
    others = [h.score for h in hits if h.kind != "gap" and h.ident != hit.ident]
    return hit.score - max(others, default=0.0)


def _explained(query: Query, hit: Hit, index: Index) -> tuple[float, float, float]:
    """How much of what is left over the target says, the share of it that nothing says, and its weight."""
    if not query.left_over:
        return 1.0, 0.0, 0.0
    analysis = index.lexicon.analyse(" ".join(query.left_over))
    total = found = unknown = 0.0
    row = index.targets.index(hit.target)
    for lemma, parts, known in zip(analysis.lemmas, analysis.parts, analysis.known, strict=True):
        best = 0.0
        rarity = 6.0
        for feature in (lemma, *parts):
            strength, idf = index.keyword.strength(feature, row)
            if feature == lemma and idf is not None:
                rarity = idf
            best = max(best, strength if feature == lemma else 0.8 * strength)
        total += rarity
        found += rarity * best
        unknown += not known
    return found / total, unknown / len(analysis.lemmas), min(total, 30.0) / 10
