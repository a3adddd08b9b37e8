"""A person in Microsoft's own client: the Agents Playground in Debian's Chromium, its requests signed on the way."""

import shutil
import time
from dataclasses import replace

import pytest
from bot_connector import BotConnector
from npm import install
from teams_playground import Playground, SigningProxy
from teams_server import TEAMS, Running

expect = pytest.importorskip("playwright.sync_api").expect  # asks again until it is so

CHROMIUM = shutil.which("chromium")
# The tenant that the playground says it is.
TENANT = "00000000-0000-0000-0000-0000000000001"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


@pytest.fixture(scope="module")
def server(assistant, settings, tmp_path_factory):
    connector = BotConnector()
    store = tmp_path_factory.mktemp("store") / "store.sqlite"
    own = settings.model_copy(update={"store_file": store, **TEAMS, "teams_tenants": TENANT})
    running = Running(own, replace(assistant, public_url=own.public_url), connector)
    running.proxy = SigningProxy(connector, running.url)
    yield running
    running.proxy.close()
    running.stop()
    connector.close()


@pytest.fixture(scope="module")
def playground(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("playground")
    started = Playground(install(folder, "@microsoft/m365agentsplayground@0.2.28"), server.proxy.url, folder)
    yield started
    started.close()


@pytest.fixture
def page(browser, playground):
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(playground.url)
    page.get_by_label("Personal Chat").click()
    yield page
    context.close()


def ask(page, text):
    page.locator("[role=textbox][data-lexical-editor]").last.click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_the_bot_says_welcome_and_what_is_opened_from_it_comes_below(page):
    welcome = page.get_by_text("Hi! I answer who is responsible for what")
    welcome.first.wait_for()
    page.get_by_role("button", name="Privacy").last.click()
    page.get_by_text("Questions and answers are kept for 30 days").last.wait_for()
    expect(welcome.first).to_be_visible()


def test_who_reads_english_finds_the_translation_beside_the_text(page):
    ask(page, "Who adopts the HSE policy?")
    page.get_by_text("Unofficial translation: The Rector adopts the HSE policy.").last.wait_for()


def test_a_long_answer_is_one_message_whose_rest_opens_where_it_belongs(page):
    ask(page, "Hvilke plikter har rektor?")
    opener = page.get_by_role("button", name="Vis 24 punkter til").last
    opener.wait_for()
    hidden = page.get_by_text("8. Det overordnede ansvaret for HMS").last
    assert not hidden.is_visible()
    answers = page.get_by_role("button", name="Dislike").count()
    opener.click()
    hidden.wait_for()
    expect(page.get_by_text("31. Om tilrettelegging og samarbeid mellom linjeleder").last).to_be_visible()
    expect(page.get_by_text("[35] ").last).to_be_visible()
    expect(opener).to_be_hidden()
    expect(page.get_by_role("button", name="Dislike")).to_have_count(answers)


def test_answers_are_short_enough_to_be_read_in_a_narrow_chat(page):
    page.set_viewport_size({"width": 1210, "height": 1000})
    heights = {}
    for question in ("Hvem vedtar HMS-politikken?", "Hvilke plikter har rektor?"):
        ask(page, question)
        page.wait_for_timeout(1500)
        heights[question] = page.locator(".ac-adaptiveCard").last.bounding_box()
    assert heights["Hvem vedtar HMS-politikken?"]["height"] < 620, heights
    assert heights["Hvilke plikter har rektor?"]["height"] < 1100, heights


def test_a_clarifying_question_is_answered_in_its_own_card(page):
    ask(page, "Gjelder arbeidsmiljøloven for meg på lab?")
    page.get_by_role("button", name="Arbeidet er ikke farlig").last.click()
    page.get_by_text("Nei. Arbeidsmiljøloven gjelder ikke").last.wait_for()
    expect(page.get_by_role("button", name="Arbeidet er ikke farlig")).to_have_count(0)


def test_a_suggested_question_is_pressed(page, server):
    ask(page, "Hvem vedtar HMS-politikken?")
    page.get_by_text("Spør videre").last.wait_for()
    suggested = page.locator("[role=button].ac-selectable").last
    question = suggested.get_attribute("aria-label")
    suggested.click()
    end = time.monotonic() + 60
    while {"action": "ask", "question": question} not in _pressed(server) and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert _pressed(server)[-1] == {"action": "ask", "question": question}
    # Nobody has written it, so the answer says what was asked.
    page.locator(".ac-richTextBlock").filter(has_text=question).last.wait_for()


def _pressed(server):
    values = (activity.get("value") or {} for activity in list(server.proxy.seen))
    return [value["action"]["data"] for value in values if "action" in value]


def test_feedback_with_a_reason_arrives(page, server):
    ask(page, "Hva er LMU?")
    page.get_by_text("Dette står det").last.wait_for()
    page.get_by_role("button", name="Dislike").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("feil utvalg")
    with page.expect_response(lambda response: response.request.method == "POST"):
        dialog.get_by_role("button", name="Submit").click()
    end = time.monotonic() + 60
    while not (rows := feedback(server)) and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert rows == [("Hva er LMU?", -1, "feil utvalg")]


def feedback(server):
    with server.services.database.transaction() as at:
        rows = at.run("SELECT question, value, reason FROM feedback JOIN answer ON answer.id = feedback.answer")
    return [tuple(row.values()) for row in rows]


def test_a_mention_in_a_channel_is_answered_in_its_thread(page):
    page.get_by_label("My Team - General").click()
    page.get_by_text("Post", exact=True).first.click()
    page.locator("[role=textbox][data-lexical-editor]").first.click()
    page.keyboard.type("@")
    page.get_by_role("menuitem", name="Test Bot").click()
    page.keyboard.type(" Hva er ÅSAM?")
    page.keyboard.press("Enter")
    page.get_by_text("Dette står det").first.wait_for()


def test_danger_in_a_channel_is_answered_in_its_thread(page):
    page.get_by_label("My Team - General").click()
    page.get_by_text("Post", exact=True).first.click()
    page.locator("[role=textbox][data-lexical-editor]").first.click()
    page.keyboard.type("@")
    page.get_by_role("menuitem", name="Test Bot").click()
    page.keyboard.type(" det brenner på laben!")
    page.keyboard.press("Enter")
    page.get_by_text("ring 110 (brann), 112 (politi) eller 113 (ambulanse)").first.wait_for()


def test_a_search_inserts_a_card_with_its_source(page):
    page.get_by_label("Trigger Message Extension App").last.click()
    page.get_by_role("menuitem", name="Search Command").click()
    page.get_by_placeholder("Enter a search term").click()
    page.keyboard.type("Hva er BHT?")
    page.get_by_text("bedriftshelsetjenesten").first.click()
    page.keyboard.press("Enter")
    page.get_by_text("Dette står det").last.wait_for()
