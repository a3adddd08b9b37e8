"""`/` → the conversation so far and a form to go on with. It is all in the address: a link shares an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.contact import UNHELPED, links
from bot.reply import Link, Reply
from bot.store.pseudonym import new_id
from bot.web.asking import Given, give, voted_on
from bot.web.guard import is_foreign
from bot.web.limiter import work_of
from bot.web.roles import leaders
from bot.web.site import Site, reader_language
from corpus.language import Language
from intents.answer import Answer
from intents.question import Question

# What is shown after feedback: thanks, with or without the question why.
JUDGED = ("up", "down", "said")
# Turns of a conversation that are shown and understood; earlier ones drop off.
TURNS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its reply; `link` is the query of an address that leads to the conversation up to here, `shared`
    of one to this answer alone. `id` and `vote` are what feedback names it by, empty where it is only shown again;
    `judged` is what has been said of it."""

    question: str
    reply: Reply
    link: str
    shared: str
    id: str = ""
    vote: str = ""
    judged: str = ""


async def chat_page(site: Site, request: Request) -> Response:
    """Answers the question of the address, in the light of those before it, which `only` leaves out of sight.

    A form gives its answer an id (`a`), under which it is kept; a link that was shared has none, and shows the answer
    without keeping it again.
    """
    query, home = request.query_params, request.url.path
    text = query.get("q", "")
    asked = [*earlier(query.getlist("h")), *([text] if text.strip() else [])]
    questions = [Question(text, tuple(asked[:i])) for i, text in enumerate(asked)]
    if "only" in query:
        questions = questions[-1:]
    client = request.state.client
    site.limiter.take(client, work_of(questions))
    turns: list[Turn] = []
    for question in questions:
        last = question is questions[-1]
        ident = query.get("a", "") if last and not is_foreign(request) else ""
        given = await give(site, question, "web", client, ident)
        vote = query.get("vote", "")  # a page without script comes back with it
        if ident and not given.vote and voted_on(site, vote) == ident:
            given = replace(given, vote=vote)
        judged = query.get("judged", "") if last else ""
        turns.append(await site.limiter.run(client, _turn, site, question, given, judged))
    return site.page(
        request,
        "chat.html",
        turns=turns,
        asked=asked,
        last=turns[-1] if turns else None,
        new_id=new_id,
        home=home,
        leaders=leaders(site, reader_language(request)),
        contacts=unhelped(site, reader_language(request)),
    )


def earlier(questions: Sequence[str]) -> tuple[str, ...]:
    """Those of a conversation's questions that are kept beside a new one, oldest first."""
    return tuple(question for question in questions if question.strip())[1 - TURNS :]


def turn_html(site: Site, language: Language, question: Question, given: Given, home: str) -> str:
    """A turn and the forms that go on from it, as they stand on the page that the address of the turn gives. It takes
    the time of an answer."""
    turn, asked = _turn(site, question, given, ""), [*question.history, question.text]
    return site.fragment(
        language,
        "turn.html",
        turn=turn,
        last=turn,
        asked=asked,
        new_id=new_id,
        home=home,
        contacts=unhelped(site, language),
    )


def unhelped(site: Site, language: Language) -> tuple[Link, ...]:
    """Whom to turn to after an answer that did not help."""
    return links(UNHELPED, site.assistant.organisation, language)


def _turn(site: Site, question: Question, given: Given, judged: str) -> Turn:
    asked = [*(("h", text) for text in question.history), ("q", question.text)]
    # What was asked before is nobody's business where the question stands alone.
    alone = not question.history or _same(site, question, given.answer)
    shared = [("q", question.text)] if alone else [*asked, ("only", "1")]
    return Turn(
        question=question.text,
        reply=given.reply,
        link=f"?{urlencode(asked)}",
        shared=f"?{urlencode(shared)}",
        id=given.vote.partition(".")[0],
        vote=given.vote,
        judged=judged if judged in JUDGED else "",
    )


def _same(site: Site, question: Question, answer: Answer) -> bool:
    """Whether a question gets the same answer without those before it."""
    alone, _ = site.assistant.ask(replace(question, history=()))
    return replace(alone, query=None, confidence=0) == replace(answer, query=None, confidence=0)
