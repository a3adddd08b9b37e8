"""A person who asks in a browser."""

import shutil

import pytest

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
needs_browser = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


def ask(page, question):
    """Type and send a question, and wait for its answer."""
    page.get_by_role("search").get_by_role("textbox").fill(question)
    page.keyboard.press("Enter")
    return answer(page, question)


def answer(page, question):
    page.locator("#last").get_by_role("heading", name=question, exact=False).wait_for()
    page.locator("#last .reply").wait_for()
    return page.locator("#last .reply").inner_text()
