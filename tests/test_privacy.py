"""What tells who somebody is goes, all else stays, and the answer is the same."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.no import fodselsnummer

from bot.bootstrap import read_all_examples
from bot.privacy.screen import MARKS, screen
from intents.answer import gap_of, verdict_of
from intents.question import Question
from retrieval.words import normalise, words

HERE = Path(__file__).parent
CASES = [json.loads(line) for line in (HERE / "privacy/cases.jsonl").read_text(encoding="utf-8").splitlines()]
QUESTIONS = [
    json.loads(line)
    for file in sorted((HERE / "questions").glob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of what is to be hidden, how much is gone; of what is to stay, how much is."""

    hidden: int
    found: int
    kept: int
    lost: int

    @property
    def recall(self) -> float:
        return self.found / self.hidden if self.hidden else 1.0

    @property
    def false(self) -> float:
        return self.lost / self.kept if self.kept else 0.0


def measure(cases: Iterable[dict]) -> Figures:
    screened = [(case, screen(case["text"])) for case in cases]
    hidden = [piece not in text for case, text in screened for piece in case["hidden"]]
    kept = [piece in text for case, text in screened for piece in case["kept"]]
    return Figures(len(hidden), sum(hidden), len(kept), len(kept) - sum(kept))


def parts() -> dict[str, list[dict]]:
    """The cases by what is in them; those with several kinds, the traps, and those written last, on their own."""
    found: dict[str, list[dict]] = {}
    for case in CASES:
        kind = case["kinds"][0] if len(case["kinds"]) == 1 else "several" if case["kinds"] else "traps"
        found.setdefault(kind, []).append(case)
    return found | {"blind": [case for case in CASES if case.get("blind")], "all": CASES}


def test_what_is_personal_is_found_and_nothing_else():
    figures = {name: measure(cases) for name, cases in parts().items()}
    print(f"\n{'':12}{'cases':>6}{'hidden':>8}{'found':>8}{'kept':>8}{'lost':>8}")
    for name, f in figures.items():
        print(f"{name:12}{len(parts()[name]):6}{f.hidden:8}{f.recall:8.1%}{f.kept:8}{f.false:8.1%}")
    assert len(CASES) >= 300 and len(parts()["traps"]) >= len(CASES) / 3
    assert min(figures[kind].recall for kind in ("id-number", "phone", "e-mail", "several")) >= 0.99
    assert figures["name"].recall >= 0.96
    assert max(f.false for f in figures.values()) <= 0.01


def test_a_trap_comes_back_as_it_is():
    changed = [case["text"] for case in parts()["traps"] if screen(case["text"]) != case["text"]]
    assert len(changed) <= len(parts()["traps"]) / 100, changed


def test_questions_without_personal_data_come_back_as_they_are():
    texts = [text for question in QUESTIONS for text in (question["q"], *question.get("history", ()))]
    texts += [example.text for example in read_all_examples()]
    changed = [text for text in texts if screen(text) != text]
    assert len(changed) <= len(texts) / 1000, changed


def test_no_role_is_taken_for_a_name(library):
    names = {name for role in library.roles.values() for name in (*role.names, *role.abbreviations)}
    frames = "Jeg er {} og spør", "Min leder, {}, er borte", "Hvem da? Hilsen {}", "I am {}.", "Who? Regards, {}"
    texts = [f.format(form) for f in frames for name in names for form in (name, name.capitalize(), name.title())]
    assert [text for text in texts if screen(text) != text] == []


