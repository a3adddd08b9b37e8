"""The document is held as given, and its outline and passages fit its text."""

import hashlib

import pytest

from corpus.library import DATA


@pytest.fixture(scope="module")
def document(library):
    return library.documents["hms-politikk"]


def test_the_text_is_the_given_one_byte_for_byte(document):
    """Offsets count code points in this very file."""
    given = (DATA / "documents/hms-politikk/text.nb.txt").read_bytes()
    assert hashlib.sha256(given).hexdigest() == "33eeea27c8d190642b63b37c1ff45ae14e97ae0becb58f2a18489e416ff112e5"
    assert document.text == given.decode("utf-8")


def test_the_outline_has_all_36_headings_with_their_nesting(document):
    assert len(document.sections) == 36
    paths = {section.id: section.path for section in document.sections}
    assert paths["linjeleder"] == ("Ansvar, roller og oppgaver", "Linjeleder")
    assert paths["hms-sjef"] == (
        "Ansvar, roller og oppgaver",
        "HMS-oppgaver delegert av rektor",
        "HMS-sjef (Seksjon for HMS og beredskap)",
    )
    assert paths["kontakt"] == ("Kontakt",)
    assert paths["formal"] == ("Formål",)


def test_every_passage_stands_verbatim_where_it_says(document):
    for passage in document.passages:
        assert document.text[passage.start : passage.end] == passage.quote
        assert passage.section.start <= passage.start < passage.end <= passage.section.end


def test_a_bullet_carries_its_lead_in_and_the_lead_in_alone_is_no_passage(document):
    bullet = document.passage("linjeleder/skal/fastsette-mal")
    assert (bullet.lead_in, bullet.quote) == ("Linjeleder skal:", "fastsette mål for HMS-arbeidet")
    assert "Linjeleder skal:" not in {passage.quote for passage in document.passages}


def test_the_word_sikkerhet_is_cited_as_the_bullet_not_as_part_of_a_sentence(document):
    passage = document.passage("begrep/hms/sikkerhet")
    assert document.text[passage.start - 2 : passage.end + 1] == "• sikkerhet\n"
