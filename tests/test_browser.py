"""A person asks, and goes on asking, in Debian's Chromium."""

import pytest
from browsing import answer, ask, expect, needs_browser

pytestmark = needs_browser


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
