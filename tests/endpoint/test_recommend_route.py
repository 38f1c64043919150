"""A described relapse is answered over HTTP, and nothing of it stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from endpoint_server import FORM, Answer, Server

from queries.knowledge import Knowledge

RELAPSE = {
    "patient_id": "Zebulon-4711",
    "marrow_status": "involved",
    "cns_status": "CNS1",
    "testis": "none",
    "other_extramedullary": "none",
    "immunophenotype": "T",
    "months_from_diagnosis": "16",
}
JSON = {"Content-Type": "application/json"}


def recommend(server: Server, body: Any, settings: str = "") -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.request("POST", "/api/recommend" + settings, text, JSON)


def test_the_answer_is_that_of_every_face(server: Server) -> None:
    """The JSON is that of the API, with and without readings, and with later evidence."""
    found = recommend(server, RELAPSE)
    assert found.status == 200 and found.headers["cache-control"] == "no-store"
    assert found.json == json.loads(json.dumps(Knowledge().recommend(RELAPSE)))
    name = next(iter(Knowledge().table.data["default_readings"]))
    found = recommend(server, RELAPSE, f"?without={name}&as_of=2024-06-30")
    wanted = Knowledge(without=(name,)).recommend(RELAPSE, as_of="2024-06-30")
    assert found.json == json.loads(json.dumps(wanted))


def test_values_are_those_of_json(server: Server) -> None:
    """Numbers, truth values, lists and null mean what their texts mean; no digit is lost."""
    told = RELAPSE | {"months_from_diagnosis": 16, "on_treatment": True, "genetics": ["KMT2A-r"]}
    texts = RELAPSE | {"on_treatment": "yes", "genetics": "KMT2A-r"}
    assert recommend(server, told | {"remission": None}).json == recommend(server, texts).json
    body = json.dumps(RELAPSE).encode().replace(b'"16"', b"17.99999999999999999")
    found = recommend(server, body).json
    assert found["relapse"]["months_from_diagnosis"] == "17.99999999999999999"


def test_nothing_known_is_an_answer(server: Server) -> None:
    """An empty object is a relapse of which nothing is known; its answer is not empty."""
    found = recommend(server, {})
    assert found.status == 200 and found.json["advice"] and found.json["classification"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"Zebulon"', 400),
        (b"[" * 60_000, 400),
        (b'{"testis": {"Zebulon": 1}}', 400),
        (b'{"testis": "none", "testis": "Zebulon"}', 400),
        (b'{"Zebulon": "Zebulon"}', 400),
        (b'{"testis": "\\ud800"}', 400),
        (b'{"testis": "\xff"}', 400),
        (b'{"testis": "' + b"Zebulon" * 20_000 + b'"}', 413),
    ],
)
def test_what_is_no_relapse_is_refused(server: Server, body: bytes, status: int) -> None:
    """What cannot be read is refused, and nothing of it is repeated."""
    found = recommend(server, body)
    assert found.status == status, found.text
    assert "Zebulon" not in found.text


def test_settings_are_checked(server: Server) -> None:
    """Unknown readings, dates and settings are refused; a form or a GET is no relapse."""
    for settings in ("?without=nothing", "?with=nothing", "?as_of=soon", "?readings=1"):
        assert recommend(server, RELAPSE, settings).status == 400
    assert recommend(server, RELAPSE, "?as_of=2024-01-01&as_of=2025-01-01").status == 400
    assert server.request("POST", "/api/recommend", "a=1", {"Content-Type": FORM}).status == 415
    assert server.get("/api/recommend").status == 405


def test_nothing_of_a_client_is_logged() -> None:
    """The log is JSON with method, path, status, time and size, whatever a client sends where."""
    server = Server(workers=2, seconds=1)
    secret = "Zebulon"
    headers = JSON | {"X-Name": secret, "Referer": secret, "User-Agent": secret}
    try:
        server.request("POST", "/api/recommend", json.dumps(RELAPSE), headers)
        server.request("POST", "/api/recommend", secret, headers)
        server.request("POST", f"/api/recommend?as_of={secret}", json.dumps(RELAPSE), headers)
        server.query(f'SELECT * {{ ?s ?p "{secret}" }}')
        server.query(f"SELECT {secret}")
        server.query(f"ASK {{ SERVICE <x:{secret}> {{}} }}")
        server.get("/sparql", query=f"ASK {{ ?{secret} ?p ?o }}")
        server.get(f"/api/questions/{secret}")
        server.get("/api/questions/study_results", study=secret)
        server.get(f"/{secret}")
        server.request(secret.upper(), "/health")
        failed = server.get("/fails", name=secret)
        assert failed.status == 500 and secret not in failed.text
    finally:
        server.close()
    assert not any(secret.casefold() in line.casefold() for line in server.lines)
    lines = [json.loads(line) for line in server.lines]
    events = [line["event"] for line in lines if "event" in line]
    assert events == ["serving", "Invalid HTTP request received."]  # no method bears that name
    told = [line for line in lines if "event" not in line]
    assert len(told) == 11
    members = {"time", "method", "path", "status", "milliseconds", "bytes"}
    assert all(line.keys() - {"failure"} == members for line in told)
    assert told[0]["path"] == "/api/recommend" and told[0]["bytes"] > 1000
    assert told[-1]["status"] == 500 and told[-1]["failure"].startswith("ValueError at fail:")
