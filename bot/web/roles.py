"""`/roles` → every role and body; `/roles/<id>` all that is said of one, to read, as a checklist, and as a table."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.reply import link
from bot.web.context import WebContext, reader_language
from bot.wording import capital, stated
from corpus.fact import RoleFact
from corpus.language import Language
from corpus.library import Library
from corpus.role import Role
from intents.answer import Answer, DutiesAnswer, WithheldAnswer
from intents.duties import DUTIES, GENERAL, facts_of, list_facts
from intents.escalation import ladder


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a checklist: the heading it stands under, whether it is something to do, and the fact that says it,
    with those that say the same."""

    number: int
    part: str
    task: bool
    facts: tuple[RoleFact, ...]


async def roles_page(web: WebContext, request: Request) -> Response:
    """Every role, in the order of the alphabet, those that a search finds; `role` and `campus` lead to one."""
    library, language = web.assistant.library, reader_language(request)
    asked = request.query_params
    if asked.get("role") in library.roles:
        query = urlencode({"lang": language, **({"campus": asked["campus"]} if asked.get("campus") else {})})
        return RedirectResponse(f"/roles/{asked['role']}?{query}", 303)
    text = asked.get("q", "").strip()
    kinds = {
        kind: sorted(
            (role for role in _told(web) if role.kind == kind and _is_called(role, text)), key=_by_name(language)
        )
        for kind in ("person", "body", "group")
    }
    return web.page(request, "roles.html", kinds=kinds, text=text)


def leaders(web: WebContext, language: Language) -> list[Role]:
    """People with duties, whoever leads others first, for a form that asks for one's role."""
    people = [role for role in _told(web) if role.kind == "person"]
    manager = web.assistant.library.slots.anybody.manager
    return sorted(people, key=lambda role: (role.id != manager, role.name.of(language).casefold()))


async def role_page(web: WebContext, request: Request) -> Response:
    """One role, told as an answer tells it; its points as CSV where the address ends so."""
    library, language = web.assistant.library, reader_language(request)
    ident = request.path_params["role"]
    role = library.roles.get(ident.removesuffix(".csv"))
    if role is None:
        return web.missing(request)
    campus = web.campus(request)
    answer = _duties(web, role, language, campus)
    if ident.endswith(".csv"):
        return _csv(web, role, _items(web, answer), language)
    by_end: dict[str, list[tuple[RoleRelation, str]]] = {}
    for relation in relations_of(role.id, library):
        by_end.setdefault(relation.end, []).append((relation, link(relation.fact.citation, "")))
    reply = web.assistant.write(answer)
    return web.page(
        request,
        "role.html",
        role=role,
        reply=reply,
        told=set(answer.facts),
        relations=by_end,
        called=_called(role, language),
        campus=campus,
        checklist=f"/roles/{role.id}/checklist?{_query(language, campus)}",
        table=f"/roles/{role.id}.csv?{_query(language, campus)}",
    )


async def checklist_page(web: WebContext, request: Request) -> Response:
    """The points of a role to print: what is to do with boxes and room for who and when, and what is good to know."""
    library, language = web.assistant.library, reader_language(request)
    role = library.roles.get(request.path_params["role"])
    if role is None:
        return web.missing(request)
    campus = web.campus(request)
    items = _items(web, _duties(web, role, language, campus))
    return web.page(
        request,
        "checklist.html",
        role=role,
        campus=campus,
        tasks=[item for item in items if item.task],
        others=[item for item in items if not item.task],
        today=date.today(),  # what stands on paper is the day where the printer is
        address=f"{web.assistant.public_url}/roles/{role.id}/checklist",
        table=f"/roles/{role.id}.csv?{_query(language, campus)}",
        back=f"/roles/{role.id}?{_query(language, campus)}",
    )


def _told(web: WebContext) -> list[Role]:
    """The roles that anything is said of."""
    library = web.assistant.library
    return [role for role in library.roles.values() if facts_of(role.id, library)]


def _by_name(language: Language) -> Callable[[Role], str]:
    return lambda role: role.name.of(language).removeprefix("the ").casefold().translate(_LAST)


# The letters that come after z, in their order.
_LAST = str.maketrans({"æ": "{", "ø": "|", "å": "}"})


def _is_called(role: Role, text: str) -> bool:
    """Whether a role has a name with this in it, misspelt ones and all languages included."""
    names = (*role.names, *role.forms, *role.abbreviations)
    return all(any(word in name.casefold() for name in names) for word in text.casefold().split())


def _called(role: Role, language: Language) -> list[str]:
    """What else a role is called in a language, of names that differ by more than a hyphen or a space one."""
    known = (role.name.of(language), role.the.of(language), *role.abbreviations)
    by_letters = {_bare(name): name for name in reversed(role.also[language])}
    return [name for bare, name in reversed(by_letters.items()) if bare not in set(map(_bare, known))]


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _query(language: Language, campus: str) -> str:
    return urlencode({"lang": language, **({"campus": campus} if campus else {})})


def _duties(web: WebContext, role: Role, language: Language, campus: str) -> DutiesAnswer | WithheldAnswer:
    """What a question about the role's duties is answered with."""
    library = web.assistant.library
    first = next((f for f in library.facts.values() if f.relation == "defined_as" and role.id in f.subjects), None)
    told = facts_of(role.id, library)
    return list_facts(role.id, first if first in told else None, language, library, campus)


