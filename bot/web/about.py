"""`/about` → whose service it is, what it keeps, how accessible it is; `/face.css`, `/logo` → its look."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.contact import links
from bot.web.context import WebContext, reader_language


async def about_page(web: WebContext, request: Request) -> Response:
    organisation, language = web.assistant.organisation, reader_language(request)
    return web.page(
        request,
        "about.html",
        contacts=links(("hse", "owner"), organisation, language),
        owner=links(("owner",), organisation, language),
    )


async def face_style(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    """The colours that the organisation has chosen, over those of the style sheet."""
    face = web.assistant.organisation.face
    style = (
        f":root {{ --brand: {face.colour}; --accent: {face.colour}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {face.dark}; }} }}\n"
    )
    return Response(style, media_type="text/css; charset=utf-8")


async def logo(web: WebContext, request: Request) -> Response:  # noqa: ARG001  # an endpoint takes both
    file = web.assistant.organisation.face.logo
    if file is None:
        raise HTTPException(404, "the organisation has no logo")
    return FileResponse(file)
