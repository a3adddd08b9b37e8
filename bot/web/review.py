"""`/review` → what was proposed, beside its passage, to be made a fact or dropped, for whoever has the token."""

from collections.abc import Mapping
from datetime import date
from typing import get_args
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.maintenance.acceptance import Accepted, NotAccepted, accept, drop, edited, listed, pending
from bot.maintenance.example_edit import may_be_taught
from bot.web.body import LARGEST, read_body
from bot.web.context import WebContext, reader_language
from bot.web.guard import is_foreign
from bot.web.token import PRIVATE, ask_for_token, for_token, leave, let_in, may_see
from corpus.fact import Modality, Relation
from corpus.folder_swap import Occupied
from corpus.language import LANGUAGES
from corpus.library import read_library
from corpus.proposal import Proposal
from corpus.source import DataFault

# Fields of a form; roles are chosen one by one.
_FIELDS = 400


async def review_page(web: WebContext, request: Request) -> Response:
    """The first proposal that waits, or the one that is asked for; POST takes a review, the token, and what ends it."""
    return await for_token(web, request, "review", _asked_for, _posted)


async def _asked_for(web: WebContext, request: Request) -> Response:
    asked = request.query_params
    return await _show(web, request, asked.get("document", ""), asked.get("passage", ""), {})


async def _posted(web: WebContext, request: Request, token: str) -> Response:
    if is_foreign(request):
        raise HTTPException(403, "a page of another site may not review")
    try:
        fields = parse_qs(
            (await read_body(request, LARGEST)).decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS
        )
    except ValueError as error:
        raise HTTPException(400, "the form cannot be read") from error
    if "token" in fields:
        return let_in(web, request, token, fields["token"][0], "review")
    if not may_see(request, token):
        return ask_for_token(web, request, "review", wrong=True)
    if "leave" in fields:
        return leave(request, "review")
    given = {name: ",".join(values) if name in {"subject", "object"} else values[0] for name, values in fields.items()}
    document, passage = given.get("document", ""), given.get("passage", "")
    try:
        done = await run_in_threadpool(_review, web, document, passage, given)
    except (NotAccepted, Occupied) as error:
        return await _show(web, request, document, passage, given, str(error))
    except (DataFault, OSError) as error:
        raise HTTPException(503, "the documents cannot be read or written just now") from error
    after = {"lang": reader_language(request), "done": done, "by": given.get("by", "")}
    return RedirectResponse(f"/review?{urlencode(after)}", 303, PRIVATE)


def _review(web: WebContext, document: str, passage: str, given: Mapping[str, str]) -> str:
    """What was done: the id of the fact, or that of the passage. Raises NotAccepted, Occupied, DataFault, OSError."""
    folder = web.assistant.library.folder
    if not may_be_taught("", folder):
        raise NotAccepted("the data of an installed package are read-only")
    library = read_library(folder, unreviewed=True)
    one = next((p for p in pending(library).get(document, ()) if p.passage == passage), None)
    if one is None:
        raise NotAccepted(f"{document}:{passage} is not proposed (any more)")
    if "drop" in given:
        drop(library, document, passage)
        return passage
    right = edited(one, *(given.get(name, "") for name in ("subject", "relation", "modality", "object")))
    accepted = Accepted(
        proposal=right,
        topics=listed(given.get("topics", "")),
        statements={language: given.get(language, "") for language in LANGUAGES},
        examples={
            language: [line.strip() for line in given.get(f"examples_{language}", "").splitlines() if line.strip()]
            for language in LANGUAGES
        },
    )
    return accept(library, document, accepted, " ".join(given.get("by", "").split()), date.today())


async def _show(
    web: WebContext, request: Request, document: str, passage: str, given: Mapping[str, str], problem: str = ""
) -> Response:
    library = web.assistant.library
    try:
        waiting = await run_in_threadpool(pending, library)
    except DataFault as error:
        raise HTTPException(503, "the proposals cannot be read") from error
    listed_ = [(ident, one) for ident, proposals in waiting.items() for one in proposals]
    # A proposal for a passage of a version that this server has not read yet is shown once it has.
    known = [(i, p) for i, p in listed_ if library.every_document[i].passage(p.passage)]
    chosen = next((pair for pair in known if (pair[0], pair[1].passage) == (document, passage)), None)
    ident, one = chosen or next(iter(known), ("", None))
    page = web.page(
        request,
        "review.html",
        422 if problem else 200,
        problem=problem,
        done=request.query_params.get("done", ""),
        waiting=known,
        document=library.every_document.get(ident),
        proposal=one,
        passage=library.every_document[ident].passage(one.passage) if one else None,
        fields=_fields(one, given or {"by": request.query_params.get("by", "")}) if one else {},
        relations=get_args(Relation),
        modalities=get_args(Modality),
    )
    page.headers.update(PRIVATE)
    return page


def _fields(one: Proposal, given: Mapping[str, str]) -> Mapping[str, str]:
    """What stands in the form: what was sent, else what is proposed."""
    drafted = {
        "subject": ",".join(one.subjects),
        "object": ",".join(one.objects),
        "relation": one.relation,
        "modality": one.modality,
        "topics": "",
        "by": "",
        **{name: "" for language in LANGUAGES for name in (language, f"examples_{language}")},
    }
    return {**drafted, **given}
