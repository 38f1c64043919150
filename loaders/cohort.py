"""Described relapses from a file: CSV, JSON, Turtle, or a FHIR bundle, each as columns of text."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loaders.fhir import BundleError, is_bundle, read_bundle

Values = dict[str, str]


class SourceError(ValueError):
    """Say that a file of relapses cannot be read, which one, and what is allowed."""


def read_relapses(path: Path) -> Iterator[Values]:
    """Yield every relapse of a file as columns of text, empty where unknown.

    Raises:
        SourceError: the file is missing, of an unknown kind, or not well formed.
    """
    readers = {".csv": _read_csv, ".json": _read_json, ".ttl": _read_turtle}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise SourceError(f"{path.name}: unknown kind of file; allowed: {', '.join(readers)}")
    if not path.is_file():
        raise SourceError(f"{path.name}: no such file")
    try:
        yield from reader(path)
    except UnicodeError as error:
        raise SourceError(f"{path.name}: not UTF-8 text") from error


def _read_csv(path: Path) -> Iterator[Values]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restkey="", restval="", strict=True)
        try:
            names = [n.strip() for n in reader.fieldnames or ()]
            if twice := sorted({n for n in names if names.count(n) > 1}):
                raise SourceError(f"{path.name}: named twice: {', '.join(twice)}")
            for row in reader:
                if "" in row:
                    raise SourceError(
                        f"{path.name}, line {reader.line_num}: more cells than the header has"
                    )
                yield {k.strip(): v or "" for k, v in row.items()}
        except csv.Error as error:
            raise SourceError(f"{path.name}, line {reader.line_num}: {error}") from error


def _read_json(path: Path) -> Iterator[Values]:
    text = path.read_text(encoding="utf-8-sig")
    try:
        data = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"{path.name}: not valid JSON") from error
    except _RepeatedKeyError as error:
        raise SourceError(f"{path.name}: named twice: {error}") from error
    if is_bundle(data):
        try:
            yield from read_bundle(data)
        except BundleError as error:
            raise SourceError(f"{path.name}: {error}") from error
        return
    if isinstance(data, dict) and isinstance(data.get("relapses"), list):
        data = data["relapses"]
    for entry in data if isinstance(data, list) else [data]:
        if not isinstance(entry, dict):
            raise SourceError(f"{path.name}: a relapse is an object of columns and values")
        try:
            yield {k: as_text(v) for k, v in entry.items()}
        except TypeError as error:
            raise SourceError(f"{path.name}: {error}") from error


class _RepeatedKeyError(ValueError):
    """Name a key that stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise _RepeatedKeyError(", ".join(twice))
    return dict(pairs)


def as_text(value: Any) -> str:
    """Write a JSON value as the text of a column.

    Raises:
        TypeError: the value is neither plain nor a list of plain values.
        UnicodeError: the text cannot be written as UTF-8.
    """
    if isinstance(value, list):
        return ";".join(_plain(v) for v in value)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError("a value is text, a number, true, false, null or a list of these")
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    text.encode("utf-8")
    return text


def _read_turtle(path: Path) -> Iterator[Values]:
    from rdflib import Graph
    from rdflib.namespace import RDF, SKOS
    from rdflib.term import Literal

    from ontology.modules import open_all
    from ontology.terms import RALLO, local

    log = logging.getLogger("rdflib")
    level = log.level
    # Its warnings quote the file, and a file of relapses is not for a log.
    log.setLevel(logging.CRITICAL)
    try:
        graph = Graph().parse(path, format="turtle")
    except UnicodeError:
        raise
    except Exception as error:  # rdflib's Turtle parser has no exception class of its own
        raise SourceError(f"{path.name}: not valid Turtle") from error
    finally:
        log.setLevel(level)
    terms = open_all()
    lists = {
        str(terms.value(token, RALLO.column))
        for token in terms.subjects(RDF.type, RALLO.InputToken)
    }
    for relapse in sorted(graph.subjects(RDF.type, RALLO.Relapse), key=str):
        values: dict[str, list[str]] = {"patient_id": [str(relapse).rpartition("/")[2]]}
        for prop, value in sorted(graph.predicate_objects(relapse)):
            column = terms.value(prop, RALLO.column)
            if column is None:
                continue
            notation = terms.value(value, SKOS.notation)
            if isinstance(value, Literal):
                values.setdefault(str(column), []).append(str(value))
            elif notation is not None or str(column) not in lists:
                text = local(value) if notation is None else str(notation)
                values.setdefault(str(column), []).append(text)
            else:
                # A list column is complete as given; a single triple says nothing of the others.
                values.setdefault(local(prop), []).append(local(value))
        yield {k: ";".join(v) for k, v in values.items()}
