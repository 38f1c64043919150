"""Prove the pages in a real browser: by mouse, by keyboard alone, without scripts, light and dark.

The pages stand beside the real endpoint. No request may leave this machine, and the console of the
browser must stay empty.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)
from web_origin import ABSENT, CHROMIUM, PATIENCE, chromium, served

CASE = "/relapse?marrow_status=involved&immunophenotype=BCP&months_from_diagnosis=20"
PAGES = (
    "/",
    CASE,
    f"{CASE}&change=months_from_diagnosis",
    "/questions",
    "/questions/study_results",
    "/sparql-editor",
    "/browse",
    "/browse/classes",
    "/id/S2Clause4",
    "/schemes/bfm-table-1-groups",
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve pages and endpoint together on a free port."""
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with chromium() as browser:
        yield browser


class Watch:
    """What a page asked for and complained of."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        """Note every request and every line of the console."""
        self.foreign: list[str] = []
        self.failed: list[str] = []
        self.said: list[str] = []
        self.host = urlsplit(origin).netloc
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("console", lambda message: self.said.append(message.text))
        context.on("weberror", lambda error: self.said.append(str(error.error)))

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.netloc != self.host and parts.scheme != "blob":
            self.foreign.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.failed.append(response.url)


@pytest.fixture
def context(browser: Browser, origin: str) -> Iterator[BrowserContext]:
    """Open a window of its own, and find it quiet at the end."""
    context = browser.new_context(base_url=origin, accept_downloads=True)
    watch = Watch(context, origin)
    yield context
    context.close()
    assert not watch.foreign and not watch.failed and not watch.said


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    """Open a tab."""
    return context.new_page()


def test_a_relapse_is_described_answered_and_varied(tab: Page) -> None:
    """Fill in, submit, read the class, open the evidence, follow a citation, and ask what if."""
    tab.goto("/")
    tab.get_by_label("Marrow involvement").select_option("involved")
    tab.get_by_label("CNS status").select_option("CNS3")
    tab.get_by_label("Testicular enlargement").select_option("none")
    tab.get_by_label("Other extramedullary disease").select_option("none")
    tab.get_by_label("Immunophenotype").select_option("BCP")
    tab.get_by_label("Months from diagnosis").fill("20")
    tab.get_by_label("Treatment at relapse").select_option("yes")
    tab.get_by_label("unrelated donor matched at all 8").check()
    tab.get_by_role("button", name="Answer").click()
    expect(tab.locator("#class-bfm_group .value")).to_have_text("S2")
    address = urlsplit(tab.url)
    assert "patient_id" not in address.query and "months_from_diagnosis=20" in address.query
    side = tab.locator("#advice-hsct details.supported_by")
    side.locator("summary").click()
    expect(side.locator("article").first).to_be_visible()
    side.locator(".citations a").first.click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("[")
    tab.go_back()
    tab.get_by_label("one fact were another").select_option("months_from_diagnosis")
    tab.get_by_role("button", name="Compare").click()
    row = tab.locator(".trials tbody tr", has_text="< 18")
    expect(row).to_contain_text("S2")
    row.get_by_role("link").click()
    expect(tab.locator("#class-bfm_group .value")).to_have_text("S4")


def test_dates_become_months_and_stay_out_of_the_address(tab: Page) -> None:
    """Two dates give their interval, and no date is in any address."""
    tab.goto("/")
    tab.get_by_text("Give dates instead of months").click()
    tab.get_by_label("Diagnosis date", exact=True).fill("2010-01-01")
    tab.get_by_label("Relapse date", exact=True).fill("2012-03-01")
    tab.get_by_role("button", name="Turn dates into months").click()
    expect(tab.get_by_label("Months from diagnosis")).to_have_value("26.00")
    assert "2010" not in tab.url


def test_the_form_is_used_by_keyboard_alone(tab: Page) -> None:
    """From the top of the page, Tab reaches a field and the button, keys choose, Enter submits."""
    tab.goto("/")
    tab.keyboard.press("Tab")
    expect(tab.locator(":focus")).to_have_text("Skip to the content")
    tab.keyboard.press("Enter")
    reach(tab, "select[name=marrow_status]")
    tab.keyboard.type("marrow inv")
    reach(tab, "input[name=months_from_diagnosis]")
    tab.keyboard.type("12")
    reach(tab, "form.facts > .go button")
    tab.keyboard.press("Enter")
    expect(tab.locator("#class-timing_table1 .value")).to_have_text("very early")
    assert "marrow_status=involved" in tab.url
    reach(tab, "#advice-hsct details > summary")
    tab.keyboard.press("Enter")
    expect(tab.locator("#advice-hsct details").first).to_have_attribute("open", "")


def reach(tab: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    wanted = tab.locator(selector).first
    for _ in range(150):
        tab.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_question_is_asked_and_its_rows_downloaded(tab: Page) -> None:
    """Search, pick, set the parameter, see rows, copy the SPARQL, and take the rows as CSV."""
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.goto("/questions")
    tab.get_by_role("searchbox").fill("results of a study")
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Results of a study", exact=True).click()
    tab.get_by_label("the study asked about").fill("bfm-matched-pair")
    tab.get_by_role("button", name="Ask").click()
    expect(tab.locator("table.rows tbody tr").first).to_be_visible()
    assert "study=bfm-matched-pair" in tab.url
    tab.get_by_role("button", name="Copy").click()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert "study/bfm-matched-pair" in copied and "SELECT" in copied
    response = tab.request.get(tab.get_by_role("link", name="CSV").get_attribute("href") or "")
    assert response.ok and response.text().startswith("metric,")


def test_a_query_is_completed_run_and_refused_by_keyboard_alone(tab: Page) -> None:
    """Names are completed with their prefix, rows are shown and sorted, and a mistake is marked."""
    tab.goto("/sparql-editor")
    editor = tab.get_by_label("Query", exact=True)
    editor.fill("SELECT ?s WHERE { ?s a rallo:Sche")
    end = time.monotonic() + PATIENCE
    # Waiting within the page would evaluate text there, which its policy forbids.
    while tab.evaluate("terms.length") <= 1000:
        assert time.monotonic() < end
        tab.wait_for_timeout(50)
    editor.press("End")
    tab.keyboard.press("Control+Space")
    expect(tab.locator("#names li").first).to_contain_text("rallo:Scheme")
    tab.keyboard.press("Enter")
    tab.keyboard.type(" } ORDER BY ?s")
    expect(editor).to_have_value(re.compile(r"^PREFIX rallo: .*rallo:Scheme \}", re.DOTALL))
    tab.keyboard.press("Control+Enter")
    rows = tab.locator("#result tbody tr")
    expect(rows).to_have_count(9)
    expect(rows.first).to_contain_text("scheme/abstract-timing")
    expect(tab.locator("#shade .keyword").first).to_have_text("PREFIX")
    reach(tab, "#result th button")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    expect(rows.first).to_contain_text("scheme/uk-r3")
    with tab.expect_download() as download:
        tab.locator("#downloads a").click()
    assert download.value.suggested_filename == "rallo.json"


@pytest.mark.parametrize(
    "query, outcome",
    [
        ("ASK { ?s a <https://w3id.org/rallo/Scheme> }", "Yes, it holds."),
        ("SELECT ?s WHERE { ?s a <https://w3id.org/rallo/None> }", "No rows"),
        ("DESCRIBE <https://w3id.org/rallo/S2>", "The graph asked for"),
        ("CONSTRUCT { ?s a ?o } WHERE { ?s a ?o, <https://w3id.org/rallo/None> }", "No triples"),
    ],
)
def test_every_kind_of_answer_is_told(tab: Page, query: str, outcome: str) -> None:
    """Truth values, triples and the lack of rows are each said in words."""
    tab.goto("/sparql-editor")
    tab.get_by_label("Query", exact=True).fill(query)
    tab.get_by_role("button", name="Run").click()
    expect(tab.locator("#status")).to_contain_text(outcome)


def test_a_mistake_in_a_query_is_said_and_marked(browser: Browser, origin: str) -> None:
    """A query that cannot be read is refused with the reason, and the place is underlined."""
    with browser.new_context(base_url=origin) as context:
        watch = Watch(context, origin)
        tab = context.new_page()
        tab.goto("/sparql-editor")
        tab.get_by_label("Query", exact=True).fill("SELECT ?s\nWHERE { ?s a }")
        tab.get_by_role("button", name="Run").click()
        expect(tab.locator("#status")).to_contain_text("Refused (400)")
        assert not watch.foreign and [urlsplit(u).path for u in watch.failed] == ["/sparql"]


def test_the_pages_work_without_scripts(browser: Browser, origin: str) -> None:
    """With scripts switched off a relapse is answered, what if is asked, and a query is sent."""
    with browser.new_context(base_url=origin, java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto("/")
        tab.get_by_label("Months from diagnosis").fill("12")
        tab.get_by_role("button", name="Answer").click()
        expect(tab.locator("#class-timing_table1 .value")).to_have_text("very early")
        tab.get_by_role("button", name="Compare").click()
        expect(tab.locator(".trials tbody tr").first).to_be_visible()
        tab.goto("/sparql-editor?question=timing_schemes")
        tab.get_by_role("button", name="Load").click()
        expect(tab.get_by_label("Query", exact=True)).to_have_value(re.compile("SELECT"))


def test_a_browser_gets_the_page_of_a_term(tab: Page) -> None:
    """What a browser asks for by itself is the page, and its links lead on through the graph."""
    tab.goto("/id/Table1Late")
    expect(tab.get_by_role("heading", level=1)).to_have_text("late relapse (Table 1)")
    tab.get_by_role("link", name="more than 6 months from discontinuation").first.click()
    expect(tab.locator(".criterion")).to_contain_text("months from treatment end > 6")
    tab.goto("/schemes/bfm-table-1-groups")
    tab.locator("td.overlap a").first.click()
    expect(tab.locator("#class-bfm_group .value")).to_contain_text("at once")


def test_what_is_printed_is_the_answer_alone(tab: Page) -> None:
    """On paper the form and the menu are gone, and in the print view everything is unfolded."""
    tab.goto(CASE)
    tab.emulate_media(media="print")
    expect(tab.locator("form.facts")).to_be_hidden()
    expect(tab.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(tab.locator("#class-bfm_group")).to_be_visible()
    tab.emulate_media(media="screen")
    tab.get_by_role("link", name="Print view").click()
    assert tab.locator("details").count() == tab.locator("details[open]").count() > 0


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_the_screen(
    browser: Browser, origin: str, tmp_path: Path, scheme: str, width: int
) -> None:
    """No page is wider than the screen, light and dark differ, and a picture of each is taken."""
    size: ViewportSize = {"width": width, "height": 900}
    dark = scheme == "dark"
    with browser.new_context(
        base_url=origin, viewport=size, color_scheme="dark" if dark else "light"
    ) as context:
        watch = Watch(context, origin)
        tab = context.new_page()
        for number, link in enumerate(PAGES):
            tab.goto(link)
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, link
            ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
            brightness = sum(int(n) for n in re.findall(r"\d+", ground)[:3])
            assert (brightness < 150) if dark else (brightness > 650)
            picture = tmp_path / f"{number}.png"
            tab.screenshot(path=picture)
            assert picture.stat().st_size > 5_000
        assert not watch.foreign and not watch.failed and not watch.said
