"""What people put around a question is left out, and nothing that may be asked about is."""

import pytest

ASKED = {"nb": "Hvem leder AMU?", "nn": "Kven leier AMU?", "en": "Who chairs AMU?"}
# No list of words has all of theirs.
AROUND = {
    "nb": [
        ("Beklager at jeg spør om noe så enkelt: ", ""),
        ("", "\n\nSendt fra mobilen, så unnskyld skrivefeilene"),
        ("Jeg har lett overalt og finner det ikke. ", " Det haster ikke!"),
    ],
    "nn": [
        ("Eg har spurt rundt heile dagen og ingen veit noko.\n", ""),
        ("", "\n\nHelsing ein trøytt mann på pauserommet"),
        ("Orsak at eg spør så dumt, men ", " Takk så mykje!"),
    ],
    "en": [
        ("Sorry to bother you again: ", ""),
        ("", "\n\nSent from my phone, sorry for any mistakes"),
        ("Third time I'm trying, fingers crossed. ", " Thanks a bunch, you're a star!"),
    ],
}


@pytest.fixture(scope="module")
def without(assistant):
    return assistant.answerer._asked_of


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [(before, ASKED[language], after) for language, rows in AROUND.items() for before, after in rows],
)
def test_what_is_around_a_question_is_left_out(without, before, asked, after):
    assert without(f"{before}{asked}{after}").removeprefix("men ") == asked


@pytest.mark.parametrize(
    "text",
    [
        "Jeg er verneombud. Hvem leder AMU?",
        "We share the workshop with another firm. Who coordinates?",
        "Hei",
        "Takk!",
        "Who chairs AMU? And who sits in it?",
        "Eg har ikkje kontrakt. Gjeld arbeidsmiljølova for meg?",
    ],
)
def test_what_tells_something_or_is_all_there_is_stays(without, text):
    assert without(text) == text
