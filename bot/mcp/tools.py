"""A call's arguments → what a tool tells: the contract, or a passage, and the same in words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from rapidfuzz import fuzz, process, utils
from typing_extensions import TypedDict

from bot.bootstrap import Assistant
from bot.contract import as_object, citation_object
from bot.reply import Cited, Reply, link
from bot.web.api import role_object
from bot.web.asking import Given
from bot.web.chat import earlier
from bot.wording import verbatim
from corpus.citation import cite
from corpus.language import Language, language_of
from intents.answer import Answer
from intents.answering import LONGEST
from intents.applicability import Step, answer_case, decide, go_through, read_steps, situation
from intents.duties import answer_duties
from intents.question import Question

# Earlier questions that are taken; the page's rule decides how many of them count.
HISTORY = 50
# No name of a role and no id of a passage is longer.
LONGEST_NAME = 200
# Names and ids that are offered where one is not known.
OFFERED = 5
# Of 100: a slip in a name stays above it, another word does not.
LIKE = 75

# The way a question takes to its answer.
Ask = Callable[[Question], Awaitable[Given]]
ReplyLanguage = Annotated[Language, Field(description="The language to answer in: bokmål, nynorsk or English")]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


@with_config(ConfigDict(extra="forbid", strict=True))
class AskArguments(TypedDict):
    question: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST, description="The question as asked, in bokmål, nynorsk or English"),
    ]
    history: NotRequired[
        Annotated[
            list[Annotated[str, Field(max_length=LONGEST)]],
            Field(max_length=HISTORY, description="Earlier questions of the same person, oldest first; no answers"),
        ]
    ]
    language: NotRequired[ReplyLanguage]


@with_config(ConfigDict(extra="forbid", strict=True))
class RoleArguments(TypedDict):
    name: Annotated[Name, Field(description="A role, body or group by name, abbreviation or id, in any language")]
    language: NotRequired[ReplyLanguage]


@with_config(ConfigDict(extra="forbid", strict=True))
class PassageArguments(TypedDict):
    id: Annotated[Name, Field(description="A passage as citations name it, also with its document (document:passage)")]


def _applies_arguments() -> Any:
    """The steps of the act's decision, each with its answers, as a TypedDict: what they are stands in the data."""
    steps = {
        step.id: NotRequired[Annotated[Literal[tuple(step.options)], Field(description=_asked_where(step))]]
        for step in read_steps()
    }
    arguments: Any = TypedDict("AppliesArguments", {**steps, "language": NotRequired[ReplyLanguage]})  # type: ignore[misc]
    return with_config(ConfigDict(extra="forbid", strict=True))(arguments)


def _asked_where(step: Step) -> str:
    conditions = (f"{other} is {' or '.join(answers)}" for other, answers in step.when.items())
    return f"Only where {' and '.join(conditions)}" if step.when else "Whom it is about"


AppliesArguments = _applies_arguments()


class Refused(Exception):
    """A call that cannot be answered: says what is wrong and, where it helps, what would be right."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool gives: an object as its schema describes it, and the same in words."""

    object: dict[str, Any]
    text: str


async def ask(assistant: Assistant, way: Ask, arguments: AskArguments) -> Told:
    """The contract, by the way that is given. Raises what that raises."""
    history = earlier(arguments.get("history", ()))
    question = Question(arguments["question"], history, language=arguments.get("language"))
    given = await way(question)
    return _told(assistant, question, given.answer, given.reply, given.seconds)


