"""Pages that are written: Markdown below pages/, its links followed and its code run.

A page's title is its first heading. A link to another ``.md`` file leads to that page; one to
``rallo:NAME``, ``scheme:NAME`` or ``question:NAME`` leads to where the site tells of that term.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from ontology.files import BASE
from queries.site.bench import Bench
from queries.site.blocks import read_block
from queries.site.pages import HOME, Page, SiteError
from queries.web.holdings import Holdings

PAGES = HOME / "pages"
PICTURES = HOME / "pictures"
START = "index.html"
# What a link's own scheme means.
BRANCHES = {"rallo": BASE, "scheme": f"{BASE}scheme/", "question": f"{BASE}question/"}
LISTED = "h2"

To = Callable[[str], str]


@dataclass(frozen=True)
class Section:
    """A heading of a page, and the anchor at which it stands."""

    anchor: str
    title: str


def chapter(held: Holdings, folder: Path = PAGES) -> Iterator[Page]:
    """Yield a page for every Markdown file, its code run.

    Raises:
        SiteError: a page has no title, or its code does not run; file and line are named.
    """
    for source in sorted(folder.rglob("*.md")):
        yield _page(source, folder, held)


def _page(source: Path, folder: Path, held: Holdings) -> Page:
    place, text = source.relative_to(folder).as_posix(), source.read_text(encoding="utf-8")
    markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=Printer).enable("table")
    tokens = markdown.parse(text)
    if not tokens or tokens[0].tag != "h1":
        raise SiteError(f"{place}:1: a page starts with its title, # …")
    title, tokens = tokens[1].content, tokens[3:]
    with Bench() as bench:
        for token in tokens:
            line = token.map[0] + 1 if token.map else 0
            for child in token.children or ():
                # Resolved when the page is rendered: only then is known where terms stand.
                child.meta["at"] = f"{place}:{line}"
            if token.type == "fence":
                try:
                    token.meta["block"] = read_block(token.info, token.content, bench, held)
                except SiteError as error:
                    raise SiteError(f"{place}:{line}: {error}") from error
    path = place.removesuffix(".md") + ".html"
    template = "start.html" if path == START else "prose.html"
    body = Body(path, markdown, tokens, _anchored(tokens))
    return Page(path, title, template, {"body": body})


def _anchored(tokens: Sequence[Token]) -> list[Section]:
    """Give every heading an anchor made of its words; return those that a page lists."""
    sections, taken = [], set[str]()
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        title = "".join(c.content for c in inline.children or ())
        anchor = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        if anchor in taken:
            raise SiteError(f"two headings {title!r} on one page")
        taken.add(anchor)
        token.attrSet("id", anchor)
        if token.tag == LISTED:
            sections.append(Section(anchor, title))
    return sections


@dataclass(frozen=True)
class Body:
    """What a page says, ready to be printed with links that suit its place."""

    path: str
    markdown: MarkdownIt
    tokens: Sequence[Token]
    sections: Sequence[Section]

    def html(self, to: To, term: To, blocks: Any) -> str:
        """Print it; ``blocks`` holds the templates of code, pictures and tables.

        Raises:
            SiteError: a link leads to a term that has no place, or to a picture that is not there.
        """
        kept = {"to": to, "term": term, "blocks": blocks, "folder": dirname(self.path)}
        return str(self.markdown.renderer.render(self.tokens, self.markdown.options, kept))


class Printer(RendererHTML):
    """Prints what Markdown alone cannot: links, code, pictures, tables that scroll."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Print a block of code and what it gave."""
        return str(env["blocks"].block(tokens[idx].meta["block"]))

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Print the start of a link."""
        token = tokens[idx]
        way = _way(str(token.attrs["href"]), env)
        if not way:
            raise SiteError(f"{token.meta['at']}: nothing tells of {token.attrs['href']}")
        return str(env["blocks"].link(way))

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Print a picture in the size it has."""
        token = tokens[idx]
        name = str(token.attrs["src"]).rpartition("/")[2]
        if not (PICTURES / name).is_file():
            raise SiteError(f"{token.meta['at']}: there is no picture {name}")
        width, height = picture_size(PICTURES / name)
        alt = self.renderInlineAsText(token.children, options, env)
        says = token.attrs.get("title", "")
        way = env["to"](f"pictures/{name}")
        return str(env["blocks"].picture(way, alt, says, width, height))

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Print the start of a table."""
        return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Print the end of a table."""
        return "</table></div>\n"


def _way(href: str, env: EnvType) -> str:
    """Return the way to what a link names; empty where nothing tells of it."""
    branch, colon, name = href.partition(":")
    if colon and branch in BRANCHES:
        return str(env["term"](BRANCHES[branch] + name))
    if (colon and re.fullmatch("[a-z]+", branch)) or href.startswith("#"):
        return href
    path, mark, anchor = href.partition("#")
    place = re.sub(r"\.md$", ".html", normpath(join(env["folder"], path)))
    return str(env["to"](place + mark + anchor))


def picture_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG, from its head."""
    with path.open("rb") as file:
        file.seek(16)
        width, height = struct.unpack(">2I", file.read(8))
    return width, height
