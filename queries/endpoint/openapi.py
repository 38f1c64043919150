"""The description of all routes in OpenAPI 3.1, made from the catalogue."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ontology.files import RELEASE
from queries.catalogue import Parameter, Question, load_catalogue
from queries.endpoint.formats import GRAPHS, ROWS
from queries.endpoint.protocol import DIRECT, FORM, JSON
from queries.endpoint.questions import FORMAT, REASON, allowed_values
from queries.endpoint.recommendation import AS_OF, WITH, WITHOUT
from queries.endpoint.replies import PROBLEM
from queries.endpoint.service import Service, service_of

TEXT: dict[str, Any] = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
PLAIN = ["string", "number", "boolean", "null"]
REFUSALS = {
    400: "The request is not valid; the detail says why.",
    404: "There is no such thing.",
    406: "None of the accepted formats is offered.",
    413: "The request or the answer is over its limit.",
    415: "The body is of another media type.",
    503: "There is more to do than the limits allow; see Retry-After.",
    504: "The query took longer than allowed.",
}
ROW_MEDIA = [format.media for format in ROWS.values()]
GRAPH_MEDIA = [format.media for format in GRAPHS.values()]


async def show_openapi(request: Request) -> Response:
    """Answer with the description."""
    return JSONResponse(describe(service_of(request)))


def describe(service: Service) -> dict[str, Any]:
    """Describe all routes."""
    paths: dict[str, Any] = {
        "/sparql": _sparql(),
        "/api/questions": {"get": _simple("listQuestions", "All questions.", [JSON])},
        "/api/recommend": {"post": _recommend(service)},
        "/api/openapi.json": {"get": _simple("describeRoutes", "This description.", [JSON])},
        "/void": {"get": _simple("describeDataset", "The dataset, counted.", GRAPH_MEDIA)},
        "/health": {"get": _simple("showHealth", "Workers, queue and dataset.", [JSON])},
    }
    for question in load_catalogue().values():
        paths[f"/api/questions/{question.name}"] = {"get": _asked(service, question)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "RALLO",
            "version": RELEASE,
            "summary": "Questions to the knowledge graph of relapsed childhood ALL",
            "license": {"name": "Apache-2.0 and CC-BY-4.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "properties": {"status": {"type": "integer"}, "detail": TEXT},
                    "required": ["status", "detail"],
                },
                "Rows": _rows(),
            },
            "responses": {str(status): _refused(text) for status, text in REFUSALS.items()},
        },
    }


def _rows() -> dict[str, Any]:
    """Describe SPARQL results in JSON, with the member added where there are none."""
    bindings = {"type": "array", "items": {"type": "object"}}
    return {
        "type": "object",
        "properties": {
            "head": {"type": "object", "properties": {"vars": TEXTS}},
            "results": {"type": "object", "properties": {"bindings": bindings}},
            "boolean": {"type": "boolean"},
            "reason": {**TEXT, "description": "Why a question has no rows."},
        },
        "required": ["head"],
    }


def _refused(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {PROBLEM: {"schema": schema}}}


def _responses(content: dict[str, Any], *refusals: int) -> dict[str, Any]:
    found: dict[str, Any] = {"200": {"description": "The answer.", "content": content}}
    for status in (*refusals, 503):
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return found


def _content(*media: str) -> dict[str, Any]:
    rows = {"schema": {"$ref": "#/components/schemas/Rows"}}
    return {name: rows if name == ROWS["json"].media else {} for name in media}


def _simple(name: str, summary: str, media: list[str]) -> dict[str, Any]:
    return {"operationId": name, "summary": summary, "responses": _responses(_content(*media))}


def _query(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _asked(service: Service, question: Question) -> dict[str, Any]:
    responses = _responses(_content(*ROW_MEDIA), 400, 406, 413, 504)
    reason = {"description": "Why there are no rows.", "schema": TEXT}
    responses["200"]["headers"] = {REASON: reason, "ETag": {"schema": TEXT}}
    responses["304"] = {"description": "The answer that the client has still holds."}
    formats = {**TEXT, "enum": list(ROWS)}
    return {
        "operationId": question.name,
        "summary": question.title,
        "description": question.question,
        "tags": [question.theme, *question.keywords],
        "parameters": [
            *(_parameter(service, parameter) for parameter in question.parameters),
            _query(FORMAT, "The format, instead of the Accept header.", formats),
        ],
        "responses": responses,
    }


def _parameter(service: Service, parameter: Parameter) -> dict[str, Any]:
    schema = {**TEXT, "default": parameter.default}
    if values := allowed_values(service, parameter):
        schema["enum"] = values
    return _query(parameter.name, f"{parameter.sentence}; {parameter.allowed}", schema)


def _sparql() -> dict[str, Any]:
    graphs = [
        _query("default-graph-uri", "Graphs merged into the default graph.", TEXTS),
        _query("named-graph-uri", "Graphs that GRAPH may name.", TEXTS),
    ]
    responses = _responses(_content(*ROW_MEDIA, *GRAPH_MEDIA), 400, 406, 413, 415, 504)
    names = ("query", "default-graph-uri", "named-graph-uri")
    form = {
        "type": "object",
        "properties": {n: TEXT if n == "query" else TEXTS for n in names},
        "required": ["query"],
    }
    return {
        "get": {
            "operationId": "query",
            "summary": "SPARQL 1.1 Protocol; without a query, the description of the service.",
            "parameters": [_query("query", "A query.", TEXT), *graphs],
            "responses": responses,
        },
        "post": {
            "operationId": "queryByPost",
            "summary": "SPARQL 1.1 Protocol.",
            "parameters": graphs,
            "requestBody": {
                "required": True,
                "content": {DIRECT: {"schema": TEXT}, FORM: {"schema": form}},
            },
            "responses": responses,
        },
    }


def _recommend(service: Service) -> dict[str, Any]:
    intake = service.knowledge((), ()).intake
    columns = {
        name: {
            "type": [*PLAIN, "array"],
            "items": {"type": PLAIN},
            "description": intake.allowed(name),
        }
        for name in intake.columns
    }
    relapse = {"type": "object", "properties": columns, "additionalProperties": True}
    return {
        "operationId": "recommend",
        "summary": "Classes, advice and evidence for one described relapse; nothing is kept.",
        "parameters": [
            _query(WITH, "Readings to switch on.", TEXTS),
            _query(WITHOUT, "Readings to switch off.", TEXTS),
            _query(AS_OF, "Add later evidence published up to a year, month or day.", TEXT),
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": relapse}}},
        "responses": _responses(_content(JSON), 400, 413, 415),
    }
