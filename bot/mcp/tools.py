"""A call's arguments → what a tool tells: the contract, or a passage, and the same in words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from rapidfuzz import fuzz, process, utils
from typing_extensions import TypedDict

from bot.bootstrap import Assistant
from bot.contract import as_object, citation_object
from bot.reply import Cited, Reply, link
from bot.web.api import role_object
from bot.web.applies import SAID
from bot.web.applies import Choice as Situation
from bot.web.asking import Given
from bot.web.chat import earlier
from corpus.citation import cite
from corpus.language import Language
from intents.answer import Answer
from intents.answering import LONGEST
from intents.applicability import answer_case, decide
from intents.duties import answer_duties
from intents.question import Question
from intents.understanding import understand

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


@with_config(ConfigDict(extra="forbid", strict=True))
class AppliesArguments(TypedDict):
    situation: Annotated[
        list[Situation],
        Field(max_length=len(SAID), description="All that is known of the person's situation; empty for nothing yet"),
    ]
    language: NotRequired[ReplyLanguage]


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
    understood = understand(question, answerer.searcher.index, answerer.kinds, library)
    named = (question.text,) if question.text in library.roles else understood.roles
    if len(named) != 1:
        names = {role.id: (role.id, *role.names, *role.abbreviations) for role in library.roles.values()}
        near = named or _nearest(question.text, names)
        which = [f"{library.roles[role].name.of(understood.language)} ({role})" for role in near]
        raise Refused(_one_of("name: it names several roles" if named else "name: no role is known by it", which))
    answer = answer_duties(named[0], (), understood, library)
    told = _told(assistant, question, answer, assistant.write(answer), perf_counter() - start)
    return Told({**told.object, "role": role_object(library.roles[named[0]], library)}, told.text)


def passage(assistant: Assistant, arguments: PassageArguments) -> Told:
    """A passage as citations have it. Raises Refused."""
    known = [(d, p) for d in assistant.library.documents.values() for p in d.passages]
    names = {f"{d.id}:{p.id}": (p.id, f"{d.id}:{p.id}") for d, p in known}
    found = [(d, p) for d, p in known if arguments["id"] in names[f"{d.id}:{p.id}"]]
    if len(found) != 1:
        near = [f"{d.id}:{p.id}" for d, p in found] or _nearest(arguments["id"], names)
        raise Refused(_one_of("id: several passages have it" if found else "id: no passage has it", near))
    citation = cite(*found[0])
    cited = Cited(citation, link(citation, assistant.public_url))
    return Told(citation_object(cited), _quoted(cited, assistant.wordings["en"], translated=True))


def applies(assistant: Assistant, arguments: AppliesArguments) -> Told:
    """The contract with the verdict on a situation. Raises Refused."""
    start = perf_counter()
    language, situation = arguments.get("language", "nb"), list(dict.fromkeys(arguments["situation"]))
    for said in situation:
        if f"no-{said}" in situation:
            raise Refused(f"situation: {said} and no-{said} exclude each other")
    case = decide(frozenset[str]().union(*(SAID[said] for said in situation)))
    answer = answer_case(case, language, assistant.library)
    question = Question(". ".join(assistant.wordings[language][f"choices.{said}"] for said in situation))
    return _told(assistant, question, answer, assistant.write(answer), perf_counter() - start)


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
    choices = [choice.label for part in (reply.parts or (reply,)) for choice in part.choices]
    lines = [reply.text, *(f"› {choice}" for choice in choices)]
    if reply.citations:
        lines += ["", f"{words['source.passages']}:"]
    lines += [_quoted(cited, words, translated=reply.language == "en") for cited in reply.citations]
    return Told(as_object(question, answer, reply, seconds), "\n".join(lines))


def _quoted(cited: Cited, words: Mapping[str, str], translated: bool) -> str:
    """A passage with what it hangs on, where it stands, and its id for `passage`."""
    passage = cited.citation.passage
    lead_in = f"{passage.lead_in} … " if passage.lead_in else ""
    lines = [f"«{lead_in}{cited.citation.quote}»"]
    if translated:
        lines.append(f"{words['source.translation']}: {passage.translation}")
    return "\n".join([*lines, f"{cited.place} [{cited.citation.document.id}:{passage.id}] {cited.url}"])
