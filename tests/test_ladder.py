"""Figure 1 of the policy: the same rungs as a drawing, as a picture and in words."""

import re
import struct
from xml.etree import ElementTree

import pytest

from bot.ladder import Row, describe, draw_png, draw_svg, rows
from bot.wording import read_wordings
from intents.escalation import ladder

SVG = "{http://www.w3.org/2000/svg}"
CAMPUSES = ["", "trondheim", "gjovik", "alesund"]


@pytest.fixture(scope="module")
def wordings(library):
    return read_wordings(library)


def test_the_rungs_stand_from_the_lowest_each_with_both_lines(library):
    assert rows("gjovik", "en", library) == [
        Row(1, ("safety representative (VO)",), ("line manager",)),
        Row(2, ("campus local senior safety representative (SLHVO)",), ("dean", "director")),
        Row(3, ("senior safety representative (HVO)",), ("Rector",)),
    ]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("campus", CAMPUSES)
def test_the_drawing_says_all_that_its_rungs_say_and_nothing_runs_over(library, wordings, campus, language):
    drawn = ElementTree.fromstring(draw_svg(campus, language, library, wordings))
    lines = [text.text for text in drawn.iter(f"{SVG}text")]
    said = " ".join(lines).lower()
    for row in rows(campus, language, library):
        assert all(name.lower() in said for name in (*row.safety, *row.management))
    assert max(map(len, lines)) <= 44
    assert drawn.find(f"{SVG}desc").text == describe(campus, language, library, wordings)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_in_words_there_is_a_sentence_for_each_rung(library, wordings, language):
    told = describe("alesund", language, library, wordings)
    called = library.slots.escalation.called
    whom = [called[frozenset(rung.roles)].of(language) for rung in ladder(("alesund",), library)]
    assert sorted(whom, key=told.index) == whom
    assert len(re.findall(r"\.(?: |$)", told)) == 4  # and one that says to begin at the bottom


def test_the_picture_is_twice_the_size_of_the_drawing_and_has_letters_of_every_kind(library, wordings):
    svg = draw_svg("alesund", "nn", library, wordings)
    width, height = (int(n) for n in re.search(r'width="(\d+)" height="(\d+)"', svg).groups())
    assert struct.unpack(">II", draw_png(svg)[16:24]) == (2 * width, 2 * height)
    # A letter that the font lacks looks like any other that it lacks.
    head = f'<svg xmlns="{SVG[1:-1]}" width="40" height="40" font-family="Source Sans Pro">'
    shapes = {message: draw_png(f'{head}<text y="30">{message}</text></svg>') for message in "æøåÆØÅé–§↑\ue000"}
    assert len(set(shapes.values())) == len(shapes)


def test_a_picture_is_drawn_once(library, wordings):
    svg = draw_svg("", "nb", library, wordings)
    assert draw_png(svg) is draw_png(svg)
