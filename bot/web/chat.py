"""`/` → the conversation so far and a form to go on with. It is all in the address: a link shares an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.reply import Reply
from bot.store.pseudonym import new_id
from bot.web.asking import Given, give
from bot.web.feedback import JUDGED
from bot.web.site import Site
from corpus.language import Language
from intents.question import Question

# Turns of a conversation that are shown and understood; earlier ones drop off.
TURNS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its reply; `link` leads to the conversation up to here. `id` is what feedback names, empty
    where the answer is only shown again; `judged` what has been said of it."""

    question: str
    reply: Reply
    link: str
    id: str = ""
    judged: str = ""


async def chat_page(site: Site, request: Request) -> Response:
    """Answers the question of the address, in the light of those before it.

    A form gives its answer an id (`a`), under which it is kept; a link that was shared has none, and shows the answer
    without keeping it again.
    """
    text = request.query_params.get("q", "")
    asked = [*earlier(request.query_params.getlist("h")), *([text] if text.strip() else [])]
    turns: list[Turn] = []
    for i, text in enumerate(asked):
        question = Question(text, tuple(asked[:i]))
        last = i == len(asked) - 1
        given = await give(site, question, "web", request.query_params.get("a", "") if last else "")
        turns.append(_turn(question, given, request.query_params.get("judged", "") if last else ""))
    last_turn = turns[-1] if turns else None
    return site.page(request, "chat.html", turns=turns, asked=asked, last=last_turn, new_id=new_id)


def earlier(questions: Sequence[str]) -> tuple[str, ...]:
    """Those of a conversation's questions that are kept beside a new one, oldest first."""
    return tuple(question for question in questions if question.strip())[1 - TURNS :]


def turn_html(site: Site, language: Language, question: Question, given: Given) -> str:
    """A turn and the forms that go on from it, as they stand on the page that the address of the turn gives."""
    turn, asked = _turn(question, given, ""), [*question.history, question.text]
    return site.fragment(language, "turn.html", turn=turn, last=turn, asked=asked, new_id=new_id)


def _turn(question: Question, given: Given, judged: str) -> Turn:
    query = urlencode([*(("h", text) for text in question.history), ("q", question.text)])
    return Turn(question.text, given.reply, f"/?{query}", given.id, judged if judged in JUDGED else "")
