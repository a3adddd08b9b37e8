"""A person's browser: Debian's Chromium by Playwright, and axe-core from npm for accessibility."""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from npm import install

expect = pytest.importorskip("playwright.sync_api").expect  # asks again until it is so

CHROMIUM = shutil.which("chromium")
PAGES = [
    "/?lang=nb",
    "/?lang=en&q=Does+the+Working+Environment+Act+apply+to+me+in+the+lab%3F",
    "/?lang=nn&h=Kva+er+AMU%3F&q=og+LMU%3F",
    "/policy/hms-politikk?lang=en",
    "/roles?lang=nb",
    "/roles/instituttleder?lang=nn",
    "/escalation?lang=en&campus=gjovik",
    "/roles/instituttleder/checklist?lang=nb",
    "/applies?lang=nb",
    "/applies?lang=en&all=1&sent=all&who=student",
    "/applies?lang=nn&who=student&job=no&doing=practical&danger=yes",
    "/policy/hms-politikk?lang=nb&notes=1&q=risiko",
    "/about?lang=en",
    "/embed?lang=nb&q=Hva+er+AMU%3F",
    "/nope?lang=nb",
]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(base_url=address, locale="nb-NO", viewport={"width": 1100, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """axe-core's source, from npm."""
    packages = install(tmp_path_factory.mktemp("npm"), "axe-core@4")
    return (packages / "axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Hvem vedtar HMS-politikken?", "Rektor vedtar HMS-politikken."),
        ("Kven vedtek HMS-politikken?", "Rektor vedtek HMS-politikken."),
        ("Who adopts the HSE policy?", "The Rector adopts the HSE policy."),
    ],
)
def test_ask_in_three_languages_by_keyboard_alone(page, question, says):
    page.goto("/")
    page.locator("#q:focus").wait_for()  # the field has the focus from the start
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    page.get_by_text(says).first.wait_for()
    expect(page.locator("article h2")).to_contain_text(question)


def ask(page, question):
    """Type and send a question, and wait for its answer."""
    page.get_by_role("search").get_by_role("textbox").fill(question)
    page.keyboard.press("Enter")
    return answer(page, question)


def answer(page, question):
    page.locator("#last").get_by_role("heading", name=question, exact=False).wait_for()
    page.locator("#last .reply").wait_for()
    return page.locator("#last .reply").inner_text()


def test_a_follow_up_and_then_a_new_conversation(page):
    page.goto("/?lang=nb")
    ask(page, "hva er LOSAM?")
    assert "viserektor" in ask(page, "hvem leder det i Gjøvik?")
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("link", name="Ny samtale").click()
    page.locator("#q:focus").wait_for()
    expect(page.locator("article")).to_have_count(0)


def test_a_clarifying_question_is_answered_by_a_button(page):
    page.goto("/?lang=en&q=Does+the+Working+Environment+Act+apply+to+me+in+the+lab%3F")
    page.get_by_role("button", name="The work may be dangerous to life and health").click()
    assert answer(page, "The work may be dangerous to life and health").startswith("Yes.")
    expect(page.locator(".choices")).to_have_count(0)  # what has been answered is not asked any longer


def test_a_suggested_question_goes_on_with_the_conversation(page):
    page.goto("/?lang=nn")
    ask(page, "Kva gjer eit verneombod?")
    page.get_by_role("button", name="Kven tek saka vidare etter verneombodet?").click()
    assert "LHVO" in answer(page, "Kven tek saka vidare etter verneombodet?")
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator(".next").get_by_role("button", name="Kven tek saka vidare etter")).to_have_count(0)


def test_while_it_is_searched_the_question_and_a_status_are_shown_and_said(page):
    held = []
    page.route("**/api/ask*", lambda route: held.append(route))  # noqa: PLW0108  # a bound built-in is refused
    page.goto("/?lang=en")
    page.get_by_role("textbox").fill("Who adopts the HSE policy?")
    with page.expect_request("**/api/ask*"):
        page.keyboard.press("Enter")
    page.locator("article h2").get_by_text("Who adopts the HSE policy?").wait_for()
    said = page.get_by_role("status")
    expect(said).to_have_text("Searching the HSE policy …")
    assert said.evaluate("e => getComputedStyle(e).animationName") == "breathe"
    page.emulate_media(reduced_motion="reduce")
    assert said.evaluate("e => getComputedStyle(e).animationName") == "none"
    held[0].continue_()
    assert answer(page, "Who adopts the HSE policy?").startswith("The Rector adopts")
    expect(page.locator("#status")).to_have_text("")
    # Reading goes on at the answer.
    assert page.evaluate("document.activeElement.innerText").startswith("The Rector adopts the HSE policy.")


@pytest.mark.parametrize("refuse", [lambda r: r.abort(), lambda r: r.fulfill(status=429, json={"error": "wait"})])
def test_an_answer_that_does_not_arrive_is_said_and_the_question_is_kept(page, refuse):
    page.route("**/api/ask*", refuse)
    page.goto("/?lang=nb&q=hva+er+AMU%3F")
    page.get_by_role("textbox").fill("Hvem leder det?")
    page.keyboard.press("Enter")
    page.get_by_text("Svaret kom ikke fram. Vent litt og prøv igjen.").wait_for()
    expect(page.locator("#q")).to_have_value("Hvem leder det?")
    expect(page.locator("article")).to_have_count(1)
    page.unroute("**/api/ask*")
    page.keyboard.press("Enter")
    answer(page, "Hvem leder det?")


