"""The ladder and the decision whether the act applies, as pages that are gone through."""

import re

import pytest

from intents.applicability import go_through, read_steps


@pytest.mark.parametrize(("campus", "has"), [("alesund", "SLHVO"), ("trondheim", "LHVO")])
def test_the_ladder_is_drawn_by_campus_with_a_text_alternative(client, campus, has):
    html = client.get(f"/escalation?campus={campus}").text.split('class="ladder"')[1].split("</ol>")[0]
    for drawn in (client.get(f"/escalation.svg?campus={campus}").text, html):
        assert f"({has})" in drawn
        assert ("(SLHVO)" in drawn) == (has == "SLHVO")


def test_the_ladder_comes_as_a_picture_for_channels_that_show_no_drawing(client):
    picture = client.get("/escalation.png?campus=alesund&lang=nn")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.content != client.get("/escalation.png?campus=trondheim&lang=nn").content


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"who": "employed"}, "applies"),
        ({"who": "contract-role", "agreement": "no"}, "depends"),
        ({"who": "student", "job": "yes"}, "applies"),
        ({"who": "student", "job": "no", "doing": "study-place"}, "not_applies"),
        ({"who": "student", "job": "no", "doing": "placement"}, "applies"),
        ({"who": "student", "job": "no", "doing": "practical", "danger": "yes"}, "applies"),
        ({"who": "student", "job": "no", "doing": "practical", "danger": "no"}, "not_applies"),
        ({"who": "student", "job": "no", "doing": "practical", "danger": "unsure"}, "depends"),
        ({"who": "student", "job": "no", "doing": "project", "danger": "yes"}, "applies"),
        ({"who": "guest", "agreement": "unsure"}, "depends"),
    ],
)
def test_the_decision_is_shown_for_what_was_answered(client, answers, verdict):
    assert f"verdict-{verdict}" in client.get("/applies", params=answers).text


def test_a_step_is_asked_at_a_time_and_a_missing_answer_is_said_at_its_place(client):
    first = client.get("/applies?lang=nb").text
    assert re.findall(r'<fieldset id="([a-z]+)"', first) == ["who"]
    assert "Velg et av svarene." not in first
    html = client.get("/applies?lang=nb&sent=who").text
    assert "Velg et av svarene." in html
    assert "verdict-" not in html
    following = client.get("/applies?lang=nb&who=student&sent=who").text
    assert re.findall(r'<fieldset id="([a-z]+)"', following) == ["job"]
    assert "Velg et av svarene." not in following


def test_all_questions_at_once_say_what_is_missing_and_let_nothing_contradict_itself(client):
    html = client.get("/applies?lang=nb&all=1").text
    assert re.findall(r'<fieldset id="([a-z]+)"', html) == [step.id for step in read_steps()]
    given = {"all": "1", "sent": "all", "who": "student", "job": "no", "lang": "nb"}
    assert 'aria-describedby="doing-missing"' in client.get("/applies", params=given).text
    # What is answered of a step that is not asked does not count.
    assert "verdict-applies" in client.get("/applies", params={**given, "who": "employed", "danger": "no"}).text


def test_every_way_through_the_steps_ends_in_a_case(assistant):
    ways = [({}, None)]
    for step in read_steps():
        ways += [({**given, step.id: option}, None) for given, _ in ways for option in step.options]
    ended = [given for given, _ in ways if go_through(given) == (given, None)]
    assert {given["who"] for given in ended} == set(read_steps()[0].options)
    assert {case.verdict for case in assistant.library.applicability.cases} == {"applies", "depends", "not_applies"}
