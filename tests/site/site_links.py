"""What a page of the documentation links to and where it can be linked to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

# Attributes by which a page fetches something at once, and not only when a link is followed.
FETCHED = {"src", "srcset", "poster", "data"}
FETCHING = {"link", "script", "img", "iframe", "object", "embed", "audio", "video", "source", "use"}


@dataclass
class Links(HTMLParser):
    """The links of one page, what it fetches, and its anchors."""

    followed: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the parser ready."""
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.append(value)
            elif name in FETCHED or (name in ("href", "xlink:href") and tag in FETCHING):
                self.fetched.append(value or "")
            elif name in ("href", "xlink:href"):
                self.followed.append(value or "")


@cache
def links_of(path: Path) -> Links:
    """Read one page."""
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    links.close()
    return links


def pages_of(folder: Path) -> Iterator[Path]:
    """Yield every page below a folder."""
    yield from sorted(folder.rglob("*.html"))
