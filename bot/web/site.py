"""What every page needs at hand: the assistant, the templates, the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.bootstrap import Assistant
from bot.desk.ledger import Ledger
from bot.desk.parts import Parts
from bot.desk.switch import Switch
from bot.metrics import Metrics
from corpus.language import LANGUAGES, NAMES, Language

FOLDER = Path(__file__).parent
# Languages a browser names, and which of ours it means.
_BROWSER: Mapping[str, Language] = {"nb": "nb", "no": "nb", "nn": "nn", "da": "nb", "sv": "nb", "en": "en"}


@dataclass(frozen=True, slots=True)
class Site:
    """Renders pages. Everything a template prints is escaped."""

    parts: Parts
    ledger: Ledger
    switch: Switch
    templates: Environment

    @property
    def assistant(self) -> Assistant:
        return self.parts.assistant

    @property
    def metrics(self) -> Metrics:
        return self.parts.metrics

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template in the reader's language."""
        language = reader_language(request)
        html = self.fragment(
            language,
            template,
            languages=LANGUAGES,
            names=NAMES,
            path=request.url.path,
            switch=lambda to: request.url.include_query_params(lang=to).query,
            library=self.assistant.library,
            days=self.parts.settings.retention_days,
            **context,
        )
        return HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language"})

    def fragment(self, language: Language, template: str, **context: Any) -> str:
        """A template that is only a part of a page."""
        words = self.assistant.wordings[language]
        say = lambda key: words[f"web.{key}"]  # noqa: E731  # what templates call
        return self.templates.get_template(template).render(language=language, say=say, words=words, **context)


def build_site(parts: Parts, ledger: Ledger) -> Site:
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return Site(parts, ledger, Switch(parts.database), templates)


def reader_language(request: Request) -> Language:
    """The language chosen (`?lang=`), else the browser's, else bokmål."""
    chosen = request.query_params.get("lang", "")
    for name in (chosen, *(part.split(";")[0] for part in request.headers.get("accept-language", "").split(","))):
        language = _BROWSER.get(name.strip().lower().split("-")[0])
        if language:
            return language
    return "nb"
