"""What the bot says that is no answer: welcome, who one is, what one has asked, privacy, being forgotten, and that
something is said in private alone."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from microsoft_teams.cards import ActionSet, CardElement, Choice, ChoiceSetInput, OpenUrlAction

from bot.messaging.services import Services
from bot.messaging.user import roles_to_pick
from bot.reply import Link, reachable
from bot.store.answer import StoredAnswer
from bot.store.conversation_mode import Mode
from bot.store.profile import Profile
from bot.suggestion import EXAMPLES
from bot.teams.card import button, card, plain, press, question, turn_to
from corpus.language import NAMES, Language

# What pressing a button of these cards is called: `open` shows another card below, `show` in the place of this one.
OPEN, SHOW, SAVE, FORGET, SET = "open", "show", "save", "forget", "set"
# What a channel or group chat may choose: Teams shows the bot nothing there but what mentions it.
PLACE_MODES: tuple[Mode, ...] = ("mention", "private", "off")

Words = Mapping[str, str]


def welcome_card(words: Words, personal: bool, url: str) -> dict[str, Any]:
    """What the bot is for, and questions to begin with; in a personal chat also what else there is."""
    body: list[CardElement] = [plain(words["channel.welcome"]), *(question(words[key]) for key in EXAMPLES)]
    if personal:
        titles = {name: words[f"teams.command.{name}"] for name in ("profile", "recent", "privacy")}
        body.append(ActionSet(actions=[button(title, OPEN, {"card": name}) for name, title in titles.items()]))
    if reachable(url):
        page = f"{url.rstrip('/')}/roles"
        body.append(ActionSet(actions=[OpenUrlAction(title=words["channel.directory"], url=page)]))
    return card(body, words["channel.welcome"])


def profile_card(
    services: Services, profile: Profile, words: Words, language: Language, said: str = ""
) -> dict[str, Any]:
    """Role, campus and language to pick from; `said` is what has just been done."""
    library = services.assistant.library
    roles = roles_to_pick(services, language)
    campuses = [(names[0], ident) for ident, names in library.campuses.items()]
    languages = [(name, ident) for ident, name in NAMES.items()]
    text = said or words["channel.who_hint"]
    body: list[CardElement] = [
        plain(text),
        _select("role", words, words["channel.unsaid"], roles, profile.role),
        *([_select("campus", words, words["channel.unsaid"], campuses, profile.campus)] if campuses else []),
        _select("language", words, words["channel.as_asked"], languages, profile.language),
        press(words["channel.save"], SAVE, style="positive"),
    ]
    if profile.role:
        body.append(question(words["channel.duties_question"]))
    return card(body, text)


def settings_card(words: Words, mode: Mode, said: str = "") -> dict[str, Any]:
    """When the bot answers in a channel or group chat, for any member to choose; `said` is what has just been done."""
    text = said or words["channel.settings"]
    choices = [Choice(title=words[f"channel.mode_{name}"], value=name) for name in PLACE_MODES]
    chosen = mode if mode in PLACE_MODES else PLACE_MODES[0]
    select = ChoiceSetInput(id="mode", label=words["channel.settings"], choices=choices, value=chosen, style="expanded")
    return card([plain(text), select, press(words["channel.save"], SET, style="positive")], text)


def recent_card(answers: Sequence[StoredAnswer], words: Words) -> dict[str, Any]:
    asked = dict.fromkeys(answer.question for answer in answers if answer.question)
    text = words["channel.recent" if asked else "teams.nothing"]
    return card([plain(text), *map(question, asked)], text)


def privacy_card(words: Words, days: int) -> dict[str, Any]:
    text = words["channel.privacy_text"].format(days=days)
    return card([plain(text), press(words["channel.forget"], SHOW, {"card": "forget"})], text)


def forget_card(words: Words) -> dict[str, Any]:
    """To be sure."""
    return card(
        [
            plain(words["channel.forget_sure"]),
            press(words["channel.forget"], FORGET, style="destructive"),
            press(words["channel.cancel"], SHOW, {"card": "privacy"}),
        ],
        words["channel.forget_sure"],
    )


def alone_card(words: Words, text: str, bot: str) -> dict[str, Any]:
    """A sentence, and the way to the chat with the bot alone; `bot` is what Teams calls it."""
    chat = f"https://teams.microsoft.com/l/chat/0/0?users={quote(bot)}"
    return card([plain(text), ActionSet(actions=[OpenUrlAction(title=words["teams.open_chat"], url=chat)])], text)


def unhelped_card(words: Words, contacts: Sequence[Link]) -> dict[str, Any]:
    """Whom to turn to after an answer that did not help."""
    names = ", ".join(one.label for one in contacts)
    return card([turn_to(contacts, words)], f"{words['contact.heading']}: {names}")


def said_card(text: str) -> dict[str, Any]:
    return card([plain(text)], text)


def _select(name: str, words: Words, nothing: str, options: Sequence[tuple[str, str]], chosen: str) -> ChoiceSetInput:
    choices = [Choice(title=nothing, value="-"), *(Choice(title=title, value=value) for title, value in options)]
    return ChoiceSetInput(id=name, label=words[f"channel.{name}"], choices=choices, value=chosen or "-")
