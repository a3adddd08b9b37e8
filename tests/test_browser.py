"""A person's browser: Debian's Chromium by Playwright, and axe-core from npm for accessibility."""

import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium")
PAGES = [
    "/?lang=nb",
    "/?lang=en&q=Does+the+Working+Environment+Act+apply+to+me+in+the+lab%3F",
    "/?lang=nn&h=Kva+er+AMU%3F&q=og+LMU%3F",
    "/policy/hms-politikk?lang=en",
    "/roles?lang=nb",
    "/roles/instituttleder?lang=nn",
    "/escalation?lang=en&campus=gjovik",
    "/applies?lang=nb&c=hazard",
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
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    folder = tmp_path_factory.mktemp("npm")
    subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "axe-core@4"], check=True
    )
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


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
    assert question in page.locator("article h2").inner_text()


def test_a_follow_up_and_then_a_new_conversation(page):
    page.goto("/?lang=nb")
    for question in ("hva er LOSAM?", "hvem leder det i Gjøvik?"):
        page.get_by_role("search").get_by_role("textbox").fill(question)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=question).wait_for()
    assert "viserektor" in page.locator("#last .reply").inner_text()
    page.get_by_role("link", name="Ny samtale").click()
    assert page.locator("article").count() == 0


def test_a_clarifying_question_is_answered_by_a_button(page):
    page.goto("/?lang=en&q=Does+the+Working+Environment+Act+apply+to+me+in+the+lab%3F")
    page.get_by_role("button", name="The work may be dangerous to life and health").click()
    assert page.locator("#last .lead").inner_text().startswith("Yes.")


def test_a_citation_opens_the_policy_with_the_passage_marked_and_in_view(page):
    page.goto("/?lang=nb&q=Hvem+har+ansvaret+for+beredskapstelefonen%3F")
    page.locator(".passage a").first.click()
    marked = page.locator(".marked:target")
    assert "beredskapstelefonen" in marked.inner_text()
    top = marked.bounding_box()["y"]
    assert 0 <= top < 800
    paper = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert marked.evaluate("e => getComputedStyle(e).backgroundColor") != paper


def test_the_decision_can_be_changed(page):
    page.goto("/applies?lang=nb")
    page.get_by_label("Jeg er på lesesal, i auditorium eller på datalab").check()
    page.get_by_role("button", name="Vis svaret").click()
    assert page.locator(".lead").inner_text().startswith("Nei.")
    page.get_by_label("Jeg har arbeidsavtale med NTNU").check()
    page.get_by_role("button", name="Vis svaret").click()
    assert page.locator(".lead").inner_text().startswith("Ja.")


def test_the_language_switch_keeps_the_question(page):
    page.goto("/?lang=nb&q=hva+er+AMU%3F")
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "hva er AMU?" in page.locator("article h2").inner_text()


def test_a_printed_role_is_a_checklist(page):
    page.goto("/roles/linjeleder?lang=nb")
    page.emulate_media(media="print")
    assert not page.locator("header").is_visible()
    assert page.locator(".checklist li").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_or_violates_accessibility(browser, address, axe, path, width, scheme):
    """WCAG 2.2 AA as far as axe-core can tell, narrow and wide, light and dark."""
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run({runOnly: tags})", tags)
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    context.close()


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(page, address):
    seen, errors = [], []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for path in PAGES[:-1]:
        page.goto(path)
    assert [url for url in seen if not url.startswith(address)] == []
    assert errors == []


def test_everything_works_without_javascript(browser, address):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?lang=en")
    page.get_by_role("textbox").fill("What is AMU?")
    page.get_by_role("button", name="Ask").click()
    assert "Working Environment Committee" in page.locator("#last").inner_text()
    context.close()
