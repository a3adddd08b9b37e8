"""`/` → the conversation so far and a form to go on with. It is all in the address: a link shares an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.reply import Reply
from bot.store.pseudonym import new_id
from bot.web.asking import Given, give, voted_on
from bot.web.context import WebContext, reader_language
from bot.web.guard import is_foreign, work_of
from bot.web.roles import leaders
from corpus.language import Language
from intents.answer import Answer
from intents.question import Question

# What is shown after feedback: thanks, with or without the question why.
FEEDBACK = ("up", "down", "said")
# Turns of a conversation that are shown and understood; earlier ones drop off.
TURNS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its reply; `link` is the query of an address that leads to the conversation up to here, `shared`
    of one to this answer alone. `id` and `vote` are what feedback names it by, empty where it is only shown again;
    `feedback` is what has been said of it."""

    question: str
    reply: Reply
    link: str
    shared: str
    id: str = ""
    vote: str = ""
    feedback: str = ""


async def chat_page(web: WebContext, request: Request) -> Response:
    """Answers the question of the address, in the light of those before it, which `only` leaves out of sight.

    A form gives its answer an id (`a`), under which it is kept; a link that was shared has none, and shows the answer
    without keeping it again.
    """
    query, home = request.query_params, request.url.path
    text = query.get("q", "")
    asked = [*earlier(query.getlist("h")), *([text] if text.strip() else [])]
    reader = reader_language(request)
    questions = [Question(text, tuple(asked[:i]), reader=reader) for i, text in enumerate(asked)]
    if "only" in query:
        questions = questions[-1:]
    client = request.state.client
    web.limiter.take(client, work_of(questions))
    turns: list[Turn] = []
    for question in questions:
        last = question is questions[-1]
        ident = query.get("a", "") if last and not is_foreign(request) else ""
        given = await give(web, question, "web", client, ident)
        vote = query.get("vote", "")  # a page without script comes back with it
        if ident and not given.vote and voted_on(web, vote) == ident:
            given = replace(given, vote=vote)
        feedback = query.get("feedback", "") if last else ""
        turns.append(await web.limiter.run(client, _turn, web, question, given, feedback))
    return web.page(
        request,
        "chat.html",
        turns=turns,
        asked=asked,
        last=turns[-1] if turns else None,
        new_id=new_id,
        home=home,
        leaders=leaders(web, reader),
        contacts=web.unhelped(reader),
    )


def earlier(questions: Sequence[str]) -> tuple[str, ...]:
    """Those of a conversation's questions that are kept beside a new one, oldest first."""
    return tuple(question for question in questions if question.strip())[1 - TURNS :]


def turn_html(web: WebContext, language: Language, question: Question, given: Given, home: str) -> str:
    """A turn and the forms that go on from it, as they stand on the page that the address of the turn gives. It takes
    the time of an answer."""
    turn, asked = _turn(web, question, given, ""), [*question.history, question.text]
    return web.fragment(
        language,
        "turn.html",
        turn=turn,
        last=turn,
        asked=asked,
        new_id=new_id,
        home=home,
        contacts=web.unhelped(language),
    )


def _turn(web: WebContext, question: Question, given: Given, feedback: str) -> Turn:
    asked = [*(("h", text) for text in question.history), ("q", question.text)]
    # What was asked before is nobody's business where the question stands alone.
    alone = not question.history or _same(web, question, given.answer)
    shared = [("q", question.text)] if alone else [*asked, ("only", "1")]
    return Turn(
        question=question.text,
        reply=given.reply,
        link=f"?{urlencode(asked)}",
        shared=f"?{urlencode(shared)}",
        id=given.vote.partition(".")[0],
        vote=given.vote,
        feedback=feedback if feedback in FEEDBACK else "",
    )


def _same(web: WebContext, question: Question, answer: Answer) -> bool:
    """Whether a question gets the same answer without those before it."""
    alone, _ = web.assistant.ask(replace(question, history=()))
    return replace(alone, query=None, confidence=0) == replace(answer, query=None, confidence=0)