def test_an_answer_that_breaks_off_is_no_answer(page):
    broken = 'event: status\ndata: {"status": "searching"}\n\nevent: turn\ndata: {"html": "<article></article>"}\n\n'
    page.route("**/api/ask*", lambda route: route.fulfill(body=broken, content_type="text/event-stream"))
    page.goto("/?lang=nb")
    page.get_by_role("textbox").fill("hva er AMU?")
    page.keyboard.press("Enter")
    page.get_by_text("Svaret kom ikke fram.").wait_for()
    expect(page.locator("article")).to_have_count(0)


def test_the_address_follows_so_that_back_forward_and_reload_show_what_was_there(page):
    page.goto("/?lang=nb")
    ask(page, "hva er LOSAM?")
    told = ask(page, "hvem leder det i Gjøvik?")
    page.go_back()
    page.locator("article").nth(1).wait_for(state="detached")
    answer(page, "hva er LOSAM?")
    page.go_forward()
    assert answer(page, "hvem leder det i Gjøvik?") == told
    page.reload()
    assert answer(page, "hvem leder det i Gjøvik?") == told
    expect(page.locator("article")).to_have_count(2)


def test_the_link_to_an_answer_is_copied_and_leads_to_it(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/?lang=nb")
    ask(page, "hva er LOSAM?")
    told = ask(page, "hvem leder det i Gjøvik?")
    page.locator("#last").get_by_role("button", name="Kopier lenken").click()
    page.get_by_text("Lenken er kopiert").wait_for()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    assert answer(page, "hvem leder det i Gjøvik?") == told


def test_what_somebody_types_never_becomes_part_of_the_page(page):
    page.goto("/?lang=nb")
    typed = "<img src=x onerror=document.title=1><script>document.title=2</script> hvem vedtar HMS-politikken?"
    ask(page, typed)
    expect(page.locator("article h2")).to_contain_text(typed)
    expect(page.locator("main img, main script")).to_have_count(0)
    assert page.title() == f"{typed} – HMS-boten"


def test_with_the_script_questions_stand_in_no_address_that_the_server_is_asked_for(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/?lang=nb")
    ask(page, "hva er LOSAM?")
    assert [url for url in asked if "LOSAM" in url] == []


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_or_violates_accessibility(browser, address, axe, path, width, scheme):
    """WCAG 2.2 AA as far as axe-core can tell, narrow and wide, light and dark."""
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, axe) == []
    context.close()


def violations(page, axe):
    """What axe-core finds, each with the first place it is found in."""
    page.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run({runOnly: tags})", tags)
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1100])
def test_an_answer_that_came_by_script_is_as_accessible_as_a_page(browser, address, axe, width, scheme):
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True, locale="en"
    )
    page = context.new_page()
    page.goto("/")
    ask(page, "Does the Working Environment Act apply to me in the lab?")
    ask(page, "What is AMU?")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, axe) == []
    context.close()


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(page, address):
    seen, errors = [], []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in PAGES[:-1]:
        page.goto(path)
    page.goto("/?lang=nb")
    ask(page, "hva er AMU?")
    assert [url for url in seen if not url.startswith(address)] == []
    assert errors == []


def test_everything_works_without_javascript(browser, address):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?lang=en")
    page.get_by_role("textbox").fill("What is AMU?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#last")).to_contain_text("Working Environment Committee")
    expect(page.get_by_role("button", name="Copy the link")).to_have_count(0)
    page.get_by_role("link", name="Link to this answer").click()
    page.locator(".next button").first.click()
    page.locator("article").nth(1).wait_for()
    context.close()


def test_feedback_is_given_and_explained_without_leaving_the_page(page):
    page.goto("/")
    ask(page, "Hva gjør et verneombud?")
    page.get_by_role("button", name="Det hjalp ikke").click()
    why = page.get_by_label("Hva var galt med svaret?")
    why.wait_for()
    expect(page.locator(":focus")).to_have_attribute("name", "reason")
    why.fill("Jeg spurte om vara")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Takk for tilbakemeldingen!").wait_for()
    expect(page.get_by_label("Hva var galt med svaret?")).to_have_count(0)


def test_feedback_works_without_javascript(browser, address):
    context = browser.new_context(base_url=address, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#q", "What does a safety representative do?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="This did not help").click()
    page.get_by_label("What was wrong with the answer?").fill("too long")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you for the feedback!").wait_for()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_that_is_judged_is_as_accessible_as_before(browser, address, axe, scheme):
    context = browser.new_context(base_url=address, locale="nb-NO", viewport={"width": 360, "height": 800},
                                  color_scheme=scheme, bypass_csp=True)  # fmt: skip
    page = context.new_page()
    page.goto("/")
    ask(page, "Hva gjør et verneombud?")
    page.get_by_role("button", name="Det hjalp ikke").click()
    page.get_by_label("Hva var galt med svaret?").wait_for()
    assert violations(page, axe) == []
    context.close()


def test_the_readmes_picture_is_taken_by_a_script_or_it_says_why_not(index_file, tmp_path):
    picture, here = tmp_path / "page.png", {**os.environ, "HMS_INDEX_FILE": str(index_file)}

    def take(**changed):
        script = [sys.executable, str(Path(__file__).with_name("take_picture.py")), str(picture)]
        return subprocess.run(script, env={**here, **changed}, capture_output=True, text=True, check=False)

    done = take()
    assert (done.returncode, done.stdout) == (0, f"{picture}\n"), done.stderr
    before = picture.read_bytes()
    assert before.startswith(b"\x89PNG")
    done = take(PATH=str(tmp_path))
    assert (done.returncode, done.stderr.startswith("no picture was taken: there is no Chromium")) == (1, True)
    assert picture.read_bytes() == before
