"""Prove that every page is there, whole, safe and usable, and leads nowhere that is not."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from web_direct import Direct
from web_reader import Page

from queries.web.holdings import Holdings, address
from queries.web.routes import STATIC, page_routes

CASE = "/relapse?marrow_status=involved&immunophenotype=T&as_of=2024"
STARTS = (
    "/",
    "/relapse",
    CASE,
    f"{CASE}&change=months_from_diagnosis&to=20",
    f"{CASE}&view=print",
    "/questions",
    "/questions?q=dose",
    "/sparql-editor",
    "/browse",
    "/browse?q=late",
    "/schemes",
)
MISSING = (
    "/questions/study_result",
    "/schemes/bfm",
    "/browse/nothing",
    "/browse/paragraphs/P99",
    "/id/Table1Lat",
    "/id/",
)
ELSEWHERE = ("/api/", "/sparql")
LEAST = 2000
CONTRAST = 4.5


@pytest.fixture
def direct(held: Holdings) -> Iterator[Direct]:
    """Call the pages without a connection."""
    app = Starlette(routes=page_routes())
    app.state.holdings = held
    direct = Direct(app)
    yield direct
    direct.close()


def follows(link: str, target: str, formats: set[str]) -> bool:
    """Tell whether a crawl goes on from one page to another.

    Facts and readings combine without end, so it goes one step along them; and it takes the formats
    of a term once for each kind of term.
    """
    here, there = urlsplit(link), urlsplit(target)
    if there.path == "/relapse":
        return link in ("/", CASE)
    if there.path.startswith("/schemes"):
        return not there.query or not here.query
    if there.path.startswith("/id/") and there.query:
        kind = f"{there.path.rpartition('/')[0]} {there.query}"
        is_new = kind not in formats
        formats.add(kind)
        return is_new
    return True


def test_every_link_leads_to_a_page_and_every_fragment_to_its_place(
    direct: Direct, held: Holdings
) -> None:
    """From the first pages on, every address on this server answers and holds what is pointed at.

    Every term of the graph is reached, and no page breaks the rules of markup on the way.
    """
    seen: dict[str, Page | None] = {}
    wanted: list[tuple[str, str, str]] = []
    formats: set[str] = set()
    waiting = deque(STARTS)
    while waiting:
        link = waiting.popleft()
        if link in seen:
            continue
        response = direct.get(link)
        assert response.status == 200, (link, response.status)
        if response.media != "text/html" or (link.startswith("/relapse") and link not in STARTS):
            seen[link] = None
            continue
        seen[link] = page = Page(response.text)
        assert_well_formed(link, page)
        for target, fragment in page.links(link):
            if target.startswith(ELSEWHERE) and not target.startswith("/sparql-editor"):
                continue
            wanted.append((link, target, fragment))
            if target not in seen and follows(link, target, formats):
                waiting.append(target)
    for link, target, fragment in wanted:
        if fragment and (page_there := seen.get(target)) is not None:
            assert fragment in page_there.ids, (link, target, fragment)
    reached = {link for link in seen if link.startswith("/id/")}
    unreached = {address(iri) for iri in held.labels if address(iri).startswith("/id/")} - reached
    assert not unreached
    assert len(seen) > LEAST


def assert_well_formed(link: str, page: Page) -> None:
    """Find what a page of this house must have."""
    assert not page.stray, (link, page.stray)
    assert [n for n, count in page.ids.items() if count > 1] == [], link
    assert sum(tag == "h1" for tag, _ in page.elements) == 1, link
    assert [a.get("lang") for a in page.all("html")] == ["en"], link
    assert not page.unnamed_fields(), (link, page.unnamed_fields())
    for landmark in ("main", "header", "footer", "nav"):
        assert any(tag == landmark for tag, _ in page.elements), (link, landmark)
    assert next(page.all("a"))["href"] == "#main", link
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels[levels.index(1) :])), (link, levels)
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), (link, tag)
        assert "style" not in attributes and tag != "style", (link, tag)
        if tag in ("script", "img", "link") and attributes.get("rel") != "canonical":
            source = attributes.get("src") or attributes.get("href", "")
            assert source.startswith("/"), (link, tag, source)
    assert all("script" not in within for within, _ in page.texts), link


@pytest.mark.parametrize("link", [*STARTS, *MISSING, "/id/S2?format=ttl", "/static/style.css"])
def test_no_page_may_run_or_load_what_is_foreign(client: TestClient, link: str) -> None:
    """Every answer forbids scripts and requests to elsewhere, framing, sniffing and referrers."""
    headers = client.get(link).headers
    if link.startswith("/static"):
        return
    policy = dict(p.strip().split(" ", 1) for p in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("link", MISSING)
def test_what_is_not_there_is_said_with_what_is_near(client: TestClient, link: str) -> None:
    """An unknown name is 404, says which name, and links to pages that there are."""
    response = client.get(link)
    assert response.status_code == 404
    page = Page(response.text)
    assert_well_formed(link, page)
    always = {target for target, _ in Page(client.get("/sparql-editor").text).links(link)}
    near = {target for target, _ in page.links(link)} - always - {link}
    assert near
    assert {client.get(target).status_code for target in near} == {200}


@pytest.mark.parametrize(
    "link",
    [
        "/relapse?marrow_status={}",
        "/relapse?mrd={}&as_of={}",
        "/relapse?change=mrd&to={}",
        "/relapse?with={}",
        "/questions?q={}",
        "/questions/study_results?study={}",
        "/questions/figures_by_endpoint?metric={}",
        "/questions/{}",
        "/sparql-editor?question={}",
        "/browse?q={}",
        "/browse/{}",
        "/id/{}",
        "/schemes/{}",
        "/schemes/uk-r3?without={}",
    ],
)
def test_text_of_the_address_is_shown_as_text(client: TestClient, link: str) -> None:
    """Markup in any part of an address comes out as text, never as an element or an attribute."""
    evil = "%22%27%3E%3Cscript%20src=x%20onerror=y%3E%7B%7B7*7%7D%7D"
    response = client.get(link.replace("{}", evil))
    assert response.status_code in (200, 400, 404)
    page = Page(response.text)
    assert_well_formed(link, page)
    assert "{{7*7}}" not in response.text or "49" not in page.text.split("script", 1)[-1][:40]
    assert all(a.get("src", "/").startswith("/static/") for a in page.all("script"))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_stands_out_from_its_ground(mode: str) -> None:
    """Each colour of text has a contrast of 4.5 to 1 with each ground that it stands on."""
    style = (STATIC / "style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", style, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", light + (dark * (mode == "dark"))))
    grounds = ("ground", "surface", "raised")
    pairs = [(text, ground) for text in ("text", "quiet", "link") for ground in grounds]
    pairs += [("text", f"tint-{n}") for n in range(1, 5)] + [("on-accent", "accent")]
    pairs += [(name, f"{name}-soft") for name in ("yes", "no", "open", "other")]
    pairs += [(name, "surface") for name in ("yes", "no", "open", "other")]
    low = {p: c for p in pairs if (c := contrast(*(colours[name] for name in p))) < CONTRAST}
    assert not low


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    bright, dim = sorted(map(luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_nothing_that_is_shipped_asks_for_what_is_elsewhere() -> None:
    """No sheet and no script names an address of another host, but for the ontology's own IRIs."""
    for path in Path(STATIC).rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"w3id.org", "www.w3.org"}
        assert not hosts and "@import" not in text, path.name
