"""Question → Query: language, roles, campus, conditions, details wanted, and what it follows on."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from corpus.language import LANGUAGES, Language
from corpus.library import Library
from intents.claim import is_negated, premise
from intents.kind import placeholder, route_shares, shape
from intents.models import Models
from intents.query import Named, about_oneself, counted_as, left_over, name_roles
from intents.question import Query, Question
from intents.situation import conditions_in, conditions_told, searched_conditions
from intents.split_questions import focus
from intents.thread import FOLLOWS, asks, idents, read_message, without_replaced
from retrieval.index import Index
from retrieval.term import Mention, Term
from retrieval.words import normalise, words

HERE = Path(__file__).parent
# A question of no more words than this may say nothing but what is said before it.
SHORT = 4
OWN_DUTIES = "own-duties"
# So surely an earlier question has to be of a kind for a follow-up to go on with it.
GOES_ON = 0.5
# So likely the act has to be asked about for a situation to be looked for.
MAY_ASK = 0.02
# Concepts that are but the frame of a question.
FRAME = frozenset({
    "bor", "definisjon", "hva", "hvem", "hvor", "hvor_mange", "hvor_mye", "hvordan", "hvorfor", "kan", "maa", "naar",
})  # fmt: skip
# The story around a question misleads at times, but "can you confirm?" says nothing without it.
STORY, QUESTION = 2.0, 1.0


# Kinds of terms, and the files that list their words.
_WORD_LISTS = (("wanted", "wanted"), ("cue", "cues"), ("pronoun", "pronouns"))
# Under this share of words that are known at all, the message is in another language or none; so it is where this
# share of them are little words of another one.
KNOWN = 0.35
FOREIGN = 0.2


def read_terms(library: Library, folder: Path = HERE) -> list[Term]:
    """All that is looked for in a question: roles, campuses, conditions, details wanted, cues."""
    terms = [
        Term(f"role:{role.id}", _as_written((*role.names, *role.forms, *role.abbreviations)))
        for role in library.roles.values()
    ]
    terms += [Term(f"campus:{campus}", names) for campus, names in library.campuses.items()]
    terms += [Term(f"defined:{term.id}", term.every_name) for term in library.terms.values()]
    terms += searched_conditions(library)
    for kind, name in _WORD_LISTS:
        rows = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        terms += [
            Term(f"{kind}:{ident}", tuple(p for language in LANGUAGES for p in row[language]))
            for ident, row in rows.items()
        ]
    return terms


# What the field goes by in Norwegian and in English: people say "the HSE koordinator" and "the HMS adviser", too; and
# an "and" that is written as a sign ("HR & HSE", "HR/HMS") is no word.
_FIELD = (re.compile(r"\bHMS\b"), "HSE"), (re.compile(r"\bHSE\b"), "HMS")
_AND = re.compile(r"-? (?:og|and) ")


def _as_written(names: Iterable[str]) -> tuple[str, ...]:
    """Names in the ways that people write them."""
    forms = dict.fromkeys(form for name in names for form in (name, *(p.sub(other, name) for p, other in _FIELD)))
    return tuple(dict.fromkeys((*forms, *(_AND.sub(" ", form) for form in forms))))


def understand(question: Question, index: Index, models: Models, library: Library) -> Query:
    """Read a question in the light of its thread."""
    message = read_message(question.text, index)
    analysis, mentions = message
    language = question.language or cast(Language, index.languages.detect(question.text, question.history))
    thread = [read_message(text, index) for text in reversed(question.history)]
    # Who only tells of a situation, as a choice that is offered does, tells it of what was asked.
    told = bool(thread and conditions_in(mentions, analysis.words)) and not asks(question.text, mentions)
    goes_on = 1.0 if told else models.threads.goes_on(question.text, message, thread)
    follow_up = goes_on >= FOLLOWS
    earlier: list[Mention] = []
    earlier_words: tuple[str, ...] = ()
    now = conditions_in(mentions, analysis.words)
    named_before: tuple[str, ...] = ()
    asking = focus(question.text)
    texts = {question.text: STORY, asking: QUESTION}
    if follow_up:
        # "They" and "it" are who was named last.
        naming = [earlier for earlier in thread if idents("role", earlier.mentions)]
        earlier_analysis, earlier = (naming or thread)[0]
        earlier_words = earlier_analysis.words
        named_before = tuple(dict.fromkeys(role for row in naming for role in name_roles(*row, library).all))
        texts = {f"{without_replaced(earlier_analysis, earlier, mentions)} {question.text}": 1.0, question.text: 1.0}
    named = name_roles(analysis, mentions, library)
    before = name_roles(earlier_analysis, earlier, library) if follow_up else Named()
    alone, named_alone = read_message(asking, index) if asking != question.text else message
    if named.object and len(alone.words) <= SHORT and not idents("role", named_alone):
        # "The boss mentioned BHT. What is it?": who is named last is meant.
        named = replace(named, subject=named.object[-1:], object=(*named.subject, *named.object[:-1]))
    elif asking != question.text and (asked := name_roles(alone, named_alone, library)).subject != asked.asker:
        # "The firm shares our institute. What must the head do?": whom the question itself names is meant.
        others = (role for role in named.all if role not in asked.subject)
        named = replace(named, subject=asked.subject, object=tuple(others))
    named_now = bool(named.subject)
    claimed = premise(analysis.words)
    if not named_now:
        named = before
    # Pronouns stand for whom they may mean.
    last = placeholder(before.subject[0], library) if before.subject and not named_now else ""
    probable = models.kinds.probabilities(shape(analysis, mentions, library, last))
    if asking != question.text:
        probable = _mean(probable, models.kinds.probabilities(shape(alone, named_alone, library)))
    if follow_up and now:
        # "And without a contract?" goes on asking whether the act applies.
        before_it = models.kinds.probabilities(shape(earlier_analysis, earlier, library))
        probable = before_it if route_shares(before_it).get("applies", 0.0) >= GOES_ON else probable
    kind, words_of_ours = next(iter(probable)), _named(library, index)
    left = left_over(analysis, mentions, kind, words_of_ours)
    own = left_over(alone, named_alone, kind, words_of_ours) if asking != question.text else left
    # Who goes on in a thread changes one thing of what was told.
    of_act = not follow_up and (bool(now) or route_shares(probable).get("applies", 0.0) >= MAY_ASK)
    return Query(
        language=language,
        texts=texts,
        follow_up=follow_up,
        goes_on=goes_on,
        roles=idents("role", mentions) or idents("role", earlier),
        defined=idents("defined", mentions) or (idents("defined", thread[0].mentions) if follow_up else ()),
        campuses=idents("campus", mentions) or idents("campus", earlier) or _given(question.campus),
        conditions=conditions_told(now, conditions_in(earlier, earlier_words)),
        wanted=frozenset(idents("wanted", mentions)),
        cues=frozenset(idents("cue", mentions)) | _own_duties(question, index),
        mentions=tuple(mentions),
        own_role=question.role if question.role in library.roles else "",  # it may have been kept from before
        kinds=probable,
        subject=named.subject,
        object=named.object,
        asker=named.asker,
        counted_as=counted_as(analysis.words, mentions, library.slots.anybody.employee),
        words=analysis.words,
        asks=asks(question.text, mentions),
        oneself=about_oneself(words(normalise(asking)), language),
        topics=tuple(dict.fromkeys(mention.ident for mention in matters(mentions))),
        premise=claimed,
        negated=is_negated(claimed or analysis.words),
        named_now=named_now,
        named_before=named_before,
        situation=models.situations.tell(analysis.words, now) if of_act else {},
        left_over=own if _tells_only_of_whom(mentions, named_alone, own, named) else left,
    )


def _tells_only_of_whom(
    mentions: Sequence[Mention], asking: Sequence[Mention], own: Sequence[str], named: Named
) -> bool:
    """Whether the story around a question tells nothing but whom it points back to: "somebody spoke of it at lunch,
    and everybody nodded. What is it?", "I was elected to it. What is there to do?". `own` are the words that the
    question itself leaves over."""
    points = any(mention.kind == "pronoun" for mention in asking) or not (own or named.asker)
    matter = bool(matters(mentions)) or "condition:hazard" in {mention.term for mention in mentions}
    return points and not idents("role", asking) and len(idents("role", mentions)) == 1 and not matter


def _own_duties(question: Question, index: Index) -> frozenset[str]:
    """Whether the asker, whose role is known, asks for their own duties. No cue as the others are: it must not weigh
    in the search for what others ask."""
    if not question.role:
        return frozenset()
    return frozenset({OWN_DUTIES} & {mention.ident for mention in index.second_matcher.find(question.text)})


def _named(library: Library, index: Index) -> frozenset[str]:
    """The words that the organisation is named by, as a question's words are read."""
    return frozenset(word for name in library.organisation.names for word in index.lexicon.analyse(name).words)


