"""Every page as axe-core sees it, narrow and wide, light and dark; and that nothing is loaded from elsewhere."""

from itertools import product

import pytest
from browsing import PAGES, ask, needs_browser
from npm import install

pytestmark = needs_browser


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """axe-core's source, from npm."""
    packages = install(tmp_path_factory.mktemp("npm"), "axe-core@4")
    return (packages / "axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def examined(browser, address, axe):
    """A page that axe-core may be loaded into."""
    context = browser.new_context(base_url=address, bypass_csp=True, locale="en")
    context.add_init_script(axe)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_or_violates_accessibility(examined, path):
    """WCAG 2.2 AA as far as axe-core can tell, narrow and wide, light and dark."""
    examined.goto(path)
    assert violations(examined, widths=(320, 1280)) == []


def violations(page, widths, schemes=("light", "dark")):
    """What axe-core finds, each with the first place it is found in, and where the page is wider than its window."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    faults = []
    for width, scheme in product(widths, schemes):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("tags => axe.run({runOnly: tags, resultTypes: ['violations']})", tags)
        faults += [(width, scheme, v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]]
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append((width, scheme, "scrolls sideways", wide))
    return faults


def test_an_answer_that_came_by_script_is_as_accessible_as_a_page(examined):
    examined.goto("/")
    ask(examined, "Does the Working Environment Act apply to me in the lab?")
    ask(examined, "What is AMU?")
    assert violations(examined, widths=(360, 1100)) == []


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


def test_an_answer_that_is_judged_is_as_accessible_as_before(examined):
    examined.goto("/?lang=nb")
    ask(examined, "Hva gjør et verneombud?")
    examined.get_by_role("button", name="Det hjalp ikke").click()
    examined.get_by_label("Hva var galt med svaret?").wait_for()
    assert violations(examined, widths=(360,)) == []
