"""`/applies` → the decision whether the Working Environment Act applies, question by question or all at once."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.reply import link
from bot.web.context import WebContext, reader_language
from intents.applicability import decide, go_through, read_steps, situation


async def applies_page(web: WebContext, request: Request) -> Response:
    """What has been answered stands in the address. `all` shows every question, `sent` names the question
    that was sent, so that a missing answer is told at its place."""
    library, language, asked = web.assistant.library, reader_language(request), request.query_params
    given, following = go_through(asked)
    at_once, sent = "all" in asked, asked.get("sent", "")
    case = decide(situation(given)) if following is None else None
    shown = list(read_steps()) if at_once else [following] if following else []
    answered = list(given.items())
    changes = {
        step: f"/applies?{urlencode({'lang': language, **dict(answered[:place])})}"
        for place, (step, _) in enumerate(answered)
    }
    return web.page(
        request,
        "applies.html",
        given=given,
        shown=shown,
        missing=following.id if following and sent in {following.id, "all"} else "",
        at_once=at_once,
        changes=changes,
        other=f"/applies?{urlencode({**given, 'lang': language, **({} if at_once else {'all': '1'})})}",
        case=case,
        facts=[(library.facts[i], link(library.facts[i].citation, "")) for i in (case.facts if case else ())],
    )
