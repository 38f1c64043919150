"""Every question of the catalogue is a route, with the same rows as everywhere."""

from __future__ import annotations

import csv
import io

import pytest
from endpoint_server import Server

from queries.answers import written
from queries.catalogue import load_catalogue
from queries.dataset import open_dataset
from queries.endpoint.formats import ROWS
from queries.engines import Embedded

PATH = "/api/questions/"


def test_the_list_has_every_question(server: Server) -> None:
    """The list holds each question with its sentence, parameters and the values they take."""
    listed = {q["name"]: q for q in server.get("/api/questions").json["questions"]}
    assert listed.keys() == load_catalogue().keys()
    for question in load_catalogue().values():
        told = listed[question.name]
        assert told["question"] == question.question and told["path"] == PATH + question.name
        for parameter, entry in zip(question.parameters, told["parameters"], strict=True):
            assert entry["allowed"] == parameter.allowed
            if parameter.choices or parameter.branch:
                assert parameter.default in entry["values"]


def test_every_question_answers_with_its_rows(server: Server) -> None:
    """Each question, under its defaults, gives the CSV of the embedded engine, or a reason."""
    local = Embedded(open_dataset())
    for question in load_catalogue().values():
        assert all(parameter.name != "format" for parameter in question.parameters)
        found = server.get(PATH + question.name, "text/csv")
        wanted = written(local, question, {}, "csv")
        here, there = (list(csv.reader(io.StringIO(b.decode()))) for b in (wanted, found.body))
        assert there[0] == here[0] and sorted(there) == sorted(here), question.name
        assert ("rallo-reason" in found.headers) == (len(here) == 1)


def test_every_value_that_is_listed_is_allowed(server: Server) -> None:
    """No value of the list is refused; each gives rows, or the reason for none."""
    listed = server.get("/api/questions").json["questions"]
    for question in listed:
        for parameter in question["parameters"]:
            for value in (parameter["values"] or [])[:3]:
                found = server.get(question["path"], **{parameter["name"]: value})
                assert found.status == 200, found.text
                assert found.json["results"]["bindings"] or found.json["reason"]


@pytest.mark.parametrize("name", ROWS)
def test_formats_by_header_and_by_address(server: Server, name: str) -> None:
    """A format is asked for by its media type or by its short name, with the same answer."""
    by_header = server.get(PATH + "study_results", ROWS[name].media, study="all-r3")
    by_name = server.get(PATH + "study_results", study="all-r3", format=name)
    assert by_header.status == by_name.status == 200
    assert by_header.media == by_name.media == ROWS[name].media
    assert by_header.body == by_name.body
    assert by_header.headers["etag"] == by_name.headers["etag"]


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("study_results?study=nowhere", 400, "not in the graph"),
        ("study_results?study=all-r", 400, "all-r3"),
        ("study_results?study=x%3E%20%7D%20DROP", 400, "allowed"),
        ("study_results?arm=x", 400, "allowed: study"),
        ("study_results?study=all-r3&study=all-r3", 400, "once"),
        ("study_results?study=%FF", 400, "UTF-8"),
        ("study_results?format=html", 400, "csv"),
        ("study_result", 404, "study_results"),
        ("..%2F..%2Fetc%2Fhostname", 404, ""),
    ],
)
def test_what_is_wrong_is_said(server: Server, query: str, status: int, detail: str) -> None:
    """Unknown questions, parameters and values are refused with what is allowed or near."""
    found = server.request("GET", PATH + query)
    assert found.status == status and detail in found.json["detail"]


def test_an_unacceptable_format_is_refused(server: Server) -> None:
    """406 names the formats of rows."""
    found = server.get(PATH + "study_results", "text/turtle")
    assert found.status == 406 and "text/csv" in found.json["detail"]


def test_no_empty_answer_is_silent(server: Server) -> None:
    """Each format of an answer without rows carries the reason, JSON as a member of its own."""
    name, values = next(
        (question["name"], {parameter["name"]: value})
        for question in server.get("/api/questions").json["questions"]
        for parameter in question["parameters"]
        for value in parameter["values"] or ()
        if server.get(question["path"], "text/csv", **{parameter["name"]: value}).text.count("\n")
        == 1
    )
    for format in ROWS:
        found = server.get(PATH + name, format=format, **values)
        (told,) = values.items()
        assert "=".join(told) in found.headers["rallo-reason"]
        if format == "json":
            assert found.json["reason"] == found.headers["rallo-reason"]
            assert found.json["results"]["bindings"] == [] and found.json["head"]["vars"]


def test_an_unchanged_answer_is_not_sent_again(server: Server) -> None:
    """A client that has the answer gets 304; another question, value or format has another tag."""
    path = PATH + "study_results?study=all-r3"
    first = server.request("GET", path)
    tag = first.headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        again = server.request("GET", path, headers={"If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert server.request("GET", path, headers={"If-None-Match": '"other"'}).status == 200
    assert server.request("GET", path).body == first.body
    others = (
        "study_results?study=all-r3&format=csv",
        "study_results?study=pog-cns-1",
        "study_arms?study=all-r3",
    )
    tags = {server.request("GET", PATH + other).headers["etag"] for other in others}
    assert tag not in tags and len(tags) == 3
    assert server.get("/health").headers["cache-control"] == "no-store"


def test_a_default_and_the_same_value_are_one_answer(server: Server) -> None:
    """Leaving a parameter out and giving its default is the same answer."""
    (parameter,) = load_catalogue()["study_results"].parameters
    left = server.get(PATH + "study_results")
    given = server.get(PATH + "study_results", **{parameter.name: parameter.default})
    assert left.headers["etag"] == given.headers["etag"]