def role(assistant: Assistant, arguments: RoleArguments) -> Told:
    """The contract with all duties of the one role that a name means, and the role. Raises Refused."""
    start = perf_counter()
    library, answerer = assistant.library, assistant.answerer
    question = Question(arguments["name"], language=arguments.get("language"))
    understood = answerer.understand(question)
    named = (question.text,) if question.text in library.roles else understood.roles
    if len(named) != 1:
        names = {role.id: (role.id, *role.names, *role.abbreviations) for role in library.roles.values()}
        near = named or _nearest(question.text, names)
        which = [f"{library.roles[role].name.of(understood.language)} ({role})" for role in near]
        raise Refused(_one_of("name: it names several roles" if named else "name: no role is known by it", which))
    answer = answer_duties(named[0], understood, library)
    told = _told(assistant, question, answer, assistant.write(answer), perf_counter() - start)
    return Told({**told.object, "role": role_object(library.roles[named[0]], library)}, told.text)


def passage(assistant: Assistant, arguments: PassageArguments) -> Told:
    """A passage as citations have it. Raises Refused."""
    known = [(d, p) for d in assistant.library.every_document.values() for p in d.passages]
    names = {f"{d.id}:{p.id}": (p.id, f"{d.id}:{p.id}") for d, p in known}
    found = [(d, p) for d, p in known if arguments["id"] in names[f"{d.id}:{p.id}"]]
    if len(found) != 1:
        near = [f"{d.id}:{p.id}" for d, p in found] or _nearest(arguments["id"], names)
        raise Refused(_one_of("id: several passages have it" if found else "id: no passage has it", near))
    citation = cite(*found[0])
    cited = Cited(citation, link(citation, assistant.public_url))
    return Told(citation_object(cited), _quoted(cited, assistant.wordings["en"], translated=True))


def applies(assistant: Assistant, arguments: Mapping[str, str]) -> Told:
    """The contract with the verdict on what has been answered, and the step that is still open. Raises Refused."""
    start = perf_counter()
    library = assistant.library
    if library.applicability is None:
        raise Refused("the organisation's document does not decide in which cases the act applies")
    answers = {name: answer for name, answer in arguments.items() if name != "language"}
    language = language_of(arguments.get("language")) or "nb"
    given, following = go_through(answers)
    if idle := [step for step in answers if step not in given]:
        raise Refused(_one_of(f"{idle[0]}: it is not asked here", [following.id] if following else list(given)))
    case = decide(situation(given), library)
    assert case is not None  # the last one holds always
    answer = answer_case(case, language, library)
    words = assistant.wordings[language]
    said = [words[f"applies.{step}.{option}"] for step, option in given.items()]
    told = _told(assistant, Question(". ".join(said)), answer, assistant.write(answer), perf_counter() - start)
    if following is None:
        return told
    return Told(told.object, f"{told.text}\n\n{following.id}: {' | '.join(following.options)}")


def _nearest(text: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    """The ids of which some name is like a text, the likest first."""
    names = {(ident, name): name.removeprefix("=") for ident, several in known.items() for name in several}
    like = process.extract(
        text, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=None, score_cutoff=LIKE
    )
    return list(dict.fromkeys(ident for _, _, (ident, _) in like))[:OFFERED]


def _one_of(problem: str, choices: Sequence[str]) -> str:
    return f"{problem}; choose of: {', '.join(choices)}" if choices else problem


def _told(assistant: Assistant, question: Question, answer: Answer, reply: Reply, seconds: float) -> Told:
    words = assistant.wordings[reply.language]
    lines = [reply.text, *(f"› {choice.label}" for choice in reply.every_choice)]
    if reply.citations:
        lines += ["", f"{words['source.passages']}:"]
    lines += [_quoted(cited, words, translated=reply.language == "en") for cited in reply.citations]
    return Told(as_object(question, answer, reply, seconds), "\n".join(lines))


def _quoted(cited: Cited, words: Mapping[str, str], translated: bool) -> str:
    """A passage with what it hangs on, where it stands, and its id for `passage`."""
    passage = cited.citation.passage
    lines = [verbatim(cited.citation)]
    if translated and passage.translation:
        lines.append(f"{words['source.translation']}: {passage.translation}")
    return "\n".join([*lines, f"{cited.place} [{cited.citation.document.id}:{passage.id}] {cited.url}"])
