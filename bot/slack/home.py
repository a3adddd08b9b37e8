"""A person's choices and last questions → their App Home."""

from collections.abc import Sequence

from slack_sdk.models.views import View

from bot.desk.asker import roles_to_pick
from bot.desk.parts import Parts
from bot.reach import reachable
from bot.slack.elements import NOTHING, Block, actions, button, context, header, rich, section, select
from bot.slack.elements import listing as list_of
from bot.slack.escape import cut
from bot.store.profile import Profile
from bot.wording import capital
from corpus.language import NAMES, Language, language_of
from intents.duties import facts_of

# Options that a select takes.
OPTIONS = 100
QUESTION = 300


def home_view(parts: Parts, profile: Profile, recent: Sequence[str], notice: str = "") -> View:
    """`recent` are the last questions, `notice` what has just been done."""
    language = home_language(profile)
    say = parts.assistant.wordings[language]
    blocks = [context(notice)] if notice else []
    blocks += [section(say["channel.welcome"]), *_who(parts, profile, language), *_directory(parts, language)]
    if recent:
        listed = [cut(question, QUESTION) or "…" for question in recent]
        blocks += [header(say["channel.recent"]), rich(list_of(listed, numbered=False))]
    blocks += [
        header(say["channel.privacy"]),
        section(say["channel.privacy_text"].format(days=parts.settings.retention_days)),
        actions(
            button(
                "forget", say["channel.forget"], style="danger",
                sure=say["channel.forget_sure"], no=say["channel.cancel"],
            )
        ),
    ]  # fmt: skip
    return View(type="home", blocks=blocks)


def home_language(profile: Profile) -> Language:
    """The one that was picked, else bokmål: Slack does not say whose language is which without asking for more."""
    return language_of(profile.language) or "nb"


def _who(parts: Parts, profile: Profile, language: Language) -> list[Block]:
    say, library = parts.assistant.wordings[language], parts.assistant.library
    roles = sorted((role.name.of(language), role.id) for role in roles_to_pick(parts))
    campuses = [(ident, names[0]) for ident, names in library.campuses.items()]
    unsaid = (NOTHING, say["channel.unsaid"])
    picks = {
        "role": ([unsaid, *((ident, capital(name)) for name, ident in roles)][:OPTIONS], profile.role),
        "campus": ([unsaid, *campuses], profile.campus),
        "language": ([(NOTHING, say["channel.as_asked"]), *NAMES.items()], profile.language),
    }
    return [
        header(say["channel.who"]),
        section(say["channel.who_hint"]),
        *(
            section(
                say[f"channel.{name}"], select(f"profile_{name}", say[f"channel.{name}"], options, chosen or NOTHING)
            )
            for name, (options, chosen) in picks.items()
        ),
        actions(button("duties", say["channel.duties"], style="primary")),
    ]


def _directory(parts: Parts, language: Language) -> list[Block]:
    say, library = parts.assistant.wordings[language], parts.assistant.library
    listed = [role for role in library.roles.values() if facts_of(role.id, library)]
    options = sorted((capital(role.name.of(language)), role.id) for role in listed)[:OPTIONS]
    blocks = [
        header(say["channel.directory"]),
        section(
            say["channel.directory"],
            select("directory", say["channel.directory"], [(ident, name) for name, ident in options]),
        ),
    ]
    base = parts.settings.public_url.rstrip("/")
    if reachable(base):
        blocks.append(actions(button("open", say["channel.open"], url=f"{base}/roles?lang={language}")))
    return blocks
