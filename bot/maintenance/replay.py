"""A kept question → what would be said now, and what has changed since it was answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.bootstrap import Assistant
from bot.messaging.answer_record import BuildVersion, RequestContext, stored
from bot.messaging.channel import question_by
from bot.reply import Reply
from bot.store.answer import StoredAnswer, with_document
from bot.store.profile import Profile

# What an answer is made from, by the receipt that tells whether it changed.
MADE_FROM = {"document_hash": "the document", "data_hash": "the data", "version": "the program"}
# What is compared beside the words; words may change where nothing of this does.
COMPARED = ("language", "intent", "outcome", "verdict", "gap", "nearest", "sensitive")
# Why an answer may differ though nothing it is made from did.
UNEXPLAINED = "nothing that is kept: the program was changed without a new version"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A kept answer beside the one of now."""

    before: StoredAnswer
    after: StoredAnswer
    reply: Reply

    @property
    def same(self) -> bool:
        """Whether the very same words would be said, and the same passages shown."""
        return self.same_words and not (self.differences or self.reworded or self.passages)

    @property
    def same_words(self) -> bool:
        return self.before.text_hash == self.after.text_hash

    @property
    def differences(self) -> tuple[tuple[str, str, str], ...]:
        """What is not as it was: its name, what it was, what it is."""
        pairs = ((name, getattr(self.before, name) or "", getattr(self.after, name) or "") for name in COMPARED)
        return tuple((name, before, after) for name, before, after in pairs if before != after)

    @property
    def came(self) -> tuple[str, ...]:
        return tuple(fact for fact in self.after.facts if fact not in self.before.facts)

    @property
    def went(self) -> tuple[str, ...]:
        return tuple(fact for fact in self.before.facts if fact not in self.after.facts)

    @property
    def reworded(self) -> tuple[str, ...]:
        """The passages cited then and now that say something else, stand elsewhere or hang on something else now."""
        before, after = _wordings(self.before), _wordings(self.after)
        return tuple(passage for passage in before if before[passage] != after.get(passage, before[passage]))

    @property
    def passages(self) -> tuple[str, ...]:
        """The passages cited only then or only now; none where it was not kept which were."""
        before, after = _wordings(self.before), _wordings(self.after)
        return tuple(passage for passage in (*before, *after) if (passage in before) != (passage in after) and before)

    @property
    def causes(self) -> tuple[str, ...]:
        """What the answer was made from that is another now."""
        pairs = ((said, getattr(self.before, name), getattr(self.after, name)) for name, said in MADE_FROM.items())
        return tuple(said for said, before, after in pairs if before != after)


def _wordings(answer: StoredAnswer) -> dict[str, list[str]]:
    """The hashes of the wordings of each passage that an answer cites; of some it cites several parts."""
    found: dict[str, list[str]] = {}
    for line in answer.cited:
        passage, _, wording = line.partition(" ")
        found.setdefault(passage, []).append(wording)
    return found


def replay_all(answers: Iterable[StoredAnswer], assistant: Assistant, build: BuildVersion) -> Iterator[Replayed]:
    """Ask again what was asked, with the conversation and the profile of then. What is sensitive was not kept."""
    for kept in answers:
        if kept.question is not None:
            yield _replayed(kept, kept.question, assistant, build)


def _replayed(kept: StoredAnswer, text: str, assistant: Assistant, build: BuildVersion) -> Replayed:
    kept, profile = with_document(kept, build.leading), Profile(*kept.profile)
    answer, reply, traces = assistant.explain(question_by(profile, text, kept.history))
    context = RequestContext(
        kept.id, kept.asked, kept.channel, kept.person, kept.conversation, text, profile, kept.history
    )
    return Replayed(kept, stored(context, answer, reply, traces, build), reply)
