"""The pictures of the server's pages: which there are, and how a page stands when one is taken."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from queries.site.prose import PICTURES

WIDTH, HEIGHT = 1280, 600


@dataclass(frozen=True)
class Picture:
    """A file, the address that it shows, and words that are seen there."""

    file: str
    address: str
    words: str


def pictures() -> list[Picture]:
    """Read the table of pictures."""
    with (PICTURES / "pictures.tsv").open(encoding="utf-8", newline="") as lines:
        return [Picture(**row) for row in csv.DictReader(lines, delimiter="\t")]


def open_page(browser: Browser, origin: str, picture: Picture) -> tuple[Page, Locator]:
    """Open what a picture shows, in its size; return the page and the words in its main part."""
    tab = browser.new_page(
        base_url=origin, viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
    )
    tab.goto(picture.address)
    words = tab.locator("main").get_by_text(picture.words).first
    expect(words).to_be_in_viewport()
    return tab, words
