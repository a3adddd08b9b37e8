"""`/roles` → every role and body; `/roles/<id>` all its points and relations: to read, to print, as a table."""

import csv
import io
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from bot.reply import link
from bot.tie import Tie, ties_of
from bot.web.site import Site, reader_language
from corpus.fact import RoleFact
from intents.duties import facts_of


async def roles_page(site: Site, request: Request) -> Response:
    library = site.assistant.library
    kinds = {
        kind: [role for role in library.roles.values() if role.kind == kind and facts_of(role.id, library)]
        for kind in ("person", "body", "group")
    }
    return site.page(request, "roles.html", kinds=kinds)


async def role_page(site: Site, request: Request) -> Response:
    """One role, or its points as CSV where the address ends so."""
    library = site.assistant.library
    ident = request.path_params["role"]
    role = library.roles.get(ident.removesuffix(".csv"))
    if role is None:
        return site.page(request, "missing.html", 404)
    facts, ties = facts_of(role.id, library), ties_of(role.id, library)
    if ident.endswith(".csv"):
        return _csv(site, request, role.id, facts, ties)
    points = [(fact, link(fact.citation, "")) for fact in facts]
    by_end: dict[str, list[tuple[Tie, str]]] = {}
    for tie in ties:
        by_end.setdefault(tie.end, []).append((tie, link(tie.fact.citation, "")))
    return site.page(request, "role.html", role=role, points=points, ties=by_end)


def _csv(site: Site, request: Request, role: str, facts: Sequence[RoleFact], ties: Sequence[Tie]) -> Response:
    """The points, counted, and after them the relations to others."""
    language, library = reader_language(request), site.assistant.library
    words = site.assistant.wordings[language]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["n", "point", "quote", "section", "url", "relation", "roles"])

    def write(n: int | str, fact: RoleFact, relation: str = "", roles: str = "") -> None:
        section = " / ".join(fact.citation.passage.section.path)
        url = link(fact.citation, site.assistant.public_url)
        writer.writerow([n, fact.statement.of(language), fact.citation.quote, section, url, relation, roles])

    for n, fact in enumerate(facts, 1):
        write(n, fact)
    for tie in ties:
        names = ", ".join(library.roles[other].name.of(language) for other in tie.others)
        write("", tie.fact, words[f"tie.{tie.end}"], names)
    headers = {"Content-Disposition": f'attachment; filename="{role}.csv"'}
    # The mark at the beginning is what tells a spreadsheet that it is UTF-8.
    return Response(f"\ufeff{table.getvalue()}", media_type="text/csv; charset=utf-8", headers=headers)