def _items(web: WebContext, answer: DutiesAnswer | WithheldAnswer) -> list[Item]:
    """What an answer lists, numbered; what it tells first stands first."""
    words = web.assistant.wordings[answer.language]
    alone = answer.facts if isinstance(answer, WithheldAnswer) else filter(None, (answer.first,))
    listed: list[tuple[str, tuple[RoleFact, ...]]] = [("", (fact,)) for fact in alone]
    if isinstance(answer, DutiesAnswer):
        listed += [(group.heading, point) for group in answer.groups for point in group.points]
    return [
        Item(
            number=number,
            part=_part(web, answer, heading, words) if heading else "",
            task=bool(facts[0].statement) and facts[0].modality == "must" and facts[0].relation in DUTIES,
            facts=facts,
        )
        for number, (heading, facts) in enumerate(listed, 1)
    ]


def _part(web: WebContext, answer: Answer, heading: str, words: Mapping[str, str]) -> str:
    """What a point stands under; what a role shares with its kind, under the kind."""
    if heading != GENERAL:
        return words[f"heading.{heading}"]
    roles = web.assistant.library.roles
    return capital(roles[roles[answer.role or ""].is_a[0]].name.of(answer.language))


def _csv(web: WebContext, role: Role, items: Sequence[Item], language: Language) -> Response:
    """A table for a spreadsheet: the points, with room for who, when and whether it is done, and then the relations."""
    library, words = web.assistant.library, web.assistant.wordings[language]
    table = io.StringIO()
    # A Norwegian spreadsheet reads a comma as a decimal point, and wants semicolons.
    writer = csv.writer(table, delimiter=";")
    heads = ("number", "task", "kind", "quote", "section", "address", "who", "when", "done")
    writer.writerow([words[f"checklist.{head}"] for head in heads])

    def write(number: str, fact: RoleFact, part: str) -> None:
        section = " / ".join(fact.citation.passage.section.path)
        url = link(fact.citation, web.assistant.public_url)
        said = stated(fact, words, language)
        writer.writerow([number, said, part, fact.citation.quote, section, url, "", "", ""])

    for item in items:
        write(str(item.number), item.facts[0], item.part)
    for relation in relations_of(role.id, library):
        names = ", ".join(library.roles[other].name.of(language) for other in relation.others)
        write("", relation.fact, f"{words[f'relation.{relation.end}']}: {names}".removesuffix(": "))
    headers = {"Content-Disposition": f'attachment; filename="{role.id}.csv"'}
    # The mark at the beginning is what tells a spreadsheet that it is UTF-8.
    return Response(f"\ufeff{table.getvalue()}", media_type="text/csv; charset=utf-8", headers=headers)


# What a relation is called from either end: by its subject, and by its object.
_ENDS = {
    "reports_to": ("reports_to", "reports_from"),
    "escalates_to": ("escalates_to", "escalates_from"),
    "substitutes": ("substitutes", "substituted_by"),
    "represents": ("represents", "represented_by"),
    "member_of": ("sits_in", "sitting"),
}
ORDER = tuple(end for ends in _ENDS.values() for end in ends)


@dataclass(frozen=True, slots=True)
class RoleRelation:
    """A relation seen from one role: `end` names its wording in `[relation]`, `others` are at the other end, if named;
    not where the fact is not reviewed."""

    end: str
    others: tuple[str, ...]
    fact: RoleFact


def relations_of(role: str, library: Library) -> list[RoleRelation]:
    """All relations of a role, in the order of their wording. A person has those of what they are a kind of, too.

    A body has not: who meets in a committee does not meet in the local ones of its kind.
    """
    kinds = {role} if library.roles[role].kind == "body" else set(library.kinds_of(role))
    found = [*_steps(role, library)]
    for fact in library.facts.values():
        if fact.id == _on_ladder(library) or (ends := _ends(fact, library)) is None:
            continue
        if kinds & set(fact.subjects):
            found.append(RoleRelation(ends[0], fact.objects if fact.statement else (), fact))
        if kinds & set(fact.objects):
            found.append(RoleRelation(ends[1], fact.subjects if fact.statement else (), fact))
    return sorted(found, key=lambda one: ORDER.index(one.end))


def _ends(fact: RoleFact, library: Library) -> tuple[str, str] | None:
    """What the fact's relation is called from either end, None where it joins no roles.

    A body has members and is none: a fact on it says who sits in it. So does one that says what it is by who meets.
    """
    body = any(library.roles[subject].kind == "body" for subject in fact.subjects)
    people = bool(fact.objects) and all(library.roles[other].kind == "person" for other in fact.objects)
    if body and (fact.relation == "member_of" or (fact.relation == "defined_as" and people)):
        return "sitting", "sits_in"
    return _ENDS.get(fact.relation)


def _on_ladder(library: Library) -> str:
    """The fact that names all who stand on the ladder; empty where there is none."""
    return library.slots.escalation.facts[0] if library.slots.escalation else ""


def _steps(role: str, library: Library) -> Iterator[RoleRelation]:
    """On the ladder, only the rungs next to one's own: the fact names all of them at once."""
    level = library.roles[role].level
    for rung in ladder(library.roles[role].campus, library):
        fact = library.facts[_on_ladder(library)]
        if level is not None and rung.level == level + 1:
            yield RoleRelation("escalates_to", rung.roles, fact)
        if level is not None and rung.level == level - 1:
            yield RoleRelation("escalates_from", rung.roles, fact)
