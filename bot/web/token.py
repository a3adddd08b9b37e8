"""The pages for whoever has the report's token → let in by a cookie, which is of no use to other sites."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from time import time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.web.context import WebContext, reader_language
from bot.web.guard import bears, is_to_come, same

COOKIE = "hms_report"
# Seconds that a browser stays let in.
LASTS = 8 * 3600
# A form that holds a token and nothing else.
LARGEST = 4 * 1024
PRIVATE = {"Cache-Control": "no-store"}


async def for_token(
    web: WebContext,
    request: Request,
    page: str,
    show: Callable[[WebContext, Request], Awaitable[Response]],
    take: Callable[[WebContext, Request, str], Awaitable[Response]] | None = None,
) -> Response:
    """What `show` gives to whoever may see a page, else the form that asks for the token; POST is what `take` takes.
    Without a token in the settings there is no page."""
    token = web.services.settings.report_token.get_secret_value()
    if not token:
        return web.missing(request)
    if take and request.method == "POST":
        return await take(web, request, token)
    if not may_see(request, token):
        return ask_for_token(web, request, page, wrong="authorization" in request.headers)
    return await show(web, request)


def ask_for_token(web: WebContext, request: Request, page: str, wrong: bool) -> Response:
    """A form that asks for the token, to open one of the pages."""
    response = web.page(request, "token.html", 401, opens=page, wrong=wrong)
    response.headers.update({**PRIVATE, "WWW-Authenticate": "Bearer"})
    return response


def let_in(web: WebContext, request: Request, token: str, given: str, page: str) -> Response:
    """The page for whoever gives the token, and the form again for others."""
    if not same(given, token):
        return ask_for_token(web, request, page, wrong=True)
    response = RedirectResponse(f"/{page}?lang={reader_language(request)}", 303, PRIVATE)
    ends = int(time()) + LASTS
    response.set_cookie(
        COOKIE,
        f"{ends}.{_seal(token, ends)}",
        max_age=LASTS,
        path=f"/{page}",
        secure=web.services.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return response


def leave(request: Request, page: str) -> Response:
    """The form again, for whoever has done."""
    response = RedirectResponse(f"/{page}?lang={reader_language(request)}", 303, PRIVATE)
    response.delete_cookie(COOKIE, path=f"/{page}", httponly=True, samesite="strict")
    return response


def may_see(request: Request, token: str) -> bool:
    """Whether the request brings the token, or the cookie of somebody who brought it."""
    if request.headers.get("authorization"):
        return bears(request, token)
    ends, _, seal = request.cookies.get(COOKIE, "").partition(".")
    return is_to_come(ends) and same(seal, _seal(token, int(ends)))


def _seal(token: str, ends: int) -> str:
    """What only a holder of the token can have been given; another token lets nobody in any more."""
    return hmac.new(token.encode(), f"{COOKIE} until {ends}".encode(), hashlib.sha256).hexdigest()
