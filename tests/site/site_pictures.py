"""The pictures of the server's pages: which there are, and how a page stands when one is taken."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from queries.site.prose import PICTURES

WIDTH, HEIGHT = 1280, 600


@dataclass(frozen=True)
class Picture:
    """A file, the address it shows, the heading at its top, and words that are seen below."""

    file: str
    address: str
    heading: str
    words: str


def pictures() -> list[Picture]:
    """Read the table of pictures."""
    with (PICTURES / "pictures.tsv").open(encoding="utf-8", newline="") as lines:
        return [Picture(**row) for row in csv.DictReader(lines, delimiter="\t")]


def open_page(browser: Browser, origin: str, picture: Picture) -> Page:
    """Open what a picture shows, in its size, scrolled to its heading; the words must be seen."""
    tab = browser.new_page(
        base_url=origin,
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="light",
        reduced_motion="reduce",
    )
    tab.goto(picture.address)
    heading = tab.get_by_role("heading", name=picture.heading, exact=True)
    heading.evaluate("element => element.scrollIntoView()")
    expect(tab.locator("main").get_by_text(picture.words).first).to_be_in_viewport()
    return tab
