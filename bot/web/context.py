"""What every page needs at hand: the assistant, the templates, the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.bootstrap import Assistant
from bot.messaging.background_writer import BackgroundWriter
from bot.messaging.health import KillSwitch, StoreHealth
from bot.messaging.services import Services
from bot.metrics import Metrics
from bot.reply import Link
from bot.suggestion import UNHELPED, links
from bot.web.guard import Limiter
from bot.wording import capital, stated, written_day
from corpus.document import Document
from corpus.language import LANGUAGES, NAMES, Language

FOLDER = Path(__file__).parent
_EMERGENCY = re.compile(r"\b(110|112|113)\b")
# Languages a browser names, and which of ours it means.
_BROWSER: Mapping[str, Language] = {"nb": "nb", "no": "nb", "nn": "nn", "da": "nb", "sv": "nb", "en": "en"}


@dataclass(frozen=True, slots=True)
class WebContext:
    """Renders pages. Everything a template prints is escaped."""

    services: Services
    writer: BackgroundWriter
    switch: KillSwitch
    store_health: StoreHealth
    limiter: Limiter
    templates: Environment

    @property
    def assistant(self) -> Assistant:
        return self.services.assistant

    @property
    def metrics(self) -> Metrics:
        return self.services.metrics

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template in the reader's language."""
        language = reader_language(request)
        library, organisation = self.assistant.library, self.assistant.organisation
        html = self.fragment(
            language,
            template,
            languages=LANGUAGES,
            names=NAMES,
            path=request.url.path,
            library=library,
            organisation=organisation,
            title=organisation.face.title.of(language),
            leading=self.leading,
            pages=self.pages,
            days=self.services.settings.retention_days,
            **{"home": "/", "switch": lambda to: request.url.include_query_params(lang=to).query, **context},
        )
        return HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language"})

    @property
    def leading(self) -> Document:
        """The document that answers stand on."""
        return self.assistant.library.leading

    @property
    def pages(self) -> tuple[tuple[str, str], ...]:
        """Where the header leads, and the wording of it: no page that the organisation has nothing for."""
        library = self.assistant.library
        pages = [("/", "chat"), ("/roles", "roles")]
        pages += [("/escalation", "nav_escalation")] if library.slots.escalation else []
        pages += [("/applies", "nav_applies")] if library.applicability else []
        return (*pages, (f"/policy/{self.leading.id}", "policy"))

    def campus(self, request: Request) -> str:
        """The campus that a page is asked for; empty for all."""
        asked = request.query_params.get("campus", "")
        return asked if asked in self.assistant.library.campuses else ""

    def unhelped(self, language: Language) -> tuple[Link, ...]:
        """Whom to turn to after an answer that did not help."""
        return links(UNHELPED, self.assistant.organisation, language)

    def missing(self, request: Request) -> Response:
        """The page for an address that is none."""
        words = self.assistant.wordings[reader_language(request)]
        return self.refusal(request, 404, (words["web.missing"], ""))

    def off(self, request: Request, heading: str, flow: str) -> Response:
        """The page for what the organisation has nothing for."""
        words = self.assistant.wordings[reader_language(request)]
        return self.refusal(request, 404, (words[heading], words[f"off.{flow}"]))

    def refusal(
        self, request: Request, status: int, text: tuple[str, str], headers: Mapping[str, str] | None = None
    ) -> Response:
        """A page for a person whose request cannot be answered: what is the matter, in a heading and a sentence, and
        ways to go on."""
        # What was asked is not carried along: a refusal costs little, however long the address is.
        page = self.page(request, "refused.html", status, text=text, switch=lambda to: f"lang={to}")
        page.headers.update(headers or {})
        return page

    def fragment(self, language: Language, template: str, **context: Any) -> str:
        """A template that is only a part of a page."""
        words = self.assistant.wordings[language]
        say = lambda key, **fields: words[f"web.{key}"].format(**fields)  # noqa: E731  # what templates call
        day = partial(written_day, words=words)
        return self.templates.get_template(template).render(language=language, say=say, words=words, day=day, **context)


def build_web_context(services: Services, writer: BackgroundWriter) -> WebContext:
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(callable=callable_numbers, capital=capital)
    templates.globals.update(stated=stated)
    return WebContext(
        services,
        writer,
        KillSwitch(services.database),
        StoreHealth(services.database),
        Limiter(services.settings.rate),
        templates,
    )


def callable_numbers(text: str) -> Markup:
    """A text with the emergency numbers as links that call them."""
    return Markup(_EMERGENCY.sub(r'<a href="tel:\1">\1</a>', str(escape(text))))  # escaped right here


def reader_language(request: Request) -> Language:
    """The language chosen (`?lang=`), else the browser's, else bokmål."""
    chosen = request.query_params.get("lang", "")
    for name in (chosen, *(part.split(";")[0] for part in request.headers.get("accept-language", "").split(","))):
        language = _BROWSER.get(name.strip().lower().split("-")[0])
        if language:
            return language
    return "nb"
