"""Prove the documentation in a real browser, from files, without network and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from site_links import pages_of
from web_origin import ABSENT, CHROMIUM, chromium

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scheme, width", [("light", 390), ("dark", 390), ("light", 1280)])
def test_every_page_fits_and_is_quiet(
    browser: Browser, built_site: Path, scheme: str, width: int
) -> None:
    """No page is wider than the screen, asks for anything but files, or complains."""
    dark = scheme == "dark"
    asked: list[str] = []
    said: list[str] = []
    with browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        offline=True,
    ) as context:
        context.on("request", lambda request: asked.append(request.url))
        # An icon that was still on its way when the next page came is no failure.
        context.on(
            "requestfailed",
            lambda r: None if r.failure == "net::ERR_ABORTED" else said.append(f"failed: {r.url}"),
        )
        context.on("console", lambda message: said.append(message.text))
        context.on("weberror", lambda error: said.append(str(error.error)))
        tab = context.new_page()
        wide = [link for link in pages_of(built_site) if _too_wide(tab, link)]
        assert not wide
        ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(int(n) for n in re.findall(r"\d+", ground)[:3])
        assert (brightness < 150) if dark else (brightness > 650)
    assert asked and not [url for url in asked if not url.startswith(("file:", "data:"))]
    assert not said


def _too_wide(tab: Page, page: Path) -> bool:
    tab.goto(page.as_uri())
    return bool(tab.evaluate("document.documentElement.scrollWidth - innerWidth > 0"))


def test_the_start_answers_one_case_and_leads_to_three_guides(
    browser: Browser, built_site: Path
) -> None:
    """Class with clause and citation, what would settle the open answer, and the doors are there.

    A late marrow relapse off treatment that is not of T lineage is in the third line of S2 (P12);
    whether it is transplanted hangs on residual disease (P1, P19).
    """
    with browser.new_context(java_script_enabled=False, offline=True) as context:
        tab = context.new_page()
        tab.goto((built_site / "index.html").as_uri())
        case = tab.locator(".case")
        expect(case.locator(".class .value")).to_have_text("S2")
        expect(case.locator(".class")).to_contain_text("S2, third line")
        expect(case.locator(".class")).to_contain_text("cites [12]")
        expect(case.locator(".undetermined").first).to_be_visible()
        expect(case).to_contain_text("It would be settled by mrd.")
        for name in ("clinical informaticians", "SPARQL users", "ontology engineers"):
            tab.get_by_role("link", name=f"For {name}").click()
            expect(tab.get_by_role("heading", level=1)).to_be_visible()
            assert "/guides/" in tab.url
            tab.go_back()
