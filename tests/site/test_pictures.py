"""Prove that the pictures in the documentation show what the server's pages show today."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from site_pictures import HEIGHT, WIDTH, Picture, open_page, pictures
from web_origin import ABSENT, CHROMIUM, chromium, served

from queries.site.prose import PAGES, PICTURES, picture_size

MOST = 150_000


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve the pages."""
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    with chromium() as browser:
        yield browser


@pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)
@pytest.mark.parametrize("picture", pictures(), ids=lambda p: p.file)
def test_the_page_still_shows_what_was_taken(
    browser: Browser, origin: str, picture: Picture
) -> None:
    """At its address the heading stands at the top and the words are seen, as in the picture."""
    open_page(browser, origin, picture).close()


def test_every_picture_is_listed_small_and_used() -> None:
    """Table, files and pages name the same pictures, each of one size and below the limit."""
    files = {path.name: path for path in PICTURES.glob("*.png")}
    assert {p.file for p in pictures()} == files.keys()
    for path in files.values():
        assert picture_size(path) == (WIDTH, HEIGHT)
        assert path.stat().st_size < MOST, path.name
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.rglob("*.md"))
    used = re.findall(r"!\[([^\]]+)\]\(\S*pictures/(\S+\.png) \"[^\"]+\"\)", text)
    assert {name for _, name in used} == files.keys()
    assert all(len(alt) > 30 for alt, _ in used)
