"""What a person may do besides asking, in any channel: say whether an answer helped, say who they are, be forgotten."""

import asyncio
from collections.abc import Collection, Mapping

from bot.messaging.channel import storable
from bot.messaging.services import Services
from bot.store.answer import StoredAnswer, recent
from bot.store.feedback import Feedback, give_feedback
from bot.store.profile import Profile, keep_choice, keep_profile, profile_of, spoken_by
from bot.store.retention import forget_person
from bot.wording import capital
from corpus.language import LANGUAGES, Language, language_of
from intents.duties import facts_of

# Questions shown as a person's last ones.
RECENT = 5
# Longer reasons are cut: it is a remark.
LONGEST_REASON = 1_000


async def record_feedback(
    services: Services, channel: str, answer: str, person: str, value: int, reason: str = ""
) -> bool:
    """Keep whether an answer helped (1 or -1); False where it is not stored any more. Raises StoreUnavailable."""
    feedback = Feedback(answer, person, 1 if value > 0 else -1, storable(reason[:LONGEST_REASON]))
    kept = await asyncio.to_thread(give_feedback, services.database, feedback)
    if kept:
        services.metrics.feedback_given(feedback.value, channel)
    return kept


async def read_profile(services: Services, person: str) -> Profile:
    """Raises StoreUnavailable."""

    def read() -> Profile:
        with services.database.transaction() as at:
            return profile_of(at, person)

    return await asyncio.to_thread(read)


async def language_for(services: Services, person: str) -> Language | None:
    """What a person is spoken to in outside of answers: the language they have picked, else that of their last
    answer; None where neither is known. Raises StoreUnavailable."""

    def read() -> str:
        with services.database.transaction() as at:
            return spoken_by(at, person)

    return language_of(await asyncio.to_thread(read))


async def save_choice(services: Services, person: str, name: str, value: str) -> None:
    """Keep one of role, campus and language, and leave the others; what is no id of ours counts as not chosen.
    Raises StoreUnavailable, and ValueError where there is no such choice."""
    await asyncio.to_thread(keep_choice, services.database, person, name, _known(services, name, value))


async def save_profile(services: Services, person: str, role: str, campus: str, language: str) -> Profile:
    """Keep what a person picked; what is no id of ours counts as not chosen. Raises StoreUnavailable."""
    picked = {"role": role, "campus": campus, "language": language}
    profile = Profile(**{name: _known(services, name, value) for name, value in picked.items()})
    await asyncio.to_thread(keep_profile, services.database, person, profile)
    return profile


def _known(services: Services, name: str, value: str) -> str:
    """What somebody picked, where it is an id of ours."""
    library = services.assistant.library
    ours: Mapping[str, Collection[str]] = {"role": library.roles, "campus": library.campuses, "language": LANGUAGES}
    return value if value in ours.get(name, ()) else ""


async def recent_questions(services: Services, person: str) -> list[StoredAnswer]:
    """A person's last questions, latest first. Raises StoreUnavailable."""
    return await asyncio.to_thread(recent, services.database, person, RECENT)


async def forget(services: Services, person: str) -> int:
    """Raises StoreUnavailable."""
    return await asyncio.to_thread(forget_person, services.database, person)


def roles_to_pick(services: Services, language: Language) -> list[tuple[str, str]]:
    """The roles a person may hold, by their names, each with its id: those of whom the policy says something."""
    library = services.assistant.library
    told = (role for role in library.roles.values() if role.kind == "person" and facts_of(role.id, library))
    return sorted((capital(role.name.of(language)), role.id) for role in told)
