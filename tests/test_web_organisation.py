"""An organisation's face on its pages, and whom it says to turn to."""

import re
from dataclasses import replace
from html import unescape

import pytest
from starlette.testclient import TestClient

from corpus.library import DATA
from corpus.organisation import FILE, read_organisation
from corpus.source import DataFault

# Somebody to turn to, as the file has it in a comment.
NAMED = {
    "# [contact.hse]": "[contact.hse]",
    '# name = { nb = "HMS': 'name = { nb = "HMS',
    '# link = "https': 'link = "https',
}


def organisation(tmp_path, changed):
    text = (DATA / FILE).read_text(encoding="utf-8")
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    return tmp_path


def as_own(assistant, own):
    """The assistant as that of an organisation with the same documents."""
    return replace(assistant, library=replace(assistant.library, organisation=own))


@pytest.mark.parametrize(("home", "leads_out"), [("/", False), ("/embed", True)])
def test_whom_to_turn_to_after_a_thumb_down_opens_outside_of_a_frame(serve, assistant, tmp_path, home, leads_out):
    own = read_organisation(organisation(tmp_path, NAMED))
    with TestClient(serve(assistant=as_own(assistant, own))) as client:
        page = client.get(home, params={"q": "Hva er AMU?", "a": "A" * 22, "lang": "nb"}).text
        fields = {n: unescape(re.search(f'name="{n}" value="([^"]*)"', page).group(1)) for n in ("answer", "back")}
        form = {**fields, "value": "-1", "lang": "nb"}
        link = r'href="https://university.example/hms"( target="_blank" rel="noopener")?>'
        for where in ("/feedback?part=1", "/feedback"):
            found = re.search(link, client.post(where, data=form).text)
            assert bool(found.group(1)) == leads_out, where


def test_an_organisation_has_a_face_and_people_to_turn_to(serve, assistant, tmp_path):
    own = read_organisation(organisation(tmp_path, {"#14574b": "#7a1f5c", **NAMED}))
    app = serve(assistant=as_own(assistant, own))
    with TestClient(app) as client:
        assert "--brand: #7a1f5c" in client.get("/face.css").text
        refused = client.get("/", params={"q": "Hvem betaler for vernesko?"}).text
        assert 'Snakk med et menneske: <a href="https://university.example/hms">HMS-seksjonen</a>' in refused
        assert "university.example" not in client.get("/", params={"q": "Hvem vedtar HMS-politikken?"}).text
        asked = client.post("/api/ask", json={"q": "kan jeg få snakke med et menneske?"}).json()
        assert asked["contacts"] == [{"topic": "hse", "name": "HMS-seksjonen", "url": "https://university.example/hms"}]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"#14574b": "#ffd500"}, r"face.colour: #ffd500 on white has a contrast of 1\.\d"),
        ({"#14574b": "green"}, "colour"),
        ({"# logo": "logo"}, "there is no logo.svg"),
        ({"# [contact.hse]": "[contact.boss]"}, "contact"),
        ({"# [contact.hse]": '[contact.hse]\nname = { nb = "a", nn = "a", en = "a" }\nlink = "javascript:1"'}, "link"),
    ],
)
def test_an_organisation_that_cannot_be_used_is_told_with_file_and_line(tmp_path, changed, says):
    with pytest.raises(DataFault, match=says) as caught:
        read_organisation(organisation(tmp_path, changed))
    assert "organisation.toml:" in str(caught.value)


def test_nobody_is_named_whom_the_organisation_does_not_name(client):
    refused = client.get("/", params={"q": "Hvem betaler for vernesko?"}).text
    assert 'class="turn-to"' not in refused


def test_the_emergency_numbers_can_be_called(client):
    html = client.get("/", params={"q": "Det brenner på laben!"}).text
    assert '<a href="tel:110">110</a>' in html
