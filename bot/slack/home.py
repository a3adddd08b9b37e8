"""A person's choices and last questions → their App Home, and the same as parts of messages."""

import json
from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import ButtonElement
from slack_sdk.models.views import View

from bot.messaging.services import Services
from bot.messaging.user import roles_to_pick
from bot.public_address import reachable
from bot.slack.elements import NOTHING, Block, actions, button, context, header, section, select
from bot.slack.escape import cut
from bot.store.answer import StoredAnswer
from bot.store.profile import Profile
from bot.wording import capital
from corpus.language import NAMES, Language
from intents.duties import facts_of

# Options that a select takes.
OPTIONS = 100
QUESTION = 300

Say = Mapping[str, str]


def home_view(
    services: Services, profile: Profile, recent: Sequence[StoredAnswer], language: Language, notice: str = ""
) -> View:
    """`recent` are the last answers, `notice` what has just been done."""
    say = services.assistant.wordings[language]
    blocks = [context(notice)] if notice else []
    blocks += [
        section(say["channel.welcome"]),
        header(say["channel.who"]),
        *who_blocks(services, profile, language),
        actions(button("duties", say["channel.duties"], style="primary")),
        *_directory(services, language),
    ]
    if asked := recent_blocks(recent, say):
        blocks += [header(say["channel.recent"]), *asked]
    blocks += [
        header(say["channel.privacy"]),
        section(say["channel.privacy_text"].format(days=services.settings.retention_days)),
        actions(forget_button(say)),
    ]
    return View(type="home", blocks=blocks)


def who_blocks(services: Services, profile: Profile, language: Language) -> list[Block]:
    """Role, campus and language to pick from; each counts as soon as it is picked."""
    say, library = services.assistant.wordings[language], services.assistant.library
    campuses = [(ident, names[0]) for ident, names in library.campuses.items()]
    unsaid = (NOTHING, say["channel.unsaid"])
    picks = {
        "role": ([unsaid, *roles_of(services, language)][:OPTIONS], profile.role),
        "campus": ([unsaid, *campuses], profile.campus),
        "language": ([(NOTHING, say["channel.as_asked"]), *NAMES.items()], profile.language),
    }
    return [
        section(say["channel.who_hint"]),
        *(
            section(
                say[f"channel.{name}"], select(f"profile_{name}", say[f"channel.{name}"], options, chosen or NOTHING)
            )
            for name, (options, chosen) in picks.items()
        ),
    ]


def roles_of(services: Services, language: Language) -> list[tuple[str, str]]:
    """The roles somebody may have, by their names."""
    named = sorted((capital(role.name.of(language)), role.id) for role in roles_to_pick(services))
    return [(ident, name) for name, ident in named][: OPTIONS - 1]


def recent_blocks(recent: Sequence[StoredAnswer], say: Say) -> list[Block]:
    """Questions to press, the same one once."""
    asked = {cut(answer.question, QUESTION): answer.id for answer in reversed(recent) if answer.question}
    return [
        section(question or "…", button(f"ask_recent_{n}", say["channel.again"], json.dumps([ident, ""])))
        for n, (question, ident) in enumerate(reversed(asked.items()))
    ]


def forget_button(say: Say) -> ButtonElement:
    return button(
        "forget", say["channel.forget"], style="danger", sure=say["channel.forget_sure"], no=say["channel.cancel"]
    )


def _directory(services: Services, language: Language) -> list[Block]:
    say, library = services.assistant.wordings[language], services.assistant.library
    listed = [role for role in library.roles.values() if facts_of(role.id, library)]
    options = sorted((capital(role.name.of(language)), role.id) for role in listed)[:OPTIONS]
    chosen = select("directory", say["channel.choose"], [(ident, name) for name, ident in options])
    base = services.settings.public_url.rstrip("/")
    links = [button("open", say["channel.open"], url=f"{base}/roles?lang={language}")] if reachable(base) else []
    return [header(say["channel.directory"]), actions(chosen, *links)]
