"""The pages for whoever has the report's token → let in by a cookie, which is of no use to other sites."""

import hashlib
import hmac
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
