"""What a person may do besides asking, in any channel: judge an answer, say who they are, be forgotten."""

import asyncio

from bot.desk.inquiry import storable
from bot.desk.parts import Parts
from bot.store.answer import StoredAnswer, recent
from bot.store.feedback import Feedback, give_feedback
from bot.store.profile import Profile, keep_profile, profile_of
from bot.store.retention import forget_person
from corpus.language import language_of
from corpus.role import Role
from intents.duties import facts_of

# Questions shown as a person's last ones.
RECENT = 5
# Longer reasons are cut: it is a remark, no letter.
LONGEST_REASON = 1_000


async def judge(parts: Parts, channel: str, answer: str, person: str, value: int, reason: str = "") -> bool:
    """Keep whether an answer helped (1 or -1); False where it is not stored any more. Raises StoreUnavailable."""
    feedback = Feedback(answer, person, 1 if value > 0 else -1, storable(reason[:LONGEST_REASON]))
    kept = await asyncio.to_thread(give_feedback, parts.database, feedback)
    if kept:
        parts.metrics.judged(feedback.value, channel)
    return kept


async def read_profile(parts: Parts, person: str) -> Profile:
    """Raises StoreUnavailable."""

    def read() -> Profile:
        with parts.database.transaction() as at:
            return profile_of(at, person)

    return await asyncio.to_thread(read)


async def save_profile(parts: Parts, person: str, role: str, campus: str, language: str) -> Profile:
    """Keep what a person picked; what is no id of ours counts as not chosen. Raises StoreUnavailable."""
    library = parts.assistant.library
    profile = Profile(
        role if role in library.roles else "",
        campus if campus in library.campuses else "",
        language_of(language) or "",
    )
    await asyncio.to_thread(keep_profile, parts.database, person, profile)
    return profile


async def recent_questions(parts: Parts, person: str) -> list[StoredAnswer]:
    """A person's last questions, latest first. Raises StoreUnavailable."""
    return await asyncio.to_thread(recent, parts.database, person, RECENT)


async def forget(parts: Parts, person: str) -> int:
    """Raises StoreUnavailable."""
    return await asyncio.to_thread(forget_person, parts.database, person)


def roles_to_pick(parts: Parts) -> list[Role]:
    """The roles a person may hold, in the order of the corpus: those of whom the policy says something."""
    library = parts.assistant.library
    return [role for role in library.roles.values() if role.kind == "person" and facts_of(role.id, library)]
