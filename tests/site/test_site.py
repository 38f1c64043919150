"""Prove that the documentation is whole: built anew the same, all links lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest
from site_links import links_of, pages_of

from queries.site import building
from queries.site.building import build_site
from queries.site.pages import MENU, Page, Press, SiteError
from queries.web.holdings import Holdings

WEB = re.compile(r"[a-z][a-z0-9+.-]*:|//")


def test_every_link_leads_to_something(built_site: Path) -> None:
    """Each link of each page leads to a file of the folder, and to an anchor that it has."""
    dead, followed = [], 0
    for page in pages_of(built_site):
        links = links_of(page)
        for way in [*links.followed, *links.fetched]:
            if WEB.match(way):
                continue
            followed += 1
            path, _, anchor = way.partition("#")
            target = (page.parent / unquote(path)).resolve() if path else page
            there = target.is_file() and target.is_relative_to(built_site.resolve())
            if there and anchor and target.suffix == ".html":
                there = unquote(anchor) in links_of(target).anchors
            if not there:
                dead.append((page.relative_to(built_site).as_posix(), way))
    assert not dead, Counter(way for _, way in dead).most_common(20)
    assert followed > 100


def test_an_anchor_stands_once_on_a_page(built_site: Path) -> None:
    """No page has one anchor twice, so that a link to it has one meaning."""
    for page in pages_of(built_site):
        twice = [a for a, n in Counter(links_of(page).anchors).items() if n > 1]
        assert not twice, (page.name, twice)


def test_nothing_is_fetched_from_afar(built_site: Path) -> None:
    """No style, script, picture or font comes from the web, in no page and in no sheet."""
    for page in pages_of(built_site):
        for way in links_of(page).fetched:
            assert not WEB.match(way), (page.name, way)
    for sheet in built_site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:|//)", text), sheet.name


def test_every_entry_of_the_menu_is_a_page(built_site: Path) -> None:
    """The menu leads to pages that are there, each with a title of its own."""
    for place, _ in MENU:
        assert (built_site / place).is_file(), place
    titles = [
        re.search(r"<title>(.*?)</title>", page.read_text(encoding="utf-8"))
        for page in pages_of(built_site)
    ]
    assert None not in titles


def test_two_builds_are_the_same(built_site: Path, tmp_path: Path) -> None:
    """A second build gives the same files, byte by byte, and none names the folder it is in."""
    again = tmp_path / "again"
    build_site(again)
    first, second = (
        {p.relative_to(d).as_posix(): p.read_bytes() for p in d.rglob("*") if p.is_file()}
        for d in (built_site, again)
    )
    assert first.keys() == second.keys()
    assert not [name for name, content in first.items() if content != second[name]]
    assert not [name for name, content in second.items() if str(tmp_path).encode() in content]


def test_a_folder_that_exists_is_refused(tmp_path: Path) -> None:
    """What is in a folder already is never touched."""
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(SiteError, match="exists"):
        build_site(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a page cannot be rendered no folder is left, not even a hidden one."""

    def broken(held: Holdings) -> list[Page]:
        return [Page("index.html", "Start", "no-such-template.html")]

    monkeypatch.setattr(building, "chapters", lambda: iter([broken]))
    with pytest.raises(Exception, match="no-such-template"):
        build_site(tmp_path / "new" / "docs")
    assert not list(tmp_path.iterdir())


def test_two_pages_never_share_a_place() -> None:
    """Of two pages at one place one would be lost, and so both are refused."""
    with pytest.raises(SiteError, match=r"2 pages would be a\.html"):
        Press([Page("a.html", "One", "prose.html"), Page("a.html", "Two", "prose.html")])
