"""Answer → whom to turn to, as far as the organisation names anybody."""

from collections.abc import Iterable, Mapping

from bot.reply import Link
from corpus.language import Language
from corpus.organisation import Organisation, Topic
from intents.answer import Answer, gap_of

# Who helps in a sensitive matter.
_SENSITIVE: Mapping[str, tuple[Topic, ...]] = {
    "danger": ("emergency",),
    "whistleblowing": ("whistleblowing",),
    "harassment": ("whistleblowing", "hse"),
}
_SMALLTALK: Mapping[str, tuple[Topic, ...]] = {"human": ("hse", "owner"), "complaint": ("owner",)}
# After an answer that did not help.
UNHELPED: tuple[Topic, ...] = ("hse", "owner")


def contacts(answer: Answer, organisation: Organisation, language: Language) -> tuple[Link, ...]:
    """Whom to turn to after an answer: in a sensitive matter, where the policy says nothing, and instead of a bot."""
    return links(_topics(answer, organisation), organisation, language)


def links(topics: Iterable[Topic], organisation: Organisation, language: Language) -> tuple[Link, ...]:
    """Those of the topics that somebody is named for; the same place is named once."""
    named = (organisation.contacts[topic] for topic in topics if topic in organisation.contacts)
    by_place = {contact.link: Link(contact.topic, contact.name.of(language), contact.link) for contact in named}
    return tuple(by_place.values())


def _topics(answer: Answer, organisation: Organisation) -> tuple[Topic, ...]:
    if answer.sensitive:
        return _SENSITIVE[answer.sensitive]
    if answer.outcome == "smalltalk":
        return _SMALLTALK.get(answer.key, ())
    if answer.outcome != "unanswered" or answer.key == "language":
        return ()
    gap = gap_of(answer)
    topics: list[Topic] = [gap.turn_to] if gap and gap.turn_to else []
    if answer.query and organisation.slots.anybody.student in answer.query.roles:
        topics.append("students")
    return (*topics, "hse")
