"""The pages of questions and records as trees, and the tables of facts that they are read from."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

from ontology.files import BASE, HOME
from queries.site.coverage import chapter as coverage_pages
from queries.site.pages import Press
from queries.site.questions import chapter as question_pages
from queries.site.references import chapter as reference_pages
from queries.site.studies import chapter as study_pages
from queries.web.holdings import Holdings

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Trees(HTMLParser):
    """Builds the tree of a page; every element must end where it should."""

    def __init__(self) -> None:
        """Start without an element."""
        super().__init__(convert_charrefs=True)
        self.builder = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.open.append(tag)
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End the innermost element."""
        assert self.open.pop() == tag, (tag, self.getpos())
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        """Put a text where it stands; nothing stands outside the page."""
        if self.open:
            self.builder.data(data)


class Site:
    """All of these pages, each rendered when it is asked for."""

    def __init__(self, held: Holdings) -> None:
        """Gather the pages."""
        chapters = (question_pages, coverage_pages, reference_pages, study_pages)
        self.press = Press(page for chapter in chapters for page in chapter(held))
        self.pages = {page.path: page for page in self.press.pages}
        self.trees: dict[str, Element] = {}
        self.named: dict[str, dict[str, Element]] = {}

    def text(self, path: str) -> str:
        """Render a page."""
        return self.press.render(self.pages[path])

    def tree(self, path: str) -> Element:
        """Return the tree of a page."""
        if path not in self.trees:
            reader = Trees()
            reader.feed(self.text(path))
            self.trees[path] = reader.builder.close()
        return self.trees[path]

    def at(self, name: str) -> Element:
        """Return the element that tells of a term of the ontology's own."""
        path, _, anchor = self.press.places[BASE + name].partition("#")
        return self.anchors(path)[anchor]

    def anchors(self, path: str) -> dict[str, Element]:
        """Return the elements of a page by the names to which links may lead."""
        if path not in self.named:
            self.named[path] = {e.get("id", ""): e for e in self.tree(path).iter() if e.get("id")}
        return self.named[path]


@cache
def gather(held: Holdings) -> Site:
    """Gather the pages once for all tests."""
    return Site(held)


def having(tree: Element, name: str, value: str) -> list[Element]:
    """Return the elements whose attribute is a value."""
    return [e for e in tree.iter() if e.get(name) == value]


def of_class(tree: Element, name: str) -> list[Element]:
    """Return the elements of a class of the sheet."""
    return [e for e in tree.iter() if name in e.get("class", "").split()]


def words(element: Element) -> str:
    """Return the text of an element, blanks made single."""
    return " ".join("".join(element.itertext()).split())


def rows(table: Element) -> Iterator[list[str]]:
    """Yield the rows of a table as texts, its heads first."""
    for row in table.iter("tr"):
        yield [words(cell) for cell in row if cell.tag in ("th", "td")]


def section(tree: Element, name: str) -> Element:
    """Return the section that a heading names."""
    (found,) = [e for e in having(tree, "aria-labelledby", name) if e.tag == "section"]
    return found


def read_table(name: str, folder: str = "facts") -> list[dict[str, str]]:
    """Read a shipped table, comments apart."""
    with (HOME / folder / name).open(encoding="utf-8", newline="") as lines:
        kept = (line for line in lines if not line.startswith("#"))
        return list(csv.DictReader(kept, delimiter="\t", quoting=csv.QUOTE_NONE))


def listed(cell: str) -> list[str]:
    """Split a cell that lists several things."""
    return [part.strip() for part in cell.split(";") if part.strip()]
