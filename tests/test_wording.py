"""Every text that people read, in three languages: whole sentences, the chosen words, and no language in another."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import get_args, get_type_hints

import pytest

from bot.wording import capital, read_wordings
from corpus.language import LANGUAGES
from corpus.library import DATA, read_library
from intents.answer import Answer, ApplicabilityAnswer, Intent, WithheldAnswer
from intents.duties import list_facts

CHOSEN = tomllib.loads(Path(__file__).with_name("terms.toml").read_text(encoding="utf-8"))
# What a sentence of the policy's silence goes on with.
ASKS = {
    "nb": r"hv\w+|om|når",
    "nn": r"k[vo]\w+|om|når",
    "en": r"who|whom|what|which|how|when|where|why|whether",
}
# What stands before a full stop that ends no sentence.
ABBREVIATED = r"(?<!\d)(?<!jf)(?<!cf)(?<!e\.g)(?<!etc)"


def faults(text: str, language: str, sentence: bool = True) -> list[str]:
    """What is wrong with a text by itself. A fragment may begin in lower case and end without a stop."""
    bare = text
    for name in CHOSEN["names"]["all"]:
        bare = bare.replace(name, "X")
    found = [f"doubled: {m[0]}" for m in re.finditer(r"\b(\w+) \1\b", bare, re.I)]
    found += [f"empty or stray: {m[0]}" for m in re.finditer(r"[{}]|\(\)|«»|“”|\( | \)|\bNone\b(?!\.$)", text)]
    found += [f"spaces: {m[0]!r}" for m in re.finditer(r"  |^\s|\s$| [,.;:!?](?!\.)|[,;][^\s\d”»]|\.\.(?!\.)", text)]
    found += [f"no capital: {m[0]}" for m in re.finditer(rf"{ABBREVIATED}[.?!] [a-zæøå]\w*", text)]
    found += [f"role in capitals: {word}" for word in _capitals(text, language)]
    wrong = "|".join(CHOSEN["wrong"][language])
    found += [f"wrong word: {m[0]}" for m in re.finditer(rf"(?<![\w-])({wrong})(?![\w-])", bare, re.I)]
    if sentence:
        found += [f"begins with {text[:1]!r}"] if re.match(r"[a-zæøå]", text) else []
        found += [f"ends with {text[-1:]!r}"] if not re.search(r"[.!?:)»”]$", text) else []
    return found


def _capitals(text: str, language: str) -> Iterator[str]:
    """Roles that have a capital where no sentence begins, or lack the one that their name has in English."""
    for match in re.finditer(_role_names(language), text, re.I):
        begins = re.search(r"(^|[.!?:«“/\n] ?)$", text[: match.start()])
        name = next(name for name in _names(language) if name.lower() == match[0].lower())
        if any(
            c.isupper() and c != n
            for c, n in zip(match[0][1 if begins else 0 :], name[1 if begins else 0 :], strict=True)
        ):
            yield match[0]
    if language == "en":
        yield from re.findall(r"\bthe (?:rector|board)\b", text)


@cache
def _names(language: str) -> tuple[str, ...]:
    """What roles are called, the longest first, so that no name is looked for within another."""
    forms = {f for r in read_library().roles.values() for f in (r.name.of(language), r.the.of(language))}
    return tuple(sorted((form.removeprefix("the ") for form in forms), key=len, reverse=True))


@cache
def _role_names(language: str) -> str:
    return rf"(?<![\w-])({'|'.join(map(re.escape, _names(language)))})(?![\w-])"


def differences(nb: str, nn: str, en: str) -> list[str]:
    """Where the chosen term of one language has another than the chosen one beside it."""
    for name in CHOSEN["names"]["all"]:
        nb = nb.replace(name, name if name == "Sentralt HMS-forum" else "X")
    return [
        f"{term['nb']}: {term[language]} is not in {text!r}"
        for term in CHOSEN["term"]
        if re.search(term["nb"], nb, re.I)
        for language, text in (("nn", nn), ("en", en))
        if not re.search(term[language], text, re.I)
    ]


def _told(said: list[tuple[str, str]]) -> list[str]:
    return [f"{where}: {fault}" for where, fault in said]


def test_every_fact_is_a_sound_sentence(library):
    said = [
        (f"{fact.id} {language}", fault)
        for fact in library.facts.values()
        for language in LANGUAGES
        for fault in faults(fact.statement.of(language), language)
    ]
    assert _told(said) == []


# Facts whose words for duty, permission or number differ from their passage's for a reason.
FREE = {
    "begrep/hms-retningslinje/innhold": "what a guideline requires shall be done",
    "godkjenning/oppdatert": "the passage writes the year with two digits",
    "hms-politikk/engelsk": "the passage says in English that it is to be updated",
}
VERBS = {"nb": (r"skal", r"kan"), "nn": (r"skal", r"kan"), "en": (r"shall|is to|are to", r"may|can|cannot")}


def test_a_statement_has_the_duties_permissions_and_numbers_of_its_passages(library):
    """Neither may become a must, nor the other way, and no number comes from elsewhere."""
    said = []
    for fact in library.facts.values():
        # With what stands before the quoted part: a verb may govern several.
        parts = [(c.passage.lead_in or "", c.document.text[c.passage.start : c.end]) for c in fact.citations]
        passages = " ".join(text for part in parts for text in part)
        source = passages.replace("Aktuelle arbeidsoppgaver:", "Arbeidsoppgaver kan være:")
        for language in LANGUAGES if fact.id not in FREE else ():
            statement = fact.statement.of(language)
            for norwegian, verb in zip(VERBS["nb"], VERBS[language], strict=True):
                counts = [bool(re.search(rf"\b({v})\b", s, re.I)) for v, s in ((norwegian, source), (verb, statement))]
                said += [(f"{fact.id} {language}", f"“{norwegian}”: {statement}")] if counts[0] != counts[1] else []
            numbers = set(re.findall(r"\d+", statement)) - set(re.findall(r"\d+", source))
            said += [(f"{fact.id} {language}", f"{number} is not in its passage") for number in numbers]
    assert _told(said) == []


def test_every_gap_completes_the_sentence_that_tells_it(library):
    words = read_wordings(read_library())
    said = []
    for gap, language in product(library.gaps.values(), LANGUAGES):
        silent = gap.silent.of(language)
        where = f"{gap.id} {language}"
        if not re.match(rf"({ASKS[language]})\b", silent):
            said.append((where, f"no clause: {silent}"))
        said += [(where, fault) for fault in faults(words[language]["gap.lead"].format(silent=silent), language)]
    assert _told(said) == []


def test_every_translation_and_heading_is_sound_english(library):
    said = []
    for document in library.documents.values():
        texts = {passage.id: passage.translation.removeprefix("… ") for passage in document.passages}
        texts |= {section.id: section.path_en[-1] for section in document.sections}
        said += [(where, fault) for where, text in texts.items() for fault in faults(text, "en", sentence=False)]
    assert _told(said) == []


def test_every_note_on_a_law_is_a_sound_sentence(library):
    words = read_wordings(read_library())
    said = []
    for law, language in product(library.laws.values(), LANGUAGES):
        texts = [law.note.of(language)] if law.note else []
        if law.now:
            fields = {"name": law.name.of(language), "now": law.now.of(language), "since": "1. august 2024"}
            texts.append(words[language]["law.moved"].format(**fields))
        said += [(f"{law.id} {language}", fault) for text in texts for fault in faults(text, language)]
    assert _told(said) == []


def _filled(template: str, language: str, library) -> Iterator[str]:
    """A wording with each of its slots filled in every way that it can be: roles, people and bodies by name."""
    slots = {name for _, name, _, _ in Formatter().parse(template) if name}
    rungs = [called.of(language) for called in library.slots.escalation.called.values()]
    statement = library.facts["rektor/vedtar-politikken"].statement.of(language)
    for role in library.roles.values() if slots & {"the", "The", "general", "name", "names"} else [None]:
        the, name = (role.the.of(language), role.name.of(language)) if role else ("", "")
        for rung in rungs if slots & {"here", "Here", "next", "who"} else [""]:
            fields = {
                "the": the, "The": capital(the), "name": name, "names": name, "general": name, "statement": statement,
                "here": rung, "Here": capital(rung), "next": rung, "who": rung, "campus": "Gjøvik", "question": "HMS?",
                "safety": "HVO", "management": "rektor", "whom": "LHVO", "places": "Gjøvik",
                "example": "HMS?", "silent": ASKS[language].split("|")[-1], "problem": "HMS", "since": "2024",
                "now": "§ 10-1", "month": "mai",
            }  # fmt: skip
            # What is typed as it stands is of no language.
            yield re.sub(r"`.*?`", "X", template).format(**{slot: fields.get(slot, 7) for slot in slots})


def test_every_wording_is_sound_with_each_slot_filled(library):
    said = []
    for language, words in read_wordings(read_library()).items():
        for key, template in words.items():
            # Labels and rungs are no sentences.
            sentence = template[-1] in ".!?:" and not template.startswith("{")
            named = key in {"date.months", "law.moved"}  # a list, and what is filled with laws
            for text in () if named else _filled(template, language, library):
                said += [(f"{key} {language}", fault) for fault in faults(text, language, sentence)]
    assert _told(said) == []


def test_a_wording_ends_alike_in_all_languages():
    words = read_wordings(read_library())
    ends = {
        key: {re.sub(r"[^.!?:…]$", "", text[-1]) for text in (words[language][key] for language in LANGUAGES)}
        for key in words["nb"]
    }
    assert {key: found for key, found in ends.items() if len(found) > 1} == {}


def test_the_same_term_is_used_for_the_same_thing(library):
    words = read_wordings(read_library())
    texts = [(fact.id, fact.statement) for fact in library.facts.values()]
    texts += [(gap.id, gap.silent) for gap in library.gaps.values()]
    said = [(where, found) for where, text in texts for found in differences(text.nb, text.nn, text.en)]
    for key in words["nb"]:
        said += [(key, found) for found in differences(*(words[language][key] for language in LANGUAGES))]
    assert _told(said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_every_role_reads_well(assistant, language):
    """Its leads, headings and points, which are statements without their subject."""

    library, said = assistant.library, []
    for role in library.roles:
        answer = list_facts(role, None, language, library)
        if not answer.facts:
            continue
        reply = assistant.write(answer)
        texts = [reply.lead, *reply.notes, *(p.text for group in reply.groups for p in group.points)]
        titles = [group.title for group in reply.groups if group.title]
        said += [(f"{role} {language}", fault) for text in texts for fault in faults(text, language)]
        said += [(f"{role} {language}", fault) for text in titles for fault in faults(text, language, sentence=False)]
    assert _told(said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_reads_well(assistant, language):
    keys = {key.split(".")[1] for key in assistant.wordings["nb"] if key.startswith("applicability.")}
    for key in sorted(keys):
        answer = ApplicabilityAnswer(language=language, outcome="answered", key=key, verdict="depends")
        reply = assistant.write(answer)
        assert [fault for text in (reply.lead, *reply.notes) for fault in faults(text, language)] == []


@pytest.mark.parametrize(
    ("language", "text", "fault"),
    [
        ("nb", "Rektor skal skal vedta politikken.", "doubled: skal skal"),
        ("nb", "HMS-politikken oppgir ingen kontakt for {the}.", "empty or stray: {"),
        ("nb", "Linjelederen («») har ansvar.", "empty or stray: «»"),
        ("nb", "Saken går  videre.", "spaces: '  '"),
        ("nb", "Saken går videre .", "spaces: ' .'"),
        ("nb", "Saken er løst. den går ikke videre.", "no capital: . den"),
        ("nb", "Saken går til Linjelederen.", "role in capitals: Linjelederen"),
        ("nb", "saken går videre.", "begins with 's'"),
        ("nb", "Saken går videre", "ends with 'e'"),
        ("nb", "Linjelederen skal løysa saken med verneombodet.", "wrong word: løysa"),
        ("nb", "Det er eit godt arbeidsmiljø.", "wrong word: eit"),
        ("nn", "Linjeleiaren skal sørge for tryggleik.", "wrong word: sørge"),
        ("nn", "Dette er viktig for sikkerheit.", "wrong word: sikkerheit"),
        ("nn", "AMU handsamar saka.", "wrong word: handsamar"),
        ("nn", "Det er skriftlig.", "wrong word: skriftlig"),
        ("en", "The Rector shall see to it that it is done.", "wrong word: see to"),
        ("en", "The matter goes to the Line manager.", "role in capitals: Line manager"),
        ("en", "It goes to the linjeleder på Gjøvik.", "wrong word: på"),
        ("en", "It is the Director of Organization.", "wrong word: Organization"),
    ],
)
def test_a_planted_fault_is_found(language, text, fault):
    assert fault in faults(text, language)


def test_sound_text_has_no_faults():
    assert faults("Godkjent 14. februar 2020. Se § 4-3 (SAMU i Gjøvik): rektor vedtar den.", "nb") == []
    assert faults("The Rector adopts it. In Ålesund (ÅSAM) the dean does.", "en") == []


def test_a_term_that_is_not_the_chosen_one_is_found():
    assert differences("Sikkerhet er viktig.", "Sikkerheit er viktig.", "Security matters.") == [
        "sikkerhet(?!s- og beredskapsnettverket): tryggleik is not in 'Sikkerheit er viktig.'",
        "sikkerhet(?!s- og beredskapsnettverket): safety is not in 'Security matters.'",
    ]


def test_no_example_or_text_of_the_document_is_held_to_the_chosen_words():
    """They are others' words: what people write, and what the policy says."""
    assert (DATA / "documents/hms-politikk/text.nb.txt").read_text(encoding="utf-8").count("adgangskontroll") == 1


def test_every_intent_is_that_of_one_kind_of_answer_whose_questions_are_answered():
    """mypy sees that each kind has its writer; what is withheld bears the intent of what it stands for."""
    kinds = [kind for kind in get_args(Answer) if kind is not WithheldAnswer]
    intents = [intent for kind in kinds for intent in get_args(get_type_hints(kind)["intent"])]
    assert sorted(intents) == sorted(get_args(Intent))
