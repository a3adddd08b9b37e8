"""A citation cannot be built unless it is verbatim and inside its passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.citation import Citation, NotVerbatim, cite
from corpus.library import read_library

DOCUMENT = read_library().documents["hms-politikk"]


@given(st.data())
def test_any_part_of_a_passage_can_be_cited_and_reads_as_the_document_does(data):
    passage = data.draw(st.sampled_from(DOCUMENT.passages))
    start = data.draw(st.integers(passage.start, passage.end - 1))
    end = data.draw(st.integers(start + 1, passage.end))
    citation = Citation(DOCUMENT, passage, DOCUMENT.text[start:end], start, end)
    assert DOCUMENT.text[citation.start : citation.end] == citation.quote


@given(st.sampled_from(DOCUMENT.passages), st.integers(-5, 20_000), st.integers(-5, 20_000), st.text(max_size=30))
def test_a_citation_that_is_not_verbatim_cannot_be_built(passage, start, end, quote):
    fits = bool(quote) and DOCUMENT.text[start:end] == quote and passage.start <= start <= end <= passage.end
    if fits:
        assert Citation(DOCUMENT, passage, quote, start, end).quote == quote
    else:
        with pytest.raises(NotVerbatim):
            Citation(DOCUMENT, passage, quote, start, end)


@given(st.sampled_from(DOCUMENT.passages), st.sampled_from(DOCUMENT.passages))
def test_a_citation_outside_its_passage_cannot_be_built(passage, other):
    if passage is not other:
        with pytest.raises(NotVerbatim, match="lies outside"):
            Citation(DOCUMENT, passage, other.quote, other.start, other.end)


def test_a_quote_that_is_not_in_the_passage_is_named():
    with pytest.raises(NotVerbatim, match="Dekanen bestemmer"):
        cite(DOCUMENT, DOCUMENT.passages[0], "Dekanen bestemmer")
