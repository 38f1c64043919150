"""Browsing: the lists, the paragraphs of the article, and a page for every term."""

from __future__ import annotations

from pyoxigraph import NamedNode, RdfFormat
from starlette.requests import Request
from starlette.responses import Response

from ontology.files import BASE
from queries.endpoint.description import write_graph
from queries.endpoint.formats import GRAPHS, HTML, Choice, Format, choose, content_type
from queries.prefixes import DECLARED
from queries.web.expressions import Part
from queries.web.holdings import Holdings, address, holdings
from queries.web.listings import KINDS, LISTS, list_members, list_paragraph
from queries.web.rendering import HEADERS, notice, page
from queries.web.terms import describe, near, triples

FOUND = 100
SHORT_NAMES = {"ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples", "rdf": "RDF/XML"}
PAGE = "html"
# A page comes first among equals; a template writes it, so its writer is never used.
OFFERS = {PAGE: Format(HTML, (), RdfFormat.RDF_XML), **GRAPHS}


def start(request: Request) -> Response:
    """Show what there is, and find terms by a word of their label."""
    held = holdings(request)
    wanted = request.query_params.get("q", "").strip()[:FOUND]
    found: list[tuple[str, str, str]] = []
    if wanted:
        words = wanted.casefold().split()
        found = [
            (address(iri), label, iri.removeprefix(BASE))
            for iri, label in held.labels.items()
            if iri.startswith(BASE) and all(w in f"{label} {iri}".casefold() for w in words)
        ]
        found.sort(key=lambda f: (len(f[1]), f[1]))
    kinds = [
        (row["kind"].removeprefix(BASE), held.label(row["kind"]), row["n"])
        for row in held.rows(DECLARED + KINDS)
        if row["kind"].startswith(BASE)
    ]
    schemes = [(s["name"], s["label"]) for s in held.knowledge().table.schemes]
    lists = [(name, make(held)) for name, make in LISTS.items()]
    return page(
        request, "browse.html", kinds=kinds, schemes=schemes, wanted=wanted,
        found=found[:FOUND], total=len(found),
        lists=[(n, m.title, m.lead, sum(len(g.rows) for g in m.groups)) for n, m in lists],
    )  # fmt: skip


def listing(request: Request) -> Response:
    """Show one list."""
    held, name = holdings(request), request.path_params["name"]
    made = LISTS[name](held) if name in LISTS else list_members(held, name)
    if made is None:
        lists = [(f"/browse/{n}", n) for n in LISTS]
        reason = f"Nothing is listed under {name!r}."
        return notice(request, 404, "No such list", reason, lists + near(held, name))
    return page(request, "listing.html", listing=made)


def paragraph(request: Request) -> Response:
    """Show what rests on one paragraph of the article."""
    held, name = holdings(request), request.path_params["name"]
    made = list_paragraph(held, name)
    if made is None:
        reason = f"Nothing in the graph rests on a paragraph {name!r} of the article."
        return notice(request, 404, "No such paragraph", reason, [("/browse/statements", "all")])
    return page(request, "listing.html", listing=made)


def term(request: Request) -> Response:
    """Show one term, in the format that the client prefers."""
    held, path = holdings(request), request.path_params["path"]
    # This release alone is here: a version of a module is shown as the module.
    iri = held.versions.get(BASE + path, BASE + path)
    wanted = request.query_params.get("format", "")
    accept = request.headers.get("accept")
    chosen = Choice(wanted, "") if wanted else choose(accept, OFFERS)
    if chosen is None or chosen.name not in OFFERS:
        reason = f"A term is written as a page or in {', '.join(SHORT_NAMES.values())}."
        return notice(request, 400 if wanted else 406, "No such format", reason)
    about = describe(held, iri) if _is_iri(iri) else None
    if about is None:
        reason = f"The graph says nothing of {iri}."
        lists = [(f"/browse/{name}", name) for name in LISTS]
        return notice(request, 404, "No such term", reason, near(held, path) or lists)
    if chosen.name != PAGE:
        inferred = request.query_params.get("inferred") == "true"
        body = write_graph(triples(held, iri, inferred=inferred), chosen.name)
        kind = content_type(chosen.media or GRAPHS[chosen.name].media)
        headers = {**HEADERS, "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
        return Response(body, headers={**headers, "Content-Type": kind})
    local = iri.removeprefix(BASE)
    return page(
        request, "term.html", about=about, local=local, formats=SHORT_NAMES,
        criterion=_criterion(held, local),
        question=local.removeprefix("question/") if local.startswith("question/") else "",
        scheme=_scheme(held, local), members=_members(held, local),
    )  # fmt: skip


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return not set(text) & set('<>"{}|^`\\ ')


def _scheme(held: Holdings, local: str) -> str:
    name = local.removeprefix("scheme/")
    return name if any(s["name"] == name for s in held.knowledge().table.schemes) else ""


def _members(held: Holdings, local: str) -> str:
    return local if local.isalnum() and list_members(held, local) is not None else ""


def _criterion(held: Holdings, name: str) -> list[tuple[Part, str, str]]:
    """Return what a class takes, and what each class within it takes: name, words, reading.

    The class itself comes first, and what it rests on follows down to the last bound.
    """
    knowledge = held.knowledge()
    if name not in knowledge.table.classes:
        return []
    order = [name]
    for part in order:
        inner = dict.fromkeys(p for p in knowledge.view.parts(part) if p in knowledge.table.terms)
        order += [p for p in inner if p not in order]
    found = []
    for part in order:
        entry = knowledge.table.classes[part]
        words = entry.get("criterion", "")
        if "clauses" in entry:
            labels = [held.label(BASE + c) for c in knowledge.view.clauses(part)]
            words = "any of: " + "; ".join(labels) if labels else "nothing under these readings"
        reading = knowledge.table.terms[part]["reading"] or ""
        found.append((Part(held.label(BASE + part), address(BASE + part)), words, reading))
    return found
