"""`/` → the conversation so far and a form to go on with. It is all in the address: a link shares an answer."""

from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.reply import Reply
from bot.web.site import Site
from intents.question import Question

# Turns of a conversation that are shown and understood; earlier ones drop off.
TURNS = 6
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its reply; `link` leads to the conversation up to here."""

    question: str
    reply: Reply
    link: str


async def chat_page(site: Site, request: Request) -> Response:
    """Answers the question of the address, in the light of those before it."""
    asked = [q for q in (*request.query_params.getlist("h"), request.query_params.get("q", "")) if q.strip()][-TURNS:]
    turns = []
    for i, text in enumerate(asked):
        history = tuple(asked[:i])
        start = perf_counter()
        answer, reply = await run_in_threadpool(site.assistant.ask, Question(text, history))
        if i == len(asked) - 1:  # the earlier ones were counted when they were asked
            site.metrics.count(answer, perf_counter() - start, "web")
        turns.append(Turn(text, reply, f"/?{urlencode([*(('h', h) for h in history), ('q', text)])}"))
    return site.page(request, "chat.html", turns=turns, asked=asked, examples=range(1, EXAMPLES + 1))
