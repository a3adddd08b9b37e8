"""What stands beside the answers in a person's browser: passages, roles, the decision, the narrow page."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browsing import answer, ask, expect, needs_browser

pytestmark = needs_browser


def test_a_citation_opens_the_policy_with_the_passage_marked_and_in_view(page):
    page.goto("/?lang=nb&q=Hvem+har+ansvaret+for+beredskapstelefonen%3F")
    page.locator(".passage a").first.click()
    marked = page.locator(".marked:target")
    assert "beredskapstelefonen" in marked.inner_text()
    top = marked.bounding_box()["y"]
    assert 0 <= top < 800
    paper = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert marked.evaluate("e => getComputedStyle(e).backgroundColor") != paper


def test_the_text_leads_back_to_the_answer(page):
    page.goto("/?lang=nb")
    told = ask(page, "Hvem har ansvaret for beredskapstelefonen?")
    page.locator(".passage a").first.click()
    page.locator(".marked:target").wait_for()
    assert "beredskapstelefonen" not in page.url.split("#")[0]
    page.get_by_role("link", name="Tilbake til svaret").click()
    assert answer(page, "Hvem har ansvaret for beredskapstelefonen?") == told


def test_a_passage_shows_beside_its_mark_on_hover_focus_and_tap_and_is_put_away(page):
    page.goto("/?lang=nb")
    ask(page, "Hvilke plikter har linjelederen?")
    mark, peek = page.locator("#last .mark").nth(3), page.locator("#peek")
    quote = page.locator(f'[id="{mark.get_attribute("href")[1:]}"] blockquote').inner_text()
    mark.hover()
    peek.wait_for()
    assert " ".join(quote.split()) in " ".join(peek.inner_text().split())
    page.keyboard.press("Escape")
    peek.wait_for(state="detached")
    page.locator("#last .mark").nth(2).focus()
    page.keyboard.press("Tab")
    peek.wait_for()
    page.get_by_role("heading", name="Hvilke plikter").click()
    peek.wait_for(state="detached")


def test_a_tap_shows_the_passage_without_leaving_the_place(browser, address):
    context = browser.new_context(
        base_url=address, locale="nb-NO", has_touch=True, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()
    page.goto("/")
    ask(page, "Hvilke plikter har linjelederen?")
    before = page.url
    page.locator("#last .mark").nth(3).tap()
    page.locator("#peek").wait_for()
    assert page.url == before
    box = page.locator("#peek").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    context.close()


def test_one_can_go_on_asking_from_anywhere_in_a_long_answer(page):
    page.goto("/?lang=nb&q=Hvilke+plikter+har+linjelederen%3F")
    page.evaluate("scrollTo(0, 400)")
    box = page.locator("#q").bounding_box()
    assert 0 < box["y"] < 800


def test_the_header_of_a_telephone_is_a_line_and_its_menu_opens(browser, address):
    context = browser.new_context(base_url=address, locale="nb-NO", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto("/")
    assert page.locator("header.site").bounding_box()["height"] < 70
    page.get_by_text("Meny").click()
    page.get_by_role("link", name="Roller").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Roller")
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_manager_and_a_student_find_their_doors(browser, address, script):
    context = browser.new_context(base_url=address, locale="nb-NO", java_script_enabled=script)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Rolle").select_option(label="Viserektor")
    page.get_by_label("Campus").select_option(label="Gjøvik")
    page.get_by_role("button", name="Vis pliktene").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Viserektor")
    page.get_by_role("link", name="Sjekkliste for viserektor").click()
    expect(page.locator(".printed")).to_contain_text("Gjøvik")
    page.goto("/")
    page.get_by_role("link", name="Gå gjennom spørsmålene").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("arbeidsmiljøloven")
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_the_decision_is_gone_through_and_changed(browser, address, script):
    context = browser.new_context(base_url=address, locale="nb-NO", java_script_enabled=script)
    page = context.new_page()
    page.goto("/applies")
    for choice in ("Student", "Nei, eller det gjelder studiet", "Lesesal, auditorium eller datalab"):
        page.get_by_label(choice, exact=True).check()
        page.get_by_role("button", name="Videre").click()
    expect(page.locator(".lead")).to_have_text(re.compile(r"^\s*Nei\."))
    page.get_by_role("link", name="Endre: Hva gjelder det?").click()
    page.get_by_role("button", name="Videre").click()
    page.get_by_role("alert").get_by_role("link").click()
    page.get_by_label("Praksis i en virksomhet").check()
    page.get_by_role("button", name="Videre").click()
    expect(page.locator(".lead")).to_have_text(re.compile(r"^\s*Ja\."))
    context.close()


@pytest.fixture
def framed(serve_with, tmp_path):
    """A page on another origin that shows ours in a frame: the address of the page and of the bot."""
    folder = tmp_path / "wiki"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
    wiki = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with serve_with(frame_ancestors=wiki) as bot:
        for name, source in (("embed", "/embed?lang=nb"), ("home", "/?lang=nb")):
            (folder / f"{name}.html").write_text(f'<iframe src="{bot}{source}" width="340" height="600"></iframe>')
        yield wiki
    server.shutdown()


def test_the_narrow_page_answers_in_a_frame_on_another_origin_and_no_other_page_does(browser, framed):
    page = browser.new_page()
    page.goto(f"{framed}/embed.html")
    frame = page.frame_locator("iframe")
    frame.get_by_role("textbox").fill("Hvem vedtar HMS-politikken?")
    frame.get_by_role("button", name="Spør").click()
    frame.locator(".lead").get_by_text("Rektor vedtar HMS-politikken.").wait_for()
    frame.get_by_role("button", name="Det hjalp", exact=True).click()
    frame.get_by_text("Takk for tilbakemeldingen!").wait_for()
    expect(frame.locator(".passage a").first).to_have_attribute("target", "_blank")
    page.goto(f"{framed}/home.html")
    expect(page.frame_locator("iframe").locator("#q")).to_have_count(0)
    page.close()


def test_the_language_switch_keeps_the_question(page):
    page.goto("/?lang=nb&q=hva+er+AMU%3F")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("article h2")).to_contain_text("hva er AMU?")


def test_a_printed_checklist_is_the_list_alone(page):
    page.goto("/roles/linjeleder/checklist?lang=nb")
    expect(page.get_by_role("button", name="Skriv ut")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    expect(page.get_by_role("button", name="Skriv ut")).to_be_hidden()
    expect(page.get_by_text("revidert 8. juni 2021").first).to_be_visible()
    expect(page.locator(".tasks tbody tr").nth(1)).to_be_visible()
