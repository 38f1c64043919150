"""Pages of the documentation, rendered without building the whole, and read back from HTML."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser

from queries.site import advice, glossary, readings, schemes
from queries.site.pages import Press
from queries.web.holdings import Holdings

RUNNING = {"a", "code", "span", "strong"}
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Reader(HTMLParser):
    """Gathers the text of a page, that of every element with a name, and where links lead."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: dict[str, str] = {"": ""}
        self.open: list[tuple[str, str]] = []
        self.feed(text)
        self.texts = {name: " ".join(words.split()) for name, words in self.texts.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element; one that does not run on within a line parts words."""
        if tag not in RUNNING:
            self.handle_data(" ")
        found = dict(attrs)
        name = found.get("id") or ""
        if name:
            self.ids.append(name)
            self.texts[name] = ""
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if tag not in VOID:
            self.open.append((tag, name))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those within it that need no end."""
        while self.open and self.open.pop()[0] != tag:
            pass
        if tag not in RUNNING:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        """Give a text to every element it stands in."""
        for name in {"", *(name for _, name in self.open)}:
            self.texts[name] += data


@cache
def held() -> Holdings:
    """Open the dataset once."""
    return Holdings()


@cache
def pages() -> dict[str, Reader]:
    """Render the pages of schemes, readings, advice and terms; return them by path."""
    chapters = (schemes.chapter, readings.chapter, advice.chapter, glossary.chapter)
    press = Press(page for chapter in chapters for page in chapter(held()))
    return {page.path: Reader(press.render(page)) for page in press.pages}
