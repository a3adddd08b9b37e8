"""Yes/no questions: where a claim is denied, and that a claim and its denial are never both true."""

import pytest

from intents.claim import claim_of
from intents.question import Question


@pytest.mark.parametrize(
    ("question", "place", "is_denial"),
    [
        ("Leder viserektor GSAM?", "", False),
        ("Stemmer det at dekanen ikke leder GSAM?", "clause", True),
        ("Er det ikkje slik at dekanen leier LOSAM?", "question", False),
        ("Kan ikke rektor delegere HMS-oppgaver?", "inverted", False),
        ("Has nobody at the faculty a duty to follow the guidelines?", "asked", True),
        ("Har rektor ingen oppgåver innan HMS?", "asked", True),
        ("Kan studentane berre la vere å ikkje følgje retningslinjene?", "asked", True),
        ("So I don't have to follow the HSE guidelines?", "told", True),
        ("Instituttleiaren treng ikkje ta vernetenesta med på råd, rett?", "told", True),
        ("We had a talk. Isn't the dean a line manager?", "inverted", False),
        ("Jeg har ikke sovet. Må rektor legge fram en rapport?", "", False),
    ],
)
def test_where_a_claim_is_denied_tells_what_is_claimed(assistant, question, place, is_denial):
    claim = claim_of(assistant.answerer.answer(Question(question))[1][0].asked)
    assert (claim.place, claim.is_denial) == (place, is_denial)


@pytest.mark.parametrize(
    ("claim", "denial"),
    [
        ("Kan rektor delegere HMS-oppgaver?", "Stemmer det at rektor ikke kan delegere HMS-oppgaver?"),
        ("Kan linjelederen delegere HMS-ansvaret?", "Linjelederen kan ikke delegere HMS-ansvaret, stemmer det?"),
        ("Må ansatte følge HMS-retningslinjene?", "Så ansatte trenger ikke å følge HMS-retningslinjene?"),
        ("Må studentar følgje HMS-retningslinjene?", "Studentar treng vel ikkje følgje HMS-retningslinjene?"),
        ("Kan Sentralt HMS-forum gjere vedtak?", "Sentralt HMS-forum kan ikkje gjere vedtak, er det rett?"),
        ("Leier viserektor GSAM?", "Er det slik at viserektor ikkje leier GSAM?"),
        ("Does the Rector adopt the HSE policy?", "Is it true that the Rector doesn't adopt the HSE policy?"),
        ("Can the line manager delegate HSE tasks?", "So the line manager can't delegate HSE tasks?"),
        (
            "Is the occupational health service independent?",
            "The occupational health service isn't independent, right?",
        ),
    ],
)
def test_a_claim_and_its_denial_are_not_both_true(assistant, claim, denial):
    said, denied = (assistant.ask(Question(text))[0].yes_no for text in (claim, denial))
    assert said is not None
    assert denied != said
