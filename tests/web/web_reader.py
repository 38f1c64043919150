"""Reads pages as a browser does: their links, fields, names, headings and text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
FIELDS = {"input", "select", "textarea"}
Attributes = dict[str, str]


class Page(HTMLParser):
    """One page, read once."""

    def __init__(self, text: str) -> None:
        """Read the text of a page."""
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.stray: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and what encloses it."""
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, {**found, "within": " ".join(self._open)}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element; one that ends what it did not begin is a mistake."""
        if tag not in self._open:
            self.stray.append(tag)
            return
        while (last := self._open.pop()) != tag:
            if last not in ("p", "li", "dt", "dd", "td", "th", "tr", "option", "tbody", "thead"):
                self.stray.append(last)

    def handle_data(self, data: str) -> None:
        """Note a text and what encloses it."""
        if data.strip():
            self.texts.append((tuple(self._open), " ".join(data.split())))

    @property
    def text(self) -> str:
        """All text of the page, blanks made single."""
        return " ".join(text for _, text in self.texts)

    def all(self, *tags: str) -> Iterator[Attributes]:
        """Yield the attributes of all elements of some kinds."""
        yield from (attributes for tag, attributes in self.elements if tag in tags)

    @property
    def ids(self) -> Counter[str]:
        """The identifiers of the page and how often each stands."""
        return Counter(a["id"] for _, a in self.elements if "id" in a)

    def links(self, base: str) -> Iterator[tuple[str, str]]:
        """Yield every address that the page names on its own server, and the fragment in it."""
        for tag, attributes in self.elements:
            for name in ("href", "src", "action", "formaction"):
                target = attributes.get(name, "")
                if target.startswith("/") or (target and tag in ("script", "img")):
                    yield urldefrag(urljoin(base, target))
                elif target.startswith("#"):
                    yield base, target[1:]

    def unnamed_fields(self) -> list[Attributes]:
        """List the fields that no label names."""
        named = {a["for"] for a in self.all("label") if "for" in a}
        return [
            a
            for a in self.all(*FIELDS)
            if a.get("type") != "hidden"
            and a.get("id") not in named
            and "label" not in a["within"].split()
            and not a.get("aria-label")
        ]
