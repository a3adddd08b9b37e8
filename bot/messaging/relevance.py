"""A line among others in a thread → whether it is a question to the bot, and whether its answer is worth saying."""

from bot.bootstrap import Assistant
from bot.messaging.emoji import spell_emoji
from intents.answer import Answer
from intents.duties import facts_of
from intents.question import Query, Question
from intents.sensitive import matter_told
from intents.understanding import OWN_DUTIES, asks, is_about_something
from retrieval.term import places

# Under this probability of being right nothing is said to people who have not called. Tried on the lines of
# tests/thread_lines.toml: at 0.65 11 of 225 between people are answered, here 8, and 87 of 114 to the bot. Of the 114
# nine ask what the policy does not say.
SURE = 0.72


def is_for_the_bot(text: str, assistant: Assistant) -> bool:
    """Whether a line that calls nobody reads as a question, or tells of a danger."""
    index = assistant.answerer.searcher.index
    return asks(text, index.mentions(index.lexicon.analyse(text))) or tells_of_danger(text, assistant)


def tells_of_danger(text: str, assistant: Assistant) -> bool:
    """Whether a text tells of danger to life or health, emoji included."""
    return matter_told(spell_emoji(text, assistant), assistant.answerer.searcher.index) == "danger"


def asks_own_duties(text: str, assistant: Assistant) -> bool:
    """Whether somebody asks for all their own duties, and does not say of which role: who has one is told those."""
    index, library = assistant.answerer.searcher.index, assistant.library
    if not any(mention.ident == OWN_DUTIES for mention in index.second_matcher.find(text)):
        return False
    if any(mention.kind == "role" for mention in index.mentions(index.lexicon.analyse(text))):
        return False
    some = next(role.id for role in library.roles.values() if role.kind == "person" and facts_of(role.id, library))
    answer, _ = assistant.answerer.answer(Question(text, role=some))
    return answer.intent == "duties" and answer.role == some


def is_welcome(answer: Answer) -> bool:
    """Whether an answer may be given to somebody who has not called for it: it answers, and to all that was said. Not
    small talk, not that something was not understood or is not said, and nothing that is nobody else's business."""
    if answer.sensitive:
        return answer.sensitive == "danger"
    return any(map(_answers, answer.each))


def _answers(answer: Answer) -> bool:
    query = answer.query
    if query is None or answer.intent == "offer" or answer.outcome not in {"answered", "clarification"}:
        return False
    return answer.confidence >= SURE and is_about_something(query) and not _unexplained(query)


def _unexplained(query: Query) -> bool:
    """Whether anything was said that neither the frame of the question nor a word we know explains."""
    known = {query.words[i] for i in places(query.mentions)}
    return bool(set(query.left_over) - known)
