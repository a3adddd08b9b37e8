"""`/applies` → the decision whether the Working Environment Act applies, step by step, each answer changeable."""

from collections.abc import Mapping, Set
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from bot.reply import link
from bot.web.site import Site
from intents.applicability import decide

Choice = Literal["contract", "no-contract", "placement", "hazard", "no-hazard", "study-place"]
# What a choice says of the situation, in the terms of the cases.
SAID: Mapping[str, Set[str]] = {
    "contract": {"contract"},
    "no-contract": {"no-contract"},
    "placement": {"placement"},
    "hazard": {"hazard"},
    "no-hazard": {"hazard-negated"},
    "study-place": {"study-place"},
}


async def applies_page(site: Site, request: Request) -> Response:
    library = site.assistant.library
    chosen = [choice for choice in dict.fromkeys(request.query_params.getlist("c")) if choice in SAID]
    case = decide(frozenset[str]().union(*(SAID[choice] for choice in chosen))) if chosen else None
    facts = [(library.facts[i], link(library.facts[i].citation, "")) for i in (case.facts if case else ())]
    return site.page(request, "applies.html", choices=list(SAID), chosen=chosen, case=case, facts=facts)
