"""The endpoint says what it is, what it holds, and how it feels."""

from __future__ import annotations

import re
from typing import Any

from endpoint_server import Server
from rdflib import RDF, VOID, Graph, Literal, Namespace, URIRef

from ontology.files import BASE
from queries.catalogue import load_catalogue
from queries.dataset import DATASET_FILE, FACTS, INFERRED, open_dataset
from queries.endpoint.formats import GRAPHS, ROWS

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def graph(server: Server, path: str, accept: str = "text/turtle") -> Graph:
    found = server.get(path, accept)
    assert found.status == 200 and found.media == accept
    return Graph().parse(data=found.body, format="turtle")


def test_the_service_describes_itself(server: Server) -> None:
    """Without a query the endpoint tells its language, formats, and graphs with their sizes."""
    told = graph(server, "/sparql")
    (service,) = told.subjects(RDF.type, SD.Service)
    assert told.value(service, SD.endpoint) == URIRef(server.url + "sparql")
    assert set(told.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert len(set(told.objects(service, SD.resultFormat))) == len(ROWS) + len(GRAPHS)
    named = set(told.objects(None, SD.name))
    assert named == {URIRef(g.value) for g in open_dataset().named_graphs() if hasattr(g, "value")}
    dataset = told.value(service, SD.defaultDataset)
    default = told.value(told.value(dataset, SD.defaultGraph), VOID.triples)
    found = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json
    assert str(default) == found["results"]["bindings"][0]["n"]["value"]


def test_the_description_comes_in_every_format(server: Server) -> None:
    """The description is negotiated as answers are; 406 says what there is."""
    for path in ("/sparql", "/void"):
        for format in GRAPHS.values():
            assert server.get(path, format.media).media == format.media
        assert server.get(path, "image/png").status == 406


def test_a_browser_is_led_to_the_editor(server: Server) -> None:
    """A browser that asks nothing gets a page, where pages are installed."""
    found = server.get("/sparql", BROWSER)
    assert (found.status, found.headers["location"]) == (303, "/sparql-editor")


def test_where_nothing_stands_a_browser_gets_a_page(server: Server) -> None:
    """A browser gets a page that leads on, a program a problem document; both with status 404."""
    page, problem = server.get("/nowhere", BROWSER), server.get("/nowhere", "application/json")
    assert (page.status, page.media) == (404, "text/html")
    assert b'href="/browse"' in page.body and b"Nothing stands" in page.body
    assert (problem.status, problem.media) == (404, "application/problem+json")


def test_the_dataset_is_described(server: Server) -> None:
    """VoID counts triples, classes and properties, and names the endpoint, at both addresses."""
    told = graph(server, "/.well-known/void")
    dataset = URIRef(BASE + "dataset")
    assert (dataset, RDF.type, VOID.Dataset) in told
    assert told.value(dataset, VOID.sparqlEndpoint) == URIRef(server.url + "sparql")
    for part in (VOID.classPartition, VOID.propertyPartition, VOID.subset):
        assert len(set(told.objects(dataset, part))) > 10
    facts = told.value(URIRef(FACTS), VOID.triples)
    asked = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{FACTS}> {{ ?s ?p ?o }} }}"
    assert str(facts) == server.query(asked).json["results"]["bindings"][0]["n"]["value"]
    assert len(graph(server, "/void")) == len(told)


def test_a_strange_host_is_not_repeated(server: Server) -> None:
    """What stands in a Host header and is no host is no part of a description."""
    found = server.request("GET", "/sparql", headers={"Host": "a<b>"})
    assert "a<b>" not in found.text


def test_health(server: Server) -> None:
    """Health counts workers and queue, and tells apart datasets."""
    server.until_whole()
    told = server.health()
    assert told["status"] == "ok"
    assert told["workers"] == {"wanted": 2, "ready": 2, "busy": 0}
    assert told["queue"] == {"waiting": 0, "limit": 16}
    assert re.fullmatch("[0-9a-f]{64}", told["dataset"])


def test_what_is_inferred_is_a_choice_of_the_server(server: Server) -> None:
    """With what is inferred the default graph holds more; the named graphs stay the same."""
    with_inferred = Server(inferred=True, workers=2)
    try:
        counts = (
            "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
            (f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{INFERRED}> {{ ?s ?p ?o }} }}"),
        )
        (less, part), (more, same) = (
            [int(s.query(c).json["results"]["bindings"][0]["n"]["value"]) for c in counts]
            for s in (server, with_inferred)
        )
        assert less < more <= less + part and part == same
        assert with_inferred.health()["inferred"] is True
        told = graph(with_inferred, "/sparql")
        assert (None, VOID.triples, Literal(more)) in told
    finally:
        with_inferred.close()


def references(node: Any) -> list[str]:
    """Gather all references below a node of a description."""
    if isinstance(node, dict):
        found = [node["$ref"]] if "$ref" in node else []
        return found + [r for value in node.values() for r in references(value)]
    return [r for value in node for r in references(value)] if isinstance(node, list) else []


def test_openapi_describes_every_question(server: Server) -> None:
    """Each question has a path of its own, with its parameters and the values they take."""
    told = server.get("/api/openapi.json").json
    assert told["openapi"].startswith("3.1")
    for question in load_catalogue().values():
        route = told["paths"][f"/api/questions/{question.name}"]["get"]
        assert route["description"] == question.question
        parameters = {p["name"]: p for p in route["parameters"]}
        assert set(parameters) == {p.name for p in question.parameters} | {"format"}
        for parameter in question.parameters:
            schema = parameters[parameter.name]["schema"]
            assert schema["default"] == parameter.default
            assert parameter.default in schema.get("enum", [parameter.default])
    assert len({r["operationId"] for p in told["paths"].values() for r in p.values()}) == sum(
        len(p) for p in told["paths"].values()
    )


def test_no_module_is_offered_as_a_value(server: Server) -> None:
    """A parameter takes schemes and pieces of advice, not the modules named beside them."""
    paths = server.get("/api/openapi.json").json["paths"]
    offered = [
        value
        for methods in paths.values()
        for parameter in methods.get("get", {}).get("parameters", ())
        for value in parameter["schema"].get("enum", ())
    ]
    assert "bfm-table-1-groups" in offered
    assert {"module", "local-therapy", "transplantation"} & set(offered) == set()


def test_openapi_is_whole(server: Server) -> None:
    """Every reference leads somewhere, every path that needs nothing answers as described."""
    told = server.get("/api/openapi.json").json
    for reference in references(told):
        node = told
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    for path, methods in told["paths"].items():
        if "get" in methods:
            described = methods["get"]["responses"]["200"]["content"]
            for media in described:
                found = server.get(
                    path, media, **({"query": "ASK {}"} if path == "/sparql" else {})
                )
                if path == "/sparql" and media in {format.media for format in GRAPHS.values()}:
                    assert found.status == 406  # ASK has no graph
                else:
                    assert (found.status, found.media) == (200, media), path


def test_the_dataset_served_is_the_one_it_started_with(server: Server) -> None:
    """A copy is served, so a rebuild changes nothing under a running endpoint."""
    (copy,) = server.folder.glob(f"rallo-*/{DATASET_FILE.name}")
    assert copy.read_bytes() == DATASET_FILE.read_bytes()
