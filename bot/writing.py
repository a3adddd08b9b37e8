"""Answer → Reply: wording by kind of answer, around the facts' own statements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import assert_never

from bot.ladder import full_name, rung_name, without_abbreviations
from bot.reply import Choice, Cited, Group, Link, Point, Reply, checklist_url, link
from bot.suggestion import contacts, question_of, suggest
from bot.wording import Wordings, capital, verbatim, version_of, written_day
from bot.writer import Writer, place_of, predicate
from corpus.citation import Citation
from corpus.fact import RoleFact
from corpus.library import Library
from intents.answer import (
    Answer,
    ApplicabilityAnswer,
    ComparisonAnswer,
    DetailAnswer,
    DutiesAnswer,
    EscalationAnswer,
    FactAnswer,
    GapAnswer,
    ListAnswer,
    OfferAnswer,
    OneAnswer,
    SeveralAnswers,
    WithheldAnswer,
    WordedAnswer,
)
from intents.applicability import may_change
from intents.duties import DOCUMENT, GENERAL


def write_reply(answer: Answer, library: Library, wordings: Wordings, public_url: str) -> Reply:
    """Put an answer into words."""
    places = {place_of(citation): number for number, citation in enumerate(answer.citations, 1)}
    writer = Writer(answer.language, library, wordings[answer.language], places)
    questions = tuple(question_of(s, answer.language, library, writer.words) for s in suggest(answer, library))
    reply = _write(writer, answer, wordings, public_url)
    first, cited = _first(writer, answer)
    more = tuple(_cited(c, writer.words, public_url) for c in cited if place_of(c) not in places)
    return replace(
        reply,
        next=questions,
        first=first,
        citations=(*reply.citations, *more),
        checklist=_checklist(writer, answer, public_url),
        contacts=contacts(answer, library.organisation, answer.language),
    )


def note(reply: Reply, key: str, wordings: Wordings) -> Reply:
    """The reply with one more note, at its end."""
    if reply.parts:
        return replace(reply, parts=(*reply.parts[:-1], note(reply.parts[-1], key, wordings)))
    return replace(reply, notes=(*reply.notes, wordings[reply.language][key]))


def _write(writer: Writer, answer: Answer, wordings: Wordings, public_url: str) -> Reply:
    """The answer alone. The parts of one number their passages as the whole does, which shows them."""
    cited = tuple(_cited(citation, writer.words, public_url) for citation in answer.citations)
    if isinstance(answer, SeveralAnswers):
        parts = tuple(
            _write(replace(writer, language=part.language, words=wordings[part.language]), part, wordings, public_url)
            for part in answer.parts
        )
        return Reply(answer.language, lead=parts[0].lead, citations=cited, parts=parts)
    quoted = tuple(_cited(citation, writer.words, public_url) for citation in answer.quoted)
    lead, groups, notes = _words(writer, answer)
    if answer.yes_no:
        lead = f"{writer.yes_or_no(answer)} {lead}"
    return Reply(
        language=answer.language,
        lead=lead,
        passages=writer.numbers(*_leading(answer)),
        groups=(*groups, *_quoted(writer, quoted)),
        notes=(*notes, *_law_notes(writer, answer), *_waiting_note(writer, answer)),
        choices=tuple(_choices(writer, answer)),
        citations=cited,
        quoted=quoted,
    )


def _choices(w: Writer, answer: OneAnswer) -> Iterator[Choice]:
    """What is offered where something has to be told first, or may be meant."""
    if isinstance(answer, ApplicabilityAnswer):
        yield from (Choice(key, w.say(f"choices.{key}")) for key in answer.choices)
    elif isinstance(answer, OfferAnswer):
        yield from (Choice(str(number), text) for number, text in enumerate(answer.offered, 1))


def _cited(citation: Citation, words: Mapping[str, str], public_url: str) -> Cited:
    return Cited(citation, link(citation, public_url), version_of(citation.document, words))


def _quoted(w: Writer, quoted: Sequence[Cited]) -> Iterator[Group]:
    """What stands near in documents that answer nothing, under the name of each."""
    ranked = sorted(quoted, key=lambda c: (c.citation.document.rank, c.citation.document.title))
    for title, found in groupby(ranked, lambda c: c.citation.document.title):
        stands = [(c.citation.passage.section.heading, c) for c in found]
        points = (
            Point(f"{heading}: {verbatim(c.citation)}", url=c.url, language=c.citation.document.language)
            for heading, c in stands
        )
        yield Group(tuple(points), w.say("unknown.quoted", document=title), numbered=False)


def _first(w: Writer, answer: Answer) -> tuple[str, list[Citation]]:
    """What the policy says of a sensitive matter, unless the answer begins with it, and what the bot must say; with
    the passages of the former."""
    if not answer.sensitive:
        return "", []
    on_it = [f for f in w.library.facts.values() if f.sensitive == answer.sensitive]
    said = [fact for fact in on_it if fact not in answer.facts[:1]]
    words = [*(w.state(fact) for fact in said if fact.statement), w.say(f"sensitive.{answer.sensitive}")]
    return " ".join(words), [citation for fact in said for citation in fact.citations]


def _checklist(w: Writer, answer: Answer, public_url: str) -> Link | None:
    """What a person whose duties are told can print."""
    role = next((part.role for part in answer.each if isinstance(part, DutiesAnswer)), None)
    if role is None or w.library.roles[role].kind != "person":
        return None
    url = checklist_url(role, answer.language, public_url)
    return Link("checklist", w.say("checklist.offer", name=w.name(role)), url)


# The lead, what is listed, and what must be known besides.
Written = tuple[str, Sequence[Group], Sequence[str]]


def _leading(answer: OneAnswer) -> tuple[RoleFact, ...]:
    """The facts that the lead states."""
    if isinstance(answer, DutiesAnswer) and answer.groups and len(answer.facts) > 1:
        return (answer.first,) if answer.first else ()
    leads = isinstance(answer, FactAnswer | DutiesAnswer | EscalationAnswer | ApplicabilityAnswer)
    return answer.facts if leads else ()


def _words(w: Writer, answer: OneAnswer) -> Written:  # noqa: PLR0912  # one case a kind of answer
    match answer:
        case FactAnswer():
            return _fact(w, answer)
        case DutiesAnswer():
            return _duties(w, answer)
        case EscalationAnswer():
            return _escalation(w, answer)
        case ApplicabilityAnswer():
            return _applicability(w, answer)
        case ComparisonAnswer():
            return _comparison(w, answer)
        case GapAnswer():
            return _gap(w, answer)
        case DetailAnswer():
            return _detail(w, answer)
        case ListAnswer():
            return _list(w, answer)
        case OfferAnswer():
            return w.say("offer.lead"), (), ()
        case WithheldAnswer():
            return _withheld(w, answer)
        case WordedAnswer(intent="unknown"):
            return _unknown(w, answer)
        case WordedAnswer():
            return w.say(f"{answer.intent}.{answer.key}"), (), ()
        case _:
            assert_never(answer)


def _withheld(w: Writer, answer: WithheldAnswer) -> Written:
    """That the answer is not given before it is reviewed, and what it would stand on."""
    points = tuple(Point(" ".join(map(verbatim, fact.citations)), w.numbers(fact)) for fact in answer.facts)
    return w.say("withheld.lead"), [Group(points, w.say("withheld.nearest"), numbered=False)], ()


def _fact(w: Writer, answer: FactAnswer) -> Written:
    """What was asked for, and at most one thing beside it."""
    lead = " ".join(w.state(fact) for fact in answer.facts)
    return lead, w.group(answer.related, w.say("fact.related"), numbered=False), ()


def _duties(w: Writer, answer: DutiesAnswer) -> Written:
    """What is told first, or what a role is, and then its points under their headings."""
    role = w.library.roles[answer.role]
    own = [group for group in answer.groups if not group.heading.startswith(DOCUMENT)]
    the, count = w.the(role.id), sum(len(group.points) for group in own)
    if not answer.facts:
        return w.say("duties.none", the=the), (), ()
    if not any(fact.citation.document.leads for fact in answer.facts):
        return w.say("duties.elsewhere", the=the), [*map(w.elsewhere, answer.groups)], ()
    if len(answer.facts) == 1:
        return w.say("duties.one", the=the, statement=w.state(answer.facts[0])), (), ()
    # Nothing is said of the role itself: all that is told holds for whoever is of its kind.
    shared = answer.key == "kind" and all(group.heading != GENERAL for group in own)
    general = role.is_a[0] if answer.key == "kind" else role.id
    key = "kind" if shared else "person" if role.kind == "person" else "body"
    intro = w.say(f"duties.{key}", the=the, The=capital(the), general=w.name(general), points=w.points(count))
    groups = []
    for group in own:
        # What holds for whoever is of a kind holds for each of them; of a body, the policy says it of that body only.
        heading = "kind_of_body" if group.heading == GENERAL and role.kind == "body" else group.heading
        title = w.say(f"heading.{heading}", the=the, general=w.the(general), points=w.points(len(group.points)))
        points = [w.point(*facts) for facts in group.points]
        if role.kind == "person":
            subject = w.the(general) if shared or group.heading == GENERAL else the
            points = [replace(point, text=predicate(point.text, subject, w.say("comparison.and"))) for point in points]
        groups.append(Group(tuple(points), title, folded=group.heading == GENERAL))
    # What introduces the points stands right above them: below what is told first, or as the lead itself.
    lead, title = (w.state(answer.first), intro) if answer.first else (intro, "")
    others = map(w.elsewhere, answer.groups[len(own) :])
    if not groups:  # the leading document says only what is told first
        return lead, list(others), ()
    if groups[0].folded:  # nothing but what is told first is said of the role itself
        title = groups[0].title
    return lead, [replace(groups[0], title=title), *groups[1:], *others], ()


def _escalation(w: Writer, answer: EscalationAnswer) -> Written:
    rungs = answer.ladder.rungs
    names = [rung_name(rung, w.language, w.library, w.words) for rung in rungs]
    # Whoever stands between two rungs is past the lower one.
    passed = [n for n, rung in enumerate(rungs) if rung.level <= (answer.ladder.at or 0)]
    at, last = max(passed, default=0), len(rungs) - 1
    key = "last" if at == last else "first" if at == 0 else "last_but_one" if at == last - 1 else "between"
    here = without_abbreviations(names[at]) if key == "first" else names[at]
    following = names[at + 1] if at < last else ""
    lead = w.say(f"escalation.from_{key}", here=here, Here=capital(here), next=following)
    items = [f"{capital(name)}." for name in names]
    items[0] = f"{items[0]} {w.say('escalation.first')}"
    notes = [w.state(fact) for fact in answer.related if fact.relation == "substitutes"]
    return lead, [Group(tuple(map(Point, items)), w.say("escalation.rungs"))], notes


def _applicability(w: Writer, answer: ApplicabilityAnswer) -> Written:
    case = f"applicability.{answer.key}"
    return w.say(f"{case}.lead"), (), [w.say(f"{case}.change")] if may_change(w.library) else ()


def _comparison(w: Writer, answer: ComparisonAnswer) -> Written:
    if not answer.compared:
        return w.say("comparison.facts"), w.group(answer.facts, numbered=False), ()
    names = w.joined([full_name(w.library.roles[role], w.language) for role in answer.compared])
    return w.say("comparison.lead", names=names), w.group(answer.facts, numbered=False), ()


def _gap(w: Writer, answer: GapAnswer) -> Written:
    lead = w.say("gap.lead", silent=answer.gap.silent.of(w.language))
    if not answer.related:
        return lead, (), [w.say("gap.outside")]
    nearest, role = answer.related[0], answer.role
    # The answer begins with it.
    said = bool(answer.sensitive and nearest.statement) and nearest.sensitive == answer.sensitive
    notes = [] if said else [w.say("gap.nearest", statement=w.state(nearest))]
    if role and role not in (*nearest.subjects, *nearest.objects):  # whom it names already
        notes.append(w.say("gap.role", the=w.the(role)))
    return lead, (), notes


def _unknown(w: Writer, answer: WordedAnswer) -> Written:
    role = answer.role
    lead = w.say("unknown.of", the=w.the(role)) if role else w.say(f"unknown.{answer.key}")
    return lead, w.group(answer.related, w.say("unknown.nearest"), numbered=False), ()


def _detail(w: Writer, answer: DetailAnswer) -> Written:
    """A detail that no fact gives, by its name, and the closest that is said of the role."""
    lead = w.say(f"detail.{answer.key}", the=w.the(answer.role) if answer.role else w.say("detail.this"))
    if not answer.related:
        return lead, (), ()
    return lead, (), [w.say("gap.nearest", statement=w.state(answer.related[0]))]


def _list(w: Writer, answer: ListAnswer) -> Written:
    """All things of a sort."""
    return w.say(f"list.{answer.key}", count=len(answer.facts)), w.group(answer.facts), ()


def _law_notes(w: Writer, answer: OneAnswer) -> list[str]:
    """A note on each legal reference of the facts that has moved since the document was written."""
    told = (fact for fact in (*answer.facts, *answer.related) if fact.statement)
    laws = {law.id: law for fact in told for law in fact.laws if law.status == "moved"}
    notes = []
    for law in laws.values():
        assert law.now is not None and law.since is not None  # read_laws has checked it
        name, now = law.name.of(w.language), law.now.of(w.language)
        notes.append(w.say("law.moved", name=name, since=written_day(law.since, w.words), now=now))
        if law.note:
            notes.append(law.note.of(w.language))
    return notes


def _waiting_note(w: Writer, answer: OneAnswer) -> list[str]:
    """How many of several points are not reviewed: a channel may show only the first of them."""
    withheld = isinstance(answer, WithheldAnswer)
    count = 0 if withheld else sum(fact.statement is None for fact in answer.facts)
    return [w.say("withheld.count", count=count)] if count else []