def _given(ident: str) -> tuple[str, ...]:
    return (ident,) if ident else ()


def _mean(whole: Mapping[str, float], part: Mapping[str, float]) -> Mapping[str, float]:
    """What a message asks by its whole shape and by that of the question in it, the likeliest kind first."""
    mean = {kind: (share + part[kind]) / 2 for kind, share in whole.items()}
    return dict(sorted(mean.items(), key=lambda item: -item[1]))


def is_about_something(query: Query) -> bool:
    """Whether a line names what it asks about: "is that true?" may be about anything that people talk of."""
    return bool(query.topics) or any(mention.kind in {"role", "campus"} for mention in query.mentions)


def matters(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions of what may be asked about, and not but how: concepts that are no frame of a question."""
    return [mention for mention in mentions if mention.kind == "concept" and mention.ident not in FRAME]


def names_something(mentions: Iterable[Mention]) -> bool:
    """Whether what is mentioned may be asked about, or tells of a situation. Concepts are in courtesies too."""
    return any(mention.kind in {"role", "campus", "defined", "condition", "wanted"} for mention in mentions)


def is_foreign(asked: Query, known: Sequence[bool]) -> bool:
    """Whether a message is in a language that the bot does not speak: few words are known, or they are others'."""
    foreign = sum(mention.term == "cue:foreign" for mention in asked.mentions)
    return sum(known) < KNOWN * len(known) or (foreign > 1 and foreign >= FOREIGN * len(known))