def numbers(day_and_month: str, remainder: int = 0) -> Iterator[str]:
    """Identity numbers with right check digits, of people born from 1854 to 1899; the rule of Skatteetaten."""
    for year in range(54, 100):
        for individual in range(500, 750, 7):
            digits = [int(c) for c in f"{day_and_month}{year}{individual}"]
            for weights, rest in (([3, 7, 6, 1, 8, 9, 4, 5, 2], remainder), ([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 0)):
                total = sum(weight * digit for weight, digit in zip(weights, digits, strict=True))
                digits.append((rest - total) % 11)
            if max(digits) < 10:
                yield "".join(map(str, digits))


@pytest.mark.parametrize(
    ("kind", "day_and_month", "remainder"),
    [
        ("fødselsnummer", "2902", 0),
        ("D-number", "6912", 0),
        ("H-number", "0141", 0),
        ("synthetic, of Skatteetaten", "3181", 0),
        ("synthetic, of NAV", "1552", 0),
        ("synthetic D-number", "4181", 0),
        ("FH-number", "8734", 0),
        ("as given from 2032", "0101", 1),
        ("as given from 2032", "0101", 3),
        ("D-number as given from 2032", "4101", 2),
    ],
)
def test_an_identity_number_is_found_in_any_grouping(kind, day_and_month, remainder):
    for n in islice(numbers(day_and_month, remainder), 50):
        for written in (
            n, f"{n[:6]} {n[6:]}", f"{n[:6]}-{n[6:]}", f"{n[:2]}.{n[2:4]}.{n[4:6]} {n[6:9]} {n[9:]}",
            f"{n[:2]} {n[2:4]} {n[4:6]} {n[6:]}", f"{n[:2]}.{n[2:4]}.18{n[4:6]} – {n[6:]}", "\u200b".join(n),
            f"{n[:6]}\u00a0{n[6:]}", "".join(chr(ord(c) + 0xFEE0) for c in n), "".join(chr(ord(c) + 0x630) for c in n),
        ):  # fmt: skip
            assert screen(f"Hvem melder? {written}, sa de") == "Hvem melder? [#], sa de", (kind, written)


def test_the_numbers_of_the_tests_are_those_of_the_library():
    assert all(fodselsnummer.is_valid(number) for day in ("0102", "6912", "0141") for number in numbers(day))


def test_an_identity_number_with_a_wrong_check_digit_is_a_number_like_any_other():
    for n in islice(numbers("0102"), 50):
        for wrong in (f"{n[:10]}{(int(n[10]) + 1) % 10}", f"{n[:9]}{(int(n[9]) + 5) % 10}{n[10]}"):
            assert screen(f"Delen {wrong} mangler") == f"Delen {wrong} mangler"
            assert screen(f"Fødselsnummer {wrong} mangler") == "Fødselsnummer [#] mangler"


@pytest.mark.parametrize(
    ("text", "screened"),
    [
        ("Jeg heter Ka\u030are A\u030as og lurer", "Jeg heter [👤] og lurer"),
        ("Jeg heter Ka\u200bri Nord\u00admann. Hvem?", "Jeg heter [👤]. Hvem?"),
        ("ring 9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣!", "ring [☎]!"),
        ("ring 𝟗𝟏𝟐𝟑𝟒𝟓𝟔𝟕!", "ring [☎]!"),
        ("ka\u030are@example.no?", "[@]?"),
        ("kari\u2060＠example．no?", "[@]?"),
        ("<@U123ABC> og <at>Kari Nordmann</at>?", "[👤] og [👤]?"),
    ],
)
def test_it_is_read_as_it_looks(text, screened):
    assert screen(text) == screened


def test_what_is_not_replaced_stays_as_typed():
    typed = "A\u030a! 👩\u200d🔬 ½ m² på\u00a0lab, jeg heter "
    assert screen(f"{typed}Kari") == f"{typed}[👤]"


PIECES = [
    *("jeg heter ", "Jeg er ", "my name is ", "sjefen min ", "Mvh\n", "hilsen ", "kari ", "Kari ", "Nordmann", "N."),
    *(" og ", "her", "@", "<@U12>", "<at>", "</at>", "kari@example.no", " at ", " dot ", "(at)", "tlf ", "fnr ", "kr "),
    *("912 34 567", "+47", "00", "9", "12 ", "018190", "99901", "2024", "-", ".", ",", "/", "[", "]", "|", "\n", " "),
    *("\u200b", "\ud800", "e\u0301", "½", "ﬁ", "⒈", *MARKS.values()),
]


@given(st.text(st.characters(exclude_categories=())) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_screening_again_changes_nothing(text):
    screened = screen(text)
    assert screen(screened) == screened


SLOW = [
    "a",
    "@",
    "a@",
    "a.",
    "a at ",
    "9",
    "9 ",
    "01 - ",
    "+1",
    "jeg heter ",
    "min leder ",
    "<at>",
    "tlf er ",
    " ",
    "\n",
]


@pytest.mark.parametrize("piece", SLOW)
def test_a_text_made_to_be_slow_is_read_to_its_end(piece):
    assert screen(f"{piece * (20_000 // len(piece))}\nJeg heter Kari.").endswith("\nJeg heter [👤].")


def test_no_mark_is_a_word_of_a_question():
    assert [mark for mark in MARKS.values() if words(normalise(mark))] == []


FRAMES = {
    "nb": [
        "Jeg heter Kari Nordmann. {}",
        "{} Ring 912 34 567.",
        "{}\nMvh Kari Nordmann",
        "Min leder, Ola Nordmann, er borte. {}",
        "{} Svar til kari@example.no",
    ],
    "nn": [
        "Eg heiter Kari Nordmann. {}",
        "{} Ring 912 34 567.",
        "{}\nHelsing Kari Nordmann",
        "Min leiar, Ola Nordmann, er borte. {}",
        "{} Svar til kari@example.no",
    ],
    "en": [
        "My name is Jane Doe. {}",
        "{} Call 912 34 567.",
        "{}\nRegards, Jane Doe",
        "My boss, Jane Doe, is away. {}",
        "{} Answer to jane@example.com",
    ],
}


def test_the_answer_is_the_one_to_the_question_without_personal_data(assistant):
    asked = [question for question in QUESTIONS if not question.get("history")][::4]
    different = []
    for i, question in enumerate(asked):
        screened = screen(FRAMES[question["lang"]][i % 5].replace("{}", question["q"]))
        without = screened
        for mark in MARKS.values():
            without = without.replace(mark, "")
        assert without != screened
        if told(assistant, screened) != told(assistant, without):
            different.append(question["q"])
    assert different == []


def told(assistant, text):
    answer, _ = assistant.ask(Question(text))
    return [
        (part.language, part.outcome, verdict_of(part), [fact.id for fact in part.facts], gap_of(part))
        for part in answer.each
    ]


def test_the_libraries_are_loaded_when_a_number_is_seen_and_not_before():
    code = """
import sys
from bot.privacy.screen import screen
screen("Jeg heter Kari og lurer på § 4-1")
print([name for name in ("phonenumbers", "stdnum") if name in sys.modules])
screen("ring 912 34 567")
print("phonenumbers" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\nTrue\n"
